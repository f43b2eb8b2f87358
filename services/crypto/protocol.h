/*
 * What travels between the PSA Crypto API's stubs and the Crypto service: docs/crypto.md.
 *
 * Included by both sides, so it names no type of the API and none of the engine. Both sides are the
 * same processor: fields are little-endian words without padding. A change of a layout or of a
 * number here is a new version of the service.
 */
#ifndef CRYPTO_PROTOCOL_H
#define CRYPTO_PROTOCOL_H

#include <stdint.h>

/* Function numbers: CRYPTO_NUMBER_<name of the API function>. */
#include "crypto_functions.h"

/* Longest nonce. */
#define CRYPTO_NONCE_BYTES 16U

/* in_vec[0] of every call. A function that does not use a field sends 0. */
struct crypto_request {
    uint32_t function;  /* enum crypto_number */
    uint32_t key;       /* key identifier */
    uint32_t algorithm; /* psa_algorithm_t */
    uint32_t operation; /* handle of an operation, 0: none */
    uint32_t value;     /* the one other number that a function has (functions.table) */
    uint32_t reserved;  /* 0 */
};

/* in_vec[0] of psa_aead_encrypt() and psa_aead_decrypt(). */
struct crypto_nonce_request {
    struct crypto_request request;
    uint8_t nonce[CRYPTO_NONCE_BYTES]; /* request.value bytes, then 0 */
};

/* in_vec[1] of psa_aead_set_lengths(), in bytes. */
struct crypto_lengths {
    uint32_t additional;
    uint32_t payload;
};

/* in_vec[1] of psa_key_derivation_input_integer(). */
struct crypto_integer {
    uint32_t low;
    uint32_t high;
};

/* in_vec[1] of psa_pake_setup(). */
struct crypto_cipher_suite {
    uint32_t algorithm;
    uint32_t primitive;
    uint32_t key_confirmation;
};

/* Key attributes: in_vec[1] of functions that make a key, out_vec[0] of
 * psa_get_key_attributes(). */
struct crypto_attributes {
    uint32_t lifetime;
    uint32_t id;
    uint32_t usage;
    uint32_t algorithm;
    uint16_t type;
    uint16_t bits;
};

_Static_assert(sizeof(struct crypto_request) == 24, "the wire format has no padding");
_Static_assert(sizeof(struct crypto_nonce_request) == 40, "the wire format has no padding");
_Static_assert(sizeof(struct crypto_lengths) == 8, "the wire format has no padding");
_Static_assert(sizeof(struct crypto_integer) == 8, "the wire format has no padding");
_Static_assert(sizeof(struct crypto_cipher_suite) == 12, "the wire format has no padding");
_Static_assert(sizeof(struct crypto_attributes) == 20, "the wire format has no padding");

#endif
