/*
 * A fault of the secure world, or of the non-secure world against it: one line, then a reset.
 *
 * Reached from entry.S with the main stack started afresh. What it reads of the faulting world is
 * looked at only after the core says that it can be read.
 */
#include "spm/spm.h"

#include "lib/log/log.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"

/* EXC_RETURN, ARM DDI 0553, B3.22 */
#define EXC_RETURN_SECURE           (1U << 6)
#define EXC_RETURN_DEFAULT_STACKING (1U << 5)
#define CALLEE_BYTES                0x28U
#define EXC_RETURN_THREAD           (1U << 3)
#define EXC_RETURN_PROCESS_STACK    (1U << 2)

static const char *fault_name(uint32_t exception)
{
    static const char *const names[] = {"HardFault", "MemManage fault", "BusFault", "UsageFault",
                                        "SecureFault"};

    return ((exception >= 3U) && (exception <= 7U)) ? names[exception - 3U]
                                                    : "unexpected exception";
}

static uint32_t frame_address(uint32_t exc_return, uint32_t msp)
{
    uint32_t address = msp;

    if ((exc_return & EXC_RETURN_SECURE) != 0U) {
        if ((exc_return & EXC_RETURN_PROCESS_STACK) != 0U) {
            __asm volatile("mrs %0, psp" : "=r"(address));
        }
    } else if (((exc_return & EXC_RETURN_THREAD) != 0U) && core_nonsecure_uses_process_stack()) {
        __asm volatile("mrs %0, psp_ns" : "=r"(address));
    } else {
        __asm volatile("mrs %0, msp_ns" : "=r"(address));
    }
    if ((exc_return & EXC_RETURN_DEFAULT_STACKING) ==
        0U) { /* r4 to r11 and a signature come first */
        address += CALLEE_BYTES;
    }
    return address;
}

static void log_place(uint32_t exc_return, uint32_t msp)
{
    uint32_t address = frame_address(exc_return, msp);
    uint32_t last = address + (uint32_t)sizeof(struct spm_frame) - 1U;
    bool secure = (exc_return & EXC_RETURN_SECURE) != 0U;
    uint32_t needed = secure ? TT_READ : TT_NONSECURE_READ;
    uint32_t answer = secure ? core_test_target(address) : core_test_target_nonsecure(address);
    uint32_t answer_last = secure ? core_test_target(last) : core_test_target_nonsecure(last);

    if (secure && (spm_current != NULL) && (spm_current->partition != NULL)) {
        log_text("partition ");
        log_text(spm_current->partition->name);
    } else {
        log_text(secure ? "the manager" : "the non-secure world");
    }
    log_text(", pc ");
    if (((address & 3U) == 0U) && (last > address) && ((answer & answer_last & needed) != 0U)) {
        log_hex(((const struct spm_frame *)address)->pc);
    } else {
        log_text("unknown");
    }
}

void spm_fault(uint32_t exc_return, uint32_t msp)
{
    log_text("spm: fault: ");
    log_text(fault_name(SCB_ICSR & SCB_ICSR_VECTACTIVE));
    log_text(" in ");
    log_place(exc_return, msp);
    log_text(", CFSR ");
    log_hex(SCB_CFSR);
    log_text(" HFSR ");
    log_hex(SCB_HFSR);
    log_text(" SFSR ");
    log_hex(SAU_SFSR);
    if ((SCB_CFSR & SCB_CFSR_MMARVALID) != 0U) {
        log_text(", address ");
        log_hex(SCB_MMFAR);
    } else if ((SCB_CFSR & SCB_CFSR_BFARVALID) != 0U) {
        log_text(", address ");
        log_hex(SCB_BFAR);
    } else if ((SAU_SFSR & SAU_SFSR_SFARVALID) != 0U) {
        log_text(", address ");
        log_hex(SAU_SFAR);
    }
    log_text("\nspm: resetting\n");
    platform_reset(PLATFORM_RESET_FAULT);
}
