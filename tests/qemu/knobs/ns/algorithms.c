/*
 * Tries each algorithm that a profile can name, the way that an application uses it: makes a key,
 * works with it, checks the result. The status is the first one that is not PSA_SUCCESS.
 *
 * Called by main.c. Whether a result is right to the bit is for other tests to say.
 */
#include <string.h>

#include "knobs.h"
#include "psa/crypto.h"

#define HASH_BYTES 32u

/* 512 bits, PKCS#1 DER; protects nothing. */
static const uint8_t rsa_key[] = {
    0x30, 0x82, 0x01, 0x3b, 0x02, 0x01, 0x00, 0x02, 0x41, 0x00, 0xbc, 0xeb, 0xd4, 0x9b, 0xd6, 0xc8,
    0x4b, 0x7a, 0x03, 0xac, 0xc8, 0xe9, 0xa1, 0x9c, 0x6b, 0x02, 0xd3, 0xee, 0x85, 0xc2, 0xb0, 0x63,
    0x2b, 0x3c, 0x20, 0x28, 0x4f, 0x84, 0x42, 0x06, 0xfc, 0x61, 0xf8, 0xf2, 0x79, 0x04, 0xe1, 0xff,
    0xb0, 0x7d, 0x66, 0x81, 0x7d, 0xd9, 0xd5, 0x51, 0xa5, 0x20, 0xfc, 0x98, 0xb6, 0x90, 0x72, 0x15,
    0xaf, 0x7d, 0x85, 0xaa, 0x20, 0x7a, 0xef, 0x83, 0x16, 0xf7, 0x02, 0x03, 0x01, 0x00, 0x01, 0x02,
    0x40, 0x53, 0xa1, 0x05, 0xad, 0xb2, 0xa7, 0x59, 0x99, 0xfa, 0x94, 0x7b, 0x1f, 0xc8, 0xf5, 0xa7,
    0xfd, 0x49, 0x79, 0xb5, 0xe6, 0x98, 0x14, 0x5e, 0x28, 0x30, 0x88, 0x07, 0xa3, 0x21, 0x63, 0x5c,
    0x46, 0xf3, 0x66, 0xad, 0xb7, 0xfb, 0x31, 0x20, 0x98, 0xa2, 0xd5, 0xca, 0x9d, 0x7f, 0x4e, 0x66,
    0xac, 0xd3, 0x9c, 0x68, 0xd6, 0x72, 0x91, 0xad, 0xb5, 0x57, 0xc3, 0x12, 0x06, 0x0b, 0x97, 0xc0,
    0xa9, 0x02, 0x21, 0x00, 0xe7, 0xce, 0x4f, 0x3f, 0x17, 0x4c, 0xc4, 0x23, 0x12, 0x7c, 0x0e, 0xe4,
    0xc8, 0x52, 0xdf, 0xd8, 0x62, 0x23, 0xd2, 0xec, 0x38, 0x53, 0x79, 0x97, 0x0a, 0x81, 0x93, 0xe1,
    0x8d, 0x35, 0x13, 0x23, 0x02, 0x21, 0x00, 0xd0, 0xa3, 0xac, 0x20, 0x95, 0xce, 0x33, 0x6a, 0xa1,
    0xb0, 0x3b, 0x3e, 0xa0, 0xc2, 0x0a, 0xda, 0x16, 0x07, 0x76, 0xf6, 0xa3, 0xf2, 0xcb, 0x5b, 0x34,
    0x37, 0x79, 0x0f, 0xaf, 0x65, 0x24, 0x1d, 0x02, 0x21, 0x00, 0x94, 0x90, 0xca, 0x83, 0x82, 0x18,
    0x66, 0x40, 0xa0, 0x31, 0x38, 0x8e, 0x72, 0xc1, 0x82, 0xcb, 0xb9, 0x22, 0x82, 0xa5, 0x78, 0xf8,
    0x2f, 0x1e, 0x99, 0xd2, 0x30, 0x88, 0x47, 0xab, 0x33, 0x87, 0x02, 0x21, 0x00, 0xb8, 0x6e, 0x86,
    0xc1, 0x03, 0x4c, 0x15, 0x1d, 0x84, 0xb2, 0xb1, 0x9c, 0x6a, 0x25, 0x3d, 0xcc, 0x8d, 0x3e, 0xaa,
    0x05, 0xda, 0xe5, 0xcc, 0xa7, 0xe1, 0xdf, 0xcb, 0xaf, 0x76, 0xdf, 0x94, 0x6d, 0x02, 0x20, 0x7c,
    0x59, 0x7f, 0x22, 0x02, 0xda, 0x52, 0x4a, 0xbf, 0x00, 0x22, 0x5e, 0x2f, 0x70, 0xdb, 0xb5, 0x1b,
    0xb1, 0xf8, 0x28, 0x6a, 0xf1, 0xab, 0x80, 0x85, 0x46, 0xe3, 0x8a, 0x5a, 0xa0, 0x65, 0x5e,
};

static const uint8_t hash[HASH_BYTES] = {0x5a};
static uint8_t buffer[512];

static psa_status_t key_make(psa_key_type_t type, size_t bits, psa_algorithm_t algorithm,
                             psa_key_usage_t usage, psa_key_id_t *key)
{
    static const uint8_t material[48] = {[0] = 0x12, [23] = 0x34, [31] = 0x56, [47] = 0x78};
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_type(&attributes, type);
    psa_set_key_bits(&attributes, bits);
    psa_set_key_algorithm(&attributes, algorithm);
    psa_set_key_usage_flags(&attributes, usage);
    if (type == PSA_KEY_TYPE_RSA_KEY_PAIR) {
        return psa_import_key(&attributes, rsa_key, sizeof(rsa_key), key);
    }
    return psa_import_key(&attributes, material, bits / 8u, key);
}

static psa_status_t try_hash(psa_algorithm_t algorithm)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    size_t length;
    psa_status_t status =
        psa_hash_compute(algorithm, hash, sizeof(hash), buffer, sizeof(buffer), &length);

    if (status == psa_hash_setup(&operation, algorithm)) {
        (void)psa_hash_abort(&operation);
        return status;
    }
    return PSA_ERROR_GENERIC_ERROR; /* the two ways to it do not agree */
}

static psa_status_t try_signature(psa_key_type_t type, size_t bits, psa_algorithm_t algorithm)
{
    const psa_key_usage_t usage = PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE |
                                  PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    size_t length = 0;
    psa_status_t status = key_make(type, bits, algorithm, usage, &key);

    if (status == PSA_SUCCESS) {
        status = psa_sign_hash(key, algorithm, hash, sizeof(hash), buffer, sizeof(buffer), &length);
        if (status != psa_verify_hash(key, algorithm, hash, sizeof(hash), buffer,
                                      (status == PSA_SUCCESS) ? length : bits / 4u)) {
            status = PSA_ERROR_GENERIC_ERROR;
        }
        if (status !=
            psa_sign_message(key, algorithm, hash, sizeof(hash), buffer, sizeof(buffer), &length)) {
            status = PSA_ERROR_GENERIC_ERROR;
        }
    }
    (void)psa_destroy_key(key);
    return status;
}

static psa_status_t try_agreement(size_t bits)
{
    psa_key_id_t key = PSA_KEY_ID_NULL;
    uint8_t public_key[97];
    size_t length = 0;
    psa_status_t status = key_make(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), bits,
                                   PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE, &key);

    if (status == PSA_SUCCESS) {
        status = psa_export_public_key(key, public_key, sizeof(public_key), &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_raw_key_agreement(PSA_ALG_ECDH, key, public_key, length, buffer,
                                       sizeof(buffer), &length);
    }
    (void)psa_destroy_key(key);
    return status;
}

static psa_status_t try_encryption(psa_algorithm_t algorithm)
{
    const psa_key_usage_t usage = PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT;
    static const uint8_t nonce[12] = {1};
    psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    uint8_t plain[HASH_BYTES];
    size_t length = 0;
    psa_status_t status = key_make(PSA_KEY_TYPE_AES, 128, algorithm, usage, &key);

    if (status == PSA_SUCCESS) {
        status = psa_aead_encrypt(key, algorithm, nonce, sizeof(nonce), NULL, 0, hash, sizeof(hash),
                                  buffer, sizeof(buffer), &length);
        if (status != psa_aead_encrypt_setup(&operation, key, algorithm)) {
            status = PSA_ERROR_GENERIC_ERROR;
        }
        (void)psa_aead_abort(&operation);
    }
    if (status == PSA_SUCCESS) {
        status = psa_aead_decrypt(key, algorithm, nonce, sizeof(nonce), NULL, 0, buffer, length,
                                  plain, sizeof(plain), &length);
    }
    if ((status == PSA_SUCCESS) && (memcmp(plain, hash, sizeof(hash)) != 0)) {
        status = PSA_ERROR_GENERIC_ERROR;
    }
    (void)psa_destroy_key(key);
    return status;
}

void tell_algorithms(void)
{
    const psa_key_type_t ecc = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);
    const psa_algorithm_t ecdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);

    tell("random", psa_generate_random(buffer, 16));
    tell("sha256", try_hash(PSA_ALG_SHA_256));
    tell("sha384", try_hash(PSA_ALG_SHA_384));
    tell("sha512", try_hash(PSA_ALG_SHA_512));
    tell("ecdsa_p256", try_signature(ecc, 256, ecdsa));
    tell("ecdsa_p384", try_signature(ecc, 384, ecdsa));
    tell("ecdh_p256", try_agreement(256));
    tell("ecdh_p384", try_agreement(384));
    tell("rsa",
         try_signature(PSA_KEY_TYPE_RSA_KEY_PAIR, 512, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)));
    tell("aes_ccm", try_encryption(PSA_ALG_CCM));
    tell("aes_gcm", try_encryption(PSA_ALG_GCM));
}
