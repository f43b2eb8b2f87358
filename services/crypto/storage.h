/*
 * Where the engine keeps persistent keys: Internal Trusted Storage, one asset for each key.
 *
 * Called by the engine's key store, whose psa_its_*() these are (sources.cmake), and by the
 * adapter. The engine has one status for all that can go wrong; what the storage really answered is
 * remembered here. Contracts of the four: psa/internal_trusted_storage.h.
 */
#ifndef CRYPTO_STORAGE_H
#define CRYPTO_STORAGE_H

#include "psa/error.h"
#include "psa/storage_common.h"

psa_status_t storage_get(psa_storage_uid_t uid, size_t offset, size_t size, void *data,
                         size_t *length);
psa_status_t storage_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *info);
psa_status_t storage_set(psa_storage_uid_t uid, size_t length, const void *data,
                         psa_storage_create_flags_t flags);
psa_status_t storage_remove(psa_storage_uid_t uid);

/* Forgets the failure of an earlier call. */
void storage_begin(void);

/* The first failure since storage_begin(), PSA_SUCCESS if there was none. That an asset does not
 * exist is no failure. */
psa_status_t storage_failure(void);

#endif
