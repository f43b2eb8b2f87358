/*
 * ECDH on P-256, with a peer whose key pair is our own.
 */
#include "bench.h"

#include "psa/crypto.h"

#define SCALAR_BYTES 32U

static uint8_t peer[65];
static size_t peer_length;
static psa_key_id_t key;

static psa_status_t prepare(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_status_t status;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
    status = psa_import_key(&attributes, bench_input, SCALAR_BYTES, &key);
    return (status == PSA_SUCCESS) ? psa_export_public_key(key, peer, sizeof(peer), &peer_length)
                                   : status;
}

BENCH_CALL(ecdh_p256, psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, peer_length, bench_output,
                                            SCALAR_BYTES, &bench_length))

const struct bench_row bench_agreement[] = {
    {"ecdh_p256", prepare, call_ecdh_p256, NULL, NULL},
    {0},
};
