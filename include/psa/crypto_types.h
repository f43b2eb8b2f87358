/*
 * PSA Crypto API 1.2: the integer types.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), chapters 9 (keys) and 10 (algorithms). Their
 * values stand in psa/crypto_values.h. A program includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_TYPES_H
#define PSA_CRYPTO_TYPES_H

#include "psa/crypto_platform.h"

/* What a key is (PSA_KEY_TYPE_*). IHI 0086, 9.2. */
typedef uint16_t psa_key_type_t;

/* Family of elliptic curves (PSA_ECC_FAMILY_*); with the key size in bits it names a curve. IHI
 * 0086, 9.2. */
typedef uint8_t psa_ecc_family_t;

/* Where a key lives and for how long (PSA_KEY_LIFETIME_*), made of the two below. IHI 0086, 9.3. */
typedef uint32_t psa_key_lifetime_t;
typedef uint8_t psa_key_persistence_t;
typedef uint32_t psa_key_location_t;

/* Names a key of the calling client. IHI 0086, 9.4. */
typedef uint32_t psa_key_id_t;

/* What a key may be used for: a set of PSA_KEY_USAGE_*. IHI 0086, 9.5. */
typedef uint32_t psa_key_usage_t;

/* An algorithm with its parameters, or a wildcard in a key's policy (PSA_ALG_*). IHI 0086, 10.1. */
typedef uint32_t psa_algorithm_t;

#endif
