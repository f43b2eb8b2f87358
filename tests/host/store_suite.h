/*
 * What the unit suites of lib/store begin with: one store over the NOR model, assets with small
 * numbers as keys, and what is expected of them.
 *
 * Included by test_store.c and test_store_mount.c, each of which has its own.
 */
#ifndef BARTIZAN_TESTS_STORE_SUITE_H
#define BARTIZAN_TESTS_STORE_SUITE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "lib/crc/crc.h"
#include "lib/store/store.h"

#define INDEX_LENGTH 200U
#define HEADER       32U

static struct fixture fixture;
static struct store_entry index_slots[INDEX_LENGTH];
static struct store store;
static uint8_t data[8192];
static uint8_t back[8192];

static struct store_config config;
static uint32_t scratch[96];

static inline psa_status_t mount_with(uint32_t index_length, uint32_t asset_size_max)
{
    memset(&store, 0xEE, sizeof store);
    memset(index_slots, 0xEE, sizeof index_slots);
    memset(scratch, 0xEE, sizeof scratch);
    config = (struct store_config){.area = &fixture.area,
                                   .index = index_slots,
                                   .index_length = index_length,
                                   .asset_size_max = asset_size_max,
                                   .scratch = scratch,
                                   .scratch_bytes = sizeof scratch};
    return store_mount(&store, &config);
}

static inline void remount(void)
{
    assert_int_equal(mount_with(INDEX_LENGTH, 1024), PSA_SUCCESS);
}

static inline void open_with(const struct geometry *geometry, uint32_t sectors)
{
    fixture_open(&fixture, geometry, sectors);
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7U + 3U);
    }
    remount();
}

static inline int open_default(void **state)
{
    (void)state;
    open_with(&geometries[0], 4);
    return 0;
}

static inline struct store_key key_of(uint32_t number)
{
    return (struct store_key){.owner = -1, .uid = number};
}

static inline psa_status_t set(uint32_t number, const void *bytes, size_t length)
{
    struct store_key key = key_of(number);

    return store_set(&store, &key, bytes, length, 2U * number);
}

static inline psa_status_t unset(uint32_t number)
{
    struct store_key key = key_of(number);

    return store_remove(&store, &key);
}

static inline psa_status_t get(uint32_t number, size_t offset, size_t length, size_t *actual)
{
    struct store_key key = key_of(number);

    return store_get(&store, &key, offset, back, length, actual);
}

static inline void expect(uint32_t number, const uint8_t *bytes, size_t length)
{
    struct store_key key = key_of(number);
    struct store_info info = {0};
    size_t actual = 0;

    assert_int_equal(store_get_info(&store, &key, &info), PSA_SUCCESS);
    assert_int_equal(info.size_bytes, length);
    assert_int_equal(info.flags, 2U * number);
    assert_int_equal(get(number, 0, sizeof back, &actual), PSA_SUCCESS);
    assert_int_equal(actual, length);
    assert_memory_equal(back, bytes, length);
}

#endif
