/*
 * Actor slih: two interrupts with second-level handling, of a slow timer and of a UART.
 *
 * Letters of its own: T starts the timer, U sends a byte: the interrupt plays the event script
 * before its end; I starts the timer and waits for
 * it here.
 */
#include "psa_manifest/slih.h"
#include "tests/qemu/ff/actor/actor.h"
#include "tests/qemu/ff/actor/fp.h"
#include "tests/qemu/ff/devices.h"
#include "tests/qemu/ff/slih/slih.h"

#define SHORT_TIME 30U /* periods of 32 kHz */

static void hook(struct actor *actor, char letter);

static struct actor self = {.letter = 'S', .service = FF_SLIH_SIGNAL, .hook = hook};

void slih_start_timer(void)
{
    psa_irq_enable(FF_TIMER32K_SIGNAL);
    timer_start(TIMER32K, SHORT_TIME);
}

/* Ends the interrupt whose signal is asserted. */
void slih_end_timer(void)
{
    timer_stop(TIMER32K);
    psa_eoi(FF_TIMER32K_SIGNAL);
}

static void hook(struct actor *actor, char letter)
{
    (void)actor;
    if (letter == 'T') {
        slih_start_timer();
    } else if (letter == 'U') {
        psa_irq_enable(FF_UART3_SIGNAL);
        uart_send(UART3);
    } else if (letter == 'I') {
        slih_start_timer();
        (void)psa_wait(FF_TIMER32K_SIGNAL, PSA_BLOCK);
        slih_end_timer();
    } else if (letter == 'F') {
        fp_fill(0x0BAD0000U);
    }
}

static void serve(void)
{
    psa_msg_t message;
    int32_t status = PSA_ERROR_NOT_SUPPORTED;

    if (actor_serve(&self, &message)) {
        return;
    }
    if (message.type == FF_CHECK) {
        status = actor_do(slih_checks, slih_check_count, &message);
    } else if (message.type == FF_BREAK) {
        status = actor_do(slih_breaches, slih_breach_count, &message);
    }
    psa_reply(message.handle, status);
}

void slih_main(void)
{
    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if ((signals & FF_TIMER32K_SIGNAL) != 0U) {
            timer_stop(TIMER32K);
            actor_event(&self);
            psa_eoi(FF_TIMER32K_SIGNAL);
        } else if ((signals & FF_UART3_SIGNAL) != 0U) {
            uart_quiet(UART3);
            actor_event(&self);
            psa_eoi(FF_UART3_SIGNAL);
        } else if ((signals & PSA_DOORBELL) != 0U) {
            psa_clear();
            actor_event(&self);
        } else {
            serve();
        }
    }
}
