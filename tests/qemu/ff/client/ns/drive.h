/*
 * The driving application: its own checks.
 */
#ifndef FF_DRIVE_H
#define FF_DRIVE_H

#include <stdbool.h>

#include "tests/qemu/ff/actor/actor.h"
#include "tests/qemu/ff/cases.h"

extern const struct ff_case drive_checks[]; /* checks.c */
extern const uint32_t drive_check_count;
extern const struct ff_case machine_checks[]; /* machine.c */
extern const uint32_t machine_check_count;
extern const struct ff_case fp_checks[]; /* fp.c: none without an FPU */
extern const uint32_t fp_check_count;

/* A call to a partition by number, with a struct ff_request. */
psa_status_t drive(uint32_t number, int32_t type, uint32_t a, uint32_t b, void *out,
                   uint32_t out_size);

/* The same with a text. */
psa_status_t drive_text(uint32_t number, int32_t type, const char *text);

/* In the place of the SysTick handler, once each time that tick_start() lets it come. */
extern void (*volatile tick_function)(void);

/* SysTick every so many cycles; 0: off. */
void tick_start(uint32_t cycles);
extern volatile uint32_t tick_count;

void busy(uint32_t turns);

/* A loop whose registers are known; the number of turns in which one had another value. */
uint32_t registers_changed(uint32_t turns);

/* threads.c */
int32_t check_switched(void);
int32_t check_switched_copy(void);
int32_t check_switched_lazy(void);
int32_t check_switched_waiting(void);
bool echo_is_good(uint8_t seed);

/* What the trace holds now equals text; it is empty afterwards. */
bool trace_is(const char *text);

#endif
