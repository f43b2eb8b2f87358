/*
 * Private to the partition flih: what its interrupt functions count, its checks and breaches.
 */
#ifndef FF_FLIH_H
#define FF_FLIH_H

#include "tests/qemu/ff/actor/actor.h"

/* What the function of the timer does besides counting. */
enum flih_mode {
    FLIH_COUNT,  /* no signal */
    FLIH_ONCE,   /* stops the timer, signals */
    FLIH_SIGNAL, /* signals each time */
    FLIH_STOPS,  /* disables its own interrupt, no signal */
    FLIH_BREAK,  /* breaks the rule flih_rule */
};

extern volatile enum flih_mode flih_mode;
extern void (*volatile flih_rule)(void);
extern volatile struct ff_ticks flih_ticks; /* of the timer */
extern volatile uint32_t flih_bytes;        /* that the UART has sent */

extern const struct actor_row flih_checks[];
extern const uint32_t flih_check_count;
extern const struct actor_row flih_breaches[];
extern const uint32_t flih_breach_count;

/* With this in its timer's reload register, the partition panics before its first wait. */
#define FLIH_ENDS_AT_START 0xDEADU

/* Starts the timer in a mode, its interrupt enabled. */
void flih_start(enum flih_mode mode, uint32_t cycles);

#endif
