/*
 * How arguments of the PSA Crypto API that are no number and no buffer travel: struct crypto_* of
 * protocol.h.
 *
 * Included by the generated stubs (crypto_client.c: functions.table) and by nothing else. It checks
 * nothing: that is the service's.
 */
#ifndef CRYPTO_CLIENT_H
#define CRYPTO_CLIENT_H

#include <string.h>

#include "psa/crypto.h"
#include "services/crypto/protocol.h"

static inline struct crypto_attributes crypto_pack_attributes(
    const psa_key_attributes_t *attributes)
{
    return (struct crypto_attributes){
        .lifetime = psa_get_key_lifetime(attributes),
        .id = psa_get_key_id(attributes),
        .usage = psa_get_key_usage_flags(attributes),
        .algorithm = psa_get_key_algorithm(attributes),
        .type = psa_get_key_type(attributes),
        .bits = (uint16_t)psa_get_key_bits(attributes),
    };
}

/* Leaves them as psa_reset_key_attributes() does if the call failed. */
static inline void crypto_unpack_attributes(psa_status_t status,
                                            const struct crypto_attributes *packed,
                                            psa_key_attributes_t *attributes)
{
    psa_reset_key_attributes(attributes);
    if (status != PSA_SUCCESS) {
        return;
    }
    psa_set_key_id(attributes, packed->id);
    attributes->private_lifetime = packed->lifetime; /* a volatile key has an identifier too */
    psa_set_key_usage_flags(attributes, packed->usage);
    psa_set_key_algorithm(attributes, packed->algorithm);
    psa_set_key_type(attributes, packed->type);
    psa_set_key_bits(attributes, packed->bits);
}

static inline struct crypto_lengths crypto_pack_lengths(size_t additional, size_t payload)
{
    return (struct crypto_lengths){(uint32_t)additional, (uint32_t)payload};
}

static inline struct crypto_integer crypto_pack_integer(uint64_t value)
{
    return (struct crypto_integer){(uint32_t)value, (uint32_t)(value >> 32)};
}

static inline struct crypto_cipher_suite crypto_pack_cipher_suite(
    const psa_pake_cipher_suite_t *cipher_suite)
{
    return (struct crypto_cipher_suite){
        .algorithm = psa_pake_cs_get_algorithm(cipher_suite),
        .primitive = psa_pake_cs_get_primitive(cipher_suite),
        .key_confirmation = psa_pake_cs_get_key_confirmation(cipher_suite),
    };
}

/* The nonce travels with the request; request.value is its length, also where it is too long. */
static inline void crypto_put_nonce(struct crypto_nonce_request *request, const uint8_t *nonce,
                                    size_t length)
{
    if (length > 0U && length <= sizeof request->nonce) {
        memcpy(request->nonce, nonce, length);
    }
}

#endif
