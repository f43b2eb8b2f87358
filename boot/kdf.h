/*
 * HKDF with SHA-256 (RFC 5869), for the seeds and the root that boot hands over.
 *
 * Called by boot/handoff.c. Built on Mbed TLS's SHA-256 alone: its HMAC and HKDF take memory from a
 * heap, and boot has none. Wipes what it computes on the way.
 */
#ifndef BARTIZAN_BOOT_KDF_H
#define BARTIZAN_BOOT_KDF_H

#include <stddef.h>
#include <stdint.h>

#define KDF_OUTPUT_MAX_BYTES 64U
#define KDF_SALT_MAX_BYTES   64U

struct kdf_input {
    const void *bytes;
    size_t length;
};

/* Derives length bytes (1..KDF_OUTPUT_MAX_BYTES) into output. salt: at most KDF_SALT_MAX_BYTES, may
 * be empty. info is label (a text) followed by context (may be empty). */
void kdf_derive(struct kdf_input salt, struct kdf_input key, const char *label,
                struct kdf_input context, uint8_t *output, size_t length);

#endif
