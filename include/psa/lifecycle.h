/*
 * The security life cycle of the device: a state of the PSA in the high byte, one of the product in
 * the low byte.
 *
 * Source: PSA Firmware Framework for M 1.0 (DEN 0063), section 4.4. Partitions ask with
 * psa_rot_lifecycle_state(), clients through the Platform service.
 */
#ifndef PSA_LIFECYCLE_H
#define PSA_LIFECYCLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_LIFECYCLE_PSA_STATE_MASK (0xff00u)
#define PSA_LIFECYCLE_IMP_STATE_MASK (0x00ffu)

#define PSA_LIFECYCLE_UNKNOWN                   (0x0000u)
#define PSA_LIFECYCLE_ASSEMBLY_AND_TEST         (0x1000u)
#define PSA_LIFECYCLE_PSA_ROT_PROVISIONING      (0x2000u)
#define PSA_LIFECYCLE_SECURED                   (0x3000u)
#define PSA_LIFECYCLE_NON_PSA_ROT_DEBUG         (0x4000u)
#define PSA_LIFECYCLE_RECOVERABLE_PSA_ROT_DEBUG (0x5000u)
#define PSA_LIFECYCLE_DECOMMISSIONED            (0x6000u)

/* The life cycle of the device, one of the above plus the product's low byte. For code of
 * partitions. Never fails. FF-M 1.0, 4.4. */
uint32_t psa_rot_lifecycle_state(void);

#ifdef __cplusplus
}
#endif
#endif
