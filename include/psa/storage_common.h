/*
 * Types shared by the two PSA Secure Storage APIs.
 *
 * Source: PSA Certified Secure Storage API 1.0 (IHI 0087), section 5.1.
 */
#ifndef PSA_STORAGE_COMMON_H
#define PSA_STORAGE_COMMON_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Name of an asset, chosen by the client; 0 is not a name. Each client has its own names. */
typedef uint64_t psa_storage_uid_t;

/* How an asset is kept: any of PSA_STORAGE_FLAG_*. */
typedef uint32_t psa_storage_create_flags_t;

#define PSA_STORAGE_FLAG_NONE 0u
/* The asset can be neither changed nor removed once it is set. */
#define PSA_STORAGE_FLAG_WRITE_ONCE (1u << 0)
/* The client does without confidentiality (without replay protection): ignored, both are given
 * anyway. */
#define PSA_STORAGE_FLAG_NO_CONFIDENTIALITY   (1u << 1)
#define PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION (1u << 2)

/* psa_ps_get_support(): psa_ps_create() and psa_ps_set_extended() are there. IHI 0087, 5.3. */
#define PSA_STORAGE_SUPPORT_SET_EXTENDED (1u << 0)

/* What get_info() tells of an asset. */
struct psa_storage_info_t {
    size_t capacity; /* bytes reserved; equal to size in this implementation */
    size_t size;     /* bytes of data */
    psa_storage_create_flags_t flags;
};

#ifdef __cplusplus
}
#endif
#endif
