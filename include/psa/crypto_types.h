/*
 * PSA Crypto API: the integer types.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), chapters 9 (keys) and 10 (algorithms); 1.5 for
 * the families of SLH-DSA. Their values stand in psa/crypto_values.h. A program includes
 * psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_TYPES_H
#define PSA_CRYPTO_TYPES_H

#include "psa/crypto_platform.h"

/* What a key is (PSA_KEY_TYPE_*). IHI 0086, 9.2. */
typedef uint16_t psa_key_type_t;

/* Family of elliptic curves (PSA_ECC_FAMILY_*), of Diffie-Hellman groups (PSA_DH_FAMILY_*), of
 * SLH-DSA parameter sets (PSA_SLH_DSA_FAMILY_*); with the key size in bits it names one of them.
 * IHI 0086, 9.2. */
typedef uint8_t psa_ecc_family_t;
typedef uint8_t psa_dh_family_t;
typedef uint8_t psa_slh_dsa_family_t;

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

/* What an input of a key derivation is (PSA_KEY_DERIVATION_INPUT_*). IHI 0086, 10.6. */
typedef uint16_t psa_key_derivation_step_t;

/* Password-authenticated key exchange, IHI 0086 1.3: what it computes in (PSA_PAKE_PRIMITIVE()),
 * made of a type (PSA_PAKE_PRIMITIVE_TYPE_*), a family of curves or groups and a size in bits; who
 * the caller is (PSA_PAKE_ROLE_*); what is sent or received (PSA_PAKE_STEP_*). */
typedef uint32_t psa_pake_primitive_t;
typedef uint8_t psa_pake_primitive_type_t;
typedef uint8_t psa_pake_family_t;
typedef uint8_t psa_pake_role_t;
typedef uint8_t psa_pake_step_t;

#endif
