/*
 * Boot's monotonic counters in an append-only flash log (docs/formats/counters.md).
 *
 * Called by boot only. A step costs one program operation; every few hundred steps one sector is
 * erased. Values never go down, at whatever point power fails. Not for the runtime: it gets values
 * through the hand-off.
 */
#ifndef BARTIZAN_COUNTER_H
#define BARTIZAN_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/flash/flash.h"
#include "psa/error.h"

#define COUNTER_COUNT                 16U
#define COUNTER_ID_BOOT               0U
#define COUNTER_ID_SECURITY(image_id) (1U + (image_id))

/* A mounted log. Private to counter.c, except that it may be copied and dropped at any time. */
struct counter_log {
    const struct flash_area *area;
    uint32_t sector;   /* offset of the current sector */
    uint32_t sequence; /* of the current sector; 0: the region is new */
    uint32_t next;     /* offset in the sector of the next entry */
    bool is_behind;    /* another sector holds a value that the current one does not */
    uint32_t values[COUNTER_COUNT];
};

/* Reads the region; writes nothing. area must outlive the log.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT: geometry that the format cannot use;
 * PSA_ERROR_DATA_CORRUPT: unknown content, version or sequence. */
psa_status_t counter_mount(struct counter_log *log, const struct flash_area *area)
    __attribute__((warn_unused_result));

/* Current value. PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT: no such id. */
psa_status_t counter_read(const struct counter_log *log, uint32_t id, uint32_t *value)
    __attribute__((warn_unused_result));

/* Moves the counter up to value and makes that durable. A value at or below the current one is
 * success without a write. PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT: no such id;
 * PSA_ERROR_STORAGE_FAILURE: the flash does not take it (the counter keeps its value, or has the
 * new one after the next mount). */
psa_status_t counter_advance(struct counter_log *log, uint32_t id, uint32_t value)
    __attribute__((warn_unused_result));

/* Adds one, durably, and tells the new value. As counter_advance(), and PSA_ERROR_NOT_PERMITTED:
 * the counter stands at its last value, 0xFFFFFFFF. */
psa_status_t counter_increment(struct counter_log *log, uint32_t id, uint32_t *value)
    __attribute__((warn_unused_result));

#endif
