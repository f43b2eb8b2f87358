/*
 * What an interrupt with second-level handling does, seen from its partition; and what it may not.
 */
#include "psa_manifest/slih.h"
#include "tests/qemu/ff/devices.h"
#include "tests/qemu/ff/slih/slih.h"

/* Longer than the timer takes. */
#define WAIT_TURNS 20000U

static psa_signal_t poll(psa_signal_t mask)
{
    return psa_wait(mask, PSA_POLL);
}

static int32_t check_disabled(const psa_msg_t *message)
{
    (void)message;
    (void)psa_irq_disable(FF_UART3_SIGNAL);
    uart_send(UART3);
    actor_work(WAIT_TURNS);
    EXPECT(poll(FF_UART3_SIGNAL) == 0U);
    EXPECT((UART3->interrupt & UART_SENT) != 0U); /* it is the device that waits */
    psa_irq_enable(FF_UART3_SIGNAL);
    EXPECT(psa_wait(FF_UART3_SIGNAL, PSA_BLOCK) == FF_UART3_SIGNAL);
    uart_quiet(UART3);
    psa_eoi(FF_UART3_SIGNAL);
    EXPECT(poll(FF_UART3_SIGNAL) == 0U);
    return 0;
}

/* Returns what it was: FF-M 1.1, psa_irq_disable(). */
static int32_t check_state(const psa_msg_t *message)
{
    (void)message;
    psa_irq_enable(FF_UART3_SIGNAL);
    psa_irq_enable(FF_UART3_SIGNAL);
    EXPECT(psa_irq_disable(FF_UART3_SIGNAL) == 1U);
    EXPECT(psa_irq_disable(FF_UART3_SIGNAL) == 0U);
    return 0;
}

/* From the signal to psa_eoi() the interrupt is masked, though the device asks for it. */
static int32_t check_masked_until_eoi(const psa_msg_t *message)
{
    (void)message;
    psa_irq_enable(FF_UART3_SIGNAL);
    uart_send(UART3);
    EXPECT(psa_wait(FF_UART3_SIGNAL, PSA_BLOCK) == FF_UART3_SIGNAL);
    actor_work(WAIT_TURNS);
    EXPECT(poll(FF_UART3_SIGNAL) == FF_UART3_SIGNAL); /* stays until psa_eoi() */
    psa_eoi(FF_UART3_SIGNAL);
    EXPECT(poll(FF_UART3_SIGNAL) == FF_UART3_SIGNAL); /* the device was not served: again */
    uart_quiet(UART3);
    psa_eoi(FF_UART3_SIGNAL);
    EXPECT(poll(FF_UART3_SIGNAL) == 0U);
    return 0;
}

/* Disabled while its signal is asserted: the signal stays, and psa_eoi() does not enable it. */
static int32_t check_disable_while_asserted(const psa_msg_t *message)
{
    (void)message;
    psa_irq_enable(FF_UART3_SIGNAL);
    uart_send(UART3);
    EXPECT(psa_wait(FF_UART3_SIGNAL, PSA_BLOCK) == FF_UART3_SIGNAL);
    EXPECT(psa_irq_disable(FF_UART3_SIGNAL) == 1U);
    EXPECT(poll(FF_UART3_SIGNAL) == FF_UART3_SIGNAL);
    psa_eoi(FF_UART3_SIGNAL);
    EXPECT(poll(FF_UART3_SIGNAL) == 0U); /* the device still asks */
    psa_irq_enable(FF_UART3_SIGNAL);
    EXPECT(poll(FF_UART3_SIGNAL) == FF_UART3_SIGNAL);
    uart_quiet(UART3);
    psa_eoi(FF_UART3_SIGNAL);
    return 0;
}

/* Two at once, one signal each; waiting for one leaves the other. */
static int32_t check_two(const psa_msg_t *message)
{
    psa_signal_t both = FF_UART3_SIGNAL | FF_TIMER32K_SIGNAL;

    (void)message;
    psa_irq_enable(FF_UART3_SIGNAL);
    slih_start_timer();
    actor_work(WAIT_TURNS);
    uart_send(UART3);
    EXPECT(psa_wait(FF_UART3_SIGNAL, PSA_BLOCK) == FF_UART3_SIGNAL);
    EXPECT(psa_wait(PSA_WAIT_ANY, PSA_BLOCK) == both);
    uart_quiet(UART3);
    psa_eoi(FF_UART3_SIGNAL);
    EXPECT(psa_wait(PSA_WAIT_ANY, PSA_BLOCK) == FF_TIMER32K_SIGNAL);
    slih_end_timer();
    EXPECT(poll(PSA_WAIT_ANY) == 0U);
    return 0;
}

const struct actor_row slih_checks[] = {
    {"disabled", check_disabled},
    {"state", check_state},
    {"masked-until-eoi", check_masked_until_eoi},
    {"disable-while-asserted", check_disable_while_asserted},
    {"two", check_two},
};
const uint32_t slih_check_count = sizeof(slih_checks) / sizeof(slih_checks[0]);

/* ---- Breaches ---- */

static void assert_uart(void)
{
    psa_irq_enable(FF_UART3_SIGNAL);
    uart_send(UART3);
    (void)psa_wait(FF_UART3_SIGNAL, PSA_BLOCK);
}

static int32_t eoi_idle(const psa_msg_t *message)
{
    (void)message;
    psa_eoi(FF_UART3_SIGNAL);
    return 0;
}

static int32_t eoi_two(const psa_msg_t *message)
{
    (void)message;
    assert_uart();
    slih_start_timer();
    (void)psa_wait(FF_TIMER32K_SIGNAL, PSA_BLOCK);
    psa_eoi(FF_UART3_SIGNAL | FF_TIMER32K_SIGNAL);
    return 0;
}

static int32_t eoi_twice(const psa_msg_t *message)
{
    (void)message;
    assert_uart();
    uart_quiet(UART3);
    psa_eoi(FF_UART3_SIGNAL);
    psa_eoi(FF_UART3_SIGNAL);
    return 0;
}

static int32_t reset_slih(const psa_msg_t *message)
{
    (void)message;
    assert_uart();
    psa_reset_signal(FF_UART3_SIGNAL);
    return 0;
}

static int32_t get_interrupt(const psa_msg_t *message)
{
    psa_msg_t other;

    (void)message;
    assert_uart();
    return psa_get(FF_UART3_SIGNAL, &other);
}

static int32_t enable_other(const psa_msg_t *message)
{
    (void)message;
    psa_irq_enable(1U << 31);
    return 0;
}

static int32_t enable_two(const psa_msg_t *message)
{
    (void)message;
    psa_irq_enable(FF_UART3_SIGNAL | FF_TIMER32K_SIGNAL);
    return 0;
}

static int32_t disable_none(const psa_msg_t *message)
{
    (void)message;
    return (int32_t)psa_irq_disable(0U);
}

const struct actor_row slih_breaches[] = {
    {"eoi-idle", eoi_idle},     {"eoi-two", eoi_two},           {"eoi-twice", eoi_twice},
    {"reset-slih", reset_slih}, {"get-irq", get_interrupt},     {"enable-other", enable_other},
    {"enable-two", enable_two}, {"disable-none", disable_none},
};
const uint32_t slih_breach_count = sizeof(slih_breaches) / sizeof(slih_breaches[0]);
