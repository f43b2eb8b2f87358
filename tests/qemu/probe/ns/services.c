/*
 * Checks of the two services from the non-secure side: what each function answers, rightly and
 * wrongly called.
 */
#include "attack.h"

#include <string.h>

#include "layout.h"
#include "psa/crypto.h"
#include "psa/internal_trusted_storage.h"

static uint8_t data[4096];
static uint8_t back[4096];

static void fill(size_t length, uint8_t start)
{
    for (size_t i = 0; i < length; i++) {
        data[i] = (uint8_t)(start + 3U * i);
    }
}

static void check_round_trip(psa_storage_uid_t uid, size_t size)
{
    struct psa_storage_info_t info = {0};
    size_t length = 0;

    fill(size, (uint8_t)uid);
    memset(back, 0, sizeof(back));
    check_equal("set", psa_its_set(uid, size, data, PSA_STORAGE_FLAG_NONE), PSA_SUCCESS);
    check_equal("get", psa_its_get(uid, 0, sizeof(back), back, &length), PSA_SUCCESS);
    check_equal("length", (int32_t)length, (int32_t)size);
    check_equal("data", memcmp(data, back, size), 0);
    check_equal("info", psa_its_get_info(uid, &info), PSA_SUCCESS);
    check_equal("size", (int32_t)info.size, (int32_t)size);
    check_equal("flags", (int32_t)info.flags, 0);
}

static void check_its_reads(void)
{
    size_t length = 99;

    check_round_trip(7, 100);
    check_equal("part", psa_its_get(7, 10, 20, back, &length), PSA_SUCCESS);
    check_equal("part length", (int32_t)length, 20);
    check_equal("part data", memcmp(data + 10, back, 20), 0);
    check_equal("past the end is cut", psa_its_get(7, 90, 20, back, &length), PSA_SUCCESS);
    check_equal("cut length", (int32_t)length, 10);
    check_equal("at the end", psa_its_get(7, 100, 20, back, &length), PSA_SUCCESS);
    check_equal("nothing there", (int32_t)length, 0);
    check_equal("beyond the end", psa_its_get(7, 101, 1, back, &length),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("far beyond", psa_its_get(7, SIZE_MAX, 1, back, &length),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("into secure memory", psa_its_get(7, 0, 4, (void *)SECURE_RAM_BASE, &length),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("from secure memory",
                psa_its_set(8, 4, (const void *)SECURE_RAM_BASE, PSA_STORAGE_FLAG_NONE),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("not set by that", psa_its_get(8, 0, 4, back, &length), PSA_ERROR_DOES_NOT_EXIST);
}

static void check_its_rules(void)
{
    struct psa_storage_info_t info = {0};
    size_t length = 0;

    check_equal("uid 0", psa_its_set(0, 1, data, PSA_STORAGE_FLAG_NONE),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("unknown flag", psa_its_set(9, 1, data, 8u), PSA_ERROR_NOT_SUPPORTED);
    check_equal("too large", psa_its_set(9, ITS_ASSET_SIZE + 1U, data, PSA_STORAGE_FLAG_NONE),
                PSA_ERROR_INSUFFICIENT_STORAGE);
    check_equal("get what is not there", psa_its_get(9, 0, 1, back, &length),
                PSA_ERROR_DOES_NOT_EXIST);
    check_equal("info of what is not there", psa_its_get_info(9, &info), PSA_ERROR_DOES_NOT_EXIST);
    check_equal("remove what is not there", psa_its_remove(9), PSA_ERROR_DOES_NOT_EXIST);
    check_equal("set", psa_its_set(9, 5, data, PSA_STORAGE_FLAG_NONE), PSA_SUCCESS);
    check_equal("remove", psa_its_remove(9), PSA_SUCCESS);
    check_equal("gone", psa_its_get(9, 0, 1, back, &length), PSA_ERROR_DOES_NOT_EXIST);
    if (psa_its_get_info(10, &info) == PSA_ERROR_DOES_NOT_EXIST) {
        check_equal("write once", psa_its_set(10, 3, "abc", PSA_STORAGE_FLAG_WRITE_ONCE),
                    PSA_SUCCESS);
    }
    check_equal("change it", psa_its_set(10, 3, "xyz", PSA_STORAGE_FLAG_NONE),
                PSA_ERROR_NOT_PERMITTED);
    check_equal("remove it", psa_its_remove(10), PSA_ERROR_NOT_PERMITTED);
    check_equal("read it", psa_its_get(10, 0, 3, back, &length), PSA_SUCCESS);
    check_equal("as it was", memcmp(back, "abc", 3), 0);
    check_equal("its flags", psa_its_get_info(10, &info), PSA_SUCCESS);
    check_equal("write once flag", (int32_t)info.flags, (int32_t)PSA_STORAGE_FLAG_WRITE_ONCE);
}

/* The partition has an asset with the same uid: two clients, two assets. */
static void check_its_owners(void)
{
    uint32_t theirs = 0;
    uint32_t mine = 0x1111U;
    size_t length = 0;

    check_equal("mine", psa_its_set(1, sizeof(mine), &mine, PSA_STORAGE_FLAG_NONE), PSA_SUCCESS);
    check_equal("theirs", probe(PROBE_ITS, 0, 0, &theirs), PSA_SUCCESS);
    mine = 0;
    check_equal("mine again", psa_its_get(1, 0, sizeof(mine), &mine, &length), PSA_SUCCESS);
    check_equal("unchanged", (int32_t)mine, 0x1111);
    check_equal("their own", (int32_t)theirs, 0x5EC0DE);
}

void check_its(void)
{
    static const size_t sizes[] = {0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 2047, ITS_ASSET_SIZE};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_round_trip(100U + i, sizes[i]);
    }
    check_round_trip(0xFFFFFFFFFFFFFFFFULL, 33);
    for (uint32_t i = 0; i < 300U; i++) { /* more than the region holds: collection */
        memset(data, (int)i, 400);
        if (psa_its_set(50, 400, data, PSA_STORAGE_FLAG_NONE) != PSA_SUCCESS) {
            check_equal("many sets", (int32_t)i, 300);
        }
    }
    check_round_trip(50, 400);
    check_its_reads();
    check_its_rules();
    check_its_owners();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_equal("remove", psa_its_remove(100U + i), PSA_SUCCESS);
    }
}

static void check_hashes(void)
{
    psa_hash_operation_t operation = psa_hash_operation_init();
    psa_hash_operation_t copy = psa_hash_operation_init();
    uint8_t whole[32];
    uint8_t parts[32];
    size_t length = 0;

    fill(sizeof(data), 1);
    check_equal("compute", psa_hash_compute(PSA_ALG_SHA_256, data, 4096, whole, 32, &length),
                PSA_SUCCESS);
    check_equal("setup", psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    check_equal("update", psa_hash_update(&operation, data, 1000), PSA_SUCCESS);
    check_equal("clone", psa_hash_clone(&operation, &copy), PSA_SUCCESS);
    check_equal("abort", psa_hash_abort(&operation), PSA_SUCCESS);
    check_equal("update after abort", psa_hash_update(&operation, data, 1), PSA_ERROR_BAD_STATE);
    check_equal("update the clone", psa_hash_update(&copy, data + 1000, 3096), PSA_SUCCESS);
    check_equal("finish", psa_hash_finish(&copy, parts, 32, &length), PSA_SUCCESS);
    check_equal("same hash", memcmp(whole, parts, 32), 0);
    check_equal("compare", psa_hash_compare(PSA_ALG_SHA_256, data, 4096, whole, 32), PSA_SUCCESS);
    whole[31] ^= 1U;
    check_equal("compare other", psa_hash_compare(PSA_ALG_SHA_256, data, 4096, whole, 32),
                PSA_ERROR_INVALID_SIGNATURE);
    check_equal("short buffer", psa_hash_compute(PSA_ALG_SHA_256, data, 1, parts, 31, &length),
                PSA_ERROR_BUFFER_TOO_SMALL);
    check_equal("no hash", psa_hash_compute(0x12345678U, data, 1, parts, 32, &length),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal(
        "secure memory as input",
        psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t *)SECURE_RAM_BASE, 4, parts, 32, &length),
        PSA_ERROR_INVALID_ARGUMENT);
}

static void check_keys(void)
{
    static const uint8_t scalar[32] = {[31] = 1}; /* the public key is the generator */
    psa_key_attributes_t attributes = psa_key_attributes_init();
    psa_key_id_t key = PSA_KEY_ID_NULL;
    uint8_t public_key[65];
    uint8_t signature[64];
    uint8_t hash[32] = {1, 2, 3};
    size_t length = 0;
    psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, alg);
    check_equal("import", psa_import_key(&attributes, scalar, sizeof(scalar), &key), PSA_SUCCESS);
    check_equal("public", psa_export_public_key(key, public_key, sizeof(public_key), &length),
                PSA_SUCCESS);
    check_equal("public length", (int32_t)length, 65);
    check_equal("generator x", public_key[1], 0x6b);
    check_equal("generator y", public_key[64], 0xf5);
    check_equal("no export", psa_export_key(key, public_key, sizeof(public_key), &length),
                PSA_ERROR_NOT_PERMITTED);
    check_equal("sign", psa_sign_hash(key, alg, hash, 32, signature, 64, &length), PSA_SUCCESS);
    check_equal("no verify", psa_verify_hash(key, alg, hash, 32, signature, 64),
                PSA_ERROR_NOT_PERMITTED);
    check_equal("another key", psa_sign_hash(key + 1U, alg, hash, 32, signature, 64, &length),
                PSA_ERROR_INVALID_HANDLE);
    check_equal("destroy", psa_destroy_key(key), PSA_SUCCESS);
    check_equal("destroyed", psa_sign_hash(key, alg, hash, 32, signature, 64, &length),
                PSA_ERROR_INVALID_HANDLE);
}

void check_crypto(void)
{
    uint8_t random[64] = {0};
    uint8_t zero[64] = {0};

    check_equal("init", psa_crypto_init(), PSA_SUCCESS);
    check_equal("random", psa_generate_random(random, sizeof(random)), PSA_SUCCESS);
    check_equal("not zero", memcmp(random, zero, sizeof(zero)) != 0, 1);
    check_equal("random into secure memory", psa_generate_random((uint8_t *)SECURE_RAM_BASE, 16),
                PSA_ERROR_INVALID_ARGUMENT);
    check_hashes();
    check_keys();
}
