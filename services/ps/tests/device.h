/*
 * The device that the native tests of Protected Storage play, and what an attacker who has the
 * medium does to it: he reads it, mounts it with the real store, and writes what he likes.
 *
 * Included by each of the suites, once.
 */
#ifndef PS_TESTS_DEVICE_H
#define PS_TESTS_DEVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "psa/storage_common.h"
#include "services/ps/assets.h"
#include "tests/host/flash_fixture.h"

#define TEST(name) cmocka_unit_test_setup(name, begin)

enum { ASSETS = 8, LARGEST = 600, SECTORS = 8 };

static const uint8_t key_bytes[SEAL_KEY_BYTES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                  8, 9, 10, 11, 12, 13, 14, 15};
static uint8_t prefix[ASSETS_NONCE_PREFIX_BYTES] = {0, 0, 0, 5, 0, 0, 0, 0};

static struct fixture medium_flash;
static struct fixture anchor_flash;
static struct assets assets;
static struct store_entry medium_index[ASSETS];
static struct store_entry anchor_index[ASSETS];
static _Alignas(4) uint8_t buffer[ASSETS_OVERHEAD_BYTES + LARGEST];
static uint32_t scratch[96];
static const struct assets_config config = {
    .medium = {.area = &medium_flash.area,
               .index = medium_index,
               .index_length = ASSETS,
               .asset_size_max = sizeof buffer,
               .scratch = scratch,
               .scratch_bytes = sizeof scratch,
               .accept = assets_accept},
    .anchor = {.area = &anchor_flash.area,
               .index = anchor_index,
               .index_length = ASSETS,
               .asset_size_max = ASSETS_ANCHOR_BYTES,
               .scratch = scratch,
               .scratch_bytes = sizeof scratch},
    .assets = &assets,
    .buffer = buffer,
};

static const struct store_key red = {-1, 0x1122334455667788U};
static const struct store_key blue = {-1, 2U};
static const struct store_key others = {0x105, 2U};

static uint8_t plain[LARGEST];

/* ---- The device ---- */

static inline void restart(void)
{
    prefix[7]++;
    memset(&assets, 0xA5, sizeof assets);
    memset(buffer, 0, sizeof buffer);
    assert_int_equal(assets_start(&assets, &config, key_bytes, prefix), PSA_SUCCESS);
}

static inline int begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (uint8_t)(i * 37U + 11U);
    }
    prefix[7] = 0;
    fixture_open(&medium_flash, &geometries[0], SECTORS);
    fixture_open(&anchor_flash, &geometries[0], SECTORS);
    restart();
    return 0;
}

static inline psa_status_t set(const struct store_key *key, const void *data, size_t length,
                               uint32_t flags)
{
    memcpy(assets_buffer(&assets), data, length);
    return assets_set(&assets, key, length, flags);
}

static inline bool contains(const uint8_t *bytes, size_t size, const void *wanted, size_t length)
{
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(bytes + i, wanted, length) == 0) {
            return true;
        }
    }
    return false;
}

/* The asset is wholly these bytes. */
static inline void expect(const struct store_key *key, const void *data, size_t length)
{
    const uint8_t *found = NULL;
    size_t actual = 0;

    assert_int_equal(assets_get(&assets, key, 0, LARGEST, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, length);
    assert_memory_equal(found, data, length);
    assets_wipe(&assets);
    assert_true(length < 4 || !contains(buffer, sizeof buffer, data, 4));
}

static inline psa_status_t get_status(const struct store_key *key)
{
    const uint8_t *found = NULL;
    size_t actual = 0;
    psa_status_t status = assets_get(&assets, key, 0, LARGEST, &found, &actual);

    assets_wipe(&assets);
    return status;
}

static inline psa_status_t extend(const struct store_key *key, size_t offset, const void *data,
                                  size_t length)
{
    uint8_t *place = NULL;
    psa_status_t status = assets_extend_begin(&assets, key, offset, length, &place);

    if (status != PSA_SUCCESS) {
        assets_wipe(&assets);
        return status;
    }
    memcpy(place, data, length);
    return assets_extend_finish(&assets, key, offset, length);
}

static inline struct assets_info info_of(const struct store_key *key)
{
    struct assets_info info;

    assert_int_equal(assets_get_info(&assets, key, &info), PSA_SUCCESS);
    return info;
}

/* ---- The attacker ---- */

static struct store attack;
static struct store_entry attack_index[2 * ASSETS];
static const struct store_config attack_config = {
    .area = &medium_flash.area,
    .index = attack_index,
    .index_length = 2 * ASSETS,
    .asset_size_max = sizeof buffer,
    .scratch = scratch,
    .scratch_bytes = sizeof scratch,
};

struct stolen {
    uint8_t data[sizeof buffer];
    size_t length;
    uint32_t flags;
};

static inline struct stolen steal(const struct store_key *key)
{
    struct stolen record;
    struct store_info info;

    assert_int_equal(store_mount(&attack, &attack_config), PSA_SUCCESS);
    assert_int_equal(store_get_info(&attack, key, &info), PSA_SUCCESS);
    assert_int_equal(store_get(&attack, key, 0, record.data, sizeof record.data, &record.length),
                     PSA_SUCCESS);
    record.flags = info.flags;
    return record;
}

/* A record with right checksums, then a restart of the device. */
static inline void plant(const struct store_key *key, const struct stolen *record)
{
    assert_int_equal(store_mount(&attack, &attack_config), PSA_SUCCESS);
    assert_int_equal(store_set(&attack, key, record->data, record->length, record->flags),
                     PSA_SUCCESS);
    restart();
}

/* ---- A flash that fails ---- */

static psa_status_t (*real_program)(const struct flash_area *area, uint32_t offset,
                                    const void *data, size_t length);

static inline psa_status_t program_nothing(const struct flash_area *area, uint32_t offset,
                                           const void *data, size_t length)
{
    (void)area;
    (void)offset;
    (void)data;
    (void)length;
    return PSA_ERROR_STORAGE_FAILURE;
}

/* The record is there, whatever is said of it. */
static inline psa_status_t program_and_deny(const struct flash_area *area, uint32_t offset,
                                            const void *data, size_t length)
{
    (void)real_program(area, offset, data, length);
    return PSA_ERROR_STORAGE_FAILURE;
}

/* A set that the medium refuses has used its nonce up. */

#endif
