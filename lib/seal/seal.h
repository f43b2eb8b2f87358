/*
 * Sealing of stored data: AES-128-CCM in place, with a 12-byte nonce and a 16-byte tag (NIST
 * SP 800-38C with L = 3), and the derivation of a key from a root (NIST SP 800-108r1 with CMAC).
 *
 * Called by services that store what others may read or change, and by the manager. Keeps no data
 * of its own: any partition may execute it. Knows nothing of nonces but their size: that none is
 * used twice under one key is the caller's duty (docs/decisions/008-partition-keys.md).
 */
#ifndef BARTIZAN_SEAL_H
#define BARTIZAN_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#define SEAL_KEY_BYTES   16U
#define SEAL_NONCE_BYTES 12U
#define SEAL_TAG_BYTES   16U
#define SEAL_ROOT_BYTES  32U
#define SEAL_LABEL_BYTES 8U

/* L = 3: the length of the data is three bytes. CCM's limit for additional data without a longer
 * encoding of their length. */
#define SEAL_DATA_BYTES_MAX 0xFFFFFFU
#define SEAL_AD_BYTES_MAX   0xFEFFU

/* An expanded key and what one operation needs. The caller supplies it, lib/seal alone looks
 * inside. Must not move while it holds a key. */
struct seal_key {
    uint64_t words[48];
};

/* One message. data is encrypted or decrypted in place; ad is authenticated only. Either may be
 * NULL when its length is 0. */
struct seal_text {
    const uint8_t *nonce; /* SEAL_NONCE_BYTES */
    const void *ad;
    size_t ad_bytes;
    uint8_t *data;
    size_t length;
};

/* Expands the key. PSA_SUCCESS; PSA_ERROR_GENERIC_ERROR: the engine refuses. */
psa_status_t seal_key_set(struct seal_key *key, const uint8_t bytes[SEAL_KEY_BYTES])
    __attribute__((warn_unused_result));

/* Encrypts and makes the tag.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT: a length beyond its limit; PSA_ERROR_GENERIC_ERROR: the
 * engine refuses. On an error, data and tag are wiped. */
psa_status_t seal_encrypt(struct seal_key *key, const struct seal_text *text,
                          uint8_t tag[SEAL_TAG_BYTES]) __attribute__((warn_unused_result));

/* Decrypts and checks the tag, in a time that does not tell where it differs.
 * PSA_SUCCESS; PSA_ERROR_INVALID_SIGNATURE: anything was changed; PSA_ERROR_INVALID_ARGUMENT,
 * PSA_ERROR_GENERIC_ERROR as seal_encrypt(). On an error, data are wiped. */
psa_status_t seal_decrypt(struct seal_key *key, const struct seal_text *text,
                          const uint8_t tag[SEAL_TAG_BYTES]) __attribute__((warn_unused_result));

/* Derives the key of number from the root: CMAC-AES-256 over one block, 0x01 | label | 0x00 |
 * number, big-endian | 0x0080. PSA_SUCCESS; PSA_ERROR_GENERIC_ERROR: the engine refuses, and key
 * is zero. */
psa_status_t seal_derive(const uint8_t root[SEAL_ROOT_BYTES], const uint8_t label[SEAL_LABEL_BYTES],
                         uint32_t number, uint8_t key[SEAL_KEY_BYTES])
    __attribute__((warn_unused_result));

/* Overwrites memory with zeros; the compiler may not leave it out. */
void seal_wipe(void *memory, size_t length);

#endif
