/*
 * Host test of the core of Protected Storage: the rules of the specification, the bytes of the format
 * page, and an attacker who has the medium to himself: he reads it, mounts it with the real store,
 * and writes what he likes, with right checksums.
 *
 * Power cuts at every point are the matter of other suites.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "psa/storage_common.h"
#include "services/ps/assets.h"
#include "tests/host/flash_fixture.h"

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
static const struct assets_config config = {
    .medium = {.area = &medium_flash.area,
               .index = medium_index,
               .index_length = ASSETS,
               .asset_size_max = sizeof buffer,
               .accept = assets_accept},
    .anchor = {.area = &anchor_flash.area,
               .index = anchor_index,
               .index_length = ASSETS,
               .asset_size_max = ASSETS_ANCHOR_BYTES},
    .assets = &assets,
    .buffer = buffer,
};

static const struct store_key red = {-1, 0x1122334455667788U};
static const struct store_key blue = {-1, 2U};
static const struct store_key others = {0x105, 2U};

static uint8_t plain[LARGEST];

/* ---- The device ---- */

static void restart(void)
{
    prefix[7]++;
    memset(&assets, 0xA5, sizeof assets);
    memset(buffer, 0, sizeof buffer);
    assert_int_equal(assets_start(&assets, &config, key_bytes, prefix), PSA_SUCCESS);
}

static int begin(void **state)
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

static psa_status_t set(const struct store_key *key, const void *data, size_t length,
                        uint32_t flags)
{
    memcpy(assets_buffer(&assets), data, length);
    return assets_set(&assets, key, length, flags);
}

static bool contains(const uint8_t *bytes, size_t size, const void *wanted, size_t length)
{
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(bytes + i, wanted, length) == 0) {
            return true;
        }
    }
    return false;
}

/* The asset is wholly these bytes. */
static void expect(const struct store_key *key, const void *data, size_t length)
{
    const uint8_t *found = NULL;
    size_t actual = 0;

    assert_int_equal(assets_get(&assets, key, 0, LARGEST, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, length);
    assert_memory_equal(found, data, length);
    assets_wipe(&assets);
    assert_true(length < 4 || !contains(buffer, sizeof buffer, data, 4));
}

static psa_status_t get_status(const struct store_key *key)
{
    const uint8_t *found = NULL;
    size_t actual = 0;
    psa_status_t status = assets_get(&assets, key, 0, LARGEST, &found, &actual);

    assets_wipe(&assets);
    return status;
}

static psa_status_t extend(const struct store_key *key, size_t offset, const void *data,
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

static struct assets_info info_of(const struct store_key *key)
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
};

struct stolen {
    uint8_t data[sizeof buffer];
    size_t length;
    uint32_t flags;
};

static struct stolen steal(const struct store_key *key)
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
static void plant(const struct store_key *key, const struct stolen *record)
{
    assert_int_equal(store_mount(&attack, &attack_config), PSA_SUCCESS);
    assert_int_equal(store_set(&attack, key, record->data, record->length, record->flags),
                     PSA_SUCCESS);
    restart();
}

/* ---- The format ---- */

static void bytes_are_those_of_the_page(void **state)
{
    static const uint8_t on_medium[] = {
        0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
        0x22, 0x11, 0x02, 0x00, 0x00, 0x00, 0x15, 0x00, 0x00, 0x00, 0xC2, 0x78, 0x30, 0x79,
        0x39, 0x94, 0x78, 0x84, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
        0x00, 0x01, 0xB2, 0x99, 0x90, 0x69, 0xE0, 0xD2, 0xAE, 0x6F, 0x6A, 0xFF, 0xFF, 0xFF};
    static const uint8_t in_anchor[] = {
        0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
        0x22, 0x11, 0x0A, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x10, 0x5C, 0x00, 0xCE,
        0xE4, 0x78, 0x2B, 0x20, 0x09, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x61, 0x0D,
        0x55, 0x1A, 0x5A, 0x55, 0xB7, 0x9D, 0xFA, 0xAE, 0x6C, 0x25, 0x2B, 0x05, 0x2A, 0x96};
    (void)state;

    assert_int_equal(set(&red, "Bartizan!", 9, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY), PSA_SUCCESS);
    assert_memory_equal(&medium_flash.image.cells[32], on_medium, sizeof on_medium);
    assert_memory_equal(&anchor_flash.image.cells[32], in_anchor, sizeof in_anchor);
}

static void the_medium_never_shows_plain_text(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 64, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY), PSA_SUCCESS);
    assert_int_equal(assets_create(&assets, &blue, 200, 0), PSA_SUCCESS);
    assert_int_equal(extend(&blue, 0, plain, 100), PSA_SUCCESS);
    assert_false(contains(medium_flash.image.cells, medium_flash.nor.size, plain, 8));
    assert_false(contains(buffer, sizeof buffer, plain, 8));
}

/* ---- The rules ---- */

static void set_and_get(void **state)
{
    (void)state;

    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(set(&red, plain, LARGEST, 0), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain + 5, 33, 6), PSA_SUCCESS);
    assert_int_equal(set(&others, "", 0, 0), PSA_SUCCESS);
    for (int i = 0; i < 2; i++) {
        expect(&red, plain, LARGEST);
        expect(&blue, plain + 5, 33);
        expect(&others, "", 0);
        assert_int_equal(info_of(&blue).flags, 6);
        assert_int_equal(info_of(&blue).size_bytes, 33);
        assert_int_equal(info_of(&blue).capacity_bytes, 33);
        restart();
    }
    assert_int_equal(set(&red, plain + 9, 1, 0), PSA_SUCCESS);
    expect(&red, plain + 9, 1);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_DOES_NOT_EXIST);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(set(&red, plain + 3, 2, 0), PSA_SUCCESS);
    expect(&red, plain + 3, 2);
    expect(&blue, plain + 5, 33);
}

static void parts_of_an_asset(void **state)
{
    const uint8_t *found = NULL;
    size_t actual = 77;
    (void)state;

    assert_int_equal(set(&red, plain, 50, 0), PSA_SUCCESS);
    assert_int_equal(assets_get(&assets, &red, 7, 9, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 9);
    assert_memory_equal(found, plain + 7, 9);
    assert_int_equal(assets_get(&assets, &red, 45, 9, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 5);
    assert_memory_equal(found, plain + 45, 5);
    assert_int_equal(assets_get(&assets, &red, 50, 9, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 0);
    assert_int_equal(assets_get(&assets, &red, 51, 0, &found, &actual), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(assets_get(&assets, &red, SIZE_MAX, 1, &found, &actual),
                     PSA_ERROR_INVALID_ARGUMENT);
}

static void write_once_stays(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 20, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(set(&red, plain + 1, 20, 0), PSA_ERROR_NOT_PERMITTED);
        assert_false(contains(buffer, sizeof buffer, plain + 1, 8));
        assert_int_equal(extend(&red, 0, plain + 1, 1), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(assets_create(&assets, &red, 20, 0), PSA_ERROR_ALREADY_EXISTS);
        expect(&red, plain, 20);
        restart();
    }
    memset(medium_flash.image.cells, 0xFF, medium_flash.nor.size); /* not even then */
    restart();
    assert_int_equal(set(&red, plain + 1, 20, 0), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
}

static void create_and_extend(void **state)
{
    uint8_t whole[100];
    (void)state;

    memcpy(whole, plain, sizeof whole);
    assert_int_equal(assets_create(&assets, &red, 100, 2), PSA_SUCCESS);
    assert_int_equal(assets_create(&assets, &red, 100, 2), PSA_ERROR_ALREADY_EXISTS);
    assert_int_equal(info_of(&red).size_bytes, 0);
    assert_int_equal(info_of(&red).capacity_bytes, 100);
    expect(&red, "", 0);
    assert_int_equal(extend(&red, 1, plain, 1), PSA_ERROR_INVALID_ARGUMENT); /* a gap */
    assert_int_equal(extend(&red, 0, plain, 40), PSA_SUCCESS);
    assert_int_equal(extend(&red, 40, plain + 40, 10), PSA_SUCCESS);
    assert_int_equal(extend(&red, 30, plain + 30, 70), PSA_SUCCESS);
    memcpy(whole + 3, "abc", 3);
    assert_int_equal(extend(&red, 3, "abc", 3), PSA_SUCCESS); /* does not shrink it */
    assert_int_equal(extend(&red, 100, "", 0), PSA_SUCCESS);
    assert_int_equal(extend(&red, 100, "x", 1), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&red, 0, plain, 101), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&red, SIZE_MAX, plain, 2), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&blue, 0, plain, 1), PSA_ERROR_DOES_NOT_EXIST);
    for (int i = 0; i < 2; i++) {
        expect(&red, whole, 100);
        assert_int_equal(info_of(&red).flags, 2);
        assert_int_equal(info_of(&red).capacity_bytes, 100);
        restart();
    }
    assert_int_equal(set(&red, plain, 10, 0), PSA_SUCCESS); /* as if it was never created */
    assert_int_equal(info_of(&red).capacity_bytes, 10);
    assert_int_equal(extend(&red, 10, plain, 1), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&red, 4, "xyz", 3), PSA_SUCCESS);
    memcpy(whole, plain, 10);
    memcpy(whole + 4, "xyz", 3);
    expect(&red, whole, 10);
}

static void an_empty_write_changes_nothing(void **state)
{
    struct flash_image before;
    (void)state;

    assert_int_equal(set(&red, plain, 10, 0), PSA_SUCCESS);
    fixture_save(&medium_flash, &before);
    assert_int_equal(extend(&red, 10, "", 0), PSA_SUCCESS);
    assert_memory_equal(medium_flash.image.cells, before.cells, medium_flash.nor.size);
    assert_false(contains(buffer, sizeof buffer, plain, 10));
}

static void what_is_not_supported(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 10, 8), PSA_ERROR_NOT_SUPPORTED);
    assert_false(contains(buffer, sizeof buffer, plain, 10));
    assert_int_equal(set(&red, plain, 10, 0x80000000U), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(assets_create(&assets, &red, 10, PSA_STORAGE_FLAG_WRITE_ONCE),
                     PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(assets_create(&assets, &red, 10, 16), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(assets_set(&assets, &red, LARGEST + 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(assets_set(&assets, &red, SIZE_MAX, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(assets_create(&assets, &red, LARGEST + 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
}

/* Full is full, nothing is lost by asking, and room that was reserved is there. */
static void a_full_store(void **state)
{
    struct store_key key = {-1, 100};
    (void)state;

    assert_int_equal(assets_create(&assets, &red, LARGEST, 0), PSA_SUCCESS);
    for (uint32_t i = 0; i < ASSETS - 1; i++) {
        key.uid = 100U + i;
        assert_int_equal(set(&key, plain + i, LARGEST - 50U, 0), PSA_SUCCESS);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(set(&blue, plain, 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
        assert_int_equal(assets_create(&assets, &blue, 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    }
    for (uint32_t at = 0; at < LARGEST; at += 60U) {
        assert_int_equal(extend(&red, at, plain + at, 60), PSA_SUCCESS);
    }
    restart();
    expect(&red, plain, LARGEST);
    for (uint32_t i = 0; i < ASSETS - 1; i++) {
        key.uid = 100U + i;
        expect(&key, plain + i, LARGEST - 50U);
    }
    assert_int_equal(get_status(&blue), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(assets_remove(&assets, &key), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain, 1, 0), PSA_SUCCESS);
}

/* ---- Nonces ---- */

static void nonces_are_never_used_twice(void **state)
{
    struct stolen first;
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    first = steal(&red);
    for (int i = 0; i < 5; i++) {
        struct stolen next;

        assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
        next = steal(&red);
        assert_true(memcmp(next.data, first.data, SEAL_NONCE_BYTES) > 0);
        assert_memory_not_equal(next.data + SEAL_NONCE_BYTES, first.data + SEAL_NONCE_BYTES, 16);
        first = next;
        restart();
    }
}

static void the_last_nonce_is_the_end(void **state)
{
    (void)state;

    assets.nonces_used = UINT32_MAX - 1U;
    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(set(&red, plain + 1, 16, 0), PSA_ERROR_GENERIC_ERROR);
        assert_false(contains(buffer, sizeof buffer, plain + 1, 8));
    }
    expect(&red, plain, 16);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
}

/* ---- A flash that fails ---- */

static psa_status_t (*real_program)(const struct flash_area *area, uint32_t offset,
                                    const void *data, size_t length);

static psa_status_t program_nothing(const struct flash_area *area, uint32_t offset,
                                    const void *data, size_t length)
{
    (void)area;
    (void)offset;
    (void)data;
    (void)length;
    return PSA_ERROR_STORAGE_FAILURE;
}

/* The record is there, whatever is said of it. */
static psa_status_t program_and_deny(const struct flash_area *area, uint32_t offset,
                                     const void *data, size_t length)
{
    (void)real_program(area, offset, data, length);
    return PSA_ERROR_STORAGE_FAILURE;
}

/* A set that the medium refuses has used its nonce up. */
static void a_medium_that_fails(void **state)
{
    uint32_t used;
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    used = assets.nonces_used;
    real_program = medium_flash.area.program;
    medium_flash.area.program = program_nothing;
    assert_int_equal(set(&red, plain + 1, 16, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_false(contains(buffer, sizeof buffer, plain + 1, 8));
    assert_int_equal(assets.nonces_used, used + 1U);
    expect(&red, plain, 16);
    medium_flash.area.program = real_program;
    expect(&red, plain, 16);
    assert_int_equal(set(&red, plain + 2, 16, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 2, 16);
}

/* Removed is what the anchor says is removed. */
static void a_medium_that_does_not_take_a_removal(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain, 16, 0), PSA_SUCCESS);
    real_program = medium_flash.area.program;
    medium_flash.area.program = program_nothing;
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    medium_flash.area.program = real_program;
    expect(&blue, plain, 16);
    assert_int_equal(set(&red, plain + 1, 16, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 1, 16);
}

/* Whether the set has happened shows at once, and stays so. */
static void an_anchor_that_fails(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    real_program = anchor_flash.area.program;
    anchor_flash.area.program = program_nothing;
    assert_int_equal(set(&red, plain + 1, 16, 0), PSA_ERROR_STORAGE_FAILURE);
    anchor_flash.area.program = real_program;
    expect(&red, plain, 16);
    assert_int_equal(set(&red, plain + 2, 16, 0), PSA_SUCCESS);

    anchor_flash.area.program = program_and_deny;
    assert_int_equal(set(&red, plain + 3, 16, 0), PSA_ERROR_STORAGE_FAILURE);
    anchor_flash.area.program = real_program;
    for (int i = 0; i < 2; i++) {
        const uint8_t *found = NULL;
        size_t actual = 0;

        assert_int_equal(assets_get(&assets, &red, 0, 16, &found, &actual), PSA_SUCCESS);
        assert_int_equal(actual, 16);
        assert_true(memcmp(found, plain + 2, 16) == 0 || memcmp(found, plain + 3, 16) == 0);
        restart();
    }
}

/* ---- Attacks ---- */

static void two_assets(void)
{
    assert_int_equal(set(&red, plain, 60, 0), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain + 60, 60, 0), PSA_SUCCESS);
}

static void changed_bits(void **state)
{
    struct stolen record;
    (void)state;

    two_assets();
    record = steal(&red);
    for (size_t bit = 0; bit < 8U * record.length; bit += 7U) {
        struct stolen changed = record;

        changed.data[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        plant(&red, &changed);
        assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
        assert_int_equal(extend(&red, 0, "x", 1), PSA_ERROR_INVALID_SIGNATURE);
    }
    expect(&blue, plain + 60, 60);
    plant(&red, &record); /* his own copy is the right one */
    expect(&red, plain, 60);
}

static void another_length(void **state)
{
    struct stolen record;
    struct assets_info info;
    (void)state;

    two_assets();
    record = steal(&red);
    for (size_t length = 0; length < record.length; length += 11U) {
        struct stolen cut = record;

        cut.length = length;
        plant(&red, &cut);
        assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
        assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_INVALID_SIGNATURE);
    }
    expect(&blue, plain + 60, 60);
}

static void another_version_is_not_there(void **state)
{
    struct stolen record;
    struct assets_info info;
    (void)state;

    two_assets();
    record = steal(&red);
    record.flags += 2U;
    plant(&red, &record);
    expect(&red, plain, 60); /* passed over; what counts is still there */
    record.flags = 1U;       /* write-once is not for the medium to say */
    plant(&red, &record);
    expect(&red, plain, 60);
    memset(medium_flash.image.cells, 0xFF, medium_flash.nor.size);
    memset(medium_flash.image.units, 0, sizeof medium_flash.image.units);
    plant(&red, &record);
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
}

static void swapped_and_copied(void **state)
{
    struct stolen mine;
    struct stolen yours;
    (void)state;

    two_assets();
    mine = steal(&red);
    yours = steal(&blue);
    plant(&red, &yours);
    assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
    expect(&blue, plain + 60, 60);
    plant(&blue, &mine);
    assert_int_equal(get_status(&blue), PSA_ERROR_INVALID_SIGNATURE);
    plant(&others, &mine);
    assert_int_equal(get_status(&others), PSA_ERROR_DOES_NOT_EXIST);
    plant(&red, &mine);
    plant(&blue, &yours);
    expect(&red, plain, 60);
    expect(&blue, plain + 60, 60);
}

/* An old state of one asset whose version is the one that counts: it was made anew since. */
static void an_older_one_of_the_same_version(void **state)
{
    struct stolen old;
    (void)state;

    two_assets();
    old = steal(&red);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    assert_int_equal(steal(&red).flags, old.flags);
    plant(&red, &old);
    assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
    expect(&blue, plain + 60, 60);
}

static void an_old_snapshot(void **state)
{
    struct flash_image snapshot;
    (void)state;

    two_assets();
    assert_int_equal(set(&others, plain, 5, 0), PSA_SUCCESS);
    fixture_save(&medium_flash, &snapshot);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    assert_int_equal(assets_remove(&assets, &others), PSA_SUCCESS);
    fixture_restore(&medium_flash, &snapshot);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(get_status(&others), PSA_ERROR_DOES_NOT_EXIST);
    expect(&blue, plain + 60, 60);
    assert_int_equal(set(&red, plain + 2, 60, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 2, 60);
}

/* The newest record torn out, so that the store would show the one before. */
static void the_newest_record_made_unreadable(void **state)
{
    uint32_t newest;
    (void)state;

    two_assets();
    newest = assets.medium.head + assets.medium.end;
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    nor_hooks_break_unit(&medium_flash.nor, newest + 32U);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    expect(&blue, plain + 60, 60);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
}

static void an_erased_medium(void **state)
{
    struct assets_info info;
    (void)state;

    two_assets();
    memset(medium_flash.image.cells, 0xFF, medium_flash.nor.size);
    memset(medium_flash.image.units, 0, sizeof medium_flash.image.units);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &blue, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_create(&assets, &red, 5, 0), PSA_ERROR_ALREADY_EXISTS);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    expect(&red, plain + 1, 60);
    assert_int_equal(get_status(&blue), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_remove(&assets, &blue), PSA_SUCCESS);
    assert_int_equal(get_status(&blue), PSA_ERROR_DOES_NOT_EXIST);
}

/* Content that is no store: nothing is readable, nothing is overwritten while anything counts, and
 * the interface itself is the way out. */
static void a_medium_that_is_no_store(void **state)
{
    struct assets_info info;
    (void)state;

    two_assets();
    for (uint32_t i = 0; i < medium_flash.nor.size; i++) {
        medium_flash.image.cells[i] = (uint8_t)(i * 73U);
    }
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(get_status(&others), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(set(&others, plain, 10, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(medium_flash.image.cells[9], (uint8_t)(9U * 73U));
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(assets_remove(&assets, &blue), PSA_SUCCESS);
    assert_int_equal(set(&others, plain, 10, 0), PSA_SUCCESS);
    restart();
    expect(&others, plain, 10);
}

/* ---- Checkpoints of the medium's index ---- */

/* Sets until the medium has a new sector that begins with a checkpoint. */
static void until_a_checkpoint(const struct store_key *key)
{
    uint32_t before = assets.medium.checkpoint;

    for (uint32_t i = 0; assets.medium.checkpoint == before; i++) {
        assert_true(i < 1000U);
        assert_int_equal(set(key, plain, 60, 0), PSA_SUCCESS);
    }
}

/* The checkpoint names an asset whose removal did not come to the medium: it has no place in the
 * index, where another one needs it. */
static void a_checkpoint_of_what_was_removed(void **state)
{
    struct store_key key = {-1, 100};
    (void)state;

    two_assets();
    for (uint32_t i = 0; i < ASSETS - 2; i++) {
        key.uid = 100U + i;
        assert_int_equal(set(&key, plain + i, 20, 0), PSA_SUCCESS);
    }
    until_a_checkpoint(&blue);
    real_program = medium_flash.area.program;
    medium_flash.area.program = program_nothing;
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    medium_flash.area.program = real_program;
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_not_equal(assets.medium.checkpoint, 0);
    assert_int_equal(set(&others, plain, 20, 0), PSA_SUCCESS);
    expect(&others, plain, 20);
    expect(&blue, plain, 60);
}

/* The checkpoint names an older record than the anchor, and the newer one is gone. */
static void a_checkpoint_of_an_older_record(void **state)
{
    uint32_t newest;
    (void)state;

    two_assets();
    until_a_checkpoint(&blue);
    newest = assets.medium.head + assets.medium.end;
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    nor_hooks_break_unit(&medium_flash.nor, newest);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_not_equal(assets.medium.checkpoint, 0);
    expect(&blue, plain, 60);
}

/* ---- The anchor ---- */

static void an_anchor_of_a_later_version(void **state)
{
    static struct store later;
    static const uint8_t longer[ASSETS_ANCHOR_BYTES + 8U];
    static struct store_entry index[ASSETS];
    static const struct store_config other = {.area = &anchor_flash.area,
                                              .index = index,
                                              .index_length = ASSETS,
                                              .asset_size_max = sizeof longer};
    struct assets_info info;
    (void)state;

    two_assets();
    assert_int_equal(store_mount(&later, &other), PSA_SUCCESS);
    assert_int_equal(store_set(&later, &red, longer, sizeof longer, 5U << 3), PSA_SUCCESS);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_create(&assets, &red, 5, 0), PSA_ERROR_ALREADY_EXISTS);
    expect(&blue, plain + 60, 60);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 1, 60);
}

static void a_broken_anchor_is_a_failure(void **state)
{
    (void)state;

    two_assets();
    memset(anchor_flash.image.cells, 0x55, anchor_flash.nor.size);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(set(&red, plain, 5, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(assets_create(&assets, &red, 5, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_STORAGE_FAILURE);
    assert_false(contains(buffer, sizeof buffer, plain, 5));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_are_those_of_the_page),
        TEST(the_medium_never_shows_plain_text),
        TEST(set_and_get),
        TEST(parts_of_an_asset),
        TEST(write_once_stays),
        TEST(create_and_extend),
        TEST(an_empty_write_changes_nothing),
        TEST(what_is_not_supported),
        TEST(a_full_store),
        TEST(nonces_are_never_used_twice),
        TEST(the_last_nonce_is_the_end),
        TEST(a_medium_that_fails),
        TEST(a_medium_that_does_not_take_a_removal),
        TEST(an_anchor_that_fails),
        TEST(changed_bits),
        TEST(another_length),
        TEST(another_version_is_not_there),
        TEST(swapped_and_copied),
        TEST(an_older_one_of_the_same_version),
        TEST(an_old_snapshot),
        TEST(the_newest_record_made_unreadable),
        TEST(an_erased_medium),
        TEST(a_medium_that_is_no_store),
        TEST(a_checkpoint_of_what_was_removed),
        TEST(a_checkpoint_of_an_older_record),
        TEST(an_anchor_of_a_later_version),
        TEST(a_broken_anchor_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
