/*
 * How full Internal Trusted Storage is: for diagnostics, and for an application that wants to know
 * before it stores.
 *
 * Callable from both worlds; a partition names PSA_ITS among its dependencies. The functions that
 * store are those of psa/internal_trusted_storage.h.
 */
#ifndef BARTIZAN_STORAGE_H
#define BARTIZAN_STORAGE_H

#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bartizan_storage_usage {
    /* Of the caller. The maximum is its quota, or that of the store where it has none: what others
     * hold is not taken off. A damaged asset counts without its bytes. */
    uint32_t assets;
    uint32_t assets_max;
    uint32_t bytes; /* of data */
    uint32_t bytes_max;
    /* Of the store, with the assets of all clients. Bytes are those of flash: each asset takes 32
     * more than its data, rounded up. A new asset may be refused before all are used, since room is
     * kept for replacing the largest one. */
    uint32_t store_assets;
    uint32_t store_assets_max;
    uint32_t store_bytes;
    uint32_t store_bytes_max;
    uint32_t store_erases; /* of its most worn flash sector */
    uint32_t
        store_size_admitted; /* of the largest asset that it would take as a new one now; 0: none */
};

/* Fills *usage. Takes some time for each asset in the store.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT (usage is NULL, or the caller's memory);
 * PSA_ERROR_STORAGE_FAILURE; PSA_ERROR_NOT_SUPPORTED (the product has no such service). */
psa_status_t bartizan_its_get_usage(struct bartizan_storage_usage *usage);

#ifdef __cplusplus
}
#endif
#endif
