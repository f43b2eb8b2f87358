/*
 * PSA Crypto API: values and encodings of key types, algorithms, policies, lifetimes.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), chapters 9 and 10 and appendix B (encodings);
 * "1.3", "1.4" and "1.5" mark values of later editions. The values are fixed by the specification;
 * a test compares them with those of the engine. That a value stands here does not say that a
 * product has it. A program includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_VALUES_H
#define PSA_CRYPTO_VALUES_H

#include "psa/crypto_types.h"

/* Version of the API that the headers and the service have whole. IHI 0086, 8.2. */
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

#define PSA_KEY_TYPE_RAW_DATA       ((psa_key_type_t)0x1001)
#define PSA_KEY_TYPE_HMAC           ((psa_key_type_t)0x1100)
#define PSA_KEY_TYPE_DERIVE         ((psa_key_type_t)0x1200)
#define PSA_KEY_TYPE_PASSWORD       ((psa_key_type_t)0x1203)
#define PSA_KEY_TYPE_PASSWORD_HASH  ((psa_key_type_t)0x1205)
#define PSA_KEY_TYPE_PEPPER         ((psa_key_type_t)0x1206)
#define PSA_KEY_TYPE_BLAKE2         ((psa_key_type_t)0x1103) /* 1.5 */
#define PSA_KEY_TYPE_ARC4           ((psa_key_type_t)0x2002)
#define PSA_KEY_TYPE_CHACHA20       ((psa_key_type_t)0x2004)
#define PSA_KEY_TYPE_XCHACHA20      ((psa_key_type_t)0x2007)
#define PSA_KEY_TYPE_ASCON          ((psa_key_type_t)0x2008) /* 1.4 */
#define PSA_KEY_TYPE_DES            ((psa_key_type_t)0x2301)
#define PSA_KEY_TYPE_AES            ((psa_key_type_t)0x2400)
#define PSA_KEY_TYPE_CAMELLIA       ((psa_key_type_t)0x2403)
#define PSA_KEY_TYPE_SM4            ((psa_key_type_t)0x2405)
#define PSA_KEY_TYPE_ARIA           ((psa_key_type_t)0x2406)
#define PSA_KEY_TYPE_RSA_PUBLIC_KEY ((psa_key_type_t)0x4001)
#define PSA_KEY_TYPE_RSA_KEY_PAIR   ((psa_key_type_t)0x7001)

/* 1.5: lattices and hash trees. */
#define PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY  ((psa_key_type_t)0x4002)
#define PSA_KEY_TYPE_ML_DSA_KEY_PAIR    ((psa_key_type_t)0x7002)
#define PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY  ((psa_key_type_t)0x4004)
#define PSA_KEY_TYPE_ML_KEM_KEY_PAIR    ((psa_key_type_t)0x7004)
#define PSA_KEY_TYPE_LMS_PUBLIC_KEY     ((psa_key_type_t)0x4007)
#define PSA_KEY_TYPE_HSS_PUBLIC_KEY     ((psa_key_type_t)0x4008)
#define PSA_KEY_TYPE_XMSS_PUBLIC_KEY    ((psa_key_type_t)0x400b)
#define PSA_KEY_TYPE_XMSS_MT_PUBLIC_KEY ((psa_key_type_t)0x400d)

/* Types with a family of curves, groups or parameter sets in the low 7 bits. */
#define PSA_KEY_TYPE_FAMILY_MASK             ((psa_key_type_t)0x007f)
#define PSA_KEY_TYPE_WPA3_SAE_ECC_BASE       ((psa_key_type_t)0x3280)
#define PSA_KEY_TYPE_WPA3_SAE_DH_BASE        ((psa_key_type_t)0x3300)
#define PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE     ((psa_key_type_t)0x4100)
#define PSA_KEY_TYPE_ECC_KEY_PAIR_BASE       ((psa_key_type_t)0x7100)
#define PSA_KEY_TYPE_SLH_DSA_PUBLIC_KEY_BASE ((psa_key_type_t)0x4180)
#define PSA_KEY_TYPE_SLH_DSA_KEY_PAIR_BASE   ((psa_key_type_t)0x7180)
#define PSA_KEY_TYPE_DH_PUBLIC_KEY_BASE      ((psa_key_type_t)0x4200)
#define PSA_KEY_TYPE_DH_KEY_PAIR_BASE        ((psa_key_type_t)0x7200)
#define PSA_KEY_TYPE_SPAKE2P_PUBLIC_KEY_BASE ((psa_key_type_t)0x4400)
#define PSA_KEY_TYPE_SPAKE2P_KEY_PAIR_BASE   ((psa_key_type_t)0x7400)
#define PSA_KEY_TYPE_OF_FAMILY(base, family)                                                       \
    ((psa_key_type_t)((base) | ((family)&PSA_KEY_TYPE_FAMILY_MASK)))
#define PSA_KEY_TYPE_BASE(type) ((psa_key_type_t)((type) & ~PSA_KEY_TYPE_FAMILY_MASK))

/* A key pair or a public key on a curve of the family curve; a key of SPAKE2+ made for it; 1.4: a
 * password of WPA3-SAE mapped to it. */
#define PSA_KEY_TYPE_ECC_KEY_PAIR(curve)                                                           \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_ECC_KEY_PAIR_BASE, curve)
#define PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve)                                                         \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE, curve)
#define PSA_KEY_TYPE_SPAKE2P_KEY_PAIR(curve)                                                       \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_SPAKE2P_KEY_PAIR_BASE, curve)
#define PSA_KEY_TYPE_SPAKE2P_PUBLIC_KEY(curve)                                                     \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_SPAKE2P_PUBLIC_KEY_BASE, curve)
#define PSA_KEY_TYPE_WPA3_SAE_ECC(curve)                                                           \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_WPA3_SAE_ECC_BASE, curve)

/* A key pair or a public key in a group of the family group; 1.4: a password of WPA3-SAE mapped to
 * it. */
#define PSA_KEY_TYPE_DH_KEY_PAIR(group) PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_DH_KEY_PAIR_BASE, group)
#define PSA_KEY_TYPE_DH_PUBLIC_KEY(group)                                                          \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_DH_PUBLIC_KEY_BASE, group)
#define PSA_KEY_TYPE_WPA3_SAE_DH(group) PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_WPA3_SAE_DH_BASE, group)

/* 1.5: a key pair or a public key of the SLH-DSA parameter sets set. */
#define PSA_KEY_TYPE_SLH_DSA_KEY_PAIR(set)                                                         \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_SLH_DSA_KEY_PAIR_BASE, set)
#define PSA_KEY_TYPE_SLH_DSA_PUBLIC_KEY(set)                                                       \
    PSA_KEY_TYPE_OF_FAMILY(PSA_KEY_TYPE_SLH_DSA_PUBLIC_KEY_BASE, set)

/* What a type is. */

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
    (PSA_KEY_TYPE_BASE(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type)) ==                               \
     PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_ECC_KEY_PAIR(type)                                                         \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_ECC_KEY_PAIR_BASE)
#define PSA_KEY_TYPE_IS_ECC_PUBLIC_KEY(type)                                                       \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_DH(type)                                                                   \
    (PSA_KEY_TYPE_BASE(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type)) ==                               \
     PSA_KEY_TYPE_DH_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_DH_KEY_PAIR(type) (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_DH_KEY_PAIR_BASE)
#define PSA_KEY_TYPE_IS_DH_PUBLIC_KEY(type)                                                        \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_DH_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_SPAKE2P(type)                                                              \
    (PSA_KEY_TYPE_BASE(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type)) ==                               \
     PSA_KEY_TYPE_SPAKE2P_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_SPAKE2P_KEY_PAIR(type)                                                     \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_SPAKE2P_KEY_PAIR_BASE)
#define PSA_KEY_TYPE_IS_SPAKE2P_PUBLIC_KEY(type)                                                   \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_SPAKE2P_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_WPA3_SAE_ECC(type)                                                         \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_WPA3_SAE_ECC_BASE)
#define PSA_KEY_TYPE_IS_WPA3_SAE_DH(type) (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_WPA3_SAE_DH_BASE)
#define PSA_KEY_TYPE_IS_SLH_DSA(type)                                                              \
    (PSA_KEY_TYPE_BASE(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type)) ==                               \
     PSA_KEY_TYPE_SLH_DSA_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_SLH_DSA_KEY_PAIR(type)                                                     \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_SLH_DSA_KEY_PAIR_BASE)
#define PSA_KEY_TYPE_IS_SLH_DSA_PUBLIC_KEY(type)                                                   \
    (PSA_KEY_TYPE_BASE(type) == PSA_KEY_TYPE_SLH_DSA_PUBLIC_KEY_BASE)
#define PSA_KEY_TYPE_IS_ML_DSA(type)                                                               \
    (PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type) == PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY)
#define PSA_KEY_TYPE_IS_ML_KEM(type)                                                               \
    (PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type) == PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY)

/* The family in a type, 0 if the type has none of that kind. */
#define PSA_KEY_TYPE_ECC_GET_FAMILY(type)                                                          \
    ((psa_ecc_family_t)(PSA_KEY_TYPE_IS_ECC(type) ? ((type)&PSA_KEY_TYPE_FAMILY_MASK) : 0))
#define PSA_KEY_TYPE_DH_GET_FAMILY(type)                                                           \
    ((psa_dh_family_t)(PSA_KEY_TYPE_IS_DH(type) ? ((type)&PSA_KEY_TYPE_FAMILY_MASK) : 0))
#define PSA_KEY_TYPE_SPAKE2P_GET_FAMILY(type)                                                      \
    ((psa_ecc_family_t)(PSA_KEY_TYPE_IS_SPAKE2P(type) ? ((type)&PSA_KEY_TYPE_FAMILY_MASK) : 0))
#define PSA_KEY_TYPE_WPA3_SAE_ECC_GET_FAMILY(type)                                                 \
    ((psa_ecc_family_t)(PSA_KEY_TYPE_IS_WPA3_SAE_ECC(type) ? ((type)&PSA_KEY_TYPE_FAMILY_MASK) : 0))
#define PSA_KEY_TYPE_WPA3_SAE_DH_GET_FAMILY(type)                                                  \
    ((psa_dh_family_t)(PSA_KEY_TYPE_IS_WPA3_SAE_DH(type) ? ((type)&PSA_KEY_TYPE_FAMILY_MASK) : 0))
#define PSA_KEY_TYPE_SLH_DSA_GET_FAMILY(type)                                                      \
    ((psa_slh_dsa_family_t)(PSA_KEY_TYPE_IS_SLH_DSA(type) ? ((type)&PSA_KEY_TYPE_FAMILY_MASK) : 0))

/* Block length of a block cipher's key type in bytes, 1 for a stream cipher, 0 for others. */
#define PSA_BLOCK_CIPHER_BLOCK_LENGTH(type)                                                        \
    (((type)&PSA_KEY_TYPE_CATEGORY_MASK) == PSA_KEY_TYPE_CATEGORY_SYMMETRIC                        \
         ? 1u << (((type) >> 8) & 7u)                                                              \
         : 0u)

/* Families of curves. SECP_R1 with 256 bits is P-256, with 384 bits P-384; MONTGOMERY with 255
 * bits X25519, with 448 bits X448; TWISTED_EDWARDS with 255 bits Ed25519, with 448 bits Ed448.
 * SECP_R2 is too weak for anything new. */
#define PSA_ECC_FAMILY_SECP_K1         ((psa_ecc_family_t)0x17)
#define PSA_ECC_FAMILY_SECP_R1         ((psa_ecc_family_t)0x12)
#define PSA_ECC_FAMILY_SECP_R2         ((psa_ecc_family_t)0x1b)
#define PSA_ECC_FAMILY_SECT_K1         ((psa_ecc_family_t)0x27)
#define PSA_ECC_FAMILY_SECT_R1         ((psa_ecc_family_t)0x22)
#define PSA_ECC_FAMILY_SECT_R2         ((psa_ecc_family_t)0x2b)
#define PSA_ECC_FAMILY_BRAINPOOL_P_R1  ((psa_ecc_family_t)0x30)
#define PSA_ECC_FAMILY_FRP             ((psa_ecc_family_t)0x33)
#define PSA_ECC_FAMILY_MONTGOMERY      ((psa_ecc_family_t)0x41)
#define PSA_ECC_FAMILY_TWISTED_EDWARDS ((psa_ecc_family_t)0x42)

/* Families of Diffie-Hellman groups; the key size in bits names one. */
#define PSA_DH_FAMILY_RFC7919 ((psa_dh_family_t)0x03)
#define PSA_DH_FAMILY_RFC3526 ((psa_dh_family_t)0x05) /* 1.4 */

/* 1.5: families of SLH-DSA parameter sets, small (S) or fast (F). */
#define PSA_SLH_DSA_FAMILY_SHA2_S  ((psa_slh_dsa_family_t)0x02)
#define PSA_SLH_DSA_FAMILY_SHA2_F  ((psa_slh_dsa_family_t)0x04)
#define PSA_SLH_DSA_FAMILY_SHAKE_S ((psa_slh_dsa_family_t)0x0b)
#define PSA_SLH_DSA_FAMILY_SHAKE_F ((psa_slh_dsa_family_t)0x0d)

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
#define PSA_ALG_CATEGORY_PAKE                  ((psa_algorithm_t)0x0a000000)
#define PSA_ALG_CATEGORY_KEY_WRAP              ((psa_algorithm_t)0x0b000000) /* 1.4 */
#define PSA_ALG_CATEGORY_KEY_ENCAPSULATION     ((psa_algorithm_t)0x0c000000) /* 1.3 */
#define PSA_ALG_CATEGORY_XOF                   ((psa_algorithm_t)0x0d000000) /* 1.4 */

#define PSA_ALG_IS_VENDOR_DEFINED(alg) (((alg)&PSA_ALG_VENDOR_FLAG) != 0)
#define PSA_ALG_IS_HASH(alg)           (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_HASH)
#define PSA_ALG_IS_MAC(alg)            (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_MAC)
#define PSA_ALG_IS_CIPHER(alg)         (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_CIPHER)
#define PSA_ALG_IS_AEAD(alg)           (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_AEAD)
#define PSA_ALG_IS_SIGN(alg)           (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_SIGN)
#define PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(alg)                                                      \
    (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_ASYMMETRIC_ENCRYPTION)
#define PSA_ALG_IS_KEY_DERIVATION(alg)                                                             \
    (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_KEY_DERIVATION)
#define PSA_ALG_IS_KEY_AGREEMENT(alg)                                                              \
    (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_KEY_AGREEMENT)
#define PSA_ALG_IS_PAKE(alg)     (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_PAKE)
#define PSA_ALG_IS_KEY_WRAP(alg) (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_KEY_WRAP)
#define PSA_ALG_IS_KEY_ENCAPSULATION(alg)                                                          \
    (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_KEY_ENCAPSULATION)
#define PSA_ALG_IS_XOF(alg) (((alg)&PSA_ALG_CATEGORY_MASK) == PSA_ALG_CATEGORY_XOF)

/* Hashes (IHI 0086, 10.2). MD2, MD4, MD5 and SHA-1 are broken: for old data only. */
#define PSA_ALG_HASH_MASK        ((psa_algorithm_t)0x000000ff)
#define PSA_ALG_MD2              ((psa_algorithm_t)0x02000001)
#define PSA_ALG_MD4              ((psa_algorithm_t)0x02000002)
#define PSA_ALG_MD5              ((psa_algorithm_t)0x02000003)
#define PSA_ALG_RIPEMD160        ((psa_algorithm_t)0x02000004)
#define PSA_ALG_SHA_1            ((psa_algorithm_t)0x02000005)
#define PSA_ALG_AES_MMO_ZIGBEE   ((psa_algorithm_t)0x02000007)
#define PSA_ALG_SHA_224          ((psa_algorithm_t)0x02000008)
#define PSA_ALG_SHA_256          ((psa_algorithm_t)0x02000009)
#define PSA_ALG_SHA_384          ((psa_algorithm_t)0x0200000a)
#define PSA_ALG_SHA_512          ((psa_algorithm_t)0x0200000b)
#define PSA_ALG_SHA_512_224      ((psa_algorithm_t)0x0200000c)
#define PSA_ALG_SHA_512_256      ((psa_algorithm_t)0x0200000d)
#define PSA_ALG_SHA_256_192      ((psa_algorithm_t)0x0200000e) /* 1.5 */
#define PSA_ALG_SHA3_224         ((psa_algorithm_t)0x02000010)
#define PSA_ALG_SHA3_256         ((psa_algorithm_t)0x02000011)
#define PSA_ALG_SHA3_384         ((psa_algorithm_t)0x02000012)
#define PSA_ALG_SHA3_512         ((psa_algorithm_t)0x02000013)
#define PSA_ALG_SM3              ((psa_algorithm_t)0x02000014)
#define PSA_ALG_SHAKE256_512     ((psa_algorithm_t)0x02000015)
#define PSA_ALG_SHAKE128_256     ((psa_algorithm_t)0x02000016) /* 1.5 */
#define PSA_ALG_SHAKE256_192     ((psa_algorithm_t)0x02000017) /* 1.5 */
#define PSA_ALG_SHAKE256_256     ((psa_algorithm_t)0x02000018) /* 1.5 */
#define PSA_ALG_ASCON_HASH256    ((psa_algorithm_t)0x02000019) /* 1.4 */
#define PSA_ALG_BLAKE2S_HASH256  ((psa_algorithm_t)0x0200001c) /* 1.5, and all that follow */
#define PSA_ALG_BLAKE2SP_HASH256 ((psa_algorithm_t)0x0200001d)
#define PSA_ALG_BLAKE2B_HASH512  ((psa_algorithm_t)0x0200001e)
#define PSA_ALG_BLAKE2BP_HASH512 ((psa_algorithm_t)0x0200001f)

#define PSA_ALG_IS_BLAKE2_HASH(alg)                                                                \
    ((alg) >= PSA_ALG_BLAKE2S_HASH256 && (alg) <= PSA_ALG_BLAKE2BP_HASH512)

/* In a key's policy, in place of a hash: any hash that the algorithm accepts. */
#define PSA_ALG_ANY_HASH ((psa_algorithm_t)0x020000ff)

/* The hash inside an algorithm, or PSA_ALG_NONE. */
#define PSA_ALG_GET_HASH(alg)                                                                      \
    (((alg)&PSA_ALG_HASH_MASK) == 0 ? PSA_ALG_NONE                                                 \
                                    : (PSA_ALG_CATEGORY_HASH | ((alg)&PSA_ALG_HASH_MASK)))

/* Algorithms that are a base with a hash in the low 8 bits. */
#define PSA_ALG_OF_HASH(base, hash_alg) ((base) | ((hash_alg)&PSA_ALG_HASH_MASK))
#define PSA_ALG_WITHOUT_HASH(alg)       ((alg) & ~PSA_ALG_HASH_MASK)

/* 1.4: hash functions with output of any length. */
#define PSA_ALG_SHAKE128             ((psa_algorithm_t)0x0d000100)
#define PSA_ALG_SHAKE256             ((psa_algorithm_t)0x0d000200)
#define PSA_ALG_ASCON_XOF128         ((psa_algorithm_t)0x0d000300)
#define PSA_ALG_ASCON_CXOF128        ((psa_algorithm_t)0x0d008300)
#define PSA_ALG_XOF_HAS_CONTEXT(alg) (((alg) & (psa_algorithm_t)0x00008000) != 0)

/* Message authentication codes (IHI 0086, 10.3). The length is a part of the algorithm; 0 stands
 * for all of it. A MAC of less than 4 bytes is not allowed. */
#define PSA_ALG_HMAC_BASE      ((psa_algorithm_t)0x03800000)
#define PSA_ALG_HMAC(hash_alg) PSA_ALG_OF_HASH(PSA_ALG_HMAC_BASE, hash_alg)
#define PSA_ALG_CBC_MAC        ((psa_algorithm_t)0x03c00100)
#define PSA_ALG_CMAC           ((psa_algorithm_t)0x03c00200)

#define PSA_ALG_MAC_TRUNCATION_MASK           ((psa_algorithm_t)0x003f0000)
#define PSA_ALG_MAC_AT_LEAST_THIS_LENGTH_FLAG ((psa_algorithm_t)0x00008000)
#define PSA_ALG_FULL_LENGTH_MAC(mac_alg)                                                           \
    ((mac_alg) & ~(PSA_ALG_MAC_TRUNCATION_MASK | PSA_ALG_MAC_AT_LEAST_THIS_LENGTH_FLAG))
/* mac_alg cut to mac_length bytes. */
#define PSA_ALG_TRUNCATED_MAC(mac_alg, mac_length)                                                 \
    (PSA_ALG_FULL_LENGTH_MAC(mac_alg) |                                                            \
     (((psa_algorithm_t)(mac_length) << 16) & PSA_ALG_MAC_TRUNCATION_MASK))
/* In a key's policy: mac_alg with this or any greater length, in bytes. */
#define PSA_ALG_AT_LEAST_THIS_LENGTH_MAC(mac_alg, min_mac_length)                                  \
    (PSA_ALG_TRUNCATED_MAC(mac_alg, min_mac_length) | PSA_ALG_MAC_AT_LEAST_THIS_LENGTH_FLAG)

#define PSA_ALG_IS_HMAC(alg) (((alg) & (psa_algorithm_t)0x7fc07f00) == PSA_ALG_HMAC_BASE)
#define PSA_ALG_IS_BLOCK_CIPHER_MAC(alg)                                                           \
    (((alg) & (psa_algorithm_t)0x7fc00000) == (psa_algorithm_t)0x03c00000)

/* Ciphers (IHI 0086, 10.4). ECB is a building block, not a way to encrypt messages. */
#define PSA_ALG_STREAM_CIPHER   ((psa_algorithm_t)0x04800100)
#define PSA_ALG_CTR             ((psa_algorithm_t)0x04c01000)
#define PSA_ALG_CFB             ((psa_algorithm_t)0x04c01100)
#define PSA_ALG_OFB             ((psa_algorithm_t)0x04c01200)
#define PSA_ALG_CCM_STAR_NO_TAG ((psa_algorithm_t)0x04c01300)
#define PSA_ALG_CBC_NO_PADDING  ((psa_algorithm_t)0x04404000)
#define PSA_ALG_CBC_PKCS7       ((psa_algorithm_t)0x04404100)
#define PSA_ALG_ECB_NO_PADDING  ((psa_algorithm_t)0x04404400)
#define PSA_ALG_XTS             ((psa_algorithm_t)0x0440ff00)
/* In a key's policy: CCM* as a cipher, and CCM with every tag length. */
#define PSA_ALG_CCM_STAR_ANY_TAG ((psa_algorithm_t)0x04c09300)
/* A cipher whose output is as long as its input at every step. */
#define PSA_ALG_IS_STREAM_CIPHER(alg)                                                              \
    (((alg) & (psa_algorithm_t)0x7f800000) == (psa_algorithm_t)0x04800000)

/* Authenticated encryption (IHI 0086, 10.5). The tag's length is a part of the algorithm; 16 bytes
 * unless it is said otherwise. */
#define PSA_ALG_CCM                ((psa_algorithm_t)0x05500100)
#define PSA_ALG_GCM                ((psa_algorithm_t)0x05500200)
#define PSA_ALG_CHACHA20_POLY1305  ((psa_algorithm_t)0x05100500)
#define PSA_ALG_XCHACHA20_POLY1305 ((psa_algorithm_t)0x05100600)
#define PSA_ALG_ASCON_AEAD128      ((psa_algorithm_t)0x05100700) /* 1.4 */

#define PSA_ALG_AEAD_TAG_LENGTH_MASK           ((psa_algorithm_t)0x003f0000)
#define PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG ((psa_algorithm_t)0x00008000)
#define PSA_ALG_AEAD_FROM_BLOCK_FLAG           ((psa_algorithm_t)0x00400000)
/* aead_alg with a tag of tag_length bytes. */
#define PSA_ALG_AEAD_WITH_SHORTENED_TAG(aead_alg, tag_length)                                      \
    (((aead_alg) & ~(PSA_ALG_AEAD_TAG_LENGTH_MASK | PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG)) |     \
     (((psa_algorithm_t)(tag_length) << 16) & PSA_ALG_AEAD_TAG_LENGTH_MASK))
#define PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(aead_alg) PSA_ALG_AEAD_WITH_SHORTENED_TAG(aead_alg, 16)
/* In a key's policy: aead_alg with a tag of this or any greater length, in bytes. */
#define PSA_ALG_AEAD_WITH_AT_LEAST_THIS_LENGTH_TAG(aead_alg, min_tag_length)                       \
    (PSA_ALG_AEAD_WITH_SHORTENED_TAG(aead_alg, min_tag_length) |                                   \
     PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG)
#define PSA_ALG_IS_AEAD_ON_BLOCK_CIPHER(alg)                                                       \
    (((alg) & (PSA_ALG_CATEGORY_MASK | PSA_ALG_AEAD_FROM_BLOCK_FLAG)) ==                           \
     (PSA_ALG_CATEGORY_AEAD | PSA_ALG_AEAD_FROM_BLOCK_FLAG))

/* 1.4: key wrapping, NIST SP 800-38F. */
#define PSA_ALG_KW  ((psa_algorithm_t)0x0b400100)
#define PSA_ALG_KWP ((psa_algorithm_t)0x0bc00200)

/* Key derivation (IHI 0086, 10.6). */
#define PSA_ALG_HKDF_BASE                   ((psa_algorithm_t)0x08000100)
#define PSA_ALG_HKDF(hash_alg)              PSA_ALG_OF_HASH(PSA_ALG_HKDF_BASE, hash_alg)
#define PSA_ALG_TLS12_PRF_BASE              ((psa_algorithm_t)0x08000200)
#define PSA_ALG_TLS12_PRF(hash_alg)         PSA_ALG_OF_HASH(PSA_ALG_TLS12_PRF_BASE, hash_alg)
#define PSA_ALG_TLS12_PSK_TO_MS_BASE        ((psa_algorithm_t)0x08000300)
#define PSA_ALG_TLS12_PSK_TO_MS(hash_alg)   PSA_ALG_OF_HASH(PSA_ALG_TLS12_PSK_TO_MS_BASE, hash_alg)
#define PSA_ALG_HKDF_EXTRACT_BASE           ((psa_algorithm_t)0x08000400)
#define PSA_ALG_HKDF_EXTRACT(hash_alg)      PSA_ALG_OF_HASH(PSA_ALG_HKDF_EXTRACT_BASE, hash_alg)
#define PSA_ALG_HKDF_EXPAND_BASE            ((psa_algorithm_t)0x08000500)
#define PSA_ALG_HKDF_EXPAND(hash_alg)       PSA_ALG_OF_HASH(PSA_ALG_HKDF_EXPAND_BASE, hash_alg)
#define PSA_ALG_TLS12_ECJPAKE_TO_PMS        ((psa_algorithm_t)0x08000609)
#define PSA_ALG_SP800_108_COUNTER_HMAC_BASE ((psa_algorithm_t)0x08000700)
#define PSA_ALG_SP800_108_COUNTER_HMAC(hash_alg)                                                   \
    PSA_ALG_OF_HASH(PSA_ALG_SP800_108_COUNTER_HMAC_BASE, hash_alg)
#define PSA_ALG_SP800_108_COUNTER_CMAC ((psa_algorithm_t)0x08000800)

/* Those that make guessing of a password slow. */
#define PSA_ALG_KEY_DERIVATION_STRETCHING_FLAG ((psa_algorithm_t)0x00800000)
#define PSA_ALG_PBKDF2_HMAC_BASE               ((psa_algorithm_t)0x08800100)
#define PSA_ALG_PBKDF2_HMAC(hash_alg)          PSA_ALG_OF_HASH(PSA_ALG_PBKDF2_HMAC_BASE, hash_alg)
#define PSA_ALG_PBKDF2_AES_CMAC_PRF_128        ((psa_algorithm_t)0x08800200)
#define PSA_ALG_WPA3_SAE_H2E_BASE              ((psa_algorithm_t)0x08800400) /* 1.4 */
#define PSA_ALG_WPA3_SAE_H2E(hash_alg)         PSA_ALG_OF_HASH(PSA_ALG_WPA3_SAE_H2E_BASE, hash_alg)

#define PSA_ALG_IS_KEY_DERIVATION_STRETCHING(alg)                                                  \
    (PSA_ALG_IS_KEY_DERIVATION(alg) && ((alg)&PSA_ALG_KEY_DERIVATION_STRETCHING_FLAG) != 0)
#define PSA_ALG_IS_HKDF(alg)            (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_HKDF_BASE)
#define PSA_ALG_IS_HKDF_EXTRACT(alg)    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_HKDF_EXTRACT_BASE)
#define PSA_ALG_IS_HKDF_EXPAND(alg)     (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_HKDF_EXPAND_BASE)
#define PSA_ALG_IS_TLS12_PRF(alg)       (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_TLS12_PRF_BASE)
#define PSA_ALG_IS_TLS12_PSK_TO_MS(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_TLS12_PSK_TO_MS_BASE)
#define PSA_ALG_IS_SP800_108_COUNTER_HMAC(alg)                                                     \
    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_SP800_108_COUNTER_HMAC_BASE)
#define PSA_ALG_IS_PBKDF2_HMAC(alg)  (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_PBKDF2_HMAC_BASE)
#define PSA_ALG_IS_WPA3_SAE_H2E(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_WPA3_SAE_H2E_BASE)

/* The inputs of a derivation. SECRET, OTHER_SECRET and PASSWORD are keys, COST is a number. */
#define PSA_KEY_DERIVATION_INPUT_SECRET       ((psa_key_derivation_step_t)0x0101)
#define PSA_KEY_DERIVATION_INPUT_PASSWORD     ((psa_key_derivation_step_t)0x0102)
#define PSA_KEY_DERIVATION_INPUT_OTHER_SECRET ((psa_key_derivation_step_t)0x0103)
#define PSA_KEY_DERIVATION_INPUT_LABEL        ((psa_key_derivation_step_t)0x0201)
#define PSA_KEY_DERIVATION_INPUT_SALT         ((psa_key_derivation_step_t)0x0202)
#define PSA_KEY_DERIVATION_INPUT_INFO         ((psa_key_derivation_step_t)0x0203)
#define PSA_KEY_DERIVATION_INPUT_SEED         ((psa_key_derivation_step_t)0x0204)
#define PSA_KEY_DERIVATION_INPUT_COST         ((psa_key_derivation_step_t)0x0205)
#define PSA_KEY_DERIVATION_INPUT_CONTEXT      ((psa_key_derivation_step_t)0x0206)

/* As much as the algorithm can put out. */
#define PSA_KEY_DERIVATION_UNLIMITED_CAPACITY ((size_t)-1)

/* Signatures (IHI 0086, 10.7). hash_alg is a hash, or PSA_ALG_ANY_HASH in a policy. */
#define PSA_ALG_RSA_PKCS1V15_SIGN_BASE ((psa_algorithm_t)0x06000200)
#define PSA_ALG_RSA_PKCS1V15_SIGN(hash_alg)                                                        \
    PSA_ALG_OF_HASH(PSA_ALG_RSA_PKCS1V15_SIGN_BASE, hash_alg)
#define PSA_ALG_RSA_PKCS1V15_SIGN_RAW      PSA_ALG_RSA_PKCS1V15_SIGN_BASE
#define PSA_ALG_RSA_PSS_BASE               ((psa_algorithm_t)0x06000300)
#define PSA_ALG_RSA_PSS(hash_alg)          PSA_ALG_OF_HASH(PSA_ALG_RSA_PSS_BASE, hash_alg)
#define PSA_ALG_RSA_PSS_ANY_SALT_BASE      ((psa_algorithm_t)0x06001300)
#define PSA_ALG_RSA_PSS_ANY_SALT(hash_alg) PSA_ALG_OF_HASH(PSA_ALG_RSA_PSS_ANY_SALT_BASE, hash_alg)
#define PSA_ALG_ECDSA_BASE                 ((psa_algorithm_t)0x06000600)
#define PSA_ALG_ECDSA(hash_alg)            PSA_ALG_OF_HASH(PSA_ALG_ECDSA_BASE, hash_alg)
#define PSA_ALG_ECDSA_ANY                  PSA_ALG_ECDSA_BASE
#define PSA_ALG_DETERMINISTIC_ECDSA_BASE   ((psa_algorithm_t)0x06000700)
#define PSA_ALG_DETERMINISTIC_ECDSA(hash_alg)                                                      \
    PSA_ALG_OF_HASH(PSA_ALG_DETERMINISTIC_ECDSA_BASE, hash_alg)
#define PSA_ALG_PURE_EDDSA      ((psa_algorithm_t)0x06000800)
#define PSA_ALG_HASH_EDDSA_BASE ((psa_algorithm_t)0x06000900)
#define PSA_ALG_ED25519PH       PSA_ALG_OF_HASH(PSA_ALG_HASH_EDDSA_BASE, PSA_ALG_SHA_512)
#define PSA_ALG_ED448PH         PSA_ALG_OF_HASH(PSA_ALG_HASH_EDDSA_BASE, PSA_ALG_SHAKE256_512)
#define PSA_ALG_EDDSA_CTX       ((psa_algorithm_t)0x06000a00) /* 1.4 */

/* 1.5: lattices and hash trees. */
#define PSA_ALG_SLH_DSA                         ((psa_algorithm_t)0x06004000)
#define PSA_ALG_DETERMINISTIC_SLH_DSA           ((psa_algorithm_t)0x06004100)
#define PSA_ALG_HASH_SLH_DSA_BASE               ((psa_algorithm_t)0x06004200)
#define PSA_ALG_HASH_SLH_DSA(hash_alg)          PSA_ALG_OF_HASH(PSA_ALG_HASH_SLH_DSA_BASE, hash_alg)
#define PSA_ALG_DETERMINISTIC_HASH_SLH_DSA_BASE ((psa_algorithm_t)0x06004300)
#define PSA_ALG_DETERMINISTIC_HASH_SLH_DSA(hash_alg)                                               \
    PSA_ALG_OF_HASH(PSA_ALG_DETERMINISTIC_HASH_SLH_DSA_BASE, hash_alg)
#define PSA_ALG_ML_DSA                         ((psa_algorithm_t)0x06004400)
#define PSA_ALG_DETERMINISTIC_ML_DSA           ((psa_algorithm_t)0x06004500)
#define PSA_ALG_HASH_ML_DSA_BASE               ((psa_algorithm_t)0x06004600)
#define PSA_ALG_HASH_ML_DSA(hash_alg)          PSA_ALG_OF_HASH(PSA_ALG_HASH_ML_DSA_BASE, hash_alg)
#define PSA_ALG_DETERMINISTIC_HASH_ML_DSA_BASE ((psa_algorithm_t)0x06004700)
#define PSA_ALG_DETERMINISTIC_HASH_ML_DSA(hash_alg)                                                \
    PSA_ALG_OF_HASH(PSA_ALG_DETERMINISTIC_HASH_ML_DSA_BASE, hash_alg)
#define PSA_ALG_LMS     ((psa_algorithm_t)0x06004800)
#define PSA_ALG_HSS     ((psa_algorithm_t)0x06004900)
#define PSA_ALG_XMSS    ((psa_algorithm_t)0x06004a00)
#define PSA_ALG_XMSS_MT ((psa_algorithm_t)0x06004b00)

#define PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg)                                                          \
    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_RSA_PKCS1V15_SIGN_BASE)
#define PSA_ALG_IS_RSA_PSS_STANDARD_SALT(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_RSA_PSS_BASE)
#define PSA_ALG_IS_RSA_PSS_ANY_SALT(alg)                                                           \
    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_RSA_PSS_ANY_SALT_BASE)
#define PSA_ALG_IS_RSA_PSS(alg)                                                                    \
    (PSA_ALG_IS_RSA_PSS_STANDARD_SALT(alg) || PSA_ALG_IS_RSA_PSS_ANY_SALT(alg))
#define PSA_ALG_IS_RANDOMIZED_ECDSA(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_ECDSA_BASE)
#define PSA_ALG_IS_DETERMINISTIC_ECDSA(alg)                                                        \
    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_DETERMINISTIC_ECDSA_BASE)
#define PSA_ALG_IS_ECDSA(alg)                                                                      \
    (PSA_ALG_IS_RANDOMIZED_ECDSA(alg) || PSA_ALG_IS_DETERMINISTIC_ECDSA(alg))
#define PSA_ALG_IS_HASH_EDDSA(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_HASH_EDDSA_BASE)

/* Hash trees and lattices. HEDGED: with fresh randomness in each signature. */
#define PSA_ALG_IS_SLH_DSA(alg) ((alg) == PSA_ALG_SLH_DSA || (alg) == PSA_ALG_DETERMINISTIC_SLH_DSA)

#define PSA_ALG_IS_HEDGED_HASH_SLH_DSA(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_HASH_SLH_DSA_BASE)
#define PSA_ALG_IS_DETERMINISTIC_HASH_SLH_DSA(alg)                                                 \
    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_DETERMINISTIC_HASH_SLH_DSA_BASE)
#define PSA_ALG_IS_HASH_SLH_DSA(alg)                                                               \
    (PSA_ALG_IS_HEDGED_HASH_SLH_DSA(alg) || PSA_ALG_IS_DETERMINISTIC_HASH_SLH_DSA(alg))

#define PSA_ALG_IS_ML_DSA(alg) ((alg) == PSA_ALG_ML_DSA || (alg) == PSA_ALG_DETERMINISTIC_ML_DSA)

#define PSA_ALG_IS_HEDGED_HASH_ML_DSA(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_HASH_ML_DSA_BASE)
#define PSA_ALG_IS_DETERMINISTIC_HASH_ML_DSA(alg)                                                  \
    (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_DETERMINISTIC_HASH_ML_DSA_BASE)
#define PSA_ALG_IS_HASH_ML_DSA(alg)                                                                \
    (PSA_ALG_IS_HEDGED_HASH_ML_DSA(alg) || PSA_ALG_IS_DETERMINISTIC_HASH_ML_DSA(alg))

/* A signature algorithm that psa_sign_hash() takes: it signs a hash. */
#define PSA_ALG_IS_SIGN_HASH(alg)                                                                  \
    (PSA_ALG_IS_RSA_PSS(alg) || PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg) || PSA_ALG_IS_ECDSA(alg) ||      \
     PSA_ALG_IS_HASH_EDDSA(alg) || PSA_ALG_IS_HASH_SLH_DSA(alg) || PSA_ALG_IS_HASH_ML_DSA(alg))
/* One that psa_sign_message() takes: it says how a message is hashed. */
#define PSA_ALG_IS_SIGN_MESSAGE(alg)                                                               \
    (PSA_ALG_IS_SIGN(alg) && (alg) != PSA_ALG_ECDSA_ANY && (alg) != PSA_ALG_RSA_PKCS1V15_SIGN_RAW)
/* One that hashes the message and signs that hash. */
#define PSA_ALG_IS_HASH_AND_SIGN(alg)                                                              \
    ((PSA_ALG_IS_RSA_PSS(alg) || PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg) || PSA_ALG_IS_ECDSA(alg) ||     \
      PSA_ALG_IS_HASH_EDDSA(alg)) &&                                                               \
     ((alg)&PSA_ALG_HASH_MASK) != 0)
/* 1.4: one that can take a context that is not empty. */
#define PSA_ALG_SIGN_SUPPORTS_CONTEXT(alg)                                                         \
    ((alg) == PSA_ALG_EDDSA_CTX || PSA_ALG_IS_HASH_EDDSA(alg) || PSA_ALG_IS_SLH_DSA(alg) ||        \
     PSA_ALG_IS_HASH_SLH_DSA(alg) || PSA_ALG_IS_ML_DSA(alg) || PSA_ALG_IS_HASH_ML_DSA(alg))

/* The hash inside a signature algorithm, or PSA_ALG_NONE. */
#define PSA_ALG_SIGN_GET_HASH(alg)                                                                 \
    (PSA_ALG_IS_SIGN_HASH(alg) ? PSA_ALG_GET_HASH(alg) : PSA_ALG_NONE)

/* Asymmetric encryption (IHI 0086, 10.8). */
#define PSA_ALG_RSA_PKCS1V15_CRYPT ((psa_algorithm_t)0x07000200)
#define PSA_ALG_RSA_OAEP_BASE      ((psa_algorithm_t)0x07000300)
#define PSA_ALG_RSA_OAEP(hash_alg) PSA_ALG_OF_HASH(PSA_ALG_RSA_OAEP_BASE, hash_alg)
#define PSA_ALG_IS_RSA_OAEP(alg)   (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_RSA_OAEP_BASE)

/* Key agreement (IHI 0086, 10.9). Alone, or followed by a key derivation. */
#define PSA_ALG_FFDH                           ((psa_algorithm_t)0x09010000)
#define PSA_ALG_ECDH                           ((psa_algorithm_t)0x09020000)
#define PSA_ALG_KEY_AGREEMENT(ka_alg, kdf_alg) ((ka_alg) | (kdf_alg))
#define PSA_ALG_KEY_AGREEMENT_GET_KDF(alg)                                                         \
    (((alg) & (psa_algorithm_t)0xfe80ffff) | PSA_ALG_CATEGORY_KEY_DERIVATION)
#define PSA_ALG_KEY_AGREEMENT_GET_BASE(alg)                                                        \
    (((alg) & (psa_algorithm_t)0xff7f0000) | PSA_ALG_CATEGORY_KEY_AGREEMENT)
#define PSA_ALG_IS_STANDALONE_KEY_AGREEMENT(alg)                                                   \
    (PSA_ALG_IS_KEY_AGREEMENT(alg) &&                                                              \
     PSA_ALG_KEY_AGREEMENT_GET_KDF(alg) == PSA_ALG_CATEGORY_KEY_DERIVATION)
#define PSA_ALG_IS_RAW_KEY_AGREEMENT(alg) PSA_ALG_IS_STANDALONE_KEY_AGREEMENT(alg)
#define PSA_ALG_IS_FFDH(alg)              (((alg) & (psa_algorithm_t)0xff7f0000) == PSA_ALG_FFDH)
#define PSA_ALG_IS_ECDH(alg)              (((alg) & (psa_algorithm_t)0xff7f0000) == PSA_ALG_ECDH)

/* 1.3: key encapsulation. */
#define PSA_ALG_ECIES_SEC1 ((psa_algorithm_t)0x0c000100)
#define PSA_ALG_ML_KEM     ((psa_algorithm_t)0x0c000200) /* 1.5 */

/* 1.3: password-authenticated key exchange (before, an extension of 1.2: AES 0058). */
#define PSA_ALG_JPAKE_BASE             ((psa_algorithm_t)0x0a000100)
#define PSA_ALG_JPAKE(hash_alg)        PSA_ALG_OF_HASH(PSA_ALG_JPAKE_BASE, hash_alg)
#define PSA_ALG_SPAKE2P_HMAC_BASE      ((psa_algorithm_t)0x0a000400)
#define PSA_ALG_SPAKE2P_HMAC(hash_alg) PSA_ALG_OF_HASH(PSA_ALG_SPAKE2P_HMAC_BASE, hash_alg)
#define PSA_ALG_SPAKE2P_CMAC_BASE      ((psa_algorithm_t)0x0a000500)
#define PSA_ALG_SPAKE2P_CMAC(hash_alg) PSA_ALG_OF_HASH(PSA_ALG_SPAKE2P_CMAC_BASE, hash_alg)
#define PSA_ALG_SPAKE2P_MATTER         ((psa_algorithm_t)0x0a000609)

/* 1.4. WPA3_SAE_ANY, in a key's policy: WPA3-SAE of either kind, with any hash, and its H2E. */
#define PSA_ALG_WPA3_SAE_FIXED_BASE      ((psa_algorithm_t)0x0a000800)
#define PSA_ALG_WPA3_SAE_FIXED(hash_alg) PSA_ALG_OF_HASH(PSA_ALG_WPA3_SAE_FIXED_BASE, hash_alg)
#define PSA_ALG_WPA3_SAE_GDH_BASE        ((psa_algorithm_t)0x0a000900)
#define PSA_ALG_WPA3_SAE_GDH(hash_alg)   PSA_ALG_OF_HASH(PSA_ALG_WPA3_SAE_GDH_BASE, hash_alg)
#define PSA_ALG_WPA3_SAE_ANY             ((psa_algorithm_t)0x0a0088ff)

#define PSA_ALG_IS_JPAKE(alg)        (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_JPAKE_BASE)
#define PSA_ALG_IS_SPAKE2P_HMAC(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_SPAKE2P_HMAC_BASE)
#define PSA_ALG_IS_SPAKE2P_CMAC(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_SPAKE2P_CMAC_BASE)
#define PSA_ALG_IS_SPAKE2P(alg)                                                                    \
    (PSA_ALG_IS_SPAKE2P_HMAC(alg) || PSA_ALG_IS_SPAKE2P_CMAC(alg) ||                               \
     (alg) == PSA_ALG_SPAKE2P_MATTER)
#define PSA_ALG_IS_WPA3_SAE_FIXED(alg) (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_WPA3_SAE_FIXED_BASE)
#define PSA_ALG_IS_WPA3_SAE_GDH(alg)   (PSA_ALG_WITHOUT_HASH(alg) == PSA_ALG_WPA3_SAE_GDH_BASE)

#define PSA_ALG_IS_WPA3_SAE(alg) (PSA_ALG_IS_WPA3_SAE_FIXED(alg) || PSA_ALG_IS_WPA3_SAE_GDH(alg))

/* What an exchange computes in: a curve or group of pake_family (PSA_ECC_FAMILY_*, PSA_DH_FAMILY_*)
 * and pake_bits bits; 0 for more than 65535 bits. */
#define PSA_PAKE_PRIMITIVE_TYPE_ECC ((psa_pake_primitive_type_t)0x01)
#define PSA_PAKE_PRIMITIVE_TYPE_DH  ((psa_pake_primitive_type_t)0x02)
#define PSA_PAKE_PRIMITIVE(pake_type, pake_family, pake_bits)                                      \
    ((size_t)(pake_bits) > 0xffffu                                                                 \
         ? (psa_pake_primitive_t)0                                                                 \
         : (((psa_pake_primitive_t)(pake_type) << 24) |                                            \
            ((psa_pake_primitive_t)(pake_family) << 16) | (psa_pake_primitive_t)(pake_bits)))
#define PSA_PAKE_PRIMITIVE_GET_TYPE(pake_primitive)                                                \
    ((psa_pake_primitive_type_t)(((pake_primitive) >> 24) & 0xff))
#define PSA_PAKE_PRIMITIVE_GET_FAMILY(pake_primitive)                                              \
    ((psa_pake_family_t)(((pake_primitive) >> 16) & 0xff))
#define PSA_PAKE_PRIMITIVE_GET_BITS(pake_primitive) ((size_t)((pake_primitive)&0xffff))

/* Whether both sides prove that they have the same key before it is given out. */
#define PSA_PAKE_CONFIRMED_KEY   0
#define PSA_PAKE_UNCONFIRMED_KEY 1

/* Who the caller is: none where both do the same (J-PAKE), one of two equal sides, or the side with
 * the password (client) and that with a verifier of it (server; SPAKE2+). */
#define PSA_PAKE_ROLE_NONE   ((psa_pake_role_t)0x00)
#define PSA_PAKE_ROLE_FIRST  ((psa_pake_role_t)0x01)
#define PSA_PAKE_ROLE_SECOND ((psa_pake_role_t)0x02)
#define PSA_PAKE_ROLE_CLIENT ((psa_pake_role_t)0x11)
#define PSA_PAKE_ROLE_SERVER ((psa_pake_role_t)0x12)

/* What is sent or received. */
#define PSA_PAKE_STEP_KEY_SHARE     ((psa_pake_step_t)0x01)
#define PSA_PAKE_STEP_ZK_PUBLIC     ((psa_pake_step_t)0x02)
#define PSA_PAKE_STEP_ZK_PROOF      ((psa_pake_step_t)0x03)
#define PSA_PAKE_STEP_CONFIRM       ((psa_pake_step_t)0x04)
#define PSA_PAKE_STEP_SALT          ((psa_pake_step_t)0x05) /* 1.4, and all that follow */
#define PSA_PAKE_STEP_COMMIT        ((psa_pake_step_t)0x06)
#define PSA_PAKE_STEP_CONFIRM_COUNT ((psa_pake_step_t)0x07)
#define PSA_PAKE_STEP_KEY_ID        ((psa_pake_step_t)0x08)

/* An algorithm for key policies only: any hash, or a minimum length. */
#define PSA_ALG_IS_WILDCARD(alg)                                                                   \
    (PSA_ALG_GET_HASH(alg) == PSA_ALG_ANY_HASH || (alg) == PSA_ALG_CCM_STAR_ANY_TAG ||             \
     (PSA_ALG_IS_MAC(alg) && ((alg)&PSA_ALG_MAC_AT_LEAST_THIS_LENGTH_FLAG) != 0) ||                \
     (PSA_ALG_IS_AEAD(alg) && ((alg)&PSA_ALG_AEAD_AT_LEAST_THIS_LENGTH_FLAG) != 0))

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
#define PSA_KEY_USAGE_WRAP              ((psa_key_usage_t)0x00010000) /* 1.4 */
#define PSA_KEY_USAGE_UNWRAP            ((psa_key_usage_t)0x00020000) /* 1.4 */

/* 1.4: only for psa_check_key_usage(): the public side of a key agreement or exchange. */
#define PSA_KEY_USAGE_DERIVE_PUBLIC ((psa_key_usage_t)0x00000080)

#endif
