/*
 * PSA Crypto API: the objects that a program allocates, and the functions that work on them alone.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086); 1.4 for XOF, 1.5 for sign and verify operations.
 * Members are private to the implementation; sizes and layouts are frozen. Everything here is plain
 * data of the caller: no function in this file calls the service, and none of them fails. A program
 * includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_STRUCT_H
#define PSA_CRYPTO_STRUCT_H

#include "psa/crypto_values.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Key attributes (IHI 0086, 9.1) ---- */

struct psa_key_attributes_s {
    psa_key_type_t private_type;
    uint16_t private_bits; /* 0xffff: asked for more than fits, which no key has */
    psa_key_lifetime_t private_lifetime;
    psa_key_id_t private_id;
    psa_key_usage_t private_usage;
    psa_algorithm_t private_algorithm;
};

/* What a key is and what it may be used for. Initialise with PSA_KEY_ATTRIBUTES_INIT, with
 * psa_key_attributes_init(), or with zeros: a volatile key of no type that permits nothing. */
typedef struct psa_key_attributes_s psa_key_attributes_t;

#define PSA_KEY_ATTRIBUTES_INIT                                                                    \
    {                                                                                              \
        0, 0, 0, 0, 0, 0                                                                           \
    }

/* Returns PSA_KEY_ATTRIBUTES_INIT. */
static inline psa_key_attributes_t psa_key_attributes_init(void)
{
    const psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    return attributes;
}

/* Gives attributes the value of PSA_KEY_ATTRIBUTES_INIT again. */
static inline void psa_reset_key_attributes(psa_key_attributes_t *attributes)
{
    *attributes = psa_key_attributes_init();
}

/* Sets the identifier in attributes to id, 1 to PSA_KEY_ID_USER_MAX for a persistent key; a
 * volatile lifetime becomes PSA_KEY_LIFETIME_PERSISTENT. */
static inline void psa_set_key_id(psa_key_attributes_t *attributes, psa_key_id_t id)
{
    attributes->private_id = id;
    if (PSA_KEY_LIFETIME_IS_VOLATILE(attributes->private_lifetime)) {
        attributes->private_lifetime = PSA_KEY_LIFETIME_FROM_PERSISTENCE_AND_LOCATION(
            PSA_KEY_PERSISTENCE_DEFAULT,
            PSA_KEY_LIFETIME_GET_LOCATION(attributes->private_lifetime));
    }
}

/* Sets the lifetime in attributes; a volatile one clears the identifier. */
static inline void psa_set_key_lifetime(psa_key_attributes_t *attributes,
                                        psa_key_lifetime_t lifetime)
{
    attributes->private_lifetime = lifetime;
    if (PSA_KEY_LIFETIME_IS_VOLATILE(lifetime)) {
        attributes->private_id = PSA_KEY_ID_NULL;
    }
}

/* Returns the identifier in attributes, PSA_KEY_ID_NULL if there is none. */
static inline psa_key_id_t psa_get_key_id(const psa_key_attributes_t *attributes)
{
    return attributes->private_id;
}

/* Returns the lifetime in attributes. */
static inline psa_key_lifetime_t psa_get_key_lifetime(const psa_key_attributes_t *attributes)
{
    return attributes->private_lifetime;
}

/* Sets what the key may be used for in attributes: usage_flags, a set of PSA_KEY_USAGE_*. A key
 * that may sign or verify hashes may sign or verify messages too (IHI 0086, 9.5.2). */
static inline void psa_set_key_usage_flags(psa_key_attributes_t *attributes,
                                           psa_key_usage_t usage_flags)
{
    if ((usage_flags & PSA_KEY_USAGE_SIGN_HASH) != 0u) {
        usage_flags |= PSA_KEY_USAGE_SIGN_MESSAGE;
    }
    if ((usage_flags & PSA_KEY_USAGE_VERIFY_HASH) != 0u) {
        usage_flags |= PSA_KEY_USAGE_VERIFY_MESSAGE;
    }
    attributes->private_usage = usage_flags;
}

/* Returns the set of PSA_KEY_USAGE_* in attributes. */
static inline psa_key_usage_t psa_get_key_usage_flags(const psa_key_attributes_t *attributes)
{
    return attributes->private_usage;
}

/* Sets alg in attributes: the algorithm, or wildcard, that the key may be used with. */
static inline void psa_set_key_algorithm(psa_key_attributes_t *attributes, psa_algorithm_t alg)
{
    attributes->private_algorithm = alg;
}

/* Returns the algorithm, or wildcard, in attributes. */
static inline psa_algorithm_t psa_get_key_algorithm(const psa_key_attributes_t *attributes)
{
    return attributes->private_algorithm;
}

/* Sets the key type (PSA_KEY_TYPE_*) in attributes. */
static inline void psa_set_key_type(psa_key_attributes_t *attributes, psa_key_type_t type)
{
    attributes->private_type = type;
}

/* Returns the key type in attributes. */
static inline psa_key_type_t psa_get_key_type(const psa_key_attributes_t *attributes)
{
    return attributes->private_type;
}

/* Sets the key size in attributes, in bits; 0 means "as the key material says" when importing. */
static inline void psa_set_key_bits(psa_key_attributes_t *attributes, size_t bits)
{
    attributes->private_bits = bits < 0xffffu ? (uint16_t)bits : (uint16_t)0xffffu;
}

/* Returns the key size in attributes, in bits. */
static inline size_t psa_get_key_bits(const psa_key_attributes_t *attributes)
{
    return attributes->private_bits;
}

/* ---- Keys made in another than the default way (IHI 0086 1.3, 9.6) ---- */

/* How psa_generate_key_custom() and psa_key_derivation_output_key_custom() make a key. */
typedef struct psa_custom_key_parameters_s {
    uint32_t flags; /* 0; other values have no meaning yet */
} psa_custom_key_parameters_t;

/* The default way. */
#define PSA_CUSTOM_KEY_PARAMETERS_INIT                                                             \
    {                                                                                              \
        0                                                                                          \
    }

/* ---- Exchange with a password (IHI 0086 1.3, "Password-authenticated key exchange") ---- */

struct psa_pake_cipher_suite_s {
    psa_algorithm_t private_algorithm;
    psa_pake_primitive_t private_primitive;
    uint32_t private_key_confirmation;
};

/* Algorithm, primitive and key confirmation of an exchange. Initialise with
 * PSA_PAKE_CIPHER_SUITE_INIT, with psa_pake_cipher_suite_init(), or with zeros. */
typedef struct psa_pake_cipher_suite_s psa_pake_cipher_suite_t;

#define PSA_PAKE_CIPHER_SUITE_INIT                                                                 \
    {                                                                                              \
        0, 0, 0                                                                                    \
    }

/* Returns a suite with no algorithm, no primitive, and PSA_PAKE_CONFIRMED_KEY. */
static inline psa_pake_cipher_suite_t psa_pake_cipher_suite_init(void)
{
    const psa_pake_cipher_suite_t cipher_suite = PSA_PAKE_CIPHER_SUITE_INIT;
    return cipher_suite;
}

/* Sets the algorithm of cipher_suite; PSA_ALG_IS_PAKE(alg) holds. */
static inline void psa_pake_cs_set_algorithm(psa_pake_cipher_suite_t *cipher_suite,
                                             psa_algorithm_t alg)
{
    cipher_suite->private_algorithm = alg;
}

/* Returns the algorithm of cipher_suite. */
static inline psa_algorithm_t psa_pake_cs_get_algorithm(const psa_pake_cipher_suite_t *cipher_suite)
{
    return cipher_suite->private_algorithm;
}

/* Sets the primitive of cipher_suite, made with PSA_PAKE_PRIMITIVE(). */
static inline void psa_pake_cs_set_primitive(psa_pake_cipher_suite_t *cipher_suite,
                                             psa_pake_primitive_t primitive)
{
    cipher_suite->private_primitive = primitive;
}

/* Returns the primitive of cipher_suite. */
static inline psa_pake_primitive_t psa_pake_cs_get_primitive(
    const psa_pake_cipher_suite_t *cipher_suite)
{
    return cipher_suite->private_primitive;
}

/* Says in cipher_suite whether both sides prove that they have the same key before it is given out:
 * key_confirmation is PSA_PAKE_CONFIRMED_KEY or PSA_PAKE_UNCONFIRMED_KEY. */
static inline void psa_pake_cs_set_key_confirmation(psa_pake_cipher_suite_t *cipher_suite,
                                                    uint32_t key_confirmation)
{
    cipher_suite->private_key_confirmation = key_confirmation;
}

/* Returns the key confirmation of cipher_suite. */
static inline uint32_t psa_pake_cs_get_key_confirmation(const psa_pake_cipher_suite_t *cipher_suite)
{
    return cipher_suite->private_key_confirmation;
}

/* ---- Operations in several parts (IHI 0086, 3.3 and chapter 10) ----
 *
 * Each is initialised with its _INIT macro, with its _init() function, which returns the same, or
 * with zeros: it is not active then. private_handle names the operation in the service, 0 while it
 * is not active. A copy of such a structure is not a copy of the operation. */

/* A hash computed in parts; psa_hash_clone() copies it. IHI 0086, 10.2. */
typedef struct psa_hash_operation_s {
    uint32_t private_handle;
} psa_hash_operation_t;

#define PSA_HASH_OPERATION_INIT                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_HASH_OPERATION_INIT. */
static inline psa_hash_operation_t psa_hash_operation_init(void)
{
    const psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    return operation;
}

/* Output of any length from a hash function. IHI 0086 1.4, "Extendable-output functions". */
typedef struct psa_xof_operation_s {
    uint32_t private_handle;
} psa_xof_operation_t;

#define PSA_XOF_OPERATION_INIT                                                                     \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_XOF_OPERATION_INIT. */
static inline psa_xof_operation_t psa_xof_operation_init(void)
{
    const psa_xof_operation_t operation = PSA_XOF_OPERATION_INIT;
    return operation;
}

/* A message authentication code computed or verified in parts. IHI 0086, 10.3. */
typedef struct psa_mac_operation_s {
    uint32_t private_handle;
} psa_mac_operation_t;

#define PSA_MAC_OPERATION_INIT                                                                     \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_MAC_OPERATION_INIT. */
static inline psa_mac_operation_t psa_mac_operation_init(void)
{
    const psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    return operation;
}

/* A message encrypted or decrypted in parts, without authentication. IHI 0086, 10.4. */
typedef struct psa_cipher_operation_s {
    uint32_t private_handle;
} psa_cipher_operation_t;

#define PSA_CIPHER_OPERATION_INIT                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_CIPHER_OPERATION_INIT. */
static inline psa_cipher_operation_t psa_cipher_operation_init(void)
{
    const psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
    return operation;
}

/* A message encrypted or decrypted in parts, with authentication. IHI 0086, 10.5. */
typedef struct psa_aead_operation_s {
    uint32_t private_handle;
} psa_aead_operation_t;

#define PSA_AEAD_OPERATION_INIT                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_AEAD_OPERATION_INIT. */
static inline psa_aead_operation_t psa_aead_operation_init(void)
{
    const psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
    return operation;
}

/* A key derivation, from its first input to its last output. IHI 0086, 10.6. */
typedef struct psa_key_derivation_operation_s {
    uint32_t private_handle;
} psa_key_derivation_operation_t;

#define PSA_KEY_DERIVATION_OPERATION_INIT                                                          \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_KEY_DERIVATION_OPERATION_INIT. */
static inline psa_key_derivation_operation_t psa_key_derivation_operation_init(void)
{
    const psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
    return operation;
}

/* A message signed in parts. IHI 0086 1.5, "Asymmetric signature". */
typedef struct psa_sign_operation_s {
    uint32_t private_handle;
} psa_sign_operation_t;

#define PSA_SIGN_OPERATION_INIT                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_SIGN_OPERATION_INIT. */
static inline psa_sign_operation_t psa_sign_operation_init(void)
{
    const psa_sign_operation_t operation = PSA_SIGN_OPERATION_INIT;
    return operation;
}

/* A message whose signature is verified in parts. IHI 0086 1.5, "Asymmetric signature". */
typedef struct psa_verify_operation_s {
    uint32_t private_handle;
} psa_verify_operation_t;

#define PSA_VERIFY_OPERATION_INIT                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_VERIFY_OPERATION_INIT. */
static inline psa_verify_operation_t psa_verify_operation_init(void)
{
    const psa_verify_operation_t operation = PSA_VERIFY_OPERATION_INIT;
    return operation;
}

/* A password-authenticated key exchange. IHI 0086 1.3. */
typedef struct psa_pake_operation_s {
    uint32_t private_handle;
} psa_pake_operation_t;

#define PSA_PAKE_OPERATION_INIT                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

/* Returns PSA_PAKE_OPERATION_INIT. */
static inline psa_pake_operation_t psa_pake_operation_init(void)
{
    const psa_pake_operation_t operation = PSA_PAKE_OPERATION_INIT;
    return operation;
}

#ifdef __cplusplus
}
#endif
#endif
