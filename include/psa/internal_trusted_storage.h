/*
 * PSA Internal Trusted Storage: small assets in the device's internal flash, atomic under power
 * cuts.
 *
 * Source: PSA Certified Secure Storage API 1.0 (IHI 0087), section 5.2. Callable from both worlds;
 * an asset belongs to the client that set it.
 */
#ifndef PSA_INTERNAL_TRUSTED_STORAGE_H
#define PSA_INTERNAL_TRUSTED_STORAGE_H

#include "psa/error.h"
#include "psa/storage_common.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_ITS_API_VERSION_MAJOR 1
#define PSA_ITS_API_VERSION_MINOR 0

/* ---- Functions (IHI 0087, 5.2) ----
 *
 * uid: the asset's name, not 0. All return
 *   PSA_ERROR_INVALID_ARGUMENT  uid 0, or memory that is not the caller's
 *   PSA_ERROR_STORAGE_FAILURE   the flash does not work, or its content is not this service's
 *   PSA_ERROR_NOT_SUPPORTED     the product has no such service
 * and those that read an asset
 *   PSA_ERROR_DATA_CORRUPT      this asset is damaged in flash, or was changed there where the
 *                               product encrypts; it can be set again or removed, write-once too.
 *                               5.2 has no word for it but STORAGE_FAILURE, of which it says that
 *                               it is fatal; this one, of 5.1's list, leaves all others readable.
 * Where a function fails, no output is written. */

/* Sets asset uid to the data_length bytes at p_data, replacing what it held: after a power cut it
 * holds the old or the new data, never a mix. data_length: 0 to the product's largest asset, bytes;
 * with 0, p_data may be NULL. create_flags: PSA_STORAGE_FLAG_*.
 * PSA_SUCCESS; PSA_ERROR_NOT_PERMITTED (uid exists and is write-once); PSA_ERROR_NOT_SUPPORTED
 * (unknown flags); PSA_ERROR_INSUFFICIENT_STORAGE (no room, more than the caller's quota, or larger
 * than the product's largest; never for replacing an asset by one of at most its size). 5.2.1 */
psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
                         psa_storage_create_flags_t create_flags);

/* Copies up to data_size bytes of asset uid, from byte data_offset on, to p_data; *p_data_length:
 * bytes copied, 0 where data_offset is the asset's end. With data_size 0, p_data may be NULL; no
 * byte past those copied is changed. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST;
 * PSA_ERROR_INVALID_ARGUMENT (also for data_offset past the end). 5.2.2 */
psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
                         size_t *p_data_length);

/* Fills *p_info: size in bytes, capacity (the same), and flags of asset uid. PSA_SUCCESS;
 * PSA_ERROR_DOES_NOT_EXIST. 5.2.3 */
psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info);

/* Removes asset uid. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_NOT_PERMITTED
 * (write-once). 5.2.4 */
psa_status_t psa_its_remove(psa_storage_uid_t uid);

#ifdef __cplusplus
}
#endif
#endif
