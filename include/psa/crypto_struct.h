/*
 * PSA Crypto API 1.2: the objects that a program allocates, and the functions that work on them
 * alone.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), 9.1 (attributes), 10.2 (hash operations)
 * and 10.5 (AEAD operations).
 * Members are private to the implementation; sizes and layouts are frozen. Everything here is plain
 * data of the caller: no function in this file calls the service. A program includes psa/crypto.h
 * only.
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

/* Sets the identifier of a persistent key; a volatile lifetime becomes
 * PSA_KEY_LIFETIME_PERSISTENT. */
static inline void psa_set_key_id(psa_key_attributes_t *attributes, psa_key_id_t id)
{
    attributes->private_id = id;
    if (PSA_KEY_LIFETIME_IS_VOLATILE(attributes->private_lifetime)) {
        attributes->private_lifetime = PSA_KEY_LIFETIME_FROM_PERSISTENCE_AND_LOCATION(
            PSA_KEY_PERSISTENCE_DEFAULT,
            PSA_KEY_LIFETIME_GET_LOCATION(attributes->private_lifetime));
    }
}

/* Sets the lifetime; a volatile one clears the identifier. */
static inline void psa_set_key_lifetime(psa_key_attributes_t *attributes,
                                        psa_key_lifetime_t lifetime)
{
    attributes->private_lifetime = lifetime;
    if (PSA_KEY_LIFETIME_IS_VOLATILE(lifetime)) {
        attributes->private_id = PSA_KEY_ID_NULL;
    }
}

static inline psa_key_id_t psa_get_key_id(const psa_key_attributes_t *attributes)
{
    return attributes->private_id;
}

static inline psa_key_lifetime_t psa_get_key_lifetime(const psa_key_attributes_t *attributes)
{
    return attributes->private_lifetime;
}

/* Sets what the key may be used for (a set of PSA_KEY_USAGE_*). A key that may sign or verify
 * hashes may sign or verify messages too (IHI 0086, 9.5.2). */
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

static inline psa_key_usage_t psa_get_key_usage_flags(const psa_key_attributes_t *attributes)
{
    return attributes->private_usage;
}

/* Sets the algorithm, or wildcard, that the key may be used with. */
static inline void psa_set_key_algorithm(psa_key_attributes_t *attributes, psa_algorithm_t alg)
{
    attributes->private_algorithm = alg;
}

static inline psa_algorithm_t psa_get_key_algorithm(const psa_key_attributes_t *attributes)
{
    return attributes->private_algorithm;
}

static inline void psa_set_key_type(psa_key_attributes_t *attributes, psa_key_type_t type)
{
    attributes->private_type = type;
}

static inline psa_key_type_t psa_get_key_type(const psa_key_attributes_t *attributes)
{
    return attributes->private_type;
}

/* Sets the key size in bits; 0 means "as the key material says" when importing. */
static inline void psa_set_key_bits(psa_key_attributes_t *attributes, size_t bits)
{
    attributes->private_bits = bits < 0xffffu ? (uint16_t)bits : (uint16_t)0xffffu;
}

static inline size_t psa_get_key_bits(const psa_key_attributes_t *attributes)
{
    return attributes->private_bits;
}

/* ---- Operations in several parts ---- */

struct psa_hash_operation_s {
    uint32_t private_handle; /* names the operation in the service; 0: not active */
};

/* A hash computed in parts. Initialise with PSA_HASH_OPERATION_INIT, with
 * psa_hash_operation_init(), or with zeros. A copy of the structure is not a copy of the operation:
 * use psa_hash_clone(). */
typedef struct psa_hash_operation_s psa_hash_operation_t;

#define PSA_HASH_OPERATION_INIT                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

static inline psa_hash_operation_t psa_hash_operation_init(void)
{
    const psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    return operation;
}

struct psa_aead_operation_s {
    uint32_t private_handle; /* names the operation in the service; 0: not active */
};

/* A message encrypted or decrypted in parts. Initialise with PSA_AEAD_OPERATION_INIT, with
 * psa_aead_operation_init(), or with zeros. */
typedef struct psa_aead_operation_s psa_aead_operation_t;

#define PSA_AEAD_OPERATION_INIT                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

static inline psa_aead_operation_t psa_aead_operation_init(void)
{
    const psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
    return operation;
}

#ifdef __cplusplus
}
#endif
#endif
