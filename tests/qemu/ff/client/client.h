/*
 * Private to the client partition: its tables.
 */
#ifndef FF_CLIENT_PRIVATE_H
#define FF_CLIENT_PRIVATE_H

#include "tests/qemu/ff/actor/actor.h"

extern const struct actor_row client_breaches[];
extern const uint32_t client_breach_count;

/* Uses the mapper as a secure client. */
int32_t client_case_mapping(void);

#endif
