/*
 * Actor mid2: plays scripts, see actor/actor.h.
 */
#include "psa_manifest/mid2.h"
#include "tests/qemu/ff/actor/actor.h"

static struct actor self = {
    .letter = 'N', .service = FF_MID2_SIGNAL, .other = FF_MID2_OTHER_SIGNAL};

void mid2_main(void)
{
    actor_run(&self);
}
