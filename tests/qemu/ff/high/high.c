/*
 * Actor high: plays scripts, see actor/actor.h.
 */
#include "psa_manifest/high.h"
#include "tests/qemu/ff/actor/actor.h"

static struct actor self = {.letter = 'H', .service = FF_HIGH_SIGNAL};

void high_main(void)
{
    actor_run(&self);
}
