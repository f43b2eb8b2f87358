/*
 * Unit tests of lib/store: operations, limits, collection, damage, refusals, the golden vector of
 * docs/formats/store.md.
 */
#include "store_suite.h"

static void expect_absent(uint32_t number)
{
    struct store_key key = key_of(number);
    struct store_info info;
    size_t actual = 1;

    assert_int_equal(store_get_info(&store, &key, &info), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(get(number, 0, 1, &actual), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(actual, 0);
    assert_int_equal(unset(number), PSA_ERROR_DOES_NOT_EXIST);
}

static void new_region_is_empty_and_mount_writes_nothing(void **state)
{
    struct store_usage usage;
    struct store_key key;

    (void)state;
    expect_absent(1);
    assert_int_equal(store_list(&store, 0, &key), PSA_ERROR_DOES_NOT_EXIST);
    store_get_usage(&store, &usage);
    assert_int_equal(usage.assets, 0);
    assert_int_equal(fixture.nor.programs + fixture.nor.erases, 0);
}

static void set_get_replace_remove(void **state)
{
    (void)state;
    for (size_t g = 0; g < geometry_count; g++) {
        open_with(&geometries[g], 4);
        assert_int_equal(set(1, data, 100), PSA_SUCCESS);
        assert_int_equal(set(2, data + 50, 33), PSA_SUCCESS);
        assert_int_equal(set(3, NULL, 0), PSA_SUCCESS);
        assert_int_equal(set(1, data + 9, 12), PSA_SUCCESS);
        for (int again = 0; again < 2; again++) {
            expect(1, data + 9, 12);
            expect(2, data + 50, 33);
            expect(3, data, 0);
            expect_absent(4);
            remount();
        }
        assert_int_equal(unset(2), PSA_SUCCESS);
        expect_absent(2);
        remount();
        expect_absent(2);
        expect(1, data + 9, 12);
        assert_int_equal(set(2, data, 1), PSA_SUCCESS);
        remount();
        expect(2, data, 1);
        assert_int_equal(fixture.nor.erases, 0);
    }
}

static void keys_are_owner_and_whole_uid(void **state)
{
    static const struct store_key keys[] = {
        {-1, 5}, {-2, 5}, {1, 5}, {-1, 5ULL << 32}, {-1, 5 + (5ULL << 32)}, {-1, UINT64_MAX}};
    struct store_key listed;
    size_t actual;

    (void)state;
    for (uint32_t i = 0; i < 6U; i++) {
        assert_int_equal(store_set(&store, &keys[i], data + i, 4, 2U * i), PSA_SUCCESS);
    }
    remount();
    for (uint32_t i = 0; i < 6U; i++) {
        uint32_t found = 0;

        assert_int_equal(store_get(&store, &keys[i], 0, back, 4, &actual), PSA_SUCCESS);
        assert_memory_equal(back, data + i, 4);
        for (uint32_t position = 0; position < 6U; position++) {
            assert_int_equal(store_list(&store, position, &listed), PSA_SUCCESS);
            found += listed.owner == keys[i].owner && listed.uid == keys[i].uid;
        }
        assert_int_equal(found, 1);
    }
    assert_int_equal(store_list(&store, 6, &listed), PSA_ERROR_DOES_NOT_EXIST);
}

static void ranges_are_read(void **state)
{
    size_t actual = 0;

    (void)state;
    assert_int_equal(set(1, data, 100), PSA_SUCCESS);
    assert_int_equal(get(1, 10, 20, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 20);
    assert_memory_equal(back, data + 10, 20);
    assert_int_equal(get(1, 90, 20, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 10);
    assert_int_equal(get(1, 100, 20, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 0);
    assert_int_equal(get(1, 101, 0, &actual), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(get(1, SIZE_MAX, 1, &actual), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(get(1, 1, SIZE_MAX, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 99);
}

static void a_set_is_one_append(void **state)
{
    (void)state;
    assert_int_equal(set(1, data, 64), PSA_SUCCESS);
    fixture.nor.programs = 0;
    assert_int_equal(set(1, data + 1, 64), PSA_SUCCESS);
    assert_int_equal(fixture.nor.programs, (HEADER + 64U) / 8U);
    assert_int_equal(fixture.nor.erases, 0);
}

/* set(-1, 0x1122334455667788, "Bartizan!", flags 2), remove: as before records had a hint and logs
 * had checkpoints. */
static const uint8_t golden_old[] = {
    0x42, 0x5A, 0x54, 0x53, 0x01, 0x00, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x49, 0x2F, 0x0B, 0x81,
    0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
    0x02, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x7B, 0xB3, 0xCA, 0x8F, 0xF2, 0x96, 0x61, 0xE8,
    0x42, 0x61, 0x72, 0x74, 0x69, 0x7A, 0x61, 0x6E, 0x21, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0x02, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xC0, 0xD2, 0xFF, 0x2E,
};
static const struct store_key golden_key = {.owner = -1, .uid = 0x1122334455667788U};

/* The same now: the removal tells the place 0x20 / 8 of what it removes. */
static void golden_vector(void **state)
{
    static uint8_t golden[sizeof golden_old];
    static const uint8_t crc[] = {0x85, 0xB9, 0xBE, 0x4F};

    (void)state;
    memcpy(golden, golden_old, sizeof golden);
    golden[0x51] = 0x04;
    memcpy(golden + 0x6C, crc, sizeof crc);
    assert_int_equal(store_set(&store, &golden_key, "Bartizan!", 9, 2), PSA_SUCCESS);
    assert_int_equal(store_remove(&store, &golden_key), PSA_SUCCESS);
    assert_memory_equal(fixture.image.cells, golden, sizeof golden);
    assert_true(flash_area_is_erased(&fixture.area, sizeof golden, 4096 - sizeof golden));
}

static void a_log_without_hints_and_checkpoints_is_read(void **state)
{
    struct store_info info = {0};

    (void)state;
    memcpy(fixture.image.cells, golden_old, 0x50);
    memset(fixture.image.units, NOR_UNIT_USED, 0x50 / 8);
    remount();
    assert_int_equal(store_get_info(&store, &golden_key, &info), PSA_SUCCESS);
    assert_true(info.size_bytes == 9U && info.flags == 2U);
    memcpy(fixture.image.cells, golden_old, sizeof golden_old);
    memset(fixture.image.units, NOR_UNIT_USED, sizeof golden_old / 8);
    remount();
    assert_int_equal(store_get_info(&store, &golden_key, &info), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(store.end, sizeof golden_old);
    for (uint32_t round = 0; round < 200U; round++) {
        assert_int_equal(set(round % 9U, data, 100), PSA_SUCCESS);
    }
    remount();
    expect(3, data, 100);
}

static void limits_are_exact(void **state)
{
    (void)state;
    assert_int_equal(mount_with(3, 1024), PSA_SUCCESS);
    assert_int_equal(set(1, data, 1025), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(1, data, SIZE_MAX), PSA_ERROR_INSUFFICIENT_STORAGE);
    expect_absent(1);
    assert_int_equal(set(1, data, 1024), PSA_SUCCESS);
    assert_int_equal(set(2, data, 1), PSA_SUCCESS);
    assert_int_equal(set(3, data, 1), PSA_SUCCESS);
    assert_int_equal(set(4, data, 1), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(3, data, 2), PSA_SUCCESS);
    assert_int_equal(unset(1), PSA_SUCCESS);
    assert_int_equal(set(4, data, 1), PSA_SUCCESS);
    assert_int_equal(mount_with(2, 1024), PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(mount_with(3, 16), PSA_SUCCESS);
    expect(3, data, 2);
}

/* Fill with equal assets until refused; then every asset can be replaced, again and again, and
 * removed; a removed one makes room for one. */
static void full_store_takes_replace_and_remove(void **state)
{
    static const uint32_t sizes[] = {8, 64, 200, 700, 1024};

    (void)state;
    for (size_t g = 0; g < geometry_count; g++) {
        for (size_t s = 0; s < 5U; s++) {
            uint32_t sectors = 3U + (uint32_t)((g + s) % 3U);
            uint32_t count = 0;
            uint32_t record = HEADER + ((sizes[s] + 31U) & ~31U);
            uint32_t fit = 0;

            open_with(&geometries[g], sectors);
            while (count < INDEX_LENGTH && set(count, data + count, sizes[s]) == PSA_SUCCESS) {
                count++;
            }
            /* Exactly how many: store_model.c. Never less than a third of N - 2 sectors. */
            fit = (sectors - 2U) * (geometries[g].sector_size - HEADER) / record / 3U;
            assert_true(count == INDEX_LENGTH || count >= fit);
            assert_int_equal(set(count, data, sizes[s]), PSA_ERROR_INSUFFICIENT_STORAGE);
            for (uint32_t round = 0; round < 3U * count; round++) {
                uint32_t number = round * 7U % count;

                assert_int_equal(set(number, data + round, sizes[s]), PSA_SUCCESS);
                assert_int_equal(set(number, data + number, sizes[s]), PSA_SUCCESS);
            }
            remount();
            for (uint32_t number = 0; number < count; number++) {
                expect(number, data + number, sizes[s]);
            }
            assert_int_equal(unset(count / 2U), PSA_SUCCESS);
            assert_int_equal(set(count, data, sizes[s]), PSA_SUCCESS);
            assert_int_equal(set(count / 2U, data, sizes[s]), PSA_ERROR_INSUFFICIENT_STORAGE);
            for (uint32_t number = 0; number <= count; number++) {
                assert_int_equal(unset(number),
                                 number == count / 2U ? PSA_ERROR_DOES_NOT_EXIST : PSA_SUCCESS);
            }
            remount();
            assert_int_equal(set(0, data, 1024), PSA_SUCCESS);
        }
    }
}

/* What the usage says is admitted is, and not a byte more than fits the same units. */
static void usage_tells_what_is_admitted(void **state)
{
    struct store_usage usage;

    (void)state;
    for (uint32_t number = 0;; number++) {
        store_get_usage(&store, &usage);
        assert_int_equal(usage.assets, number);
        assert_int_equal(usage.assets_max, INDEX_LENGTH);
        assert_int_equal(usage.record_bytes, number * (HEADER + 304U));
        if (usage.admitted_size < 1024U) {
            break;
        }
        assert_int_equal(set(number, data, 300), PSA_SUCCESS);
    }
    assert_true(usage.admitted_size > 0U && usage.admitted_size % 8U == 0U);
    assert_int_equal(set(150, data, usage.admitted_size + 1U), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(150, data, usage.admitted_size), PSA_SUCCESS);
    assert_int_equal(mount_with(usage.assets + 1U, 1024), PSA_SUCCESS);
    store_get_usage(&store, &usage);
    assert_int_equal(usage.admitted_size, 0);
}

static void removed_assets_stay_removed_over_many_laps(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 2000U; round++) {
        uint32_t number = 10U + round % 17U;

        assert_int_equal(set(number, data, 60U + round % 60U), PSA_SUCCESS);
        assert_int_equal(unset(number), PSA_SUCCESS);
        if (round % 97U == 0U) {
            assert_int_equal(set(1, data + round, 40), PSA_SUCCESS);
            remount();
            for (uint32_t k = 10; k < 27U; k++) {
                expect_absent(k);
            }
            expect(1, data + round, 40);
        }
    }
    assert_true(fixture.nor.erases > 30U);
}

/* ---- Damage ---- */

static void damaged_data_are_reported_until_replaced(void **state)
{
    struct store_key key = key_of(1);
    struct store_info info;
    size_t actual = 1;

    (void)state;
    for (int way = 0; way < 2; way++) {
        open_with(&geometries[0], 4);
        assert_int_equal(set(1, data, 100), PSA_SUCCESS);
        assert_int_equal(set(2, data, 100), PSA_SUCCESS);
        if (way == 0) {
            fixture.image.cells[2U * HEADER + 50U] ^= 0x10;
        } else {
            nor_hooks_break_unit(&fixture.nor, 2U * HEADER + 48U);
        }
        remount();
        assert_int_equal(get(1, 0, 10, &actual), PSA_ERROR_DATA_CORRUPT);
        assert_int_equal(actual, 0);
        expect(2, data, 100);
        /* Collection keeps the fact that it is damaged. */
        for (uint32_t round = 0; round < 200U; round++) {
            assert_int_equal(set(2, data, 100), PSA_SUCCESS);
        }
        assert_int_equal(get(1, 0, 10, &actual), PSA_ERROR_DATA_CORRUPT);
        assert_int_equal(store_get_info(&store, &key, &info), PSA_ERROR_DATA_CORRUPT);
        remount();
        assert_int_equal(get(1, 0, 10, &actual), PSA_ERROR_DATA_CORRUPT);
        assert_int_equal(store_get_info(&store, &key, &info), PSA_ERROR_DATA_CORRUPT);
        if (way == 0) {
            assert_int_equal(set(1, data, 30), PSA_SUCCESS);
            expect(1, data, 30);
        } else {
            assert_int_equal(unset(1), PSA_SUCCESS);
            expect_absent(1);
        }
        remount();
        expect(2, data, 100);
    }
}

/* In a sector that is not the head: what follows would silently be older. A checkpoint tells what
 * was there, so that only this asset is lost; without one, nothing can be believed. */
static void lost_header_is_noticed(void **state)
{
    size_t actual = 1;

    (void)state;
    for (uint32_t number = 0; number < 40U; number++) {
        assert_int_equal(set(number, data, 100), PSA_SUCCESS);
    }
    nor_hooks_break_unit(&fixture.nor, HEADER + 5U * 136U);
    remount();
    assert_int_equal(get(5, 0, 1, &actual), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(actual, 0);
    expect(6, data, 100);
    nor_hooks_break_unit(&fixture.nor, 4096U + HEADER);
    assert_int_equal(mount_with(INDEX_LENGTH, 1024), PSA_ERROR_DATA_CORRUPT);
}

static void lost_header_in_use_does_not_stop_collection(void **state)
{
    size_t actual;

    (void)state;
    assert_int_equal(set(1, data, 100), PSA_SUCCESS);
    assert_int_equal(set(2, data, 100), PSA_SUCCESS);
    nor_hooks_break_unit(&fixture.nor, HEADER);
    for (uint32_t round = 0; round < 200U; round++) {
        assert_int_equal(set(3, data, 100), PSA_SUCCESS);
    }
    assert_int_equal(get(1, 0, 1, &actual), PSA_ERROR_DATA_CORRUPT);
    expect(2, data, 100);
    remount();
    assert_int_equal(get(1, 0, 1, &actual), PSA_ERROR_DATA_CORRUPT);
    expect(2, data, 100);
}

static void weak_cells_are_left_behind(void **state)
{
    (void)state;
    assert_int_equal(set(1, data, 100), PSA_SUCCESS);
    fixture.hooks.units[(HEADER + 136U + 64U) / 8U] = NOR_UNIT_WEAK;
    assert_int_equal(set(2, data, 100), PSA_SUCCESS);
    assert_int_equal(set(3, data, 100), PSA_SUCCESS);
    expect(2, data, 100);
    remount();
    expect(1, data, 100);
    expect(2, data, 100);
    expect(3, data, 100);
    assert_int_equal(store.sequence, 2);
}

static void foreign_content_is_refused_and_kept(void **state)
{
    static struct flash_image before;

    (void)state;
    fixture.image.cells[4096 + 100] = 0x12;
    fixture_save(&fixture, &before);
    assert_int_equal(mount_with(INDEX_LENGTH, 1024), PSA_ERROR_DATA_CORRUPT);
    assert_memory_equal(before.cells, fixture.image.cells, 4U * 4096U);
}

/* Changes bytes of the header at offset and repairs its CRC. */
static void patch(uint32_t offset, uint32_t field, uint8_t value)
{
    uint8_t *header = fixture.image.cells + offset;
    uint32_t crc;

    header[field] = value;
    crc = crc32_update(0, header, HEADER - 4U);
    memcpy(header + HEADER - 4U, &crc, sizeof crc);
}

static void other_version_or_geometry_is_refused(void **state)
{
    /* version, unit, sector size, sequence, tail 0, tail beyond */
    static const struct {
        uint32_t field;
        uint8_t value;
        psa_status_t status;
    } changes[] = {
        {4, 2, PSA_ERROR_DATA_CORRUPT},
        {6, 16, PSA_ERROR_DATA_CORRUPT},
        {9, 0x20, PSA_ERROR_DATA_CORRUPT},
        {15, 0x80, PSA_ERROR_DATA_CORRUPT},
        {16, 0, PSA_ERROR_DATA_CORRUPT},
        {16, 2, PSA_ERROR_DATA_CORRUPT},
        {24, 9, PSA_SUCCESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        open_with(&geometries[0], 4);
        assert_int_equal(set(1, data, 100), PSA_SUCCESS);
        patch(0, changes[i].field, changes[i].value);
        assert_int_equal(mount_with(INDEX_LENGTH, 1024), changes[i].status);
    }
}

static void unknown_records_follow_the_version_rule(void **state)
{
    (void)state;
    assert_int_equal(set(1, data, 100), PSA_SUCCESS);
    assert_int_equal(set(2, data, 100), PSA_SUCCESS);
    patch(HEADER, 0, 0x80);
    remount();
    expect_absent(1);
    expect(2, data, 100);
    patch(HEADER, 0, 0x7F);
    assert_int_equal(mount_with(INDEX_LENGTH, 1024), PSA_ERROR_DATA_CORRUPT);
}

static void geometry_is_checked(void **state)
{
    const struct geometry tiny = {"128/8", 128, 8, 0xFF};

    (void)state;
    assert_int_equal(mount_with(INDEX_LENGTH, 4096U - 63U), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mount_with(INDEX_LENGTH, UINT32_MAX), PSA_ERROR_INVALID_ARGUMENT);
    /* Default of the product: 2 KiB assets in 4 KiB sectors. */
    fixture_open(&fixture, &geometries[0], 3);
    assert_int_equal(mount_with(INDEX_LENGTH, 2048), PSA_SUCCESS);
    fixture_open(&fixture, &geometries[0], 2);
    assert_int_equal(mount_with(INDEX_LENGTH, 2048), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mount_with(INDEX_LENGTH, 2000), PSA_SUCCESS);
    fixture_open(&fixture, &geometries[0], 1);
    assert_int_equal(mount_with(INDEX_LENGTH, 16), PSA_ERROR_INVALID_ARGUMENT);
    fixture_open(&fixture, &tiny, 4);
    assert_int_equal(mount_with(INDEX_LENGTH, 16), PSA_ERROR_INVALID_ARGUMENT);
}

static void two_sectors_are_enough(void **state)
{
    (void)state;
    open_with(&geometries[0], 2);
    for (uint32_t round = 0; round < 300U; round++) {
        assert_int_equal(set(round % 5U, data + round, 300), PSA_SUCCESS);
        if (round % 11U == 10U) {
            remount();
            for (uint32_t back_by = 0; back_by < 5U; back_by++) {
                expect((round - back_by) % 5U, data + round - back_by, 300);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(new_region_is_empty_and_mount_writes_nothing, open_default),
        cmocka_unit_test_setup(set_get_replace_remove, open_default),
        cmocka_unit_test_setup(keys_are_owner_and_whole_uid, open_default),
        cmocka_unit_test_setup(ranges_are_read, open_default),
        cmocka_unit_test_setup(a_set_is_one_append, open_default),
        cmocka_unit_test_setup(golden_vector, open_default),
        cmocka_unit_test_setup(a_log_without_hints_and_checkpoints_is_read, open_default),
        cmocka_unit_test_setup(limits_are_exact, open_default),
        cmocka_unit_test_setup(full_store_takes_replace_and_remove, open_default),
        cmocka_unit_test_setup(usage_tells_what_is_admitted, open_default),
        cmocka_unit_test_setup(removed_assets_stay_removed_over_many_laps, open_default),
        cmocka_unit_test_setup(damaged_data_are_reported_until_replaced, open_default),
        cmocka_unit_test_setup(lost_header_is_noticed, open_default),
        cmocka_unit_test_setup(lost_header_in_use_does_not_stop_collection, open_default),
        cmocka_unit_test_setup(weak_cells_are_left_behind, open_default),
        cmocka_unit_test_setup(foreign_content_is_refused_and_kept, open_default),
        cmocka_unit_test_setup(other_version_or_geometry_is_refused, open_default),
        cmocka_unit_test_setup(unknown_records_follow_the_version_rule, open_default),
        cmocka_unit_test_setup(geometry_is_checked, open_default),
        cmocka_unit_test_setup(two_sectors_are_enough, open_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
