/*
 * Host test of the quotas of Internal Trusted Storage: what is refused, what always works, and that
 * the accounts are right whatever came before.
 */
#include "services/its/tests/played.h"

#define CRYPTO 0x100
#define OTHER  0x200 /* without a row */

const struct account_quota account_quotas[ITS_QUOTAS] = {
    {ACCOUNT_NONSECURE, {4U, 500U}},
    {CRYPTO, {2U, 100U}},
};

static psa_status_t set(psa_storage_uid_t uid, size_t length)
{
    return psa_its_set(uid, length, bytes, PSA_STORAGE_FLAG_NONE);
}

/* The accounts that are kept are what is counted. */
static void assert_kept(void)
{
    for (uint32_t row = 0; row < ITS_QUOTAS && is_counted; row++) {
        struct account held = account_count(&its_store, account_quotas[row].holder);

        assert_int_equal(accounts[row].assets, held.assets);
        assert_int_equal(accounts[row].bytes, held.bytes);
    }
}

static void assets_are_limited(void **state)
{
    (void)state;
    for (psa_storage_uid_t uid = 1; uid <= 4; uid++) {
        assert_int_equal(set(uid, 10), PSA_SUCCESS);
    }
    for (int start = 0; start < 2; start++) {
        assert_int_equal(set(5, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
        assert_int_equal(psa_its_get_info(5, &(struct psa_storage_info_t){0}),
                         PSA_ERROR_DOES_NOT_EXIST);
        assert_int_equal(set(4, 20), PSA_SUCCESS);
        assert_kept();
        device_starts();
    }
    client = -2; /* the non-secure side is one client */
    assert_int_equal(set(1, 1), PSA_ERROR_INSUFFICIENT_STORAGE);
    client = OTHER;
    assert_int_equal(set(1, 1000), PSA_SUCCESS);
    client = CRYPTO;
    assert_int_equal(set(1, 1), PSA_SUCCESS);
    client = -1;
    assert_int_equal(psa_its_remove(2), PSA_SUCCESS);
    assert_int_equal(set(5, 0), PSA_SUCCESS);
    assert_int_equal(set(6, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_kept();
}

static void bytes_are_limited(void **state)
{
    (void)state;
    client = CRYPTO;
    assert_int_equal(set(1, 101), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(1, 100), PSA_SUCCESS);
    assert_int_equal(set(2, 1), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(2, 0), PSA_SUCCESS);
    assert_int_equal(set(1, 101), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_asset(1, 100);
    assert_int_equal(set(1, 60), PSA_SUCCESS);
    assert_int_equal(set(2, 41), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(2, 40), PSA_SUCCESS);
    assert_kept();
}

static void what_fails_is_not_counted(void **state)
{
    (void)state;
    client = CRYPTO;
    assert_int_equal(set(1, 50), PSA_SUCCESS);
    assert_int_equal(psa_its_set(2, 10, bytes, 0x80), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_remove(2), PSA_ERROR_DOES_NOT_EXIST);
    assert_kept();
    client = OTHER; /* takes all assets that there can be */
    for (psa_storage_uid_t uid = 1; set(uid, 0) == PSA_SUCCESS; uid++) {
    }
    client = CRYPTO;
    assert_int_equal(set(2, 50), PSA_ERROR_INSUFFICIENT_STORAGE); /* the store's answer */
    assert_kept();
    assert_int_equal(set(1, 40), PSA_SUCCESS);
    assert_int_equal(psa_its_remove(1), PSA_SUCCESS);
    assert_kept();
    assert_int_equal(accounts[1].assets, 0);
}

/* A newer product has a smaller quota: what is there stays, may shrink and go, but not grow. */
static void what_is_above_may_shrink(void **state)
{
    static const struct store_key keys[] = {{CRYPTO, 1}, {CRYPTO, 2}, {CRYPTO, 3}};

    (void)state;
    assert_int_equal(mount(), PSA_SUCCESS);
    for (size_t i = 0; i < 3U; i++) {
        assert_int_equal(store_set(&its_store, &keys[i], bytes, 80, 0), PSA_SUCCESS);
    }
    device_starts();
    client = CRYPTO;
    assert_int_equal(set(4, 1), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(set(1, 81), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_asset(1, 80);
    assert_int_equal(set(1, 80), PSA_SUCCESS);
    assert_int_equal(set(1, 70), PSA_SUCCESS);
    assert_int_equal(set(1, 71), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(psa_its_remove(2), PSA_SUCCESS);
    assert_int_equal(psa_its_remove(3), PSA_SUCCESS);
    assert_int_equal(set(1, 100), PSA_SUCCESS);
    assert_kept();
}

static void write_once_is_told_first(void **state)
{
    (void)state;
    client = CRYPTO;
    assert_int_equal(psa_its_set(1, 100, bytes, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    assert_int_equal(set(1, 200), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_NOT_PERMITTED);
    assert_kept();
}

/* Nobody pays for the count before somebody grows; one who has it keeps it. */
static void counted_once_and_late(void **state)
{
    unsigned reads;

    (void)state;
    assert_int_equal(set(1, 64), PSA_SUCCESS);
    assert_int_equal(set(2, 64), PSA_SUCCESS);
    device_starts();
    assert_int_equal(set(1, 64), PSA_SUCCESS);
    assert_int_equal(set(1, 10), PSA_SUCCESS);
    assert_int_equal(psa_its_remove(2), PSA_SUCCESS);
    assert_false(is_counted);
    assert_int_equal(set(1, 11), PSA_SUCCESS);
    assert_true(is_counted);
    assert_kept();
    reads = flash_reads;
    assert_int_equal(set(1, 12), PSA_SUCCESS);
    assert_true(flash_reads - reads < 4U);
}

/* An asset that is found damaged has no size: replacing and removing it keeps the accounts right. */
static void damage_is_counted_right(void **state)
{
    static const struct store_key key = {-1, 1};

    (void)state;
    for (int replaced = 0; replaced < 2; replaced++) {
        open_new(NULL);
        assert_int_equal(set(1, 300), PSA_SUCCESS);
        assert_int_equal(set(2, 100), PSA_SUCCESS);
        device_starts();
        assert_int_equal(set(2, 0), PSA_SUCCESS);
        assert_int_equal(set(2, 100), PSA_SUCCESS);
        assert_true(is_counted);                                      /* when it was whole */
        fixture.image.units[72U / FLASH_PROGRAM_UNIT] = NOR_UNIT_BAD; /* in its data */
        for (unsigned i = 0; i < 100U; i++) { /* until it was to be copied */
            client = OTHER;
            assert_int_equal(set(1, 900), PSA_SUCCESS);
        }
        client = -1;
        assert_int_equal(store_get(&its_store, &key, 0, back, 1, &(size_t){0}),
                         PSA_ERROR_DATA_CORRUPT);
        if (replaced != 0) {
            assert_int_equal(set(1, 390), PSA_SUCCESS);
            assert_int_equal(set(3, 11), PSA_ERROR_INSUFFICIENT_STORAGE);
            assert_int_equal(set(3, 10), PSA_SUCCESS);
        } else {
            assert_int_equal(psa_its_remove(1), PSA_SUCCESS);
            assert_int_equal(set(1, 401), PSA_ERROR_INSUFFICIENT_STORAGE);
            assert_int_equal(set(1, 400), PSA_SUCCESS);
        }
        assert_kept();
    }
}

/* Any sequence of operations leaves the accounts right, and no quota exceeded. */
static void accounts_follow_every_operation(void **state)
{
    uint32_t seed = 6;

    (void)state;
    for (unsigned step = 0; step < 4000U; step++) {
        static const int32_t clients[] = {-1, -2, CRYPTO, OTHER};
        psa_storage_uid_t uid = 1U + fixture_random(&seed) % 3U;
        uint32_t what = fixture_random(&seed) % 16U;

        client = clients[fixture_random(&seed) % 4U];
        if (what == 0U) {
            device_starts();
        } else if (what < 5U) {
            (void)psa_its_remove(uid);
        } else {
            (void)set(uid, fixture_random(&seed) % 240U);
        }
        assert_kept();
        for (uint32_t row = 0; is_counted && row < ITS_QUOTAS; row++) {
            assert_true(accounts[row].assets <= account_quotas[row].limit.assets);
            assert_true(accounts[row].bytes <= account_quotas[row].limit.bytes);
        }
    }
}

/* A set that is cut off is counted if it is there. */
static void cut_off_sets_are_counted_right(void **state)
{
    uint32_t operations = 0;

    (void)state;
    (void)fixture_run(&fixture, set_one, NULL, 0, NOR_TEAR_DONE, &operations);
    for (uint32_t stop_at = 1; stop_at <= operations; stop_at++) {
        open_new(NULL);
        assert_true(fixture_run(&fixture, set_one, NULL, stop_at, NOR_TEAR_DONE, NULL));
        device_starts();
        assert_int_equal(set(2, 436), PSA_SUCCESS);
        assert_true(is_counted);
        assert_kept();
        assert_int_equal(set(2, 437),
                         accounts[0].assets == 2U ? PSA_ERROR_INSUFFICIENT_STORAGE : PSA_SUCCESS);
    }
}

static void quota_is_told(void **state)
{
    struct bartizan_storage_usage usage;

    (void)state;
    assert_int_equal(set(1, 30), PSA_SUCCESS);
    assert_int_equal(bartizan_its_get_usage(&usage), PSA_SUCCESS);
    assert_int_equal(usage.assets, 1);
    assert_int_equal(usage.assets_max, 4);
    assert_int_equal(usage.bytes, 30);
    assert_int_equal(usage.bytes_max, 500);
    client = OTHER;
    assert_int_equal(bartizan_its_get_usage(&usage), PSA_SUCCESS);
    assert_int_equal(usage.assets, 0);
    assert_int_equal(usage.assets_max, ITS_ASSETS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(assets_are_limited, open_new),
        cmocka_unit_test_setup(bytes_are_limited, open_new),
        cmocka_unit_test_setup(what_fails_is_not_counted, open_new),
        cmocka_unit_test_setup(what_is_above_may_shrink, open_new),
        cmocka_unit_test_setup(write_once_is_told_first, open_new),
        cmocka_unit_test_setup(counted_once_and_late, open_new),
        cmocka_unit_test_setup(damage_is_counted_right, open_new),
        cmocka_unit_test_setup(accounts_follow_every_operation, open_new),
        cmocka_unit_test_setup(cut_off_sets_are_counted_right, open_new),
        cmocka_unit_test_setup(quota_is_told, open_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
