/*
 * The assets of Protected Storage: what they are on a medium that anybody may read and change, and
 * on the anchor, which nobody can (docs/formats/ps.md).
 *
 * Called by service.c for each request, and by host tests. Knows the rules of the specification
 * (PSA Secure Storage 1.0, 5.3), not who asks or how: no call of the manager, no message, no
 * region. Plain text is only in the caller's buffer, from the function that puts it there until
 * assets_wipe(). Not re-entrant.
 */
#ifndef PS_ASSETS_H
#define PS_ASSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/seal/seal.h"
#include "lib/store/store.h"
#include "psa/error.h"

#define ASSETS_NONCE_PREFIX_BYTES 8U
/* What a record on the medium has besides the asset's capacity: its nonce. */
#define ASSETS_OVERHEAD_BYTES SEAL_NONCE_BYTES
/* Data of a record in the anchor. */
#define ASSETS_ANCHOR_BYTES 24U

struct assets;

/* What the assets are made of: constant, set by the product. Must outlive struct assets. */
struct assets_config {
    struct store_config medium; /* first; .accept = assets_accept,
                                   .asset_size_max = ASSETS_OVERHEAD_BYTES + largest asset */
    struct store_config anchor; /* .accept = NULL, .asset_size_max = ASSETS_ANCHOR_BYTES */
    struct assets *assets;      /* the only one with this configuration */
    uint8_t *buffer;            /* medium.asset_size_max bytes, aligned to 4 */
};

/* The caller supplies it, assets.c alone looks inside. */
struct assets {
    const struct assets_config *config;
    struct store medium;
    struct store anchor;
    struct seal_key key;
    uint8_t nonce_prefix[ASSETS_NONCE_PREFIX_BYTES];
    uint32_t nonces_used;
    uint32_t plain_bytes; /* of the buffer, that may be plain text */
    bool has_anchor;      /* mounted */
    bool has_medium;
};

struct assets_info {
    uint32_t size_bytes;
    uint32_t capacity_bytes;
    uint32_t flags; /* PSA_STORAGE_FLAG_*, as set */
};

/* For struct assets_config: passes over the records of the medium that no anchor names. */
bool assets_accept(const struct store_config *config, const struct store_key *key,
                   const struct store_info *info);

/* Sets key and nonces. nonce_prefix must never have been used before with this key. The stores are
 * mounted with the first operation that needs them; an operation whose outcome is unknown because
 * the flash failed has them mounted again. PSA_SUCCESS; PSA_ERROR_GENERIC_ERROR. */
psa_status_t assets_start(struct assets *assets, const struct assets_config *config,
                          const uint8_t key[SEAL_KEY_BYTES],
                          const uint8_t nonce_prefix[ASSETS_NONCE_PREFIX_BYTES])
    __attribute__((warn_unused_result));

/* Where data of an asset go before assets_set(): room for the largest asset. */
uint8_t *assets_buffer(const struct assets *assets);

/* Overwrites the buffer with zeros. After every operation that brought plain text there. */
void assets_wipe(struct assets *assets);

/* All functions below also return
 *   PSA_ERROR_STORAGE_FAILURE    the anchor or the flash does not work; a change may have happened
 *   PSA_ERROR_GENERIC_ERROR      no nonce is left, or the cipher does not work
 * and all that read an asset
 *   PSA_ERROR_INVALID_SIGNATURE  the record on the medium is not the one that counts
 *   PSA_ERROR_DATA_CORRUPT       there is no such record on the medium, or one is damaged
 * key->owner is the client; flags are PSA_STORAGE_FLAG_*. */

/* Sets the asset to the length bytes in the buffer, which are cipher text or zero afterwards.
 * PSA_SUCCESS; PSA_ERROR_NOT_SUPPORTED: unknown flags; PSA_ERROR_NOT_PERMITTED: write-once;
 * PSA_ERROR_INSUFFICIENT_STORAGE. */
psa_status_t assets_set(struct assets *assets, const struct store_key *key, size_t length,
                        uint32_t flags) __attribute__((warn_unused_result));

/* Decrypts the asset into the buffer. *data points to what begins at offset; *actual tells how many
 * bytes of it there are, at most length.
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_INVALID_ARGUMENT: offset beyond the size. */
psa_status_t assets_get(struct assets *assets, const struct store_key *key, size_t offset,
                        size_t length, const uint8_t **data, size_t *actual)
    __attribute__((warn_unused_result));

/* What the anchor says; the medium must have a record of that version and length.
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST. */
psa_status_t assets_get_info(struct assets *assets, const struct store_key *key,
                             struct assets_info *info) __attribute__((warn_unused_result));

/* PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_NOT_PERMITTED: write-once. Needs no room and
 * nothing of the medium. */
psa_status_t assets_remove(struct assets *assets, const struct store_key *key)
    __attribute__((warn_unused_result));

/* Makes an empty asset with room for capacity bytes.
 * PSA_SUCCESS; PSA_ERROR_ALREADY_EXISTS; PSA_ERROR_NOT_SUPPORTED: unknown flags, or write-once;
 * PSA_ERROR_INSUFFICIENT_STORAGE. */
psa_status_t assets_create(struct assets *assets, const struct store_key *key, size_t capacity,
                           uint32_t flags) __attribute__((warn_unused_result));

/* First half of a partial write: decrypts the asset into the buffer; *place is where the length
 * bytes for offset belong. The caller puts them there, then calls assets_extend_finish() with the
 * same arguments, or assets_wipe() to give up.
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_NOT_PERMITTED: write-once;
 * PSA_ERROR_INVALID_ARGUMENT: offset beyond the size, or the end beyond the capacity. */
psa_status_t assets_extend_begin(struct assets *assets, const struct store_key *key, size_t offset,
                                 size_t length, uint8_t **place)
    __attribute__((warn_unused_result));

/* Second half: seals and stores it. The buffer holds cipher text or zeros afterwards. */
psa_status_t assets_extend_finish(struct assets *assets, const struct store_key *key, size_t offset,
                                  size_t length) __attribute__((warn_unused_result));

#endif
