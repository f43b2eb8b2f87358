/*
 * Boot's counters: how often the device started, and the lowest security counter it accepts for
 * each image.
 *
 * Called by boot/main.c. Sits on lib/counter and the product's counters region; the format is
 * docs/formats/counters.md.
 */
#ifndef BARTIZAN_BOOT_COUNTERS_H
#define BARTIZAN_BOOT_COUNTERS_H

#include <stdint.h>

#include "psa/error.h"

/* Finds the counters in flash; must come first. */
psa_status_t counters_mount(void) __attribute__((warn_unused_result));

/* Counts this boot. On success *count is in flash and was never returned before. */
psa_status_t counters_count_boot(uint32_t *count) __attribute__((warn_unused_result));

/* The lowest security counter that the device accepts for an image; 0 for one that it never raised.
 */
psa_status_t counters_read_security(uint32_t image_id, uint32_t *minimum)
    __attribute__((warn_unused_result));

#endif
