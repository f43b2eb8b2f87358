/*
 * Crypto service, host test: persistent keys, over storage in memory.
 *
 * Restarts leave nothing but storage; power cuts come just before and just after each of its
 * changes; what it holds is damaged in every byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <psa/crypto.h>

#include "layout.h"
#include "services/crypto/tests/shim.h"

#define ECC_PAIR PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define ECDSA    PSA_ALG_ECDSA(PSA_ALG_SHA_256)
#define SIGN     (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)

static const uint8_t aes_bytes[16] = {0x11, 0x92, 0x33, 0x74, 0x55, 0x26, 0x77, 0x48,
                                      0xa9, 0x1a, 0xbb, 0xcc, 0xed, 0x0e, 0x9f, 0x30};

static psa_key_attributes_t attributes_of(psa_key_id_t id, psa_key_type_t type, size_t bits,
                                          psa_key_usage_t usage, psa_algorithm_t alg)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_id(&attributes, id);
    psa_set_key_type(&attributes, type);
    psa_set_key_bits(&attributes, bits);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, alg);
    return attributes;
}

static psa_status_t make_pair(psa_key_id_t id)
{
    psa_key_attributes_t attributes = attributes_of(id, ECC_PAIR, 256, SIGN, ECDSA);
    psa_key_id_t key = 99;
    psa_status_t status = psa_generate_key(&attributes, &key);

    assert_int_equal(key, status == PSA_SUCCESS ? id : PSA_KEY_ID_NULL);
    return status;
}

static psa_status_t make_aes(psa_key_id_t id)
{
    psa_key_attributes_t attributes = attributes_of(
        id, PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_COPY, PSA_ALG_CCM);
    psa_key_id_t key;

    return psa_import_key(&attributes, aes_bytes, sizeof aes_bytes, &key);
}

static void public_key_of(psa_key_id_t id, uint8_t bytes[65])
{
    size_t length;

    assert_int_equal(psa_export_public_key(id, bytes, 65, &length), PSA_SUCCESS);
    assert_int_equal(length, 65);
}

static void must_sign(psa_key_id_t id)
{
    uint8_t hash[32] = {3};
    uint8_t signature[64];
    size_t length;

    assert_int_equal(psa_sign_hash(id, ECDSA, hash, 32, signature, 64, &length), PSA_SUCCESS);
    assert_int_equal(psa_verify_hash(id, ECDSA, hash, 32, signature, 64), PSA_SUCCESS);
}

static int storage_is_empty(void **state)
{
    (void)state;
    return shim_storage_count() == 0u ? 0 : -1;
}

static void keys_survive_restarts(void **state)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t before[65];
    uint8_t after[65];
    size_t length;

    (void)state;
    assert_int_equal(make_pair(5), PSA_SUCCESS);
    assert_int_equal(make_aes(PSA_KEY_ID_USER_MAX), PSA_SUCCESS);
    assert_int_equal(shim_storage_count(), 2);
    public_key_of(5, before);
    for (unsigned boot = 0; boot < 3; boot++) {
        shim_restart();
        must_sign(5);
        public_key_of(5, after);
        assert_memory_equal(before, after, sizeof after);
        assert_int_equal(psa_get_key_attributes(5, &attributes), PSA_SUCCESS);
        assert_int_equal(psa_get_key_id(&attributes), 5);
        assert_int_equal(psa_get_key_lifetime(&attributes), PSA_KEY_LIFETIME_PERSISTENT);
        assert_int_equal(psa_get_key_type(&attributes), ECC_PAIR);
        assert_int_equal(psa_get_key_bits(&attributes), 256);
        assert_int_equal(psa_get_key_algorithm(&attributes), ECDSA);
        assert_int_equal(psa_get_key_usage_flags(&attributes),
                         SIGN | PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE);
        assert_int_equal(psa_export_key(5, after, 65, &length), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(psa_export_key(PSA_KEY_ID_USER_MAX, after, 65, &length), PSA_SUCCESS);
        assert_int_equal(length, sizeof aes_bytes);
        assert_memory_equal(after, aes_bytes, length);
    }
    assert_int_equal(psa_destroy_key(5), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(5), PSA_ERROR_INVALID_HANDLE);
    shim_restart();
    assert_int_equal(psa_get_key_attributes(5, &attributes), PSA_ERROR_INVALID_HANDLE);
    assert_int_equal(psa_destroy_key(PSA_KEY_ID_USER_MAX), PSA_SUCCESS);
}

static void names_are_checked(void **state)
{
    static const psa_key_id_t bad_ids[] = {0, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff};
    static const psa_key_lifetime_t bad_lifetimes[] = {0x2,   0x80,       0xff,      0x100,
                                                       0x101, 0x80000001, UINT32_MAX};
    psa_key_attributes_t attributes;
    psa_key_id_t key;

    (void)state;
    for (size_t i = 0; i < sizeof bad_ids / sizeof bad_ids[0]; i++) {
        assert_int_equal(make_pair(bad_ids[i]), PSA_ERROR_INVALID_ARGUMENT);
    }
    for (size_t i = 0; i < sizeof bad_lifetimes / sizeof bad_lifetimes[0]; i++) {
        attributes = attributes_of(5, ECC_PAIR, 256, SIGN, ECDSA);
        psa_set_key_lifetime(&attributes, bad_lifetimes[i]);
        assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_NOT_SUPPORTED);
        assert_int_equal(psa_import_key(&attributes, aes_bytes, 16, &key), PSA_ERROR_NOT_SUPPORTED);
        assert_int_equal(key, PSA_KEY_ID_NULL);
    }
}

static void a_name_is_taken_once(void **state)
{
    uint8_t before[65];
    uint8_t after[65];

    (void)state;
    assert_int_equal(make_pair(1), PSA_SUCCESS);
    public_key_of(1, before);
    assert_int_equal(make_pair(1), PSA_ERROR_ALREADY_EXISTS);
    assert_int_equal(psa_purge_key(1), PSA_SUCCESS);
    assert_int_equal(make_aes(1), PSA_ERROR_ALREADY_EXISTS);
    shim_restart();
    assert_int_equal(make_pair(1), PSA_ERROR_ALREADY_EXISTS);
    public_key_of(1, after);
    assert_memory_equal(before, after, sizeof after);
    assert_int_equal(psa_destroy_key(1), PSA_SUCCESS);
    assert_int_equal(make_pair(1), PSA_SUCCESS);
    public_key_of(1, after);
    assert_memory_not_equal(before, after, sizeof after);
    assert_int_equal(psa_destroy_key(1), PSA_SUCCESS);
}

static void clients_have_names_of_their_own(void **state)
{
    static const int32_t clients[] = {-1, -2, 5, 0x100, INT32_MIN, INT32_MAX};
    psa_key_attributes_t attributes = attributes_of(8, PSA_KEY_TYPE_AES, 0, 0, PSA_ALG_CCM);
    uint8_t first[65];
    uint8_t other[65];
    psa_key_id_t copy;

    (void)state;
    assert_int_equal(make_pair(7), PSA_SUCCESS);
    public_key_of(7, first);
    for (size_t i = 1; i < sizeof clients / sizeof clients[0]; i++) {
        for (unsigned restart = 0; restart < 2; restart++) {
            shim_client = clients[i];
            assert_int_equal(psa_get_key_attributes(7, &attributes), PSA_ERROR_INVALID_HANDLE);
            assert_int_equal(psa_purge_key(7), PSA_ERROR_INVALID_HANDLE);
            assert_int_equal(psa_copy_key(7, &attributes, &copy), PSA_ERROR_INVALID_HANDLE);
            assert_int_equal(psa_destroy_key(7), PSA_ERROR_INVALID_HANDLE);
            shim_restart();
        }
        assert_int_equal(make_pair(7), PSA_SUCCESS);
        public_key_of(7, other);
        assert_memory_not_equal(first, other, sizeof other);
    }
    for (size_t i = 1; i < sizeof clients / sizeof clients[0]; i++) {
        shim_client = clients[i];
        assert_int_equal(psa_destroy_key(7), PSA_SUCCESS);
    }
    shim_client = -1;
    shim_restart();
    public_key_of(7, other);
    assert_memory_equal(first, other, sizeof other);
    assert_int_equal(psa_destroy_key(7), PSA_SUCCESS);
}

static void purged_keys_leave_memory(void **state)
{
    uint8_t data[16];
    size_t length;

    (void)state;
    assert_int_equal(make_aes(3), PSA_SUCCESS);
    assert_int_equal(shim_copies_of(aes_bytes, 16), 1); /* the engine's */
    assert_int_equal(psa_purge_key(3), PSA_SUCCESS);
    assert_int_equal(shim_copies_of(aes_bytes, 16), 0);
    assert_int_equal(psa_purge_key(3), PSA_SUCCESS); /* it exists, though not in memory */
    assert_int_equal(shim_copies_of(aes_bytes, 16), 0);
    assert_int_equal(psa_export_key(3, data, 16, &length), PSA_SUCCESS);
    assert_memory_equal(data, aes_bytes, 16);
    assert_int_equal(psa_destroy_key(3), PSA_SUCCESS);
    assert_int_equal(shim_copies_of(aes_bytes, 16), 0);
    assert_int_equal(psa_purge_key(3), PSA_ERROR_INVALID_HANDLE);
    assert_int_equal(psa_purge_key(0), PSA_ERROR_INVALID_HANDLE);
}

/* Persistent keys share the engine's slots, and give way. */
static void more_keys_than_slots(void **state)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t keys[CRYPTO_KEYS];
    psa_key_id_t key;

    (void)state;
    for (psa_key_id_t id = 1; id <= 3 * CRYPTO_KEYS; id++) {
        assert_int_equal(make_pair(id), PSA_SUCCESS);
    }
    for (psa_key_id_t id = 1; id <= 3 * CRYPTO_KEYS; id++) {
        must_sign(id);
    }
    psa_set_key_type(&attributes, ECC_PAIR);
    psa_set_key_bits(&attributes, 256);
    for (size_t i = 0; i < CRYPTO_KEYS; i++) {
        assert_int_equal(psa_generate_key(&attributes, &keys[i]), PSA_SUCCESS);
    }
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(psa_get_key_attributes(1, &attributes), PSA_ERROR_INSUFFICIENT_MEMORY);
    for (psa_key_id_t id = 1; id <= 3 * CRYPTO_KEYS; id++) { /* also while they cannot be loaded */
        assert_int_equal(psa_destroy_key(id), PSA_SUCCESS);
        assert_int_equal(psa_destroy_key(id), PSA_ERROR_INVALID_HANDLE);
    }
    for (size_t i = 0; i < CRYPTO_KEYS; i++) {
        assert_int_equal(psa_destroy_key(keys[i]), PSA_SUCCESS);
    }
}

static void copies_are_keys_of_their_own(void **state)
{
    psa_key_attributes_t attributes =
        attributes_of(9, 0, 0, PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_EXPORT, PSA_ALG_CCM);
    psa_key_id_t copy;

    (void)state;
    assert_int_equal(make_aes(2), PSA_SUCCESS);
    assert_int_equal(psa_copy_key(2, &attributes, &copy), PSA_SUCCESS);
    assert_int_equal(copy, 9);
    assert_int_equal(psa_copy_key(2, &attributes, &copy), PSA_ERROR_ALREADY_EXISTS);
    assert_int_equal(copy, PSA_KEY_ID_NULL);
    assert_int_equal(psa_copy_key(9, &attributes, &copy), PSA_ERROR_NOT_PERMITTED);
    psa_set_key_id(&attributes, 10);
    psa_set_key_algorithm(&attributes, PSA_ALG_GCM);
    assert_int_equal(psa_copy_key(2, &attributes, &copy), PSA_ERROR_INVALID_ARGUMENT);
    psa_set_key_algorithm(&attributes, PSA_ALG_CCM);
    psa_set_key_lifetime(&attributes, PSA_KEY_LIFETIME_VOLATILE);
    assert_int_equal(psa_copy_key(2, &attributes, &copy), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(copy), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(2), PSA_SUCCESS);
    shim_restart();
    assert_int_equal(psa_get_key_attributes(9, &attributes), PSA_SUCCESS);
    assert_int_equal(psa_get_key_usage_flags(&attributes), PSA_KEY_USAGE_EXPORT);
    assert_int_equal(psa_destroy_key(9), PSA_SUCCESS);
}

/* ---- Storage that fails ---- */

static void storage_errors_come_through(void **state)
{
    static const psa_status_t failures[] = {PSA_ERROR_INSUFFICIENT_STORAGE,
                                            PSA_ERROR_STORAGE_FAILURE, PSA_ERROR_DATA_CORRUPT};
    uint8_t data[16];
    size_t length;

    (void)state;
    assert_int_equal(make_aes(1), PSA_SUCCESS);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        for (unsigned call = SHIM_GET_INFO; call <= SHIM_SET; call++) {
            shim_storage_answer[call] = failures[i];
            assert_int_equal(make_pair(2), failures[i]);
            assert_int_equal(make_aes(2), failures[i]);
            shim_storage_answer[call] = PSA_SUCCESS;
            assert_int_equal(shim_storage_count(), 1);
            assert_int_equal(psa_destroy_key(2), PSA_ERROR_INVALID_HANDLE);
        }
        shim_storage_answer[SHIM_REMOVE] = failures[i];
        assert_int_equal(psa_destroy_key(1), failures[i]);
        shim_storage_answer[SHIM_REMOVE] = PSA_SUCCESS;
        for (unsigned call = SHIM_GET; call <= SHIM_GET_INFO; call++) {
            shim_restart();
            shim_storage_answer[call] = failures[i];
            assert_int_equal(psa_export_key(1, data, 16, &length), failures[i]);
            shim_storage_answer[call] = PSA_SUCCESS;
            assert_int_equal(psa_export_key(1, data, 16, &length), PSA_SUCCESS);
        }
    }
    shim_storage_room = 1;
    assert_int_equal(make_pair(2), PSA_ERROR_INSUFFICIENT_STORAGE);
    shim_storage_room = 64;
    assert_int_equal(psa_destroy_key(1), PSA_SUCCESS);
    assert_int_equal(make_pair(2), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(2), PSA_SUCCESS);
}

/* A volatile key has nothing to do with storage. */
static void volatile_keys_need_no_storage(void **state)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t key;

    (void)state;
    for (unsigned call = 0; call < SHIM_STORAGE_CALLS; call++) {
        shim_storage_answer[call] = PSA_ERROR_STORAGE_FAILURE;
    }
    psa_set_key_type(&attributes, ECC_PAIR);
    psa_set_key_bits(&attributes, 256);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    psa_set_key_bits(&attributes, 100);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_NOT_SUPPORTED);
    memset(shim_storage_answer, 0, sizeof shim_storage_answer);
}

/* Whatever stands in storage: nothing breaks, and the key can be destroyed and made again. */
static void damaged_keys_can_be_replaced(void **state)
{
    uint8_t data[64];
    size_t *length;
    size_t size;
    size_t whole;

    (void)state;
    assert_int_equal(make_aes(4), PSA_SUCCESS);
    shim_storage_of(-1, 4, &length);
    whole = *length;
    assert_int_equal(psa_destroy_key(4), PSA_SUCCESS);
    for (size_t place = 1; place < 9 * whole; place++) {
        psa_status_t status;
        uint8_t *asset;

        assert_int_equal(make_aes(4), PSA_SUCCESS);
        asset = shim_storage_of(-1, 4, &length);
        if (place < whole) {
            *length = place;
        } else {
            asset[place / 8 - whole / 8] ^= (uint8_t)(1u << place % 8);
        }
        shim_restart();
        status = psa_export_key(4, data, sizeof data, &size);
        if (place < whole) {
            assert_int_equal(status, PSA_ERROR_DATA_INVALID);
        }
        assert_int_equal(make_aes(4), PSA_ERROR_ALREADY_EXISTS);
        assert_int_equal(psa_destroy_key(4), PSA_SUCCESS);
        assert_int_equal(psa_destroy_key(4), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(shim_storage_count(), 0);
    }
}

/* ---- Power cuts ---- */

static void create_work(void)
{
    (void)make_pair(20);
}

static void destroy_work(void)
{
    (void)psa_destroy_key(20);
}

static void check_after_cut(const uint8_t other[65], bool must_exist)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t now[65];

    public_key_of(21, now);
    assert_memory_equal(now, other, sizeof now);
    if (must_exist) {
        must_sign(20);
    } else {
        assert_int_equal(psa_get_key_attributes(20, &attributes), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(make_pair(20), PSA_SUCCESS);
        must_sign(20);
    }
}

static void cuts_leave_all_or_nothing(void **state)
{
    uint8_t other[65];

    (void)state;
    assert_int_equal(make_pair(21), PSA_SUCCESS);
    public_key_of(21, other);
    for (unsigned after = 0; after < 2; after++) {
        assert_true(shim_cut(0, after != 0, create_work));
        check_after_cut(other, after != 0);
        assert_true(shim_cut(0, after != 0, destroy_work));
        check_after_cut(other, after == 0);
        assert_int_equal(psa_destroy_key(20), PSA_SUCCESS);
        assert_false(shim_cut(1, after != 0, create_work)); /* one change makes a key */
        assert_false(shim_cut(1, after != 0, destroy_work));
    }
    assert_int_equal(psa_destroy_key(21), PSA_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(keys_survive_restarts, storage_is_empty),
        cmocka_unit_test_teardown(names_are_checked, storage_is_empty),
        cmocka_unit_test_teardown(a_name_is_taken_once, storage_is_empty),
        cmocka_unit_test_teardown(clients_have_names_of_their_own, storage_is_empty),
        cmocka_unit_test_teardown(purged_keys_leave_memory, storage_is_empty),
        cmocka_unit_test_teardown(more_keys_than_slots, storage_is_empty),
        cmocka_unit_test_teardown(copies_are_keys_of_their_own, storage_is_empty),
        cmocka_unit_test_teardown(storage_errors_come_through, storage_is_empty),
        cmocka_unit_test_teardown(volatile_keys_need_no_storage, storage_is_empty),
        cmocka_unit_test_teardown(damaged_keys_can_be_replaced, storage_is_empty),
        cmocka_unit_test_teardown(cuts_leave_all_or_nothing, storage_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
