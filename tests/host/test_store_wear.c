/*
 * Proof by counting for lib/store: what one operation does at most, in a store that is as full as it
 * admits; how evenly sectors wear; how many bytes are programmed for each that is stored.
 *
 * The bounds are those of docs/formats/store.md. What is counted is what the NOR model was told to
 * do, not what the store says about itself. Prints the figures.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "lib/store/store.h"

#define INDEX_LENGTH 700U
#define SECTORS_MAX  32U
#define HEADER       32U

static struct fixture fixture;
static struct store store;
static struct store_config config;
static uint32_t scratch[96];
static struct store_entry entries[INDEX_LENGTH];
static uint32_t index_length = INDEX_LENGTH;
static uint32_t sizes[INDEX_LENGTH]; /* of the asset of each key, or ABSENT */
static uint8_t data[8192];

#define ABSENT UINT32_MAX

/* The area's functions with a count of what they do, behind those of the fixture. */
static struct flash_area counted;
static uint32_t erases_of[SECTORS_MAX];
static uint32_t erases;
static uint32_t program_bytes;

static psa_status_t counted_read(const struct flash_area *area, uint32_t offset, void *buffer,
                                 size_t length)
{
    (void)area;
    return fixture.area.read(&fixture.area, offset, buffer, length);
}

static psa_status_t counted_program(const struct flash_area *area, uint32_t offset,
                                    const void *bytes, size_t length)
{
    (void)area;
    program_bytes += (uint32_t)length;
    return fixture.area.program(&fixture.area, offset, bytes, length);
}

static psa_status_t counted_erase(const struct flash_area *area, uint32_t offset)
{
    erases++;
    erases_of[offset / area->sector_size]++;
    return fixture.area.erase(&fixture.area, offset);
}

static void mount(uint32_t asset_size_max)
{
    config = (struct store_config){.area = &counted,
                                   .index = entries,
                                   .index_length = index_length,
                                   .asset_size_max = asset_size_max,
                                   .scratch = scratch,
                                   .scratch_bytes = sizeof scratch};
    assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
}

static void open_with(uint32_t sector_size, uint32_t unit, uint32_t sectors,
                      uint32_t asset_size_max)
{
    struct geometry geometry = {"", sector_size, unit, 0xFF};

    fixture_open(&fixture, &geometry, sectors);
    counted = fixture.area;
    counted.read = counted_read;
    counted.program = counted_program;
    counted.erase = counted_erase;
    memset(erases_of, 0, sizeof erases_of);
    memset(sizes, 0xFF, sizeof sizes);
    mount(asset_size_max);
}

/* ---- What one operation does ---- */

static uint32_t most_erases;
static uint32_t most_bytes; /* programmed beyond the operation's own record */

static uint32_t record_bytes(uint32_t size)
{
    uint32_t step = fixture.area.program_unit > 8U ? fixture.area.program_unit : 8U;

    return HEADER + (size + step - 1U) / step * step;
}

static struct store_key key_of(uint32_t number)
{
    return (struct store_key){.owner = -1, .uid = number + 1U};
}

static void count(uint32_t own_bytes)
{
    most_erases = erases > most_erases ? erases : most_erases;
    if (program_bytes > own_bytes && program_bytes - own_bytes > most_bytes) {
        most_bytes = program_bytes - own_bytes;
    }
    erases = 0;
    program_bytes = 0;
}

static bool put(uint32_t number, uint32_t size)
{
    struct store_key key = key_of(number);
    psa_status_t status;

    erases = 0;
    program_bytes = 0;
    status = store_set(&store, &key, data, size, 0);
    if (status != PSA_SUCCESS) {
        assert_int_equal(status, PSA_ERROR_INSUFFICIENT_STORAGE);
        return false;
    }
    sizes[number] = size;
    count(record_bytes(size));
    return true;
}

static void drop(uint32_t number)
{
    struct store_key key = key_of(number);

    erases = 0;
    program_bytes = 0;
    assert_int_equal(store_remove(&store, &key), PSA_SUCCESS);
    sizes[number] = ABSENT;
    count(HEADER);
}

/* Creates assets of that size from number on until no more is admitted; returns how many there are
 * then. */
static uint32_t fill(uint32_t number, uint32_t size)
{
    while (number < index_length && put(number, size)) {
        number++;
    }
    return number;
}

static void replace(uint32_t number)
{
    assert_true(put(number, sizes[number]));
}

/* Sets that make trouble for a log: the cold rest lies in one piece, the hot asset is small, large,
 * first or last; everything in turn; at random; removals between. */
static void torment(uint32_t assets, uint32_t rounds)
{
    uint32_t seed = 7;

    for (uint32_t i = 0; i < rounds; i++) {
        replace(0);
    }
    for (uint32_t i = 0; i < rounds; i++) {
        replace(i % assets);
    }
    for (uint32_t i = 0; i < rounds; i++) {
        replace(assets - 1U);
    }
    for (uint32_t i = 0; i < rounds; i++) {
        replace(fixture_random(&seed) % assets);
    }
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t number = fixture_random(&seed) % assets;
        uint32_t size = sizes[number];

        drop(number);
        assert_true(put(number, size));
    }
    for (uint32_t i = 0; i < rounds; i++) {
        replace(i % 2U == 0U ? 0U : assets - 1U);
    }
    for (uint32_t i = 0; i < rounds; i++) {
        replace(assets - 1U - i % assets);
    }
}

static const struct shape {
    uint32_t sector_size;
    uint32_t unit;
    uint32_t sectors;
    uint32_t size_max;
} shapes[] = {
    {4096, 8, 2, 1024},  {4096, 8, 2, 2000}, {4096, 8, 3, 2048},  {4096, 8, 4, 1024},
    {4096, 8, 4, 2048},  {4096, 8, 5, 2400}, {4096, 8, 8, 2048},  {4096, 8, 16, 2400},
    {4096, 8, 16, 4000}, {1024, 32, 3, 300}, {1024, 32, 9, 300},  {2048, 16, 6, 1000},
    {512, 4, 7, 160},    {512, 8, 32, 400},  {16384, 8, 5, 8192}, {256, 1, 5, 64},
};

static void one_operation_is_bounded(void **state)
{
    (void)state;
    index_length = 200;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const struct shape *shape = &shapes[s];
        uint32_t some[] = {0, 64, shape->size_max / 4U, shape->size_max / 2U, shape->size_max};
        uint32_t bound = shape->sectors >= 8U ? 2U : shape->sectors - 1U;
        uint32_t worst_erases = 0;
        uint32_t worst_bytes = 0;

        for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
            for (size_t k = 0; k < sizeof some / sizeof some[0]; k++) {
                uint32_t first;
                uint32_t assets;
                uint32_t rounds = 3U * shape->sectors * shape->sector_size / record_bytes(64);

                /* One, or as many as go, of one size, then the rest of another. */
                open_with(shape->sector_size, shape->unit, shape->sectors, shape->size_max);
                most_erases = 0;
                most_bytes = 0;
                first = i == k ? fill(0, some[i]) : (uint32_t)put(0, some[i]);
                assets = fill(first, some[k]);
                torment(assets, rounds < 300U ? rounds : 300U);
                assert_true(most_erases <= bound && most_bytes <= bound * shape->sector_size);
                worst_erases = most_erases > worst_erases ? most_erases : worst_erases;
                worst_bytes = most_bytes > worst_bytes ? most_bytes : worst_bytes;
            }
        }
        printf("store of %u sectors of %u: at most %u erases and %u.%02u sectors of copies in one "
               "operation\n",
               (unsigned)shape->sectors, (unsigned)shape->sector_size, (unsigned)worst_erases,
               (unsigned)(worst_bytes / shape->sector_size),
               (unsigned)(worst_bytes % shape->sector_size * 100U / shape->sector_size));
    }
}

/* ---- Wear ---- */

static void sectors_wear_evenly(void **state)
{
    uint32_t seed = 5;
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;

    (void)state;
    open_with(4096, 8, 16, 2048);
    for (uint32_t number = 0; number < 64U; number++) {
        assert_true(put(number, 64)); /* half of them stay cold */
    }
    for (uint32_t i = 0; i < 100000U; i++) {
        replace(fixture_random(&seed) % 32U);
        if (i % 997U == 0U) {
            mount(2048);
        }
    }
    for (uint32_t sector = 0; sector < 16U; sector++) {
        least = erases_of[sector] < least ? erases_of[sector] : least;
        most = erases_of[sector] > most ? erases_of[sector] : most;
    }
    printf(
        "store wear: 100,000 sets of 64 bytes, sectors erased %u to %u times, %u.%04u erases for "
        "each set\n",
        (unsigned)least, (unsigned)most, (unsigned)(least * 16U / 100000U),
        (unsigned)(least * 16U / 10U));
    assert_true(least > 100U && most - least <= 2U);
    assert_true(most * 16U <= 3000U);
}

static void write_amplification_is_bounded(void **state)
{
    (void)state;
    for (uint32_t sectors = 8; sectors <= 16U; sectors += 8U) {
        uint32_t seed = 3;
        uint32_t sets = 40000;
        uint32_t admitted;
        uint64_t programmed = 0;

        open_with(4096, 8, sectors, 2048);
        admitted = fill(0, 64);
        assert_true(admitted < index_length);
        for (uint32_t number = admitted / 2U; number < admitted; number++) {
            drop(number);
        }
        for (uint32_t i = 0; i < sets + 4000U; i++) {
            fixture.nor.program_bytes = 0;
            replace(fixture_random(&seed) % (admitted / 2U));
            programmed += i >= 4000U ? fixture.nor.program_bytes : 0U;
        }
        printf("store write amplification: %u.%02u, %u of %u admitted assets of 64 bytes, %u "
               "sectors\n",
               (unsigned)(programmed / (64U * sets)),
               (unsigned)(programmed * 100U / (64U * sets) % 100U), (unsigned)(admitted / 2U),
               (unsigned)admitted, (unsigned)sectors);
        assert_true(programmed <= 2U * 64U * sets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sectors_wear_evenly),
        cmocka_unit_test(write_amplification_is_bounded),
        cmocka_unit_test(one_operation_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
