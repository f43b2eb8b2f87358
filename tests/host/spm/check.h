/* Compares the manager with the model: check.c. */
#ifndef HOST_SPM_CHECK_H
#define HOST_SPM_CHECK_H

#include "model.h"

/* Forgets what it knows of handles that were: the device starts. */
void check_begin(void);

/* What the last trap did: its end, who broke a rule, what was copied. */
void check_trap(enum machine_end end);

/* All of the manager's state, and what the running thread finds in its registers. */
void check_state(void);

#endif
