/*
 * Mbed TLS for lib/seal: AES that only encrypts blocks, CCM on it, nothing else; no heap, no data.
 *
 * Named by MBEDTLS_CONFIG_FILE when lib/seal is built; the Crypto service has a configuration of
 * its own, and its objects have the same names: see lib/seal/CMakeLists.txt.
 */
#ifndef BARTIZAN_SEAL_MBEDTLS_CONFIG_H
#define BARTIZAN_SEAL_MBEDTLS_CONFIG_H

#define MBEDTLS_AES_C
#define MBEDTLS_CCM_C
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_PLATFORM_ZEROIZE_ALT /* seal.c: Mbed TLS's has data */

/* One table of 1 KiB and the S-box, in flash: on Arm, the rotations of the others cost nothing. */
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT

#endif
