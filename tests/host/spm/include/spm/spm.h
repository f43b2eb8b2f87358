/*
 * spm/spm.h for the native proof of the manager: the device's, but where the manager lets interrupts
 * through, the test is asked what comes in between.
 */
#ifndef HOST_SPM_SPM_H
#define HOST_SPM_SPM_H

/* Inline and never used: their assembly is never assembled. */
#define trap_begin_long device_trap_begin_long
#define trap_end_long   device_trap_end_long
#include_next "spm/spm.h"
#undef trap_begin_long
#undef trap_end_long

void machine_lower_priority(void);
void machine_raise_priority(void);

static inline void trap_begin_long(void)
{
    machine_lower_priority();
}

static inline void trap_end_long(void)
{
    machine_raise_priority();
}

#endif
