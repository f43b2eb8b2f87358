/*
 * Hashes, random numbers and signatures, with keys that are always the same.
 */
#include "bench.h"

#include "psa/crypto.h"

#define ECDSA        PSA_ALG_ECDSA(PSA_ALG_SHA_256)
#define SCALAR_BYTES 32U

static psa_key_id_t key_pair;
static psa_key_id_t public_key;
static uint8_t hash[32];
static uint8_t signature[64];
static size_t signature_length;

static psa_status_t sign_prepare(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_algorithm(&attributes, ECDSA);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    return psa_import_key(&attributes, bench_input, SCALAR_BYTES, &key_pair);
}

/* The key as a verifier has it. */
static psa_status_t verify_prepare(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_status_t status =
        psa_export_public_key(key_pair, bench_output, sizeof(bench_output), &bench_length);

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_algorithm(&attributes, ECDSA);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
    return (status == PSA_SUCCESS)
               ? psa_import_key(&attributes, bench_output, bench_length, &public_key)
               : status;
}

BENCH_CALL(hash_sha256_64,
           psa_hash_compute(PSA_ALG_SHA_256, bench_input, 64U, hash, sizeof(hash), &bench_length))
BENCH_CALL(hash_sha256_1024,
           psa_hash_compute(PSA_ALG_SHA_256, bench_input, 1024U, hash, sizeof(hash), &bench_length))
BENCH_CALL(hash_sha256_65536, psa_hash_compute(PSA_ALG_SHA_256, bench_input, 65536U, hash,
                                               sizeof(hash), &bench_length))
BENCH_CALL(random_32, psa_generate_random(bench_output, 32U))
BENCH_CALL(sign_p256, psa_sign_hash(key_pair, ECDSA, hash, sizeof(hash), signature,
                                    sizeof(signature), &signature_length))
BENCH_CALL(verify_p256,
           psa_verify_hash(public_key, ECDSA, hash, sizeof(hash), signature, signature_length))

const struct bench_row bench_crypto[] = {
    {"hash_sha256_64", NULL, call_hash_sha256_64, NULL, NULL},
    {"hash_sha256_1024", NULL, call_hash_sha256_1024, NULL, NULL},
    {"hash_sha256_65536", NULL, call_hash_sha256_65536, NULL, NULL},
    {"random_32", NULL, call_random_32, NULL, NULL},
    {"sign_p256", sign_prepare, call_sign_p256, NULL, NULL},
    {"verify_p256", verify_prepare, call_verify_p256, NULL, NULL},
    {0},
};
