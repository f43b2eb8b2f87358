/*
 * Mbed TLS configuration of the Crypto service: the PSA core, one generator, one static heap,
 * nothing else.
 *
 * Read by Mbed TLS's sources and the adapter (MBEDTLS_CONFIG_FILE); what the product asks for is in
 * psa_crypto_config.h. It never turns on files, clocks, standard output or a source of entropy that
 * is not the adapter's.
 */
#ifndef CRYPTO_MBEDTLS_CONFIG_H
#define CRYPTO_MBEDTLS_CONFIG_H

#include "crypto_algorithms.h"
#include "layout.h"

/* PSA core. Keys carry their owner; buffers that reach it are already private to the partition. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS
#define MBEDTLS_PSA_KEY_SLOT_COUNT CRYPTO_KEYS

/* Memory: one static array, given at start (memory_buffer_alloc.c). */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO(...)                                                       \
    (-1) /* prints object identifiers, which nobody does                                           \
          */
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_MEMORY_ALIGN_MULTIPLE 8

/* The allocator leaves here when it finds its heap damaged. */
#define MBEDTLS_PLATFORM_EXIT_MACRO(status) adapter_panic()
void adapter_panic(void) __attribute__((noreturn));

/* Random numbers: CTR_DRBG where there is AES, which is the faster one; HMAC_DRBG with SHA-256
 * elsewhere. Seeded by mbedtls_hardware_poll() of the adapter. */
#if defined(CRYPTO_ALG_AES_CCM) || defined(CRYPTO_ALG_AES_GCM)
#define MBEDTLS_CTR_DRBG_C
#else
#define MBEDTLS_HMAC_DRBG_C
#endif
#define MBEDTLS_MD_C
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_ENTROPY_HARDWARE_ALT
#define MBEDTLS_ENTROPY_FORCE_SHA256
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_ENTROPY_MAX_SOURCES 1

/* P-256 by p256-m (four functions, no heap); other curves by the generic code with small tables. */
#if defined(CRYPTO_ALG_ECDSA_P256) || defined(CRYPTO_ALG_ECDH_P256)
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
#endif
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE       3
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_MPI_WINDOW_SIZE       2

/* AES for CCM and GCM, which only encrypt blocks: one table of 1 KB and the S-box, in flash. */
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT

#endif
