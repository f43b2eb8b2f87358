/*
 * What an interrupt with first-level handling does, seen from its partition.
 */
#include "psa_manifest/flih.h"
#include "tests/qemu/ff/devices.h"
#include "tests/qemu/ff/flih/flih.h"

#define PERIOD     2000U  /* cycles */
#define WAIT_TURNS 10000U /* several periods */

static psa_signal_t poll(psa_signal_t mask)
{
    return psa_wait(mask, PSA_POLL);
}

/* The function runs in the middle of the partition's own work, and only it. */
static int32_t check_count(const psa_msg_t *message)
{
    (void)message;
    flih_start(FLIH_COUNT, PERIOD);
    actor_work(WAIT_TURNS);
    timer_stop(TIMER0);
    EXPECT(flih_ticks.count > 2U);
    EXPECT(poll(PSA_WAIT_ANY) == 0U);
    return 0;
}

static int32_t check_disabled(const psa_msg_t *message)
{
    (void)message;
    flih_start(FLIH_COUNT, PERIOD);
    EXPECT(psa_irq_disable(FF_TIMER0_SIGNAL) == 1U);
    flih_ticks.count = 0U;
    actor_work(WAIT_TURNS);
    EXPECT(flih_ticks.count == 0U);
    EXPECT(psa_irq_disable(FF_TIMER0_SIGNAL) == 0U);
    TIMER0->ctrl = 0U;
    EXPECT(TIMER0->interrupt != 0U); /* it is the device that waits */
    psa_irq_enable(FF_TIMER0_SIGNAL);
    EXPECT(flih_ticks.count == 1U);
    timer_stop(TIMER0);
    return 0;
}

static int32_t check_signal(const psa_msg_t *message)
{
    (void)message;
    flih_start(FLIH_ONCE, PERIOD);
    EXPECT(psa_wait(FF_TIMER0_SIGNAL, PSA_BLOCK) == FF_TIMER0_SIGNAL);
    EXPECT(flih_ticks.count == 1U);
    EXPECT(poll(FF_TIMER0_SIGNAL) == FF_TIMER0_SIGNAL);
    psa_reset_signal(FF_TIMER0_SIGNAL);
    EXPECT(poll(PSA_WAIT_ANY) == 0U);
    return 0;
}

/* An asserted signal does not mask the interrupt: the function goes on. */
static int32_t check_signals(const psa_msg_t *message)
{
    (void)message;
    flih_start(FLIH_SIGNAL, PERIOD);
    actor_work(WAIT_TURNS);
    timer_stop(TIMER0);
    EXPECT(flih_ticks.count > 2U);
    EXPECT(poll(FF_TIMER0_SIGNAL) == FF_TIMER0_SIGNAL);
    psa_reset_signal(FF_TIMER0_SIGNAL);
    EXPECT(poll(PSA_WAIT_ANY) == 0U);
    return 0;
}

/* The function may call psa_irq_disable(). */
static int32_t check_disable_within(const psa_msg_t *message)
{
    (void)message;
    flih_start(FLIH_STOPS, PERIOD);
    actor_work(WAIT_TURNS);
    EXPECT(flih_ticks.count == 1U);
    EXPECT(psa_irq_disable(FF_TIMER0_SIGNAL) == 0U);
    timer_stop(TIMER0);
    return 0;
}

static int32_t check_uart(const psa_msg_t *message)
{
    (void)message;
    flih_bytes = 0U;
    uart_send(UART2); /* disabled until enabled */
    EXPECT(flih_bytes == 0U);
    psa_irq_enable(FF_UART2_SIGNAL);
    EXPECT(psa_wait(FF_UART2_SIGNAL, PSA_BLOCK) == FF_UART2_SIGNAL);
    psa_reset_signal(FF_UART2_SIGNAL);
    EXPECT(flih_bytes == 1U);
    for (uint32_t i = 2U; i < 10U; i++) {
        uart_send(UART2);
        EXPECT(psa_wait(FF_UART2_SIGNAL, PSA_BLOCK) == FF_UART2_SIGNAL);
        EXPECT(flih_bytes == i);
        psa_reset_signal(FF_UART2_SIGNAL);
    }
    EXPECT(psa_irq_disable(FF_UART2_SIGNAL) == 1U);
    return 0;
}

const struct actor_row flih_checks[] = {
    {"count", check_count},   {"disabled", check_disabled},
    {"signal", check_signal}, {"signals", check_signals},
    {"uart", check_uart},     {"disable-within", check_disable_within},
};
const uint32_t flih_check_count = sizeof(flih_checks) / sizeof(flih_checks[0]);
