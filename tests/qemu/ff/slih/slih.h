/*
 * Private to the partition slih: its checks and breaches by name.
 */
#ifndef FF_SLIH_H
#define FF_SLIH_H

#include "tests/qemu/ff/actor/actor.h"

extern const struct actor_row slih_checks[];
extern const uint32_t slih_check_count;
extern const struct actor_row slih_breaches[];
extern const uint32_t slih_breach_count;

void slih_start_timer(void);
void slih_end_timer(void);

#endif
