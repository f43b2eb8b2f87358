/*
 * The API of the service ticker, for applications, and what travels between its stub (client.c) and
 * the service (ticker.c).
 *
 * The service counts the interrupts of a timer and logs them in its heap; when that is full, the
 * oldest entries make room.
 */
#ifndef TICKER_H
#define TICKER_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

struct ticker_count {
    uint32_t starts;  /* ticker_start() calls in the life of the device */
    uint32_t ticks;   /* since the last one */
    uint32_t entries; /* in the log */
};

struct ticker_entry {
    uint32_t tick;        /* its number, from 1 */
    uint32_t late_clocks; /* from the interrupt to the service */
};

/* Starts counting from 0, with a tick every period_clocks (at least 1000) of the timer. PSA_SUCCESS;
 * PSA_ERROR_INVALID_ARGUMENT (period); an error of Internal Trusted Storage. */
psa_status_t ticker_start(uint32_t period_clocks);

/* Reads the counts, and the oldest *length entries; afterwards *length says how many there were.
 * PSA_SUCCESS. */
psa_status_t ticker_read(struct ticker_count *count, struct ticker_entry *entries, size_t *length);

/* Stops the timer. Counts and log stay until the next start. PSA_SUCCESS. */
psa_status_t ticker_stop(void);

/* Types of psa_call():
 *   TICKER_START  in[0] period_clocks, 4 bytes    out: none
 *   TICKER_READ   in: none                        out[0] struct ticker_count, out[1] entries
 *   TICKER_STOP   in: none                        out: none */
#define TICKER_START 1
#define TICKER_READ  2
#define TICKER_STOP  3

#endif
