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

/* ---- Runtime counters ----
 *
 * A counter starts at 0 and only grows, over resets, power cuts and updates. The product names them
 * and says which clients may use each (docs/product.md, [[nv_counter]]); bartizan/nv_counters.h has
 * their names as BARTIZAN_NV_COUNTER_<NAME>. Both functions return
 *   PSA_ERROR_DOES_NOT_EXIST   the product has no such counter
 *   PSA_ERROR_NOT_PERMITTED    it is not for this client
 *   PSA_ERROR_DATA_CORRUPT     it is damaged in flash: no value is served rather than a lower one
 *   PSA_ERROR_STORAGE_FAILURE  the flash does not work
 *   PSA_ERROR_NOT_SUPPORTED    the product has no counters, or no Platform service */

/* Tells in *value what the counter stands at. PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT (value is
 * NULL, or the caller's memory). */
psa_status_t bartizan_nv_counter_read(uint32_t counter, uint32_t *value);

/* Adds one; when it returns PSA_SUCCESS, no power cut takes the step back. One that was cut off, or
 * failed with PSA_ERROR_STORAGE_FAILURE, was done or not. PSA_SUCCESS; PSA_ERROR_BAD_STATE (it
 * stands at its highest value, 2^32 - 1, and stays there). */
psa_status_t bartizan_nv_counter_increment(uint32_t counter);

#ifdef __cplusplus
}
#endif
#endif
