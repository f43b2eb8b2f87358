/*
 * What the files of this port say to each other; platform.h is what others see.
 *
 * Private to platform/mps2/: init_boot.c and init_spm.c call the starts, watchdog.c and reset.c
 * share the reset record. Only the port's own test includes it from outside.
 */
#ifndef BARTIZAN_MPS2_PORT_H
#define BARTIZAN_MPS2_PORT_H

#include "platform/platform.h"

void uart_start(void);

/* Moves the reason that the last run left behind to "last", so that it can be read until the
 * next reset. */
void reset_latch_reason(void);

/* What the next reset will have been, unless somebody says otherwise before it happens. */
void reset_expect_reason(enum platform_reset_reason reason);

#endif
