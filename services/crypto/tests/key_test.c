/*
 * Crypto service, host test: keys and signatures through the API.
 *
 * ECDSA keys and signatures are those of RFC 6979, A.2.5 and A.2.6 (message "sample"); persistent
 * keys have persistent_test.c.
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

#define ECC_PAIR   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define ECC_PUBLIC PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1)
#define SIGN       (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)

static const struct curve {
    size_t bits;
    psa_algorithm_t hash_alg;
    const char *secret;
    const char *public_key;
    const char *signature;
} curves[] = {
    {256, PSA_ALG_SHA_256, "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
     "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
     "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
     "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
    {384, PSA_ALG_SHA_384,
     "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2E"
     "D"
     "F5",
     "04EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A25451548"
     "0"
     "BC138015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD253"
     "3"
     "264720",
     "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FAB"
     "E"
     "4699EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A386"
     "2"
     "8AC8"},
};

static psa_key_attributes_t attributes_of(psa_key_type_t type, size_t bits, psa_key_usage_t usage,
                                          psa_algorithm_t alg)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_type(&attributes, type);
    psa_set_key_bits(&attributes, bits);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, alg);
    return attributes;
}

static psa_key_id_t import_hex(const psa_key_attributes_t *attributes, const char *digits)
{
    uint8_t data[256];
    size_t length = shim_hex(digits, data, sizeof data);
    psa_key_id_t key = 99;

    assert_int_equal(psa_import_key(attributes, data, length, &key), PSA_SUCCESS);
    assert_int_not_equal(key, PSA_KEY_ID_NULL);
    return key;
}

static void known_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct curve *curve = &curves[i];
        const psa_algorithm_t alg = PSA_ALG_ECDSA(curve->hash_alg);
        psa_key_attributes_t attributes =
            attributes_of(ECC_PUBLIC, curve->bits, PSA_KEY_USAGE_VERIFY_HASH, alg);
        psa_key_id_t key = import_hex(&attributes, curve->public_key);
        uint8_t signature[96];
        size_t signature_length = shim_hex(curve->signature, signature, sizeof signature);
        uint8_t hash[48];
        size_t hash_length;

        assert_int_equal(psa_hash_compute(curve->hash_alg, (const uint8_t *)"sample", 6, hash,
                                          sizeof hash, &hash_length),
                         PSA_SUCCESS);
        assert_int_equal(psa_verify_hash(key, alg, hash, hash_length, signature, signature_length),
                         PSA_SUCCESS);
        assert_int_equal(
            psa_verify_message(key, alg, (const uint8_t *)"sample", 6, signature, signature_length),
            PSA_SUCCESS);
        for (size_t byte = 0; byte < signature_length; byte += 13) {
            signature[byte] ^= 0x10;
            assert_int_equal(
                psa_verify_hash(key, alg, hash, hash_length, signature, signature_length),
                PSA_ERROR_INVALID_SIGNATURE);
            signature[byte] ^= 0x10;
        }
        hash[0] ^= 1;
        assert_int_equal(psa_verify_hash(key, alg, hash, hash_length, signature, signature_length),
                         PSA_ERROR_INVALID_SIGNATURE);
        hash[0] ^= 1;
        assert_int_equal(psa_sign_hash(key, alg, hash, hash_length, signature, sizeof signature,
                                       &signature_length),
                         PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    }
}

static void pair_gives_its_public_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const psa_algorithm_t alg = PSA_ALG_ECDSA(curves[i].hash_alg);
        psa_key_attributes_t attributes =
            attributes_of(ECC_PAIR, 0, SIGN | PSA_KEY_USAGE_EXPORT, alg);
        psa_key_id_t key = import_hex(&attributes, curves[i].secret);
        uint8_t expected[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
        uint8_t data[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
        size_t expected_length = shim_hex(curves[i].public_key, expected, sizeof expected);
        size_t length;

        assert_int_equal(psa_export_public_key(key, data, sizeof data, &length), PSA_SUCCESS);
        assert_int_equal(length, expected_length);
        assert_memory_equal(data, expected, length);
        assert_int_equal(psa_export_public_key(key, data, length - 1, &length),
                         PSA_ERROR_BUFFER_TOO_SMALL);
        assert_int_equal(length, 0);
        expected_length = shim_hex(curves[i].secret, expected, sizeof expected);
        assert_int_equal(psa_export_key(key, data, sizeof data, &length), PSA_SUCCESS);
        assert_int_equal(length, expected_length);
        assert_memory_equal(data, expected, length);
        assert_int_equal(psa_get_key_attributes(key, &attributes), PSA_SUCCESS);
        assert_int_equal(psa_get_key_type(&attributes), ECC_PAIR);
        assert_int_equal(psa_get_key_bits(&attributes), curves[i].bits);
        assert_int_equal(psa_get_key_id(&attributes), key);
        assert_int_equal(psa_get_key_lifetime(&attributes), PSA_KEY_LIFETIME_VOLATILE);
        assert_int_equal(psa_get_key_algorithm(&attributes), alg);
        assert_int_equal(psa_get_key_usage_flags(&attributes), SIGN | PSA_KEY_USAGE_EXPORT |
                                                                   PSA_KEY_USAGE_SIGN_MESSAGE |
                                                                   PSA_KEY_USAGE_VERIFY_MESSAGE);
        assert_int_equal(psa_purge_key(key), PSA_SUCCESS);
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
        assert_int_equal(psa_purge_key(key), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_destroy_key(key), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_get_key_attributes(key, &attributes), PSA_ERROR_INVALID_HANDLE);
    }
    assert_int_equal(psa_destroy_key(PSA_KEY_ID_NULL), PSA_SUCCESS);
}

static void sign_and_verify_with(psa_key_type_t type, size_t bits, psa_algorithm_t alg)
{
    psa_key_attributes_t attributes = attributes_of(type, bits, SIGN, alg);
    psa_key_id_t key;
    uint8_t signature[PSA_SIGNATURE_MAX_SIZE];
    uint8_t again[PSA_SIGNATURE_MAX_SIZE];
    uint8_t hash[PSA_SIGNATURE_MAX_SIZE + 1] = {1, 2, 3};
    size_t hash_length = PSA_HASH_LENGTH(alg);
    size_t expected = PSA_SIGN_OUTPUT_SIZE(type, bits, alg);
    size_t length;

    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    assert_int_equal(psa_sign_hash(key, alg, hash, hash_length, signature, expected, &length),
                     PSA_SUCCESS);
    assert_int_equal(length, expected);
    assert_int_equal(psa_verify_hash(key, alg, hash, hash_length, signature, length), PSA_SUCCESS);
    assert_int_equal(psa_verify_hash(key, alg, hash, hash_length, signature, length - 1),
                     PSA_ERROR_INVALID_SIGNATURE);
    assert_int_equal(psa_sign_hash(key, alg, hash, hash_length, again, expected, &length),
                     PSA_SUCCESS);
    assert_memory_not_equal(signature, again, expected);
    assert_int_equal(psa_sign_hash(key, alg, hash, hash_length, again, expected - 1, &length),
                     PSA_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(psa_sign_hash(key, alg, hash, sizeof again + 1, again, expected, &length),
                     PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_sign_message(key, alg, hash, 500, signature, sizeof signature, &length),
                     PSA_SUCCESS);
    assert_int_equal(psa_verify_message(key, alg, hash, 500, signature, length), PSA_SUCCESS);
    assert_int_equal(psa_verify_message(key, alg, hash, 499, signature, length),
                     PSA_ERROR_INVALID_SIGNATURE);
    assert_int_equal(psa_export_key(key, again, sizeof again, &length), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void generated_keys_sign(void **state)
{
    (void)state;
    sign_and_verify_with(ECC_PAIR, 256, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    sign_and_verify_with(ECC_PAIR, 384, PSA_ALG_ECDSA(PSA_ALG_SHA_384));
    sign_and_verify_with(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, PSA_ALG_RSA_PSS(PSA_ALG_SHA_256));
}

static void rsa_key_pair_travels(void **state)
{
    static uint8_t data[PSA_EXPORT_KEY_PAIR_MAX_SIZE];
    static uint8_t message[5000];
    const psa_algorithm_t alg = PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256);
    psa_key_attributes_t attributes =
        attributes_of(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, SIGN | PSA_KEY_USAGE_EXPORT, alg);
    psa_key_id_t key;
    psa_key_id_t copy;
    uint8_t hash[32] = {7};
    uint8_t signature[128];
    size_t length;

    (void)state;
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    assert_int_equal(psa_export_key(key, data, sizeof data, &length), PSA_SUCCESS);
    assert_int_equal(psa_import_key(&attributes, data, length, &copy), PSA_SUCCESS);
    assert_int_equal(psa_sign_hash(key, alg, hash, 32, signature, sizeof signature, &length),
                     PSA_SUCCESS);
    assert_int_equal(psa_verify_hash(copy, alg, hash, 32, signature, length), PSA_SUCCESS);
    /* A message that does not fit the private buffer, alone or with its signature. */
    assert_int_equal(psa_sign_message(key, alg, message, 5000, signature, 128, &length),
                     PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(psa_sign_message(key, alg, message, 4200, signature, 128, &length),
                     PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(psa_verify_message(key, alg, message, 4200, signature, 128),
                     PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(psa_sign_message(key, alg, message, 4224 - 128, signature, 128, &length),
                     PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(copy), PSA_SUCCESS);
}

static void bad_keys_are_refused(void **state)
{
    const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    psa_key_attributes_t attributes = attributes_of(ECC_PAIR, 256, SIGN, alg);
    uint8_t data[5000] = {0};
    psa_key_id_t key;

    (void)state;
    assert_int_equal(psa_import_key(&attributes, data, 32, &key), PSA_ERROR_INVALID_ARGUMENT);
    memset(data, 0xff, 32);
    assert_int_equal(psa_import_key(&attributes, data, 32, &key), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_import_key(&attributes, data, 0, &key), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_import_key(&attributes, data, sizeof data, &key),
                     PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(key, PSA_KEY_ID_NULL);
    attributes = attributes_of(ECC_PUBLIC, 256, SIGN, alg);
    data[0] = 4; /* not on the curve */
    assert_int_equal(psa_import_key(&attributes, data, 65, &key), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_INVALID_ARGUMENT);
    attributes = attributes_of(ECC_PAIR, 65535, SIGN, alg);
    assert_int_not_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    attributes = attributes_of(ECC_PAIR, 521, SIGN, alg);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_NOT_SUPPORTED);
    attributes = attributes_of(PSA_KEY_TYPE_RAW_DATA, 65528, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_NOT_SUPPORTED);
}

static void keys_belong_to_a_client(void **state)
{
    const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    psa_key_attributes_t attributes =
        attributes_of(ECC_PAIR, 256, SIGN | PSA_KEY_USAGE_EXPORT, alg);
    uint8_t data[PSA_SIGNATURE_MAX_SIZE] = {0};
    psa_key_id_t key;
    psa_key_id_t other;
    size_t length;
    static const int32_t thieves[] = {-2, 1, 0x100, INT32_MIN, INT32_MAX, 0};

    (void)state;
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    for (size_t i = 0; i < sizeof thieves / sizeof thieves[0]; i++) {
        shim_client = thieves[i];
        assert_int_equal(psa_export_key(key, data, sizeof data, &length), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_export_public_key(key, data, sizeof data, &length),
                         PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_get_key_attributes(key, &attributes), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_sign_hash(key, alg, data, 32, data, sizeof data, &length),
                         PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_sign_message(key, alg, data, 32, data, sizeof data, &length),
                         PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_verify_hash(key, alg, data, 32, data, 64), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_verify_message(key, alg, data, 32, data, 64),
                         PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_purge_key(key), PSA_ERROR_INVALID_HANDLE);
        assert_int_equal(psa_destroy_key(key), PSA_ERROR_INVALID_HANDLE);
    }
    shim_client = 5;
    attributes = attributes_of(ECC_PAIR, 256, SIGN, alg);
    assert_int_equal(psa_generate_key(&attributes, &other), PSA_SUCCESS);
    assert_int_not_equal(other, key);
    assert_int_equal(psa_destroy_key(other), PSA_SUCCESS);
    shim_client = -1;
    assert_int_equal(psa_sign_hash(key, alg, data, 32, data + 64, 64, &length), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void secrets_are_wiped(void **state)
{
    const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    psa_key_attributes_t attributes =
        attributes_of(ECC_PAIR, 256, SIGN | PSA_KEY_USAGE_EXPORT, alg);
    psa_key_id_t key = import_hex(&attributes, curves[0].secret);
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t secret[32];
    size_t length;

    (void)state;
    assert_int_equal(psa_export_key(key, secret, sizeof secret, &length), PSA_SUCCESS);
    assert_int_equal(shim_copies_of(secret, sizeof secret), 1); /* the key itself */
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_update(&operation, secret, sizeof secret), PSA_SUCCESS);
    assert_int_equal(shim_copies_of(secret, sizeof secret),
                     2); /* and the unfinished block of the hash */
    assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    assert_int_equal(shim_copies_of(secret, sizeof secret), 0);
}

/* RFC 5903, 8.1: P-256. */
static void keys_agree(void **state)
{
    static const char initiator[] =
        "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433";
    static const char responder_public[] =
        "04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
        "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB";
    static const char secret[] = "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE";
    psa_key_attributes_t attributes =
        attributes_of(ECC_PAIR, 256, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
    psa_key_id_t key = import_hex(&attributes, initiator);
    uint8_t peer[66];
    uint8_t expected[32];
    uint8_t shared[66];
    size_t length;

    (void)state;
    shim_hex(responder_public, peer, sizeof peer);
    shim_hex(secret, expected, sizeof expected);
    assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, 65, shared, 32, &length),
                     PSA_SUCCESS);
    assert_int_equal(length, 32);
    assert_memory_equal(shared, expected, 32);
    assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, 65, shared, 31, &length),
                     PSA_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(length, 0);
    for (size_t given = 0; given < 70; given++) {
        if (given != 65) {
            assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, given < 66 ? peer : shared,
                                                   given < 66 ? given : 66, shared, 66, &length),
                             PSA_ERROR_INVALID_ARGUMENT);
        }
    }
    peer[64] ^= 1; /* not on the curve */
    assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, 65, shared, 32, &length),
                     PSA_ERROR_INVALID_ARGUMENT);
    peer[64] ^= 1;
    assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDSA_ANY, key, peer, 65, shared, 32, &length),
                     PSA_ERROR_INVALID_ARGUMENT);
    shim_client = 5;
    assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, 65, shared, 32, &length),
                     PSA_ERROR_INVALID_HANDLE);
    shim_client = -1;
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    attributes = attributes_of(ECC_PAIR, 256, SIGN, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    key = import_hex(&attributes, initiator);
    assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, 65, shared, 32, &length),
                     PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void key_slots_run_out(void **state)
{
    const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_384);
    psa_key_attributes_t attributes = attributes_of(ECC_PAIR, 384, SIGN, alg);
    psa_key_id_t keys[CRYPTO_KEYS];
    psa_key_id_t more;
    uint8_t hash[48] = {0};
    uint8_t signature[96];
    size_t length;

    (void)state;
    for (size_t i = 0; i < CRYPTO_KEYS; i++) {
        assert_int_equal(psa_generate_key(&attributes, &keys[i]), PSA_SUCCESS);
    }
    assert_int_equal(psa_generate_key(&attributes, &more), PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(more, PSA_KEY_ID_NULL);
    assert_int_equal(psa_sign_hash(keys[0], alg, hash, 48, signature, 96, &length), PSA_SUCCESS);
    assert_int_equal(psa_verify_hash(keys[0], alg, hash, 48, signature, 96), PSA_SUCCESS);
    assert_int_equal(psa_verify_hash(keys[1], alg, hash, 48, signature, 96),
                     PSA_ERROR_INVALID_SIGNATURE);
    for (size_t i = 0; i < CRYPTO_KEYS; i++) {
        assert_int_equal(psa_destroy_key(keys[i]), PSA_SUCCESS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_signatures),        cmocka_unit_test(pair_gives_its_public_key),
        cmocka_unit_test(generated_keys_sign),     cmocka_unit_test(rsa_key_pair_travels),
        cmocka_unit_test(bad_keys_are_refused),    cmocka_unit_test(keys_agree),
        cmocka_unit_test(keys_belong_to_a_client), cmocka_unit_test(secrets_are_wiped),
        cmocka_unit_test(key_slots_run_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
