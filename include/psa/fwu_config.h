/*
 * PSA Firmware Update: the values that the specification leaves to the implementation.
 *
 * Source: PSA Certified Firmware Update API 1.0 (IHI 0093), chapter 5. The same for every product:
 * which components a device has, and how large they may be, is what psa_fwu_query() tells. Included
 * by psa/update.h.
 */
#ifndef PSA_FWU_CONFIG_H
#define PSA_FWU_CONFIG_H

/* Components: the secure image, and the non-secure one. */
#define FWU_COMPONENT_ID_SECURE    0x00u
#define FWU_COMPONENT_ID_NONSECURE 0x01u
#define FWU_COMPONENT_NUMBER       2

/* Bytes of the largest block of psa_fwu_write(). */
#define PSA_FWU_MAX_WRITE_SIZE 1024u

/* Blocks start and end at multiples of 1 << this, in bytes: anywhere. What the flash wants is the
 * service's business. */
#define PSA_FWU_LOG2_WRITE_ALIGN 0u

#endif
