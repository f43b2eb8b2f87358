/*
 * ECDSA with P-256 over a SHA-256 digest, from DER to a hardened verdict.
 *
 * Called by boot/verify.c. The arithmetic is behind boot/p256.h. Public data only: nothing here
 * needs constant time.
 */
#ifndef BARTIZAN_BOOT_ECDSA_H
#define BARTIZAN_BOOT_ECDSA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fih/fih.h"

#define ECDSA_KEY_BYTES       91U /* DER SubjectPublicKeyInfo of an uncompressed P-256 point */
#define ECDSA_SIGNATURE_BYTES 64U /* r, then s */

/* Is this the SubjectPublicKeyInfo of an uncompressed P-256 point, byte for byte but for the point?
 */
bool ecdsa_key_is_p256(const uint8_t *key, uint32_t length);

/* Decodes SEQUENCE { INTEGER r, INTEGER s }: DER only (shortest form, no trailing bytes), both
 * positive and at most 32 bytes. */
bool ecdsa_decode_signature(const uint8_t *der, uint32_t length,
                            uint8_t signature[ECDSA_SIGNATURE_BYTES]);

/* key: ECDSA_KEY_BYTES that ecdsa_key_is_p256() accepted; digest: 32 bytes. The caller has set
 * *verdict to FIH_NO. */
void ecdsa_verify(const uint8_t *key, const uint8_t signature[ECDSA_SIGNATURE_BYTES],
                  const uint8_t *digest, volatile fih_t *verdict);

#endif
