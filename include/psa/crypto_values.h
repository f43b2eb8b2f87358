/*
 * PSA Crypto API 1.2: values and encodings of key types, algorithms, policies, lifetimes.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), chapters 9 and 10 and appendix B (encodings).
 * The values are fixed by the specification; a test compares them with those of the engine. A
 * program includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_VALUES_H
#define PSA_CRYPTO_VALUES_H

#include "psa/crypto_types.h"

/* Version of the API that these headers describe. IHI 0086, 8.2. */
#define PSA_CRYPTO_API_VERSION_MAJOR 1
#define PSA_CRYPTO_API_VERSION_MINOR 2

/* ---- Key types (IHI 0086, 9.2 and B.2) ---- */

#define PSA_KEY_TYPE_NONE        ((psa_key_type_t)0x0000)
#define PSA_KEY_TYPE_VENDOR_FLAG ((psa_key_type_t)0x8000)

#define PSA_KEY_TYPE_CATEGORY_MASK       ((psa_key_type_t)0x7000)
#define PSA_KEY_TYPE_CATEGORY_RAW        ((psa_key_type_t)0x1000)
#define PSA_KEY_TYPE_CATEGORY_SYMMETRIC  ((psa_key_type_t)0x2000)
#define PSA_KEY_TYPE_CATEGORY_PUBLIC_KEY ((psa_key_type_t)0x4000)
#define PSA_KEY_TYPE_CATEGORY_KEY_PAIR   ((psa_key_type_t)0x7000)
#define PSA_KEY_TYPE_CATEGORY_FLAG_PAIR  ((psa_key_type_t)0x3000)

#define PSA_KEY_TYPE_RAW_DATA            ((psa_key_type_t)0x1001)
#define PSA_KEY_TYPE_HMAC                ((psa_key_type_t)0x1100)
#define PSA_KEY_TYPE_DERIVE              ((psa_key_type_t)0x1200)
#define PSA_KEY_TYPE_PASSWORD            ((psa_key_type_t)0x1203)
#define PSA_KEY_TYPE_PASSWORD_HASH       ((psa_key_type_t)0x1205)
#define PSA_KEY_TYPE_PEPPER              ((psa_key_type_t)0x1206)
#define PSA_KEY_TYPE_AES                 ((psa_key_type_t)0x2400)
#define PSA_KEY_TYPE_RSA_PUBLIC_KEY      ((psa_key_type_t)0x4001)
#define PSA_KEY_TYPE_RSA_KEY_PAIR        ((psa_key_type_t)0x7001)
#define PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE ((psa_key_type_t)0x4100)
#define PSA_KEY_TYPE_ECC_KEY_PAIR_BASE   ((psa_key_type_t)0x7100)
#define PSA_KEY_TYPE_ECC_CURVE_MASK      ((psa_key_type_t)0x00ff)

/* Key type of a key pair or a public key on a curve of family. */
#define PSA_KEY_TYPE_ECC_KEY_PAIR(family)                                                          \
    ((psa_key_type_t)(PSA_KEY_TYPE_ECC_KEY_PAIR_BASE | (family)))
#define PSA_KEY_TYPE_ECC_PUBLIC_KEY(family)                                                        \
    ((psa_key_type_t)(PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE | (family)))

#define PSA_KEY_TYPE_IS_VENDOR_DEFINED(type) (((type)&PSA_KEY_TYPE_VENDOR_FLAG) != 0)
#define PSA_KEY_TYPE_IS_UNSTRUCTURED(type)                                                         \
    (((type)&PSA_KEY_TYPE_CATEGORY_MASK) == PSA_KEY_TYPE_CATEGORY_RAW ||                           \
     ((type)&PSA_KEY_TYPE_CATEGORY_MASK) == PSA_KEY_TYPE_CATEGORY_SYMMETRIC)
#define PSA_KEY_TYPE_IS_ASYMMETRIC(type)                                                           \
    (((type)&PSA_KEY_TYPE_CATEGORY_MASK & ~PSA_KEY_TYPE_CATEGORY_FLAG_PAIR) ==                     \
     PSA_KEY_TYPE_CATEGORY_PUBLIC_KEY)
#define PSA_KEY_TYPE_IS_PUBLIC_KEY(type)                                                           \
    (((type)&PSA_KEY_TYPE_CATEGORY_MASK) == PSA_KEY_TYPE_CATEGORY_PUBLIC_KEY)
#define PSA_KEY_TYPE_IS_KEY_PAIR(type)                                                             \
    (((type)&PSA_KEY_TYPE_CATEGORY_MASK) == PSA_KEY_TYPE_CATEGORY_KEY_PAIR)
#define PSA_KEY_TYPE_KEY_PAIR_OF_PUBLIC_KEY(type)                                                  \
    ((psa_key_type_t)((type) | PSA_KEY_TYPE_CATEGORY_FLAG_PAIR))
#define PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type)                                                  \
    ((psa_key_type_t)((type) & ~PSA_KEY_TYPE_CATEGORY_FLAG_PAIR))
#define PSA_KEY_TYPE_IS_RSA(type)                                                                  \
    (PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type) == PSA_KEY_TYPE_RSA_PUBLIC_KEY)
#define PSA_KEY_TYPE_IS_ECC(type)                                                                  \
    ((PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type) & ~PSA_KEY_TYPE_ECC_CURVE_MASK) ==                 \
     PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_ECC_KEY_PAIR(type)                                                         \
    (((type) & ~PSA_KEY_TYPE_ECC_CURVE_MASK) == PSA_KEY_TYPE_ECC_KEY_PAIR_BASE)
#define PSA_KEY_TYPE_IS_ECC_PUBLIC_KEY(type)                                                       \
    (((type) & ~PSA_KEY_TYPE_ECC_CURVE_MASK) == PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_ECC_GET_FAMILY(type)                                                          \
    ((psa_ecc_family_t)(PSA_KEY_TYPE_IS_ECC(type) ? ((type)&PSA_KEY_TYPE_ECC_CURVE_MASK) : 0))

/* Block length of a block cipher's key type in bytes, 1 for a stream cipher, 0 for others. */
#define PSA_BLOCK_CIPHER_BLOCK_LENGTH(type)                                                        \
    (((type)&PSA_KEY_TYPE_CATEGORY_MASK) == PSA_KEY_TYPE_CATEGORY_SYMMETRIC                        \
         ? 1u << (((type) >> 8) & 7u)                                                              \
         : 0u)

/* Families of curves. SECP_R1 with 256 bits is P-256, with 384 bits P-384. */
#define PSA_ECC_FAMILY_SECP_K1         ((psa_ecc_family_t)0x17)
#define PSA_ECC_FAMILY_SECP_R1         ((psa_ecc_family_t)0x12)
#define PSA_ECC_FAMILY_SECT_K1         ((psa_ecc_family_t)0x27)
#define PSA_ECC_FAMILY_SECT_R1         ((psa_ecc_family_t)0x22)
#define PSA_ECC_FAMILY_BRAINPOOL_P_R1  ((psa_ecc_family_t)0x30)
#define PSA_ECC_FAMILY_MONTGOMERY      ((psa_ecc_family_t)0x41)
#define PSA_ECC_FAMILY_TWISTED_EDWARDS ((psa_ecc_family_t)0x42)

/* ---- Algorithms (IHI 0086, 10 and B.1) ---- */

#define PSA_ALG_NONE        ((psa_algorithm_t)0)
#define PSA_ALG_VENDOR_FLAG ((psa_algorithm_t)0x80000000)

#define PSA_ALG_CATEGORY_MASK                  ((psa_algorithm_t)0x7f000000)
#define PSA_ALG_CATEGORY_HASH                  ((psa_algorithm_t)0x02000000)
#define PSA_ALG_CATEGORY_MAC                   ((psa_algorithm_t)0x03000000)
#define PSA_ALG_CATEGORY_CIPHER                ((psa_algorithm_t)0x04000000)
#define PSA_ALG_CATEGORY_AEAD                  ((psa_algorithm_t)0x05000000)
#define PSA_ALG_CATEGORY_SIGN                  ((psa_algorithm_t)0x06000000)
#define PSA_ALG_CATEGORY_ASYMMETRIC_ENCRYPTION ((psa_algorithm_t)0x07000000)
#define PSA_ALG_CATEGORY_KEY_DERIVATION        ((psa_algorithm_t)0x08000000)
#define PSA_ALG_CATEGORY_KEY_AGREEMENT         ((psa_algorithm_t)0x09000000)

#define PSA_ALG_IS_VENDOR_DEFINED(alg) (((alg)&PSA_ALG_VENDOR_FLAG) != 0)
#define PSA_ALG_IS_HASH(alg)           (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_HASH)
#define PSA_ALG_IS_MAC(alg)            (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_MAC)
#define PSA_ALG_IS_CIPHER(alg)         (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_CIPHER)
#define PSA_ALG_IS_AEAD(alg)           (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_AEAD)
#define PSA_ALG_IS_SIGN(alg)           (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_SIGN)

/* Hashes (IHI 0086, 10.2). */
#define PSA_ALG_HASH_MASK   ((psa_algorithm_t)0x000000ff)
#define PSA_ALG_MD5         ((psa_algorithm_t)0x02000003)
#define PSA_ALG_RIPEMD160   ((psa_algorithm_t)0x02000004)
#define PSA_ALG_SHA_1       ((psa_algorithm_t)0x02000005)
#define PSA_ALG_SHA_224     ((psa_algorithm_t)0x02000008)
#define PSA_ALG_SHA_256     ((psa_algorithm_t)0x02000009)
#define PSA_ALG_SHA_384     ((psa_algorithm_t)0x0200000a)
#define PSA_ALG_SHA_512     ((psa_algorithm_t)0x0200000b)
#define PSA_ALG_SHA_512_224 ((psa_algorithm_t)0x0200000c)
#define PSA_ALG_SHA_512_256 ((psa_algorithm_t)0x0200000d)
#define PSA_ALG_SHA3_224    ((psa_algorithm_t)0x02000010)
#define PSA_ALG_SHA3_256    ((psa_algorithm_t)0x02000011)
#define PSA_ALG_SHA3_384    ((psa_algorithm_t)0x02000012)
#define PSA_ALG_SHA3_512    ((psa_algorithm_t)0x02000013)

/* In a key's policy, in place of a hash: any hash that the signature algorithm accepts. */
#define PSA_ALG_ANY_HASH ((psa_algorithm_t)0x020000ff)

/* Signatures (IHI 0086, 10.7). hash_alg is a hash, or PSA_ALG_ANY_HASH in a policy. */
#define PSA_ALG_RSA_PKCS1V15_SIGN_BASE ((psa_algorithm_t)0x06000200)
#define PSA_ALG_RSA_PKCS1V15_SIGN(hash_alg)                                                        \
    (PSA_ALG_RSA_PKCS1V15_SIGN_BASE | ((hash_alg)&PSA_ALG_HASH_MASK))
#define PSA_ALG_RSA_PKCS1V15_SIGN_RAW PSA_ALG_RSA_PKCS1V15_SIGN_BASE
#define PSA_ALG_RSA_PSS_BASE          ((psa_algorithm_t)0x06000300)
#define PSA_ALG_RSA_PSS(hash_alg)     (PSA_ALG_RSA_PSS_BASE | ((hash_alg)&PSA_ALG_HASH_MASK))
#define PSA_ALG_RSA_PSS_ANY_SALT_BASE ((psa_algorithm_t)0x06001300)
#define PSA_ALG_RSA_PSS_ANY_SALT(hash_alg)                                                         \
    (PSA_ALG_RSA_PSS_ANY_SALT_BASE | ((hash_alg)&PSA_ALG_HASH_MASK))
#define PSA_ALG_ECDSA_BASE               ((psa_algorithm_t)0x06000600)
#define PSA_ALG_ECDSA(hash_alg)          (PSA_ALG_ECDSA_BASE | ((hash_alg)&PSA_ALG_HASH_MASK))
#define PSA_ALG_ECDSA_ANY                PSA_ALG_ECDSA_BASE
#define PSA_ALG_DETERMINISTIC_ECDSA_BASE ((psa_algorithm_t)0x06000700)
#define PSA_ALG_DETERMINISTIC_ECDSA(hash_alg)                                                      \
    (PSA_ALG_DETERMINISTIC_ECDSA_BASE | ((hash_alg)&PSA_ALG_HASH_MASK))

#define PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg)                                                          \
    (((alg) & ~PSA_ALG_HASH_MASK) == PSA_ALG_RSA_PKCS1V15_SIGN_BASE)
#define PSA_ALG_IS_RSA_PSS_STANDARD_SALT(alg) (((alg) & ~PSA_ALG_HASH_MASK) == PSA_ALG_RSA_PSS_BASE)
#define PSA_ALG_IS_RSA_PSS_ANY_SALT(alg)                                                           \
    (((alg) & ~PSA_ALG_HASH_MASK) == PSA_ALG_RSA_PSS_ANY_SALT_BASE)
#define PSA_ALG_IS_RSA_PSS(alg)                                                                    \
    (PSA_ALG_IS_RSA_PSS_STANDARD_SALT(alg) || PSA_ALG_IS_RSA_PSS_ANY_SALT(alg))
#define PSA_ALG_IS_RANDOMIZED_ECDSA(alg) (((alg) & ~PSA_ALG_HASH_MASK) == PSA_ALG_ECDSA_BASE)
#define PSA_ALG_IS_DETERMINISTIC_ECDSA(alg)                                                        \
    (((alg) & ~PSA_ALG_HASH_MASK) == PSA_ALG_DETERMINISTIC_ECDSA_BASE)
#define PSA_ALG_IS_ECDSA(alg)                                                                      \
    (PSA_ALG_IS_RANDOMIZED_ECDSA(alg) || PSA_ALG_IS_DETERMINISTIC_ECDSA(alg))

/* A signature algorithm that hashes its message first. */
#define PSA_ALG_IS_SIGN_HASH(alg)                                                                  \
    (PSA_ALG_IS_RSA_PSS(alg) || PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg) || PSA_ALG_IS_ECDSA(alg))
#define PSA_ALG_IS_HASH_AND_SIGN(alg) (PSA_ALG_IS_SIGN_HASH(alg) && ((alg)&PSA_ALG_HASH_MASK) != 0)
#define PSA_ALG_IS_SIGN_MESSAGE(alg)  PSA_ALG_IS_HASH_AND_SIGN(alg)

/* The hash inside a signature algorithm, or PSA_ALG_NONE. */
#define PSA_ALG_GET_HASH(alg)                                                                      \
    (((alg)&PSA_ALG_HASH_MASK) == 0 ? PSA_ALG_NONE                                                 \
                                    : (PSA_ALG_CATEGORY_HASH | ((alg)&PSA_ALG_HASH_MASK)))
#define PSA_ALG_SIGN_GET_HASH(alg)                                                                 \
    (PSA_ALG_IS_SIGN_HASH(alg) ? PSA_ALG_GET_HASH(alg) : PSA_ALG_NONE)

/* Authenticated encryption (IHI 0086, 10.5). The tag's length is a part of the algorithm; 16 bytes
 * unless it is said otherwise. */
#define PSA_ALG_CCM ((psa_algorithm_t)0x05500100)
#define PSA_ALG_GCM ((psa_algorithm_t)0x05500200)

#define PSA_ALG_AEAD_TAG_LENGTH_MASK           ((psa_algorithm_t)0x003f0000)
#define PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG ((psa_algorithm_t)0x00008000)
#define PSA_ALG_AEAD_FROM_BLOCK_FLAG           ((psa_algorithm_t)0x00400000)
#define PSA_ALG_AEAD_WITH_SHORTENED_TAG(alg, tag_length)                                           \
    (((alg) & ~(PSA_ALG_AEAD_TAG_LENGTH_MASK | PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG)) |          \
     (((psa_algorithm_t)(tag_length) << 16) & PSA_ALG_AEAD_TAG_LENGTH_MASK))
#define PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) PSA_ALG_AEAD_WITH_SHORTENED_TAG(alg, 16)
/* In a key's policy: alg with a tag of this or any greater length. */
#define PSA_ALG_AEAD_WITH_AT_LEAST_THIS_LENGTH_TAG(alg, min_tag_length)                            \
    (PSA_ALG_AEAD_WITH_SHORTENED_TAG(alg, min_tag_length) | PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG)
#define PSA_ALG_IS_AEAD_ON_BLOCK_CIPHER(alg)                                                       \
    (((alg) & (PSA_ALG_CATEGORY_MASK | PSA_ALG_AEAD_FROM_BLOCK_FLAG)) ==                           \
     (PSA_ALG_CATEGORY_AEAD | PSA_ALG_AEAD_FROM_BLOCK_FLAG))

/* Key agreement (IHI 0086, 10.9). Alone, or followed by a key derivation. */
#define PSA_ALG_FFDH                           ((psa_algorithm_t)0x09010000)
#define PSA_ALG_ECDH                           ((psa_algorithm_t)0x09020000)
#define PSA_ALG_KEY_AGREEMENT(ka_alg, kdf_alg) ((ka_alg) | (kdf_alg))
#define PSA_ALG_KEY_AGREEMENT_GET_KDF(alg)                                                         \
    (((alg) & ((psa_algorithm_t)0xfe00ffff)) | PSA_ALG_CATEGORY_KEY_DERIVATION)
#define PSA_ALG_KEY_AGREEMENT_GET_BASE(alg)                                                        \
    (((alg) & ((psa_algorithm_t)0xffff0000)) | PSA_ALG_CATEGORY_KEY_AGREEMENT)
#define PSA_ALG_IS_KEY_AGREEMENT(alg)                                                              \
    (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_KEY_AGREEMENT)
#define PSA_ALG_IS_STANDALONE_KEY_AGREEMENT(alg)                                                   \
    (PSA_ALG_IS_KEY_AGREEMENT(alg) &&                                                              \
     PSA_ALG_KEY_AGREEMENT_GET_KDF(alg) == PSA_ALG_CATEGORY_KEY_DERIVATION)
#define PSA_ALG_IS_RAW_KEY_AGREEMENT(alg) PSA_ALG_IS_STANDALONE_KEY_AGREEMENT(alg)
#define PSA_ALG_IS_ECDH(alg)              (PSA_ALG_KEY_AGREEMENT_GET_BASE(alg) == PSA_ALG_ECDH)

/* ---- Lifetimes (IHI 0086, 9.3) ---- */

#define PSA_KEY_PERSISTENCE_VOLATILE  ((psa_key_persistence_t)0x00)
#define PSA_KEY_PERSISTENCE_DEFAULT   ((psa_key_persistence_t)0x01)
#define PSA_KEY_PERSISTENCE_READ_ONLY ((psa_key_persistence_t)0xff)

#define PSA_KEY_LOCATION_LOCAL_STORAGE          ((psa_key_location_t)0x000000)
#define PSA_KEY_LOCATION_PRIMARY_SECURE_ELEMENT ((psa_key_location_t)0x000001)
#define PSA_KEY_LOCATION_VENDOR_FLAG            ((psa_key_location_t)0x800000)

#define PSA_KEY_LIFETIME_VOLATILE   ((psa_key_lifetime_t)0x00000000)
#define PSA_KEY_LIFETIME_PERSISTENT ((psa_key_lifetime_t)0x00000001)

#define PSA_KEY_LIFETIME_GET_PERSISTENCE(lifetime) ((psa_key_persistence_t)((lifetime)&0xff))
#define PSA_KEY_LIFETIME_GET_LOCATION(lifetime)    ((psa_key_location_t)((lifetime) >> 8))
#define PSA_KEY_LIFETIME_IS_VOLATILE(lifetime)                                                     \
    (PSA_KEY_LIFETIME_GET_PERSISTENCE(lifetime) == PSA_KEY_PERSISTENCE_VOLATILE)
#define PSA_KEY_LIFETIME_FROM_PERSISTENCE_AND_LOCATION(persistence, location)                      \
    ((psa_key_lifetime_t)(((psa_key_lifetime_t)(location) << 8) | (persistence)))

/* ---- Key identifiers (IHI 0086, 9.4) ---- */

#define PSA_KEY_ID_NULL       ((psa_key_id_t)0)
#define PSA_KEY_ID_USER_MIN   ((psa_key_id_t)0x00000001)
#define PSA_KEY_ID_USER_MAX   ((psa_key_id_t)0x3fffffff)
#define PSA_KEY_ID_VENDOR_MIN ((psa_key_id_t)0x40000000)
#define PSA_KEY_ID_VENDOR_MAX ((psa_key_id_t)0x7fffffff)

/* ---- Policies (IHI 0086, 9.5) ---- */

#define PSA_KEY_USAGE_EXPORT            ((psa_key_usage_t)0x00000001)
#define PSA_KEY_USAGE_COPY              ((psa_key_usage_t)0x00000002)
#define PSA_KEY_USAGE_CACHE             ((psa_key_usage_t)0x00000004)
#define PSA_KEY_USAGE_ENCRYPT           ((psa_key_usage_t)0x00000100)
#define PSA_KEY_USAGE_DECRYPT           ((psa_key_usage_t)0x00000200)
#define PSA_KEY_USAGE_SIGN_MESSAGE      ((psa_key_usage_t)0x00000400)
#define PSA_KEY_USAGE_VERIFY_MESSAGE    ((psa_key_usage_t)0x00000800)
#define PSA_KEY_USAGE_SIGN_HASH         ((psa_key_usage_t)0x00001000)
#define PSA_KEY_USAGE_VERIFY_HASH       ((psa_key_usage_t)0x00002000)
#define PSA_KEY_USAGE_DERIVE            ((psa_key_usage_t)0x00004000)
#define PSA_KEY_USAGE_VERIFY_DERIVATION ((psa_key_usage_t)0x00008000)

#endif
