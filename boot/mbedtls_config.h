/*
 * Mbed TLS for boot: SHA-256 and zeroize, in software, without a heap; the P-256 engine is compiled
 * on its own.
 *
 * Named by MBEDTLS_CONFIG_FILE when boot is built; the Crypto service has a configuration of its
 * own.
 */
#ifndef BARTIZAN_BOOT_MBEDTLS_CONFIG_H
#define BARTIZAN_BOOT_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED /* compiles p256-m.c */

#endif
