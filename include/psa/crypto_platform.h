/*
 * PSA Crypto API: what the other crypto headers stand on in this implementation.
 *
 * Included by psa/crypto_types.h. It asks for no configuration: the same headers serve every
 * product and every compiler, in C99 and in C++. A program includes psa/crypto.h only.
 */
#ifndef PSA_CRYPTO_PLATFORM_H
#define PSA_CRYPTO_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

/* Largest keys that any profile of the product accepts; a profile may support less. In bits. */
#define PSA_VENDOR_RSA_MAX_KEY_BITS   4096u
#define PSA_VENDOR_ECC_MAX_CURVE_BITS 521u
#define PSA_VENDOR_FFDH_MAX_KEY_BITS  4096u

#endif
