/*
 * PSA Firmware Update: bring new firmware to the device, install it, try it, keep it or not.
 *
 * Source: PSA Certified Firmware Update API 1.0 (IHI 0093), chapter 5. Callable from both worlds.
 * An update of a component goes through states (PSA_FWU_*): start, write all blocks, finish,
 * install, reboot, accept, clean. What the product lacks answers PSA_ERROR_NOT_SUPPORTED.
 */
#ifndef PSA_UPDATE_H
#define PSA_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"
#include "psa/fwu_config.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_FWU_API_VERSION_MAJOR 1
#define PSA_FWU_API_VERSION_MINOR 0

/* ---- Components (IHI 0093, chapter 5) ---- */

/* One updatable part of the firmware: FWU_COMPONENT_ID_* of psa/fwu_config.h. */
typedef uint8_t psa_fwu_component_t;

/* Version of an image. major counts most; build does not decide which of two is newer. */
typedef struct psa_fwu_image_version_t {
    uint8_t major;
    uint8_t minor;
    uint16_t patch;
    uint32_t build;
} psa_fwu_image_version_t;

/* States of a component. */
#define PSA_FWU_READY     0u /* nothing under way */
#define PSA_FWU_WRITING   1u /* an image is being written */
#define PSA_FWU_CANDIDATE 2u /* it is complete and can be installed */
#define PSA_FWU_STAGED    3u /* it is installed at the next reboot */
#define PSA_FWU_FAILED    4u /* it was cancelled, or could not be installed */
#define PSA_FWU_TRIAL     5u /* it runs, and waits to be accepted */
#define PSA_FWU_REJECTED  6u /* it was rejected; the next reboot brings the old one back */
#define PSA_FWU_UPDATED   7u /* it runs, and stays */

/* Flags of a component. */
#define PSA_FWU_FLAG_VOLATILE_STAGING 0x00000001u /* a reset loses an image that is not installed */
#define PSA_FWU_FLAG_ENCRYPTION       0x00000002u /* its images come encrypted */

/* What this implementation adds to the information about a component. */
typedef struct psa_fwu_impl_info_t {
    uint8_t candidate_digest[32]; /* SHA-256 of the image that waits; zeros if there is none */
} psa_fwu_impl_info_t;

/* What psa_fwu_query() tells of a component. */
typedef struct psa_fwu_component_info_t {
    uint8_t state;                   /* PSA_FWU_READY to PSA_FWU_UPDATED */
    psa_status_t error;              /* why, in PSA_FWU_REJECTED and PSA_FWU_FAILED */
    psa_fwu_image_version_t version; /* of the image that runs */
    uint32_t max_size;               /* bytes of the largest image */
    uint32_t flags;                  /* PSA_FWU_FLAG_* */
    uint32_t location;               /* 0 */
    psa_fwu_impl_info_t impl;
} psa_fwu_component_info_t;

/* ---- Functions (IHI 0093, chapter 5) ----
 *
 * component: FWU_COMPONENT_ID_*. Those that take one return
 *   PSA_ERROR_DOES_NOT_EXIST      there is no such component
 * and all of them
 *   PSA_ERROR_NOT_PERMITTED       not for this caller
 *   PSA_ERROR_BAD_STATE           no component, or not this one, is in the state for it
 *   PSA_ERROR_STORAGE_FAILURE     the flash does not work
 *   PSA_ERROR_INSUFFICIENT_POWER  the device lacks the power for it now */

/* Fills *info: state, version and limits of component. Possible in every state. PSA_SUCCESS. */
psa_status_t psa_fwu_query(psa_fwu_component_t component, psa_fwu_component_info_t *info);

/* From PSA_FWU_READY to PSA_FWU_WRITING. manifest (manifest_size bytes): a manifest that comes
 * apart from the image; NULL and 0 for images that carry theirs. PSA_SUCCESS;
 * PSA_ERROR_INVALID_ARGUMENT (a manifest that is not wanted); PSA_ERROR_INVALID_SIGNATURE (of the
 * manifest); PSA_ERROR_INSUFFICIENT_STORAGE; PSA_ERROR_FLASH_ABUSE (too many updates in too short
 * a time). */
psa_status_t psa_fwu_start(psa_fwu_component_t component, const void *manifest,
                           size_t manifest_size);

/* In PSA_FWU_WRITING: writes block (block_size bytes, at most PSA_FWU_MAX_WRITE_SIZE) at byte
 * image_offset of the image of component. Each byte is written once at most. PSA_SUCCESS;
 * PSA_ERROR_INVALID_ARGUMENT (block_size, past the largest image, or the caller's memory);
 * PSA_ERROR_INSUFFICIENT_STORAGE; PSA_ERROR_FLASH_ABUSE. */
psa_status_t psa_fwu_write(psa_fwu_component_t component, size_t image_offset, const void *block,
                           size_t block_size);

/* From PSA_FWU_WRITING to PSA_FWU_CANDIDATE: the image of component is complete. PSA_SUCCESS;
 * PSA_ERROR_INVALID_SIGNATURE; PSA_ERROR_INVALID_ARGUMENT (not an image for it);
 * PSA_ERROR_DEPENDENCY_NEEDED (an image of another component must be there first);
 * PSA_ERROR_NOT_PERMITTED (also for an older version). */
psa_status_t psa_fwu_finish(psa_fwu_component_t component);

/* From PSA_FWU_WRITING or PSA_FWU_CANDIDATE to PSA_FWU_FAILED: gives up the update of component.
 * PSA_SUCCESS. */
psa_status_t psa_fwu_cancel(psa_fwu_component_t component);

/* From PSA_FWU_FAILED, PSA_FWU_REJECTED or PSA_FWU_UPDATED to PSA_FWU_READY: erases what the update
 * of component left. PSA_SUCCESS; PSA_ERROR_INSUFFICIENT_POWER. */
psa_status_t psa_fwu_clean(psa_fwu_component_t component);

/* Installs all components in PSA_FWU_CANDIDATE together: they go to PSA_FWU_STAGED.
 * PSA_SUCCESS_REBOOT (call psa_fwu_request_reboot()); PSA_ERROR_DEPENDENCY_NEEDED (nothing was
 * staged); the errors of psa_fwu_finish(). */
psa_status_t psa_fwu_install(void);

/* Reboots the device. Returns only on an error: PSA_ERROR_NOT_PERMITTED; PSA_ERROR_NOT_SUPPORTED.
 */
psa_status_t psa_fwu_request_reboot(void);

/* All components in PSA_FWU_TRIAL go to PSA_FWU_REJECTED, all in PSA_FWU_STAGED to PSA_FWU_FAILED,
 * with error, the caller's own reason, in their information. PSA_SUCCESS; PSA_SUCCESS_REBOOT (the
 * reboot brings the old images back). */
psa_status_t psa_fwu_reject(psa_status_t error);

/* All components in PSA_FWU_TRIAL go to PSA_FWU_UPDATED: they stay. PSA_SUCCESS. */
psa_status_t psa_fwu_accept(void);

#ifdef __cplusplus
}
#endif
#endif
