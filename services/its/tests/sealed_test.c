/*
 * Host test of encrypted assets: what is in flash, what is changed there and how it is answered, and
 * that no nonce comes twice.
 *
 * Built twice, for a product that encrypts and for one that does not, over the same flash: each must
 * tell the other's records from its own.
 */
#include "services/its/tests/played.h"

const struct account_quota account_quotas[] = {{0}}; /* ITS_QUOTAS is 0 */

#define IS_ON (ITS_ENCRYPTION != 0U)

static const struct store_key key_one = {-1, 1};
static const struct store_key key_two = {-1, 2};
static const struct store_key key_other = {0x101, 1};

/* The record of an asset, as who writes the flash can take it and put it back. */
struct raw {
    struct store_info info;
    uint8_t bytes[ITS_ASSET_SIZE + PROTECT_BYTES];
};

static void raw_take(const struct store_key *key, struct raw *raw)
{
    assert_int_equal(
        store_get_with_info(&its_store, key, 0, raw->bytes, sizeof raw->bytes, &raw->info),
        PSA_SUCCESS);
}

static void raw_put(const struct store_key *key, const struct raw *raw)
{
    assert_int_equal(store_set(&its_store, key, raw->bytes, raw->info.size_bytes, raw->info.flags),
                     PSA_SUCCESS);
}

/* Ends one's stay in the other kind of product. */
static void put_sealed(const struct store_key *key, size_t length)
{
    struct raw raw = {.info = {(uint32_t)length, 0U}};

    assert_int_equal(mount(), PSA_SUCCESS);
    memcpy(raw.bytes, bytes, length);
    assert_int_equal(protect_seal(key, &raw.info, raw.bytes), PSA_SUCCESS);
    raw_put(key, &raw);
}

static bool flash_holds(const void *text, size_t length)
{
    for (size_t at = 0; at + length <= FLASH_ITS_SIZE; at++) {
        if (memcmp(fixture.image.cells + at, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* docs/formats/its.md, Example: made with another implementation of CCM. */
static void golden_vector(void **state)
{
    static const uint8_t golden[] = {0x48, 0x21, 0xB7, 0xAE, 0x60, 0x87, 0x68, 0x44, 0xC5, 0x01,
                                     0x00, 0x00, 0x00, 0x42, 0x42, 0x42, 0x42, 0x01, 0x00, 0x00,
                                     0x00, 0x7A, 0x76, 0x8D, 0xE8, 0x16, 0x58, 0x00, 0x30, 0x7F,
                                     0x8A, 0x33, 0x6E, 0x0D, 0x02, 0x02, 0x66};
    struct raw raw;

    (void)state;
    device_starts();
    key_takings = 0;
    assert_int_equal(psa_its_set(1, 9, "Bartizan!", PSA_STORAGE_FLAG_NO_CONFIDENTIALITY),
                     PSA_SUCCESS);
    if (!IS_ON) {
        return;
    }
    raw_take(&key_one, &raw);
    assert_int_equal(raw.info.size_bytes, sizeof golden);
    assert_int_equal(raw.info.flags, PROTECT_SEALED | PSA_STORAGE_FLAG_NO_CONFIDENTIALITY);
    assert_memory_equal(raw.bytes, golden, sizeof golden);
}

/* The same search finds the text where nothing is encrypted: so it bites. */
static void flash_has_no_plaintext(void **state)
{
    static const char text[] = "a secret of sixteen bytes or more";

    (void)state;
    assert_int_equal(psa_its_set(1, sizeof text, text, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY),
                     PSA_SUCCESS);
    for (size_t at = 0; at + 8U <= sizeof text; at++) {
        assert_int_equal(flash_holds(text + at, 8), !IS_ON);
    }
    device_starts();
    assert_int_equal(psa_its_get(1, 0, sizeof back, back, &(size_t){0}), PSA_SUCCESS);
    assert_memory_equal(back, text, sizeof text);
}

/* Every bit of what is stored, sizes and flags, changed by one who makes the checksums right. */
static void changes_are_found(void **state)
{
    struct raw raw;

    (void)state;
    if (!IS_ON) {
        return;
    }
    assert_int_equal(psa_its_set(1, 40, bytes, 0), PSA_SUCCESS);
    raw_take(&key_one, &raw);
    assert_int_equal(raw.info.size_bytes, 40 + PROTECT_BYTES);
    for (uint32_t bit = 0; bit < 8U * raw.info.size_bytes; bit++) {
        raw.bytes[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
        raw_put(&key_one, &raw);
        memset(back, 0xEE, sizeof back);
        assert_int_equal(psa_its_get(1, 0, 40, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
        assert_int_equal(psa_its_get(1, 3, 1, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
        assert_int_equal(back[0], 0xEE);
        raw.bytes[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
    }
    for (uint32_t bit = 1; bit < 31U; bit++) { /* bit 0: then it could not be put back */
        raw.info.flags ^= 1U << bit;
        raw_put(&key_one, &raw);
        assert_int_equal(psa_its_get(1, 0, 40, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
        raw.info.flags ^= 1U << bit;
    }
    for (uint32_t size = 0; size < sizeof raw.bytes; size++) {
        struct raw cut = raw;

        cut.info.size_bytes = size;
        raw_put(&key_one, &cut);
        assert_int_equal(psa_its_get(1, 0, 1, back, &(size_t){0}),
                         size == raw.info.size_bytes ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT);
    }
    raw_put(&key_one, &raw);
    assert_asset(1, 40);
}

static void assets_are_bound_to_their_names(void **state)
{
    struct raw one;
    struct raw two;

    (void)state;
    if (!IS_ON) {
        return;
    }
    assert_int_equal(psa_its_set(1, 40, bytes, 0), PSA_SUCCESS);
    assert_int_equal(psa_its_set(2, 40, bytes + 1, 0), PSA_SUCCESS);
    raw_take(&key_one, &one);
    raw_take(&key_two, &two);
    raw_put(&key_one, &two);
    raw_put(&key_two, &one);
    raw_put(&key_other, &one);
    assert_int_equal(psa_its_get(1, 0, 40, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(psa_its_get(2, 0, 40, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
    client = key_other.owner;
    assert_int_equal(psa_its_get(1, 0, 40, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
    client = -1;
    assert_int_equal(psa_its_set(1, 3, bytes, 0), PSA_SUCCESS); /* the way out */
    assert_int_equal(psa_its_remove(2), PSA_SUCCESS);
    assert_asset(1, 3);
}

/* A device whose product is changed: sealed records are never served as they are. */
static void sealed_records_are_told_apart(void **state)
{
    struct psa_storage_info_t info;

    (void)state;
    put_sealed(&key_one, 50);
    put_sealed(&key_two, 0);
    device_starts();
    if (IS_ON) {
        assert_asset(1, 50);
        assert_asset(2, 0);
        assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
        assert_int_equal(info.size, 50);
        assert_int_equal(info.flags, 0);
        return;
    }
    for (size_t offset = 0; offset <= 50U + PROTECT_BYTES; offset++) {
        assert_int_equal(psa_its_get(1, offset, 10, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
    }
    assert_int_equal(psa_its_get_info(1, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(psa_its_get(2, 0, 10, back, &(size_t){0}), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(psa_its_set(1, 7, bytes, 0), PSA_SUCCESS);
    assert_asset(1, 7);
    assert_int_equal(psa_its_remove(2), PSA_SUCCESS);
}

/* What was set before the product encrypted is still read; setting it again encrypts it. */
static void plain_records_are_read(void **state)
{
    struct raw raw = {.info = {60, PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION}};
    struct psa_storage_info_t info;

    (void)state;
    memcpy(raw.bytes, bytes, 60);
    assert_int_equal(mount(), PSA_SUCCESS);
    raw_put(&key_one, &raw);
    device_starts();
    assert_asset(1, 60);
    assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
    assert_int_equal(info.size, 60);
    assert_int_equal(info.flags, PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION);
    assert_int_equal(psa_its_set(1, 60, bytes, 0), PSA_SUCCESS);
    assert_asset(1, 60);
    raw_take(&key_one, &raw);
    assert_int_equal(protect_is_sealed(&raw.info), IS_ON);
}

/* Nonces of many records, over starts and cut-off sets. */
static void no_nonce_comes_twice(void **state)
{
    static uint8_t seen[600][SEAL_NONCE_BYTES];
    struct raw raw;
    size_t count = 0;

    (void)state;
    if (!IS_ON) {
        return;
    }
    for (unsigned start = 0; start < 20U; start++) {
        (void)fixture_run(&fixture, set_one, NULL, 1U + start % 3U, NOR_TEAR_NOT_STARTED, NULL);
        device_starts();
        for (unsigned i = 0; i < 30U; i++) {
            assert_int_equal(psa_its_set(1, i, bytes, 0), PSA_SUCCESS);
            raw_take(&key_one, &raw);
            memcpy(seen[count], raw.bytes + i, SEAL_NONCE_BYTES);
            for (size_t other = 0; other < count; other++) {
                assert_memory_not_equal(seen[other], seen[count], SEAL_NONCE_BYTES);
            }
            count++;
        }
        device_starts();
    }
    assert_int_equal(count, 600);
}

static void nonces_and_keys_can_be_missing(void **state)
{
    (void)state;
    if (!IS_ON) {
        return;
    }
    set_one(NULL);
    nonces_used = UINT32_MAX - 1U;
    assert_int_equal(psa_its_set(1, 5, bytes, 0), PSA_SUCCESS);
    assert_int_equal(psa_its_set(1, 6, bytes, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_asset(1, 5);
    device_starts();
    assert_int_equal(psa_its_set(1, 6, bytes, 0), PSA_SUCCESS);
    device_starts();
    key_is_gone = true;
    assert_int_equal(psa_its_get(1, 0, 6, back, &(size_t){0}), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_set(1, 7, bytes, 0), PSA_ERROR_STORAGE_FAILURE);
    key_is_gone = false;
    assert_asset(1, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(golden_vector, open_new),
        cmocka_unit_test_setup(flash_has_no_plaintext, open_new),
        cmocka_unit_test_setup(changes_are_found, open_new),
        cmocka_unit_test_setup(assets_are_bound_to_their_names, open_new),
        cmocka_unit_test_setup(sealed_records_are_told_apart, open_new),
        cmocka_unit_test_setup(plain_records_are_read, open_new),
        cmocka_unit_test_setup(no_nonce_comes_twice, open_new),
        cmocka_unit_test_setup(nonces_and_keys_can_be_missing, open_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
