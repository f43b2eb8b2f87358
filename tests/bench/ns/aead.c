/*
 * Authenticated encryption with AES-128, and the import of its key.
 */
#include "bench.h"

#include "psa/crypto.h"

#define PLAIN_BYTES 1024U
#define KEY_BYTES   16U
#define NONCE_BYTES 12U

static const uint8_t nonce[NONCE_BYTES] = {1};
static psa_key_attributes_t attributes;
static psa_key_id_t key;

static psa_status_t attributes_make(psa_algorithm_t alg)
{
    attributes = (psa_key_attributes_t)PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_algorithm(&attributes, alg);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_ENCRYPT);
    return PSA_SUCCESS;
}

static psa_status_t import_prepare(void)
{
    return attributes_make(PSA_ALG_CCM);
}

static psa_status_t key_destroy(void)
{
    return psa_destroy_key(key);
}

static psa_status_t key_make(psa_algorithm_t alg)
{
    (void)attributes_make(alg);
    return psa_import_key(&attributes, bench_input, KEY_BYTES, &key);
}

static psa_status_t ccm_prepare(void)
{
    return key_make(PSA_ALG_CCM);
}

static psa_status_t gcm_prepare(void)
{
    (void)psa_destroy_key(key); /* that of CCM */
    return key_make(PSA_ALG_GCM);
}

BENCH_CALL(import_aes, psa_import_key(&attributes, bench_input, KEY_BYTES, &key))
BENCH_CALL(aead_ccm_1024,
           psa_aead_encrypt(key, PSA_ALG_CCM, nonce, NONCE_BYTES, NULL, 0U, bench_input,
                            PLAIN_BYTES, bench_output, sizeof(bench_output), &bench_length))
BENCH_CALL(aead_gcm_1024,
           psa_aead_encrypt(key, PSA_ALG_GCM, nonce, NONCE_BYTES, NULL, 0U, bench_input,
                            PLAIN_BYTES, bench_output, sizeof(bench_output), &bench_length))

const struct bench_row bench_aead[] = {
    {"import_aes", import_prepare, call_import_aes, key_destroy, NULL},
    {"aead_ccm_1024", ccm_prepare, call_aead_ccm_1024, NULL, NULL},
    {"aead_gcm_1024", gcm_prepare, call_aead_gcm_1024, NULL, NULL},
    {0},
};
