/*
 * What boot does when the processor reports a fault: one line on the log, then a reset with its
 * reason. When that was the reason of this start already, the next one would end here too: boot
 * halts.
 *
 * Entered from boot_fault in start.S only, with all of the stack. Never returns to the code that
 * faulted.
 */
#include "boot/jump.h"
#include "lib/log/log.h"
#include "platform/armv8m/registers.h"
#include "platform/platform.h"

static const char *fault_name(uint32_t exception)
{
    static const char *const names[] = {"hard fault", "memory fault", "bus fault", "usage fault",
                                        "secure fault"};
    return exception >= 3U && exception <= 7U ? names[exception - 3U] : "unexpected exception";
}

void boot_handle_fault(void);

void boot_handle_fault(void)
{
    uint32_t exception = SCB_ICSR & SCB_ICSR_VECTACTIVE;

    log_text("boot: fault ");
    log_text(fault_name(exception));
    log_text(", number ");
    log_decimal(exception);
    log_text(", status ");
    log_hex(SCB_CFSR);
    log_text(", address ");
    log_hex((SCB_CFSR & SCB_CFSR_BFARVALID) != 0U ? SCB_BFAR : SCB_MMFAR);
    log_newline();
    if (platform_reset_reason() == PLATFORM_RESET_FAULT) {
        boot_halt();
    }
    platform_reset(PLATFORM_RESET_FAULT);
}
