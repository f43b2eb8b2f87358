/*
 * PSA Protected Storage: assets with confidentiality, integrity and replay protection, atomic under
 * power cuts.
 *
 * Source: PSA Certified Secure Storage API 1.0 (IHI 0087), section 5.3. Callable from both worlds;
 * an asset belongs to the client that set it, and its names are not those of Internal Trusted
 * Storage. What the product lacks answers PSA_ERROR_NOT_SUPPORTED.
 */
#ifndef PSA_PROTECTED_STORAGE_H
#define PSA_PROTECTED_STORAGE_H

#include "psa/error.h"
#include "psa/storage_common.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_PS_API_VERSION_MAJOR 1
#define PSA_PS_API_VERSION_MINOR 0

/* ---- Functions (IHI 0087, 5.3) ----
 *
 * uid: the asset's name, not 0. All that name an asset return
 *   PSA_ERROR_INVALID_ARGUMENT   uid 0, or memory that is not the caller's
 *   PSA_ERROR_STORAGE_FAILURE    the flash does not work
 *   PSA_ERROR_GENERIC_ERROR      the service cannot work
 * and all that read it (not psa_ps_set(), psa_ps_remove() and psa_ps_create())
 *   PSA_ERROR_INVALID_SIGNATURE  what is stored was changed, or is an older state of it
 *   PSA_ERROR_DATA_CORRUPT       what is stored is damaged, or is no longer there
 * An asset of which these two are told can be set again or removed, unless it is write-once; others
 * are not affected. */

/* Sets asset uid to the data_length bytes at p_data, replacing what it held, flags and capacity too:
 * after a power cut it holds the old or the new data, never a mix. data_length: 0 to the product's
 * largest asset, bytes. create_flags: PSA_STORAGE_FLAG_*.
 * PSA_SUCCESS; PSA_ERROR_NOT_PERMITTED (uid exists and is write-once); PSA_ERROR_NOT_SUPPORTED
 * (unknown flags); PSA_ERROR_INSUFFICIENT_STORAGE (no room, or the asset is larger than the
 * product's largest). */
psa_status_t psa_ps_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
                        psa_storage_create_flags_t create_flags);

/* Copies up to data_size bytes of asset uid, from byte data_offset on, to p_data; *p_data_length:
 * bytes copied. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_INVALID_ARGUMENT (also for
 * data_offset past the end). */
psa_status_t psa_ps_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
                        size_t *p_data_length);

/* Fills *p_info: size, capacity (both in bytes) and flags of asset uid. PSA_SUCCESS;
 * PSA_ERROR_DOES_NOT_EXIST. What it says is right even if the asset's data were changed, which only
 * reading them finds out. */
psa_status_t psa_ps_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info);

/* Removes asset uid. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_NOT_PERMITTED
 * (write-once). */
psa_status_t psa_ps_remove(psa_storage_uid_t uid);

/* Makes asset uid, which is empty then, with room for capacity bytes, which psa_ps_set_extended()
 * never lacks. create_flags: PSA_STORAGE_FLAG_*, but not write-once.
 * PSA_SUCCESS; PSA_ERROR_ALREADY_EXISTS; PSA_ERROR_INSUFFICIENT_STORAGE (also for a capacity beyond
 * the product's largest asset); PSA_ERROR_NOT_SUPPORTED (write-once or unknown flags; always, unless
 * psa_ps_get_support() says PSA_STORAGE_SUPPORT_SET_EXTENDED). */
psa_status_t psa_ps_create(psa_storage_uid_t uid, size_t capacity,
                           psa_storage_create_flags_t create_flags);

/* Overwrites a part of asset uid, however it was made: the data_length bytes at p_data go to byte
 * data_offset of it, which is at most its size; it grows as far as its capacity (what psa_ps_set()
 * made does not). Flags and capacity stay. data_length 0 changes nothing. As atomic as psa_ps_set().
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_INVALID_ARGUMENT (also past its size or
 * capacity); PSA_ERROR_NOT_PERMITTED (write-once); PSA_ERROR_INSUFFICIENT_STORAGE (never, while the
 * medium is whole); PSA_ERROR_NOT_SUPPORTED as psa_ps_create(). */
psa_status_t psa_ps_set_extended(psa_storage_uid_t uid, size_t data_offset, size_t data_length,
                                 const void *p_data);

/* Returns the set of optional features, PSA_STORAGE_SUPPORT_SET_EXTENDED or 0. Never fails. */
uint32_t psa_ps_get_support(void);

#ifdef __cplusplus
}
#endif
#endif
