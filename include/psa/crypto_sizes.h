/*
 * PSA Crypto API: buffer sizes. All in bytes unless the name says bits.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), the size macros of chapters 9 and 10; "1.3" and
 * "1.4" mark those of later editions. They are bounds over every profile, computed by the compiler,
 * and do not depend on what a profile supports. A key type or algorithm that no profile can have
 * gives 0. A program includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_SIZES_H
#define PSA_CRYPTO_SIZES_H

#include "psa/crypto_values.h"

#define PSA_BITS_TO_BYTES(bits)  (((bits) + 7u) / 8u)
#define PSA_BYTES_TO_BITS(bytes) ((bytes)*8u)

/* length, rounded up to whole blocks of block bytes; the larger of two. */
#define PSA_ROUND_UP(block, length) (((length) + (block)-1u) / (block) * (block))
#define PSA_LARGER(a, b)            ((a) > (b) ? (a) : (b))

/* ---- Hashes (IHI 0086, 10.2). alg: a hash, or an algorithm that contains one ---- */

/* Length of the hash, 0 if it is not known. */
#define PSA_HASH_LENGTH(alg)                                                                       \
    (PSA_ALG_GET_HASH(alg) == PSA_ALG_MD2                ? 16u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_MD4              ? 16u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_MD5              ? 16u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_RIPEMD160        ? 20u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_1            ? 20u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_AES_MMO_ZIGBEE   ? 16u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_224          ? 28u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_256          ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_384          ? 48u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512          ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_224      ? 28u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_256      ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_256_192      ? 24u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_224         ? 28u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_256         ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_384         ? 48u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_512         ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SM3              ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE256_512     ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE128_256     ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE256_192     ? 24u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE256_256     ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_ASCON_HASH256    ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2S_HASH256  ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2SP_HASH256 ? 32u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2B_HASH512  ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2BP_HASH512 ? 64u                                     \
                                                         : 0u)

/* Length of the hash function's input block, 0 if it is not known. */
#define PSA_HASH_BLOCK_LENGTH(alg)                                                                 \
    (PSA_ALG_GET_HASH(alg) == PSA_ALG_MD2                ? 16u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_MD4              ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_MD5              ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_RIPEMD160        ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_1            ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_AES_MMO_ZIGBEE   ? 16u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_224          ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_256          ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_384          ? 128u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512          ? 128u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_224      ? 128u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_512_256      ? 128u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA_256_192      ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_224         ? 144u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_256         ? 136u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_384         ? 104u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHA3_512         ? 72u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SM3              ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE256_512     ? 136u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE128_256     ? 168u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE256_192     ? 136u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_SHAKE256_256     ? 136u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_ASCON_HASH256    ? 8u                                      \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2S_HASH256  ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2SP_HASH256 ? 64u                                     \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2B_HASH512  ? 128u                                    \
     : PSA_ALG_GET_HASH(alg) == PSA_ALG_BLAKE2BP_HASH512 ? 128u                                    \
                                                         : 0u)

/* Enough for any hash. */
#define PSA_HASH_MAX_SIZE 64u

/* What psa_hash_suspend() writes: the algorithm, the number of bytes hashed, the state, and the
 * input that is not a whole block. 0 for the second and the third of a hash that cannot be
 * suspended. */
#define PSA_HASH_SUSPEND_ALGORITHM_FIELD_LENGTH ((size_t)4)
#define PSA_HASH_SUSPEND_INPUT_LENGTH_FIELD_LENGTH(alg)                                            \
    ((alg) == PSA_ALG_MD2                                           ? 1u                           \
     : (alg) == PSA_ALG_MD4 || (alg) == PSA_ALG_MD5                 ? 8u                           \
     : (alg) == PSA_ALG_RIPEMD160 || (alg) == PSA_ALG_SHA_1         ? 8u                           \
     : (alg) == PSA_ALG_SHA_224 || (alg) == PSA_ALG_SHA_256         ? 8u                           \
     : (alg) == PSA_ALG_SHA_384 || (alg) == PSA_ALG_SHA_512         ? 16u                          \
     : (alg) == PSA_ALG_SHA_512_224 || (alg) == PSA_ALG_SHA_512_256 ? 16u                          \
                                                                    : 0u)
#define PSA_HASH_SUSPEND_HASH_STATE_FIELD_LENGTH(alg)                                              \
    ((alg) == PSA_ALG_MD2                                           ? 64u                          \
     : (alg) == PSA_ALG_MD4 || (alg) == PSA_ALG_MD5                 ? 16u                          \
     : (alg) == PSA_ALG_RIPEMD160 || (alg) == PSA_ALG_SHA_1         ? 20u                          \
     : (alg) == PSA_ALG_SHA_224 || (alg) == PSA_ALG_SHA_256         ? 32u                          \
     : (alg) == PSA_ALG_SHA_384 || (alg) == PSA_ALG_SHA_512         ? 64u                          \
     : (alg) == PSA_ALG_SHA_512_224 || (alg) == PSA_ALG_SHA_512_256 ? 64u                          \
                                                                    : 0u)
#define PSA_HASH_SUSPEND_OUTPUT_SIZE(alg)                                                          \
    (PSA_HASH_SUSPEND_ALGORITHM_FIELD_LENGTH + PSA_HASH_SUSPEND_INPUT_LENGTH_FIELD_LENGTH(alg) +   \
     PSA_HASH_SUSPEND_HASH_STATE_FIELD_LENGTH(alg) + PSA_HASH_BLOCK_LENGTH(alg) - 1u)
#define PSA_HASH_SUSPEND_OUTPUT_MAX_SIZE PSA_HASH_SUSPEND_OUTPUT_SIZE(PSA_ALG_SHA_512)

/* ---- Message authentication codes (IHI 0086, 10.3) ---- */

/* Length of the MAC, 0 if key_type and alg do not match. */
#define PSA_MAC_LENGTH(key_type, key_bits, alg)                                                    \
    (!PSA_ALG_IS_MAC(alg)                       ? 0u                                               \
     : ((alg)&PSA_ALG_MAC_TRUNCATION_MASK) != 0 ? ((alg)&PSA_ALG_MAC_TRUNCATION_MASK) >> 16        \
     : PSA_ALG_IS_HMAC(alg)                     ? PSA_HASH_LENGTH(alg)                             \
     : PSA_ALG_IS_BLOCK_CIPHER_MAC(alg)         ? PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type)          \
                                                : 0u)
#define PSA_MAC_MAX_SIZE PSA_HASH_MAX_SIZE

/* ---- Ciphers (IHI 0086, 10.4) ---- */

#define PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE 16u

/* Length of the initialisation vector, 0 if there is none, or key_type and alg do not match. */
#define PSA_CIPHER_IV_LENGTH(key_type, alg)                                                        \
    (PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) > 1u &&                                               \
             ((alg) == PSA_ALG_CTR || (alg) == PSA_ALG_CFB || (alg) == PSA_ALG_OFB ||              \
              (alg) == PSA_ALG_XTS || (alg) == PSA_ALG_CBC_NO_PADDING ||                           \
              (alg) == PSA_ALG_CBC_PKCS7)                                                          \
         ? PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type)                                                 \
     : (key_type) == PSA_KEY_TYPE_CHACHA20 && (alg) == PSA_ALG_STREAM_CIPHER              ? 12u    \
     : PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) == 16u && (alg) == PSA_ALG_CCM_STAR_NO_TAG ? 13u    \
                                                                                          : 0u)
#define PSA_CIPHER_IV_MAX_SIZE 16u

/* Enough for psa_cipher_encrypt() of input_length bytes: the vector, they, the padding. */
#define PSA_CIPHER_ENCRYPT_OUTPUT_SIZE(key_type, alg, input_length)                                \
    (!PSA_ALG_IS_CIPHER(alg) || PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) == 0u ? 0u                 \
     : (alg) == PSA_ALG_CBC_PKCS7                                                                  \
         ? PSA_ROUND_UP(PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type), (input_length) + 1u) +            \
               PSA_CIPHER_IV_LENGTH(key_type, alg)                                                 \
         : (input_length) + PSA_CIPHER_IV_LENGTH(key_type, alg))
#define PSA_CIPHER_ENCRYPT_OUTPUT_MAX_SIZE(input_length)                                           \
    (PSA_ROUND_UP(PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, (input_length) + 1u) + PSA_CIPHER_IV_MAX_SIZE)

/* Enough for psa_cipher_decrypt() of input_length bytes, the vector among them. */
#define PSA_CIPHER_DECRYPT_OUTPUT_SIZE(key_type, alg, input_length)                                \
    (PSA_ALG_IS_CIPHER(alg) && PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) != 0u ? (input_length) : 0u)
#define PSA_CIPHER_DECRYPT_OUTPUT_MAX_SIZE(input_length) (input_length)

/* Enough for psa_cipher_update() of input_length bytes: whole blocks, or as many. */
#define PSA_CIPHER_UPDATE_OUTPUT_SIZE(key_type, alg, input_length)                                 \
    (!PSA_ALG_IS_CIPHER(alg) || PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) == 0u ? 0u                 \
     : PSA_ALG_IS_STREAM_CIPHER(alg)                                          ? (input_length)     \
                                     : PSA_CIPHER_UPDATE_OUTPUT_MAX_SIZE(input_length))
#define PSA_CIPHER_UPDATE_OUTPUT_MAX_SIZE(input_length)                                            \
    PSA_ROUND_UP(PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, input_length)

/* Enough for what psa_cipher_finish() may still have to give out. */
#define PSA_CIPHER_FINISH_OUTPUT_SIZE(key_type, alg)                                               \
    ((alg) == PSA_ALG_CBC_PKCS7 ? PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) : 0u)
#define PSA_CIPHER_FINISH_OUTPUT_MAX_SIZE PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE

/* ---- Authenticated encryption (IHI 0086, 10.5) ---- */

/* Length of the nonce that psa_aead_generate_nonce() makes, 0 if key_type and alg do not match. */
#define PSA_AEAD_NONCE_LENGTH(key_type, alg)                                                       \
    (PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) == 16u &&                                             \
             PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) == PSA_ALG_CCM                              \
         ? 13u                                                                                     \
     : PSA_BLOCK_CIPHER_BLOCK_LENGTH(key_type) == 16u &&                                           \
             PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) == PSA_ALG_GCM                              \
         ? 12u                                                                                     \
     : (key_type) == PSA_KEY_TYPE_CHACHA20 &&                                                      \
             PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) == PSA_ALG_CHACHA20_POLY1305                \
         ? 12u                                                                                     \
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

/* Enough for psa_aead_update() of input_length bytes: whole blocks, or as many. */
#define PSA_AEAD_UPDATE_OUTPUT_SIZE(key_type, alg, input_length)                                   \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) == 0u ? 0u                                               \
     : PSA_ALG_IS_AEAD_ON_BLOCK_CIPHER(alg)     ? PSA_AEAD_UPDATE_OUTPUT_MAX_SIZE(input_length)    \
                                                : (input_length))
#define PSA_AEAD_UPDATE_OUTPUT_MAX_SIZE(input_length)                                              \
    PSA_ROUND_UP(PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, input_length)

/* Enough for what psa_aead_finish() and psa_aead_verify() may still have to give out. */
#define PSA_AEAD_FINISH_OUTPUT_SIZE(key_type, alg)                                                 \
    (PSA_AEAD_NONCE_LENGTH(key_type, alg) != 0u && PSA_ALG_IS_AEAD_ON_BLOCK_CIPHER(alg)            \
         ? PSA_AEAD_FINISH_OUTPUT_MAX_SIZE                                                         \
         : 0u)
#define PSA_AEAD_FINISH_OUTPUT_MAX_SIZE            PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE
#define PSA_AEAD_VERIFY_OUTPUT_SIZE(key_type, alg) PSA_AEAD_FINISH_OUTPUT_SIZE(key_type, alg)
#define PSA_AEAD_VERIFY_OUTPUT_MAX_SIZE            PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE

/* ---- Key derivation (IHI 0086, 10.6) ---- */

/* Longest pre-shared key of PSA_ALG_TLS12_PSK_TO_MS(), and the output of
 * PSA_ALG_TLS12_ECJPAKE_TO_PMS. */
#define PSA_TLS12_PSK_TO_MS_PSK_MAX_SIZE     128u
#define PSA_TLS12_ECJPAKE_TO_PMS_OUTPUT_SIZE 32u

/* ---- Signatures (IHI 0086, 10.7) ---- */

/* ECDSA: r and s, each as long as the curve. EdDSA: two numbers of one bit more. */
#define PSA_ECDSA_SIGNATURE_SIZE(curve_bits) (PSA_BITS_TO_BYTES(curve_bits) * 2u)
#define PSA_EDDSA_SIGNATURE_SIZE(curve_bits) (((curve_bits) / 8u + 1u) * 2u)

/* Length of a signature by a key of key_type and key_bits with any alg that it can be used with; 0
 * if the type cannot sign. */
#define PSA_SIGN_OUTPUT_SIZE(key_type, key_bits, alg)                                              \
    (PSA_KEY_TYPE_IS_RSA(key_type)    ? PSA_BITS_TO_BYTES(key_bits)                                \
     : !PSA_KEY_TYPE_IS_ECC(key_type) ? 0u                                                         \
     : PSA_KEY_TYPE_ECC_GET_FAMILY(key_type) == PSA_ECC_FAMILY_TWISTED_EDWARDS                     \
         ? PSA_EDDSA_SIGNATURE_SIZE(key_bits)                                                      \
         : PSA_ECDSA_SIGNATURE_SIZE(key_bits))

/* Enough for any signature: the longest is one of RSA. */
#define PSA_SIGNATURE_MAX_SIZE PSA_BITS_TO_BYTES(PSA_VENDOR_RSA_MAX_KEY_BITS)

/* ---- Asymmetric encryption (IHI 0086, 10.8) ---- */

/* Length of a ciphertext, 0 if the key type cannot encrypt. */
#define PSA_ASYMMETRIC_ENCRYPT_OUTPUT_SIZE(key_type, key_bits, alg)                                \
    (PSA_KEY_TYPE_IS_RSA(key_type) ? PSA_BITS_TO_BYTES(key_bits) : 0u)
#define PSA_ASYMMETRIC_ENCRYPT_OUTPUT_MAX_SIZE PSA_BITS_TO_BYTES(PSA_VENDOR_RSA_MAX_KEY_BITS)

/* What the padding takes at least: RFC 8017, 7.1.1 and 7.2.1. */
#define PSA_RSA_MINIMUM_PADDING_SIZE(alg)                                                          \
    (PSA_ALG_IS_RSA_OAEP(alg) ? 2u * PSA_HASH_LENGTH(alg) + 2u : 11u)

/* Enough for a decrypted message, 0 if the key type cannot decrypt, or is too short for alg. */
#define PSA_ASYMMETRIC_DECRYPT_OUTPUT_SIZE(key_type, key_bits, alg)                                \
    (PSA_KEY_TYPE_IS_RSA(key_type) &&                                                              \
             PSA_BITS_TO_BYTES(key_bits) > PSA_RSA_MINIMUM_PADDING_SIZE(alg)                       \
         ? PSA_BITS_TO_BYTES(key_bits) - PSA_RSA_MINIMUM_PADDING_SIZE(alg)                         \
         : 0u)
#define PSA_ASYMMETRIC_DECRYPT_OUTPUT_MAX_SIZE                                                     \
    (PSA_BITS_TO_BYTES(PSA_VENDOR_RSA_MAX_KEY_BITS) - 11u)

/* ---- Key agreement (IHI 0086, 10.9) ---- */

/* Length of the shared secret of a key of key_type and key_bits, 0 if the type has none. */
#define PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(key_type, key_bits)                                      \
    (PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key_type) || PSA_KEY_TYPE_IS_DH_KEY_PAIR(key_type)               \
         ? PSA_BITS_TO_BYTES(key_bits)                                                             \
         : 0u)
#define PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE                                                      \
    PSA_LARGER(PSA_BITS_TO_BYTES(PSA_VENDOR_ECC_MAX_CURVE_BITS),                                   \
               PSA_BITS_TO_BYTES(PSA_VENDOR_FFDH_MAX_KEY_BITS))

/* ---- Key encapsulation (IHI 0086 1.3, "Key encapsulation") ---- */

/* Enough for the ciphertext of psa_encapsulate(): for ECIES, a public key. */
#define PSA_ENCAPSULATE_CIPHERTEXT_SIZE(key_type, key_bits, alg)                                   \
    ((alg) == PSA_ALG_ECIES_SEC1 && PSA_KEY_TYPE_IS_ECC(key_type)                                  \
         ? PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits)                                        \
         : 0u)
#define PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE                                                        \
    PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(PSA_VENDOR_ECC_MAX_CURVE_BITS)

/* ---- Exchange with a password (IHI 0086 1.3, "Password-authenticated key exchange") ---- */

/* Enough for what psa_pake_output() writes, and for what comes from the other side, in one step of
 * J-PAKE or SPAKE2+ on a curve: a point, a number below the curve's order, a MAC. */
#define PSA_PAKE_OUTPUT_SIZE(alg, primitive, output_step)                                          \
    (PSA_PAKE_PRIMITIVE_GET_TYPE(primitive) != PSA_PAKE_PRIMITIVE_TYPE_ECC ? 0u                    \
     : !PSA_ALG_IS_JPAKE(alg) && !PSA_ALG_IS_SPAKE2P(alg)                  ? 0u                    \
     : (output_step) == PSA_PAKE_STEP_KEY_SHARE || (output_step) == PSA_PAKE_STEP_ZK_PUBLIC        \
         ? PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(PSA_PAKE_PRIMITIVE_GET_BITS(primitive))          \
     : (output_step) == PSA_PAKE_STEP_ZK_PROOF                                                     \
         ? PSA_BITS_TO_BYTES(PSA_PAKE_PRIMITIVE_GET_BITS(primitive))                               \
     : (output_step) != PSA_PAKE_STEP_CONFIRM ? 0u                                                 \
     : PSA_ALG_IS_SPAKE2P_CMAC(alg)           ? PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE                    \
                                              : PSA_HASH_LENGTH(alg))
#define PSA_PAKE_INPUT_SIZE(alg, primitive, input_step)                                            \
    PSA_PAKE_OUTPUT_SIZE(alg, primitive, input_step)
#define PSA_PAKE_OUTPUT_MAX_SIZE                                                                   \
    PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(PSA_VENDOR_ECC_MAX_CURVE_BITS)
#define PSA_PAKE_INPUT_MAX_SIZE PSA_PAKE_OUTPUT_MAX_SIZE

/* ---- Exported keys (IHI 0086, 9.6) ---- */

/* A DER INTEGER of up to bits bits: tag, up to 3 bytes of length, a sign byte, the value. */
#define PSA_KEY_EXPORT_ASN1_INTEGER_MAX_SIZE(bits) ((bits) / 8u + 5u)
/* RSAPublicKey: SEQUENCE { n, e }, e up to 32 bits. */
#define PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(key_bits)                                           \
    (PSA_KEY_EXPORT_ASN1_INTEGER_MAX_SIZE(key_bits) + 11u)
/* RSAPrivateKey: version, n, e, d, and five numbers of half the size. */
#define PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(key_bits)                                             \
    (9u * PSA_KEY_EXPORT_ASN1_INTEGER_MAX_SIZE((key_bits) / 2u + 1u) + 14u)
/* 0x04, x, y; Montgomery and Edwards curves need less. */
#define PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits) (2u * PSA_BITS_TO_BYTES(key_bits) + 1u)
/* The private number; Edwards curves have one bit more. */
#define PSA_KEY_EXPORT_ECC_KEY_PAIR_MAX_SIZE(key_bits)     PSA_BITS_TO_BYTES(key_bits)
#define PSA_KEY_EXPORT_EDWARDS_KEY_PAIR_MAX_SIZE(key_bits) ((key_bits) / 8u + 1u)
/* SPAKE2+: w0 and w1; w0 and the point L. */
#define PSA_KEY_EXPORT_SPAKE2P_KEY_PAIR_MAX_SIZE(key_bits) (2u * PSA_BITS_TO_BYTES(key_bits))
#define PSA_KEY_EXPORT_SPAKE2P_PUBLIC_KEY_MAX_SIZE(key_bits)                                       \
    (PSA_BITS_TO_BYTES(key_bits) + PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits))

/* Enough for psa_export_key() of a key of key_type and key_bits, 0 if the type is not known. */
#define PSA_EXPORT_KEY_OUTPUT_SIZE(key_type, key_bits)                                             \
    (PSA_KEY_TYPE_IS_UNSTRUCTURED(key_type) || PSA_KEY_TYPE_IS_DH_KEY_PAIR(key_type)               \
         ? PSA_BITS_TO_BYTES(key_bits)                                                             \
     : (key_type) == PSA_KEY_TYPE_RSA_KEY_PAIR ? PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(key_bits)    \
     : (key_type) == PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS)                     \
         ? PSA_KEY_EXPORT_EDWARDS_KEY_PAIR_MAX_SIZE(key_bits)                                      \
     : PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key_type) ? PSA_KEY_EXPORT_ECC_KEY_PAIR_MAX_SIZE(key_bits)     \
     : PSA_KEY_TYPE_IS_SPAKE2P_KEY_PAIR(key_type)                                                  \
         ? PSA_KEY_EXPORT_SPAKE2P_KEY_PAIR_MAX_SIZE(key_bits)                                      \
         : PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(key_type, key_bits))

/* Enough for psa_export_public_key() of a key of key_type and key_bits, 0 if it has no public
 * key. */
#define PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(key_type, key_bits)                                      \
    (PSA_KEY_TYPE_IS_RSA(key_type)       ? PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(key_bits)        \
     : PSA_KEY_TYPE_IS_ECC(key_type)     ? PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits)        \
     : PSA_KEY_TYPE_IS_SPAKE2P(key_type) ? PSA_KEY_EXPORT_SPAKE2P_PUBLIC_KEY_MAX_SIZE(key_bits)    \
     : PSA_KEY_TYPE_IS_DH(key_type)      ? PSA_BITS_TO_BYTES(key_bits)                             \
                                         : 0u)

/* Enough for any key pair, and for any public key: the longest are those of RSA. */
#define PSA_EXPORT_KEY_PAIR_MAX_SIZE                                                               \
    PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(PSA_VENDOR_RSA_MAX_KEY_BITS)
#define PSA_EXPORT_PUBLIC_KEY_MAX_SIZE                                                             \
    PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(PSA_VENDOR_RSA_MAX_KEY_BITS)
#define PSA_EXPORT_ASYMMETRIC_KEY_MAX_SIZE PSA_EXPORT_KEY_PAIR_MAX_SIZE

/* ---- Key wrapping (IHI 0086 1.4, "Key wrapping") ---- */

/* Enough for psa_wrap_key() of a key of key_type and key_bits: its export, in blocks of 8 bytes,
 * and one more. 0 if wrap_key_type and alg do not match. */
#define PSA_WRAP_KEY_OUTPUT_SIZE(wrap_key_type, alg, key_type, key_bits)                           \
    (PSA_ALG_IS_KEY_WRAP(alg) && PSA_BLOCK_CIPHER_BLOCK_LENGTH(wrap_key_type) == 16u               \
         ? PSA_ROUND_UP(8u, PSA_EXPORT_KEY_OUTPUT_SIZE(key_type, key_bits)) + 8u                   \
         : 0u)
#define PSA_WRAP_KEY_PAIR_MAX_SIZE (PSA_ROUND_UP(8u, PSA_EXPORT_KEY_PAIR_MAX_SIZE) + 8u)

#endif
