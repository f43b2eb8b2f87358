/*
 * PSA Crypto API 1.2: buffer sizes. All in bytes unless the name says bits.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), the size macros of chapters 9 and 10. They are
 * bounds over every profile, computed by the compiler, and do not depend on what a profile
 * supports. A program includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_SIZES_H
#define PSA_CRYPTO_SIZES_H

#include "psa/crypto_values.h"

#define PSA_BITS_TO_BYTES(bits)  (((bits) + 7u) / 8u)
#define PSA_BYTES_TO_BITS(bytes) ((bytes)*8u)

/* ---- Hashes (IHI 0086, 10.2). alg: a hash, or an algorithm that contains one ---- */

/* Length of the hash, 0 if it is not known. */
#define PSA_HASH_LENGTH(alg)                                                                       \
    (PSA_ALG_GET_HASH(alg) == PSA_ALG_MD5           ? 16u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_RIPEMD160   ? 20u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_1       ? 20u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_224     ? 28u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_256     ? 32u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_384     ? 48u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512     ? 64u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_224 ? 28u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_256 ? 32u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_224    ? 28u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_256    ? 32u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_384    ? 48u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_512    ? 64u                                          \
                                                    : 0u)

/* Length of the hash function's input block, 0 if it is not known. */
#define PSA_HASH_BLOCK_LENGTH(alg)                                                                 \
    (PSA_ALG_GET_HASH(alg) == PSA_ALG_MD5           ? 64u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_RIPEMD160   ? 64u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_1       ? 64u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_224     ? 64u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_256     ? 64u                                          \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_384     ? 128u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512     ? 128u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_224 ? 128u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_256 ? 128u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_224    ? 144u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_256    ? 136u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_384    ? 104u                                         \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_512    ? 72u                                          \
                                                    : 0u)

/* Enough for any hash. */
#define PSA_HASH_MAX_SIZE 64u

/* ---- Signatures (IHI 0086, 10.7) ---- */

/* ECDSA: r and s, each as long as the curve. */
#define PSA_ECDSA_SIGNATURE_SIZE(curve_bits) (PSA_BITS_TO_BYTES(curve_bits) * 2u)

/* Length of a signature by a key of key_type and key_bits with any alg that it can be used with; 0
 * if the type cannot sign. */
#define PSA_SIGN_OUTPUT_SIZE(key_type, key_bits, alg)                                              \
    (PSA_KEY_TYPE_IS_RSA(key_type)   ? PSA_BITS_TO_BYTES(key_bits)                                 \
     : PSA_KEY_TYPE_IS_ECC(key_type) ? PSA_ECDSA_SIGNATURE_SIZE(key_bits)                          \
                                     : 0u)

/* Enough for any signature. */
#define PSA_SIGNATURE_MAX_SIZE PSA_BITS_TO_BYTES(PSA_VENDOR_RSA_MAX_KEY_BITS)

/* ---- Authenticated encryption (IHI 0086, 10.5) ---- */

#define PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE 16u

/* Length of the nonce that psa_aead_generate_nonce() makes, 0 if key_type and alg do not match. */
#define PSA_AEAD_NONCE_LENGTH(key_type, alg)                                                       \
    (PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) != 16u             ? 0u                               \
     : PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) == PSA_ALG_CCM ? 13u                              \
     : PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) == PSA_ALG_GCM ? 12u                              \
                                                                : 0u)
#define PSA_AEAD_NONCE_MAX_SIZE 13u

/* Length of the tag, 0 if key_type and alg do not match. */
#define PSA_AEAD_TAG_LENGTH(key_type, key_bits, alg)                                               \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) != 0u ? ((alg)&PSA_ALG_AEAD_TAG_LENGTH_MASK) >> 16 : 0u)
#define PSA_AEAD_TAG_MAX_SIZE 16u

/* Enough for psa_aead_encrypt() of plaintext_length bytes: they and the tag. */
#define PSA_AEAD_ENCRYPT_OUTPUT_SIZE(key_type, alg, plaintext_length)                              \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) != 0u                                                    \
         ? (plaintext_length) + (((alg)&PSA_ALG_AEAD_TAG_LENGTH_MASK) >> 16)                       \
         : 0u)
#define PSA_AEAD_ENCRYPT_OUTPUT_MAX_SIZE(plaintext_length)                                         \
    ((plaintext_length) + PSA_AEAD_TAG_MAX_SIZE)

/* Enough for psa_aead_decrypt() of ciphertext_length bytes, the tag among them. */
#define PSA_AEAD_DECRYPT_OUTPUT_SIZE(key_type, alg, ciphertext_length)                             \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) != 0u &&                                                 \
             (ciphertext_length) > (((alg)&PSA_ALG_AEAD_TAG_LENGTH_MASK) >> 16)                    \
         ? (ciphertext_length) - (((alg)&PSA_ALG_AEAD_TAG_LENGTH_MASK) >> 16)                      \
         : 0u)
#define PSA_AEAD_DECRYPT_OUTPUT_MAX_SIZE(ciphertext_length) (ciphertext_length)

/* Enough for psa_aead_update() of input_length bytes: whole blocks. */
#define PSA_AEAD_UPDATE_OUTPUT_SIZE(key_type, alg, input_length)                                   \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) != 0u ? PSA_AEAD_UPDATE_OUTPUT_MAX_SIZE(input_length)    \
                                                : 0u)
#define PSA_AEAD_UPDATE_OUTPUT_MAX_SIZE(input_length) (((input_length) + 15u) / 16u * 16u)

/* Enough for what psa_aead_finish() and psa_aead_verify() may still have to give out. */
#define PSA_AEAD_FINISH_OUTPUT_SIZE(key_type, alg)                                                 \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) != 0u ? PSA_AEAD_FINISH_OUTPUT_MAX_SIZE : 0u)
#define PSA_AEAD_FINISH_OUTPUT_MAX_SIZE            PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE
#define PSA_AEAD_VERIFY_OUTPUT_SIZE(key_type, alg) PSA_AEAD_FINISH_OUTPUT_SIZE(key_type, alg)
#define PSA_AEAD_VERIFY_OUTPUT_MAX_SIZE            PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE

/* ---- Key agreement (IHI 0086, 10.9) ---- */

/* Length of the shared secret of a key of key_type and key_bits, 0 if the type has none. */
#define PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(key_type, key_bits)                                      \
    (PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key_type) ? PSA_BITS_TO_BYTES(key_bits) : 0u)
#define PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE PSA_BITS_TO_BYTES(PSA_VENDOR_ECC_MAX_CURVE_BITS)

/* ---- Exported keys (IHI 0086, 9.6) ---- */

/* A DER INTEGER of up to bits bits: tag, up to 3 bytes of length, a sign byte, the value. */
#define PSA_KEY_EXPORT_ASN1_INTEGER_MAX_SIZE(bits) ((bits) / 8u + 5u)
/* RSAPublicKey: SEQUENCE { n, e }, e up to 32 bits. */
#define PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(key_bits)                                           \
    (PSA_KEY_EXPORT_ASN1_INTEGER_MAX_SIZE(key_bits) + 11u)
/* RSAPrivateKey: version, n, e, d, and five numbers of half the size. */
#define PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(key_bits)                                             \
    (9u * PSA_KEY_EXPORT_ASN1_INTEGER_MAX_SIZE((key_bits) / 2u + 1u) + 14u)
/* 0x04, x, y. */
#define PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits) (2u * PSA_BITS_TO_BYTES(key_bits) + 1u)
/* The private number. */
#define PSA_KEY_EXPORT_ECC_KEY_PAIR_MAX_SIZE(key_bits) PSA_BITS_TO_BYTES(key_bits)

/* Enough for psa_export_key() of a key of key_type and key_bits, 0 if the type is not known. */
#define PSA_EXPORT_KEY_OUTPUT_SIZE(key_type, key_bits)                                             \
    (PSA_KEY_TYPE_IS_UNSTRUCTURED(key_type)    ? PSA_BITS_TO_BYTES(key_bits)                       \
     : (key_type) == PSA_KEY_TYPE_RSA_KEY_PAIR ? PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(key_bits)    \
     : (key_type) == PSA_KEY_TYPE_RSA_PUBLIC_KEY                                                   \
         ? PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(key_bits)                                        \
     : PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key_type)   ? PSA_KEY_EXPORT_ECC_KEY_PAIR_MAX_SIZE(key_bits)   \
     : PSA_KEY_TYPE_IS_ECC_PUBLIC_KEY(key_type) ? PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits) \
                                                : 0u)

/* Enough for psa_export_public_key() of a key of key_type and key_bits, 0 if it has no public
 * key. */
#define PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(key_type, key_bits)                                      \
    (PSA_KEY_TYPE_IS_RSA(key_type)   ? PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(key_bits)            \
     : PSA_KEY_TYPE_IS_ECC(key_type) ? PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits)            \
                                     : 0u)

/* Enough for any key pair, and for any public key. */
#define PSA_EXPORT_KEY_PAIR_MAX_SIZE                                                               \
    PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(PSA_VENDOR_RSA_MAX_KEY_BITS)
#define PSA_EXPORT_PUBLIC_KEY_MAX_SIZE                                                             \
    PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(PSA_VENDOR_RSA_MAX_KEY_BITS)

#endif
