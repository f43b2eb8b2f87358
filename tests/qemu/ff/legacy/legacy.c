/*
 * Actor legacy: plays scripts, see actor/actor.h. Its own letter is U: send a byte over its UART;
 * the interrupt of that plays the event script.
 */
#include "psa_manifest/legacy.h"
#include "tests/qemu/ff/actor/actor.h"
#include "tests/qemu/ff/devices.h"

static void hook(struct actor *actor, char letter);

static struct actor self = {.letter = 'G', .service = FF_LEGACY_SIGNAL, .hook = hook};

static void hook(struct actor *actor, char letter)
{
    (void)actor;
    if (letter == 'U') {
        uart_send(UART4);
    }
}

void legacy_main(void)
{
    psa_msg_t message;

    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if ((signals & FF_UART4) != 0U) {
            uart_quiet(UART4);
            actor_event(&self);
            psa_eoi(FF_UART4);
        } else if ((signals & PSA_DOORBELL) != 0U) {
            psa_clear();
            actor_event(&self);
        } else if (!actor_serve(&self, &message)) {
            psa_reply(message.handle, PSA_ERROR_NOT_SUPPORTED);
        }
    }
}
