/*
 * Actor mid1: plays scripts, see actor/actor.h.
 */
#include "psa_manifest/mid1.h"
#include "tests/qemu/ff/actor/actor.h"

static struct actor self = {.letter = 'M', .service = FF_MID1_SIGNAL};

void mid1_main(void)
{
    actor_run(&self);
}
