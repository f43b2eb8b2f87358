/*
 * Actor rot: plays scripts, see actor/actor.h.
 */
#include "psa_manifest/rot.h"
#include "tests/qemu/ff/actor/actor.h"

static struct actor self = {.letter = 'R', .service = FF_ROT_SIGNAL};

void rot_main(void)
{
    actor_run(&self);
}
