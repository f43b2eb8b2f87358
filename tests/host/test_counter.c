/*
 * Unit tests of lib/counter: values, rotation, refusals, the golden vector of
 * docs/formats/counters.md.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "lib/counter/counter.h"
#include "lib/crc/crc.h"

static struct fixture fixture;
static struct counter_log counters;

static uint32_t value_of(uint32_t id)
{
    uint32_t value = 0xDEADU;

    assert_int_equal(counter_read(&counters, id, &value), PSA_SUCCESS);
    return value;
}

static void mount(void)
{
    memset(&counters, 0xEE, sizeof counters);
    assert_int_equal(counter_mount(&counters, &fixture.area), PSA_SUCCESS);
}

static void open_with(const struct geometry *geometry, uint32_t sectors)
{
    fixture_open(&fixture, geometry, sectors);
    mount();
}

static int open_default(void **state)
{
    (void)state;
    open_with(&geometries[0], 2);
    return 0;
}

static void new_region_reads_zero_and_mount_writes_nothing(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < COUNTER_COUNT; id++) {
        assert_int_equal(value_of(id), 0);
    }
    assert_int_equal(fixture.nor.programs + fixture.nor.erases, 0);
}

static void golden_vector(void **state)
{
    static const uint8_t golden[24] = {
        0x42, 0x5A, 0x4E, 0x43, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
        0x8A, 0x05, 0xE6, 0x2E, 0x40, 0x2E, 0xD0, 0x76, 0x01, 0x00, 0x00, 0x00,
    };
    uint32_t value = 0;

    (void)state;
    assert_int_equal(counter_increment(&counters, COUNTER_ID_BOOT, &value), PSA_SUCCESS);
    assert_int_equal(value, 1);
    assert_memory_equal(fixture.image.cells, golden, sizeof golden);
}

static void a_step_is_one_entry_and_no_erase(void **state)
{
    uint32_t value = 0;

    (void)state;
    assert_int_equal(counter_increment(&counters, COUNTER_ID_BOOT, &value), PSA_SUCCESS);
    fixture.nor.programs = 0;
    assert_int_equal(counter_increment(&counters, COUNTER_ID_BOOT, &value), PSA_SUCCESS);
    assert_int_equal(fixture.nor.programs, 1);
    assert_int_equal(fixture.nor.erases, 0);
}

static void advance_never_goes_down(void **state)
{
    (void)state;
    assert_int_equal(counter_advance(&counters, 3, 10), PSA_SUCCESS);
    fixture.nor.programs = 0;
    assert_int_equal(counter_advance(&counters, 3, 10), PSA_SUCCESS);
    assert_int_equal(counter_advance(&counters, 3, 4), PSA_SUCCESS);
    assert_int_equal(counter_advance(&counters, 3, 0), PSA_SUCCESS);
    assert_int_equal(fixture.nor.programs, 0);
    assert_int_equal(value_of(3), 10);
}

static void arguments_are_checked(void **state)
{
    uint32_t value = 7;

    (void)state;
    assert_int_equal(counter_read(&counters, COUNTER_COUNT, &value), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(counter_advance(&counters, COUNTER_COUNT, 1), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(counter_increment(&counters, 0xFFFFFFFFU, &value), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(value, 7);
}

static void last_value_is_final(void **state)
{
    uint32_t value = 0;

    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 0xFFFFFFFFU), PSA_SUCCESS);
    assert_int_equal(counter_increment(&counters, 1, &value), PSA_ERROR_NOT_PERMITTED);
    mount();
    assert_int_equal(value_of(1), 0xFFFFFFFFU);
}

/* Several laps round the region, all counters in use, remounts on the way, in every geometry. */
static void values_survive_rotations(void **state)
{
    (void)state;
    for (size_t g = 0; g < geometry_count; g++) {
        uint32_t expected[COUNTER_COUNT] = {0};
        uint32_t sectors = 2U + (uint32_t)g % 3U;
        uint32_t seed = 1;

        open_with(&geometries[g], sectors);
        for (uint32_t step = 0; step < 8U * 512U; step++) {
            uint32_t id = fixture_random(&seed) % COUNTER_COUNT;

            expected[id] += 1U + fixture_random(&seed) % 1000U;
            assert_int_equal(counter_advance(&counters, id, expected[id]), PSA_SUCCESS);
            if (step % 61U == 0U) {
                mount();
            }
            assert_int_equal(value_of(id), expected[id]);
        }
        mount();
        for (uint32_t id = 0; id < COUNTER_COUNT; id++) {
            assert_int_equal(value_of(id), expected[id]);
        }
        assert_true(fixture.nor.erases >= 2U * sectors);
    }
}

static void unreadable_entry_counts_as_not_written(void **state)
{
    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    assert_int_equal(counter_advance(&counters, 1, 6), PSA_SUCCESS);
    nor_hooks_break_unit(&fixture.nor, 24);
    mount();
    assert_int_equal(value_of(1), 5);
    assert_int_equal(counter_advance(&counters, 1, 7), PSA_SUCCESS);
    mount();
    assert_int_equal(value_of(1), 7);
}

static void weak_place_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    fixture.hooks.units[3] = NOR_UNIT_WEAK;
    fixture.hooks.units[4] = NOR_UNIT_WEAK;
    assert_int_equal(counter_advance(&counters, 1, 6), PSA_SUCCESS);
    mount();
    assert_int_equal(value_of(1), 6);
    for (uint32_t unit = 6; unit < 512U; unit++) {
        fixture.hooks.units[unit] = NOR_UNIT_WEAK;
    }
    assert_int_equal(counter_advance(&counters, 1, 7), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(value_of(1), 6);
}

/* Steps counter 2 until the log has rotated often enough for its last sector to be the current one;
 * counter 1 stands at 5 in the sector before it, at 6 in the last one. */
static uint32_t rotate_and_step(void)
{
    uint32_t last = fixture.area.size - fixture.area.sector_size;
    uint32_t value = 0;

    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    while (counters.sector != last) {
        assert_int_equal(counter_increment(&counters, 2, &value), PSA_SUCCESS);
    }
    assert_int_equal(counter_advance(&counters, 1, 6), PSA_SUCCESS);
    return value;
}

/* The ways in which a header goes bad: any of its bits, or a unit that cannot be read. */
static void spoil_header(uint32_t sector, uint32_t way)
{
    if (way < 128U) {
        fixture.image.cells[sector + way / 8U] ^= (uint8_t)(1U << (way % 8U));
    } else {
        nor_hooks_break_unit(&fixture.nor, sector + 8U * (way - 128U));
    }
}

static void values_survive_the_loss_of_any_header(void **state)
{
    static struct flash_image image;

    (void)state;
    for (uint32_t sectors = 2; sectors <= 4U; sectors++) {
        open_with(&geometries[0], sectors);
        uint32_t steps = rotate_and_step();
        fixture_save(&fixture, &image);
        for (uint32_t sector = 0; sector < fixture.area.size; sector += 4096U) {
            for (uint32_t way = 0; way < 130U; way++) {
                fixture_restore(&fixture, &image);
                spoil_header(sector, way);
                mount();
                assert_int_equal(value_of(1), 6);
                assert_int_equal(value_of(2), steps);
            }
        }
    }
}

/* The next step after the loss of the current header makes a sector with a header; nothing that it
 * erases was needed. */
static void loss_of_a_header_is_made_good_by_the_next_step(void **state)
{
    (void)state;
    for (uint32_t sectors = 2; sectors <= 4U; sectors++) {
        open_with(&geometries[0], sectors);
        uint32_t steps = rotate_and_step();
        uint32_t lost = counters.sector;
        uint32_t sequence = counters.sequence;

        spoil_header(lost, 128);
        mount();
        assert_int_equal(counter_advance(&counters, 3, 9), PSA_SUCCESS);
        assert_int_equal(counters.sector, 0);
        assert_int_equal(counters.sequence, sequence + 1U);
        assert_int_equal(fixture.image.units[lost / 8U], NOR_UNIT_USED | NOR_UNIT_BAD);
        mount();
        assert_int_equal(counters.sector, 0);
        assert_int_equal(value_of(1), 6);
        assert_int_equal(value_of(2), steps);
        assert_int_equal(value_of(3), 9);
    }
}

static void only_header_is_not_needed(void **state)
{
    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    spoil_header(0, 3);
    mount();
    assert_int_equal(value_of(1), 5);
    assert_int_equal(counter_advance(&counters, 1, 6), PSA_SUCCESS);
    assert_int_equal(counters.sector, 4096);
    mount();
    assert_int_equal(value_of(1), 6);
}

/* An entry of the current sector goes bad; the sector before has the value, and must not be erased
 * before the current one has it again. */
static void value_of_the_sector_before_is_kept(void **state)
{
    uint32_t value = 0;

    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    while (counters.sector == 0U) {
        assert_int_equal(counter_increment(&counters, 2, &value), PSA_SUCCESS);
    }
    nor_hooks_break_unit(&fixture.nor, 4096U + 16U); /* counter 1 */
    mount();
    assert_int_equal(value_of(1), 5);
    assert_int_equal(counter_increment(&counters, 2, &value), PSA_SUCCESS);
    assert_int_equal(counters.sector, 4096);
    assert_int_equal(nor_erase(&fixture.nor, 0), PSA_SUCCESS);
    mount();
    assert_int_equal(value_of(1), 5);
    assert_int_equal(value_of(2), value);
}

static psa_status_t erase_leaves_weak_places(const struct flash_area *area, uint32_t offset)
{
    psa_status_t status = nor_erase(&fixture.nor, offset);

    (void)area;
    fixture.hooks.units[offset / 8U + 2U] |= NOR_UNIT_WEAK;
    fixture.hooks.units[offset / 8U + 3U] |= NOR_UNIT_WEAK;
    return status;
}

static void rotation_passes_over_weak_places(void **state)
{
    uint32_t value = 0;

    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    fixture.area.erase = erase_leaves_weak_places;
    while (counters.sector == 0U) {
        assert_int_equal(counter_increment(&counters, 2, &value), PSA_SUCCESS);
    }
    mount();
    assert_int_equal(value_of(1), 5);
    assert_int_equal(value_of(2), value);
}

static void foreign_content_is_refused_and_kept(void **state)
{
    struct flash_image before;

    (void)state;
    fixture.image.cells[4096 + 100] = 0x12;
    fixture_save(&fixture, &before);
    assert_int_equal(counter_mount(&counters, &fixture.area), PSA_ERROR_DATA_CORRUPT);
    assert_memory_equal(before.cells, fixture.image.cells, 8192);
}

static void unknown_version_is_refused(void **state)
{
    uint8_t *header = fixture.image.cells;
    uint32_t crc = 0;

    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    header[4] = 2;
    crc = crc32_update(0, header, 12);
    memcpy(header + 12, &crc, sizeof crc);
    assert_int_equal(counter_mount(&counters, &fixture.area), PSA_ERROR_DATA_CORRUPT);
}

static void sequence_that_no_writer_gives_is_refused(void **state)
{
    static const uint32_t sequences[] = {0, 0xFFFFFFFFU};
    uint8_t *header = fixture.image.cells;

    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    for (uint32_t i = 0; i < 2U; i++) {
        memcpy(header + 8, &sequences[i], 4);
        uint32_t crc = crc32_update(0, header, 12);
        memcpy(header + 12, &crc, sizeof crc);
        assert_int_equal(counter_mount(&counters, &fixture.area), PSA_ERROR_DATA_CORRUPT);
    }
}

static void unknown_entry_is_skipped(void **state)
{
    /* Kind 0x50 with checks that hold. */
    uint8_t entry[8] = {0x50, 0, 0, 0, 99, 0, 0, 0};
    uint8_t covered[5] = {0x50, 99, 0, 0, 0};
    uint16_t crc = crc16(covered, sizeof covered);
    uint32_t zeros = 64;

    (void)state;
    memcpy(entry + 2, &crc, sizeof crc);
    for (uint32_t bit = 0; bit < 64U; bit++) {
        zeros -= ((uint32_t)entry[bit / 8U] >> (bit % 8U)) & 1U;
    }
    entry[1] = (uint8_t)(zeros - 8U);
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    assert_int_equal(nor_program(&fixture.nor, 24, entry, 8), PSA_SUCCESS);
    mount();
    assert_int_equal(value_of(1), 5);
    assert_int_equal(counter_advance(&counters, 1, 6), PSA_SUCCESS);
    assert_int_equal(fixture.image.cells[32], 0x41);
}

static void flip(uint32_t bit)
{
    fixture.image.cells[24U + bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
}

static void one_or_two_wrong_bits_are_found(void **state)
{
    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 5), PSA_SUCCESS);
    assert_int_equal(counter_advance(&counters, 1, 1000), PSA_SUCCESS);
    for (uint32_t first = 0; first < 64U; first++) {
        for (uint32_t second = first; second < 64U; second++) {
            flip(first);
            if (second != first) {
                flip(second);
            }
            mount();
            assert_int_equal(value_of(1), 5);
            flip(first);
            if (second != first) {
                flip(second);
            }
        }
    }
}

/* The reason for the count of zeros: bits that did not move can never make another valid entry. */
static void no_partly_programmed_entry_is_valid(void **state)
{
    uint32_t seed = 7;
    uint8_t whole[8];

    (void)state;
    assert_int_equal(counter_advance(&counters, 1, 0x00010000), PSA_SUCCESS);
    assert_int_equal(counter_advance(&counters, 1, 0x40204001), PSA_SUCCESS);
    memcpy(whole, &fixture.image.cells[24], 8);
    for (uint32_t round = 0; round < 3000U; round++) {
        uint8_t *cells = &fixture.image.cells[24];

        for (uint32_t i = 0; i < 8U; i++) {
            cells[i] = (uint8_t)(whole[i] | (fixture_random(&seed) & fixture_random(&seed)));
        }
        if (memcmp(cells, whole, 8) != 0) {
            mount();
            assert_int_equal(value_of(1), 0x00010000);
        }
    }
}

static void geometry_is_checked(void **state)
{
    const struct geometry small = {"256/8", 256, 8, 0xFF};

    (void)state;
    fixture_open(&fixture, &small, 4);
    assert_int_equal(counter_mount(&counters, &fixture.area), PSA_ERROR_INVALID_ARGUMENT);
    fixture_open(&fixture, &geometries[0], 1);
    assert_int_equal(counter_mount(&counters, &fixture.area), PSA_ERROR_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(new_region_reads_zero_and_mount_writes_nothing, open_default),
        cmocka_unit_test_setup(golden_vector, open_default),
        cmocka_unit_test_setup(a_step_is_one_entry_and_no_erase, open_default),
        cmocka_unit_test_setup(advance_never_goes_down, open_default),
        cmocka_unit_test_setup(arguments_are_checked, open_default),
        cmocka_unit_test_setup(last_value_is_final, open_default),
        cmocka_unit_test_setup(values_survive_rotations, open_default),
        cmocka_unit_test_setup(unreadable_entry_counts_as_not_written, open_default),
        cmocka_unit_test_setup(weak_place_is_passed_over, open_default),
        cmocka_unit_test(values_survive_the_loss_of_any_header),
        cmocka_unit_test(loss_of_a_header_is_made_good_by_the_next_step),
        cmocka_unit_test_setup(only_header_is_not_needed, open_default),
        cmocka_unit_test_setup(value_of_the_sector_before_is_kept, open_default),
        cmocka_unit_test_setup(rotation_passes_over_weak_places, open_default),
        cmocka_unit_test_setup(sequence_that_no_writer_gives_is_refused, open_default),
        cmocka_unit_test_setup(foreign_content_is_refused_and_kept, open_default),
        cmocka_unit_test_setup(unknown_version_is_refused, open_default),
        cmocka_unit_test_setup(unknown_entry_is_skipped, open_default),
        cmocka_unit_test_setup(one_or_two_wrong_bits_are_found, open_default),
        cmocka_unit_test_setup(no_partly_programmed_entry_is_valid, open_default),
        cmocka_unit_test_setup(geometry_is_checked, open_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
