/*
 * Actor low: plays scripts, see actor/actor.h.
 */
#include "psa_manifest/low.h"
#include "tests/qemu/ff/actor/actor.h"

static struct actor self = {.letter = 'L', .service = FF_LOW_SIGNAL};

void low_main(void)
{
    actor_run(&self);
}
