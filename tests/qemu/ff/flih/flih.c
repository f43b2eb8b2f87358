/*
 * Actor flih: two interrupts with first-level handling, of a timer and of a UART.
 *
 * Letters of its own: T starts the timer once; its function signals, and the event script is
 * played by the thread.
 */
#include "tests/qemu/ff/flih/flih.h"
#include "psa_manifest/flih.h"
#include "tests/qemu/ff/actor/fp.h"
#include "tests/qemu/ff/devices.h"

#define SHORT_TIME 20000U /* cycles */

static void hook(struct actor *actor, char letter);

static struct actor self = {.letter = 'F', .service = FF_FLIH_SIGNAL, .hook = hook};

volatile enum flih_mode flih_mode;
void (*volatile flih_rule)(void);
volatile struct ff_ticks flih_ticks;
volatile uint32_t flih_bytes;
static uint32_t fp_pattern; /* what the function of the timer leaves in FP registers, or 0 */

/* FF-M 1.1, 4.5.3: runs with the protection of its partition, above its thread. */
psa_flih_result_t ff_timer0_flih(void)
{
    uint32_t latency = TIMER0->reload - TIMER0->value;

    TIMER0->interrupt = 1U;
    if (fp_pattern != 0U) {
        fp_fill(fp_pattern);
    }
    flih_ticks.count = flih_ticks.count + 1U;
    if (latency > flih_ticks.latency) {
        flih_ticks.latency = latency;
    }
    switch (flih_mode) {
    case FLIH_ONCE:
        timer_stop(TIMER0);
        return PSA_FLIH_SIGNAL;
    case FLIH_SIGNAL:
        return PSA_FLIH_SIGNAL;
    case FLIH_STOPS:
        (void)psa_irq_disable(FF_TIMER0_SIGNAL);
        return PSA_FLIH_NO_SIGNAL;
    case FLIH_BREAK:
        timer_stop(TIMER0);
        flih_rule();
        return PSA_FLIH_NO_SIGNAL;
    default:
        return PSA_FLIH_NO_SIGNAL;
    }
}

psa_flih_result_t ff_uart2_flih(void)
{
    uart_quiet(UART2);
    flih_bytes = flih_bytes + 1U;
    return PSA_FLIH_SIGNAL;
}

void flih_start(enum flih_mode mode, uint32_t cycles)
{
    flih_mode = mode;
    flih_ticks.count = 0U;
    flih_ticks.latency = 0U;
    psa_irq_enable(FF_TIMER0_SIGNAL);
    timer_start(TIMER0, cycles);
}

static void hook(struct actor *actor, char letter)
{
    (void)actor;
    if (letter == 'T') {
        flih_start(FLIH_ONCE, SHORT_TIME);
    }
}

static int32_t command(const psa_msg_t *message)
{
    struct ff_request request = {0};
    struct ff_ticks ticks;

    switch (message->type) {
    case FF_CHECK:
        return actor_do(flih_checks, flih_check_count, message);
    case FF_BREAK:
        return actor_do(flih_breaches, flih_breach_count, message);
    case FLIH_START:
        (void)psa_read(message->handle, 0U, &request, sizeof(request));
        fp_pattern = request.b;
        flih_start(FLIH_COUNT, request.a);
        return PSA_SUCCESS;
    case FLIH_STOP:
        timer_stop(TIMER0);
        ticks.count = flih_ticks.count;
        ticks.latency = flih_ticks.latency;
        psa_write(message->handle, 0U, &ticks, sizeof(ticks));
        return PSA_SUCCESS;
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

void flih_main(void)
{
    psa_msg_t message;

    if (TIMER0->reload == FLIH_ENDS_AT_START) {
        psa_panic();
    }
    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if ((signals & FF_TIMER0_SIGNAL) != 0U) {
            psa_reset_signal(FF_TIMER0_SIGNAL);
            actor_event(&self);
        } else if ((signals & FF_UART2_SIGNAL) != 0U) {
            psa_reset_signal(FF_UART2_SIGNAL);
        } else if ((signals & PSA_DOORBELL) != 0U) {
            psa_clear();
            actor_event(&self);
        } else if (!actor_serve(&self, &message)) {
            psa_reply(message.handle, command(&message));
        }
    }
}
