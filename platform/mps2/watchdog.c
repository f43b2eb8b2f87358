/*
 * The secure CMSDK watchdog: an NMI when the time is up, a hardware reset one period later if the
 * NMI handler does not get there.
 *
 * Called by boot and the manager; only secure code can reach it. While it runs the expected reason
 * of the next reset is "watchdog", so the reason is right even when no handler could run.
 */
#include "layout.h"
#include "platform/mps2/device.h"
#include "platform/mps2/port.h"

#define TIMEOUT_MAX_SECONDS 60U

_Static_assert(CLOCK_HZ <= UINT32_MAX / TIMEOUT_MAX_SECONDS,
               "longest timeout must fit the counter");

void platform_watchdog_start(uint32_t timeout_seconds)
{
    uint32_t seconds = timeout_seconds;

    if (seconds == 0U) {
        seconds = 1U;
    } else if (seconds > TIMEOUT_MAX_SECONDS) {
        seconds = TIMEOUT_MAX_SECONDS;
    }
    reset_expect_reason(PLATFORM_RESET_WATCHDOG);
    WATCHDOG_LOCK = WATCHDOG_UNLOCK_KEY;
    WATCHDOG_CTRL = 0U;
    WATCHDOG_LOAD = seconds * CLOCK_HZ;
    WATCHDOG_INTCLR = 1U;
    WATCHDOG_CTRL = WATCHDOG_CTRL_INTERRUPT | WATCHDOG_CTRL_RESET;
    WATCHDOG_LOCK = 0U;
}

void platform_watchdog_kick(void)
{
    WATCHDOG_LOCK = WATCHDOG_UNLOCK_KEY;
    WATCHDOG_INTCLR = 1U;
    WATCHDOG_LOCK = 0U;
}

void platform_watchdog_stop(void)
{
    WATCHDOG_LOCK = WATCHDOG_UNLOCK_KEY;
    WATCHDOG_CTRL = 0U;
    WATCHDOG_INTCLR = 1U;
    WATCHDOG_LOCK = 0U;
    reset_expect_reason(PLATFORM_RESET_COLD);
}

void platform_handle_nmi(void)
{
    if (WATCHDOG_RIS != 0U) {
        platform_reset(PLATFORM_RESET_WATCHDOG);
    }
}
