/*
 * The runtime counters of the product: who may use which, and what they stand at.
 *
 * Called by service.c, only in a product that has counters. A counter survives resets and power
 * cuts and never goes back: no value is served that is lower than one that was served or
 * acknowledged before, as long as one of the two flash regions of the counters is whole.
 */
#ifndef BARTIZAN_PLATFORM_COUNTERS_H
#define BARTIZAN_PLATFORM_COUNTERS_H

#include <stdint.h>

#include "psa/error.h"

/* One row of the product's table. */
struct nv_counter {
    uint32_t id;
    uint32_t client_count;
    const int32_t
        *clients; /* ids of partitions; -1: the non-secure side, whatever its client ids */
};

extern const struct nv_counter nv_counters[]; /* NV_COUNTERS of them, generated */

/* Tells what the counter stands at. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST: no such counter;
 * PSA_ERROR_NOT_PERMITTED: not for this client; PSA_ERROR_DATA_CORRUPT: damaged in both regions. */
psa_status_t counter_read(int32_t client, uint32_t id, uint32_t *value)
    __attribute__((warn_unused_result));

/* Adds one. Errors as counter_read(); PSA_ERROR_BAD_STATE: it stands at its highest value;
 * PSA_ERROR_STORAGE_FAILURE: the flash does not take it, the step was done or not. */
psa_status_t counter_increment(int32_t client, uint32_t id) __attribute__((warn_unused_result));

#endif
