/*
 * Encryption of assets in flash, where the product sets its_encryption.
 *
 * Called by its.c. A sealed asset is what the store holds as its data: the ciphertext, the nonce,
 * the tag (docs/formats/its.md). A bit of the store's flags tells it from a plain one, so that a
 * product that encrypts still reads what was set before, and one that does not never takes
 * ciphertext for data.
 */
#ifndef BARTIZAN_ITS_PROTECT_H
#define BARTIZAN_ITS_PROTECT_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "lib/seal/seal.h"
#include "lib/store/store.h"

/* Of the store's flags; those of the API are the low ones. */
#define PROTECT_SEALED 0x80000000U

/* What sealing adds to the size of an asset. */
#define PROTECT_BYTES (SEAL_NONCE_BYTES + SEAL_TAG_BYTES)

/* Bytes of the largest asset as the store holds it. */
#define PROTECT_SIZE_MAX (ITS_ASSET_SIZE + (ITS_ENCRYPTION != 0U ? PROTECT_BYTES : 0U))

static inline bool protect_is_sealed(const struct store_info *info)
{
    return (info->flags & PROTECT_SEALED) != 0U;
}

/* True when this product can tell what is in the asset. */
static inline bool protect_is_known(const struct store_info *info)
{
    return !protect_is_sealed(info) || (ITS_ENCRYPTION != 0U && info->size_bytes >= PROTECT_BYTES &&
                                        info->size_bytes <= PROTECT_SIZE_MAX);
}

/* Bytes that the client set, of an asset that protect_is_known(). */
static inline uint32_t protect_size(const struct store_info *info)
{
    return ITS_ENCRYPTION != 0U && protect_is_sealed(info) && info->size_bytes >= PROTECT_BYTES
               ? info->size_bytes - PROTECT_BYTES
               : info->size_bytes;
}

/* Seals the asset in place. data: room for PROTECT_BYTES more; info: size and flags as the client
 * set them, then as the store is to hold them. PSA_SUCCESS; PSA_ERROR_STORAGE_FAILURE: no key, or no
 * nonce is left until the next start. */
psa_status_t protect_seal(const struct store_key *key, struct store_info *info, uint8_t *data)
    __attribute__((warn_unused_result));

/* Opens a sealed asset that protect_is_known(), read as a whole, in place. PSA_SUCCESS;
 * PSA_ERROR_DATA_CORRUPT: it is not what was set by this client under this uid, with these flags
 * and this size; PSA_ERROR_STORAGE_FAILURE: no key. */
psa_status_t protect_open(const struct store_key *key, const struct store_info *info, uint8_t *data)
    __attribute__((warn_unused_result));

#endif
