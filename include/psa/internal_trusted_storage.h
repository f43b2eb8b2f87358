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

/* Sets asset uid to the data_length bytes at p_data, replacing what it held: after a power cut it
 * holds the old or the new data, never a mix. data_length: 0 to the product's largest asset, bytes.
 * create_flags: PSA_STORAGE_FLAG_*.
 * PSA_SUCCESS; PSA_ERROR_NOT_PERMITTED (uid exists and is write-once); PSA_ERROR_INVALID_ARGUMENT
 * (uid 0, or the caller's memory); PSA_ERROR_NOT_SUPPORTED (unknown flags);
 * PSA_ERROR_INSUFFICIENT_STORAGE (no room, or the asset is larger than the product's largest);
 * PSA_ERROR_STORAGE_FAILURE. 5.2.1 */
psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
                         psa_storage_create_flags_t create_flags);

/* Copies up to data_size bytes of asset uid, from byte data_offset on, to p_data; *p_data_length:
 * bytes copied. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_INVALID_ARGUMENT (uid 0, or
 * data_offset past the end); PSA_ERROR_DATA_CORRUPT; PSA_ERROR_STORAGE_FAILURE. 5.2.2 */
psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
                         size_t *p_data_length);

/* Fills *p_info: size in bytes and flags of asset uid. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST;
 * PSA_ERROR_INVALID_ARGUMENT (uid 0). 5.2.3 */
psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info);

/* Removes asset uid. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_NOT_PERMITTED (write-once);
 * PSA_ERROR_INVALID_ARGUMENT (uid 0); PSA_ERROR_STORAGE_FAILURE. 5.2.4 */
psa_status_t psa_its_remove(psa_storage_uid_t uid);

#ifdef __cplusplus
}
#endif
#endif
