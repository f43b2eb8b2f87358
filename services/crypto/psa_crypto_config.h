/*
 * What the PSA core is built with: the product's profile, in Mbed TLS's PSA_WANT_* words.
 *
 * Read by Mbed TLS (MBEDTLS_PSA_CRYPTO_CONFIG_FILE). The profile names algorithms
 * (crypto_algorithms.h, generated); this file turns a name into the key types and operations it
 * needs. SHA-256 is always there: the random generator stands on it.
 */
#ifndef CRYPTO_PSA_CRYPTO_CONFIG_H
#define CRYPTO_PSA_CRYPTO_CONFIG_H

#include "crypto_algorithms.h"

#define PSA_WANT_ALG_SHA_256 1
#ifdef CRYPTO_ALG_SHA384
#define PSA_WANT_ALG_SHA_384 1
#endif
#ifdef CRYPTO_ALG_SHA512
#define PSA_WANT_ALG_SHA_512 1
#endif

#if defined(CRYPTO_ALG_ECDSA_P256) || defined(CRYPTO_ALG_ECDSA_P384)
#define PSA_WANT_ALG_ECDSA 1
#endif
#ifdef CRYPTO_ALG_ECDH_P256
#define PSA_WANT_ALG_ECDH 1
#endif
#if defined(CRYPTO_ALG_ECDSA_P256) || defined(CRYPTO_ALG_ECDSA_P384) ||                            \
    defined(CRYPTO_ALG_ECDH_P256)
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY        1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_BASIC    1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_IMPORT   1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_EXPORT   1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_GENERATE 1
#endif
#if defined(CRYPTO_ALG_ECDSA_P256) || defined(CRYPTO_ALG_ECDH_P256)
#define PSA_WANT_ECC_SECP_R1_256 1
#endif
#ifdef CRYPTO_ALG_ECDSA_P384
#define PSA_WANT_ECC_SECP_R1_384 1
#endif

#if defined(CRYPTO_ALG_AES_CCM) || defined(CRYPTO_ALG_AES_GCM)
#define PSA_WANT_KEY_TYPE_AES 1
#endif
#ifdef CRYPTO_ALG_AES_CCM
#define PSA_WANT_ALG_CCM 1
#endif
#ifdef CRYPTO_ALG_AES_GCM
#define PSA_WANT_ALG_GCM 1
#endif

#ifdef CRYPTO_ALG_RSA
#define PSA_WANT_ALG_RSA_PKCS1V15_SIGN          1
#define PSA_WANT_ALG_RSA_PSS                    1
#define PSA_WANT_KEY_TYPE_RSA_PUBLIC_KEY        1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_BASIC    1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_IMPORT   1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_EXPORT   1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_GENERATE 1
#endif

#endif
