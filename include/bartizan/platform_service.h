/*
 * The Platform service: what a client may ask of the device itself.
 *
 * Callable from both worlds; a partition names PSA_PLATFORM among its dependencies. Reset reasons
 * and life cycle are those of the boot that is running.
 */
#ifndef BARTIZAN_PLATFORM_SERVICE_H
#define BARTIZAN_PLATFORM_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"
#include "psa/lifecycle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why the device started. */
#define BARTIZAN_RESET_COLD      (1u) /* power-on, or from outside */
#define BARTIZAN_RESET_REQUESTED (2u) /* bartizan_reset(), or an update */
#define BARTIZAN_RESET_WATCHDOG  (3u)
#define BARTIZAN_RESET_FAULT     (4u) /* a fault that the secure world handled */
#define BARTIZAN_RESET_PANIC     (5u) /* a partition panicked or broke a rule */

struct bartizan_status {
    uint32_t life_cycle;    /* PSA_LIFECYCLE_* of psa/lifecycle.h, plus the product's low byte */
    uint32_t reset_reason;  /* BARTIZAN_RESET_* */
    uint32_t boot_count;    /* 1 at the first boot of the device */
    uint32_t update_result; /* 0: no update was handled at this boot */
};

/* Fills *status. PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT (status is NULL, or the caller's memory).
 */
psa_status_t bartizan_get_status(struct bartizan_status *status);

/* Bytes of the longest text of a fault, with its zero. */
#define BARTIZAN_FAULT_TEXT_BYTES (429u)

/* Writes the story of the last fault or panic since power-on to text: lines, the last one without
 * an end, then a zero. size: bytes at text. Older stories are in the device's fault log.
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST (there was none); PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INVALID_ARGUMENT. */
psa_status_t bartizan_get_fault(char *text, size_t size);

/* Resets the device at once, reason BARTIZAN_RESET_REQUESTED. Returns only if the service cannot be
 * reached: PSA_ERROR_CONNECTION_BUSY (from an interrupt in the middle of another call). */
psa_status_t bartizan_reset(void);

#ifdef __cplusplus
}
#endif
#endif
