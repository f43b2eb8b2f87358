/*
 * Sealing on Mbed TLS's AES and CCM: the only place beside boot and the Crypto service that sees
 * its headers (docs/decisions/008-partition-keys.md).
 *
 * Called through seal.h. Keeps nothing between calls; whatever an operation leaves of plain text or
 * keys it wipes itself.
 */
#include "lib/seal/seal.h"

#include <string.h>

#include "mbedtls/aes.h"
#include "mbedtls/ccm.h"

#define BLOCK_BYTES 16U

/* What struct seal_key is inside. */
struct context {
    mbedtls_ccm_context ccm;
};

_Static_assert(sizeof(struct context) <= sizeof(struct seal_key), "a key has room for its context");
_Static_assert(_Alignof(struct context) <= _Alignof(struct seal_key), "and is aligned for it");

static mbedtls_ccm_context *ccm_of(struct seal_key *key)
{
    return &((struct context *)(void *)key)->ccm;
}

void seal_wipe(void *memory, size_t length)
{
    if (length != 0U) {
        (void)memset(memory, 0, length);
    }
    __asm__ volatile("" : : "r"(memory) : "memory");
}

/* Mbed TLS's own goes through a pointer in its data. */
void mbedtls_platform_zeroize(void *buf, size_t len)
{
    seal_wipe(buf, len);
}

psa_status_t seal_key_set(struct seal_key *key, const uint8_t bytes[SEAL_KEY_BYTES])
{
    mbedtls_ccm_context *ccm = ccm_of(key);

    mbedtls_ccm_init(ccm);
    return mbedtls_ccm_setkey(ccm, MBEDTLS_CIPHER_ID_AES, bytes, 8U * SEAL_KEY_BYTES) == 0
               ? PSA_SUCCESS
               : PSA_ERROR_GENERIC_ERROR;
}

/* Wipes what a refused operation may not leave, and says why it was. */
static psa_status_t refuse(const struct seal_text *text, psa_status_t status)
{
    seal_wipe(text->data, text->length);
    return status;
}

static psa_status_t check_lengths(const struct seal_text *text)
{
    return (text->length <= SEAL_DATA_BYTES_MAX) && (text->ad_bytes <= SEAL_AD_BYTES_MAX)
               ? PSA_SUCCESS
               : PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t seal_encrypt(struct seal_key *key, const struct seal_text *text,
                          uint8_t tag[SEAL_TAG_BYTES])
{
    psa_status_t status = check_lengths(text);

    if ((status == PSA_SUCCESS) &&
        (mbedtls_ccm_encrypt_and_tag(ccm_of(key), text->length, text->nonce, SEAL_NONCE_BYTES,
                                     text->ad, text->ad_bytes, text->data, text->data, tag,
                                     SEAL_TAG_BYTES) != 0)) {
        status = PSA_ERROR_GENERIC_ERROR;
    }
    if (status != PSA_SUCCESS) {
        seal_wipe(tag, SEAL_TAG_BYTES);
        return refuse(text, status);
    }
    return PSA_SUCCESS;
}

psa_status_t seal_decrypt(struct seal_key *key, const struct seal_text *text,
                          const uint8_t tag[SEAL_TAG_BYTES])
{
    psa_status_t status = check_lengths(text);
    int result;

    if (status != PSA_SUCCESS) {
        return refuse(text, status);
    }
    result =
        mbedtls_ccm_auth_decrypt(ccm_of(key), text->length, text->nonce, SEAL_NONCE_BYTES, text->ad,
                                 text->ad_bytes, text->data, text->data, tag, SEAL_TAG_BYTES);
    if (result == 0) {
        return PSA_SUCCESS;
    }
    return refuse(text, (result == MBEDTLS_ERR_CCM_AUTH_FAILED) ? PSA_ERROR_INVALID_SIGNATURE
                                                                : PSA_ERROR_GENERIC_ERROR);
}

/* SP 800-38B, 6.1: the first subkey is the encrypted zero block, doubled in GF(2^128). */
static void subkey_double(uint8_t block[BLOCK_BYTES])
{
    uint8_t carry = (uint8_t)(0x87U & (0U - (uint32_t)(block[0] >> 7)));

    for (size_t i = 0; i + 1U < BLOCK_BYTES; i++) {
        block[i] = (uint8_t)((block[i] << 1) | (block[i + 1U] >> 7));
    }
    block[BLOCK_BYTES - 1U] = (uint8_t)((block[BLOCK_BYTES - 1U] << 1) ^ carry);
}

/* The one block of input (SP 800-108r1, 4.1): counter, label, separator, context, length in
 * bits. */
static void input_xor(uint8_t block[BLOCK_BYTES], const uint8_t label[SEAL_LABEL_BYTES],
                      uint32_t number)
{
    block[0] ^= 1U;
    for (size_t i = 0; i < SEAL_LABEL_BYTES; i++) {
        block[1U + i] ^= label[i];
    }
    for (size_t i = 0; i < sizeof(number); i++) {
        block[10U + i] ^= (uint8_t)(number >> (24U - 8U * i));
    }
    block[15] ^= 8U * SEAL_KEY_BYTES;
}

psa_status_t seal_derive(const uint8_t root[SEAL_ROOT_BYTES], const uint8_t label[SEAL_LABEL_BYTES],
                         uint32_t number, uint8_t key[SEAL_KEY_BYTES])
{
    mbedtls_aes_context aes;
    int result;

    mbedtls_aes_init(&aes);
    (void)memset(key, 0, SEAL_KEY_BYTES);
    result = mbedtls_aes_setkey_enc(&aes, root, 8U * SEAL_ROOT_BYTES);
    if (result == 0) {
        result = mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, key, key);
    }
    if (result == 0) {
        subkey_double(key);
        input_xor(key, label, number);
        result = mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, key, key);
    }
    mbedtls_aes_free(&aes);
    if (result != 0) {
        seal_wipe(key, SEAL_KEY_BYTES);
        return PSA_ERROR_GENERIC_ERROR;
    }
    return PSA_SUCCESS;
}
