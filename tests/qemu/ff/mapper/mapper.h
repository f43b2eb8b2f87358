/*
 * Private to the mapper: its breaches.
 */
#ifndef FF_MAPPER_PRIVATE_H
#define FF_MAPPER_PRIVATE_H

#include "tests/qemu/ff/actor/actor.h"

extern const struct actor_row mapper_breaches[];
extern const uint32_t mapper_breach_count;

#endif
