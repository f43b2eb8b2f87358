/*
 * What boot does when the processor reports a fault: one line on the log, a record of it, then a
 * reset with its reason. When that was the reason of this start already, the next one would end
 * here too: boot halts.
 *
 * Entered from boot_fault_entry in start.S only, with room on the stack. Never returns to the code
 * that faulted.
 */
#include "boot/faults.h"
#include "boot/jump.h"
#include "lib/fault/record.h"
#include "lib/log/log.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"

static const char *fault_name(uint32_t exception)
{
    static const char *const names[] = {"hard fault", "memory fault", "bus fault", "usage fault",
                                        "secure fault"};
    return exception >= 3U && exception <= 7U ? names[exception - 3U] : "unexpected exception";
}

/* The stacked return address: boot has one stack, and frame is its pointer in the handler. */
static void record_pc(struct fault_record *record, const uint32_t *frame)
{
    uint32_t last = (uint32_t)(uintptr_t)frame + 31U;

    if ((core_test_target((uint32_t)(uintptr_t)frame) & core_test_target(last) & TT_READ) != 0U &&
        (SCB_CFSR & (SCB_CFSR_MSTKERR | SCB_CFSR_STKOF)) == 0U) {
        record->flags |= FAULT_FLAG_PC;
        record->sp = last + 1U;
        record->lr = frame[5];
        record->pc = frame[6];
        record->xpsr = frame[7];
    }
}

static void record_address(struct fault_record *record)
{
    if ((record->cfsr & (SCB_CFSR_BFARVALID | SCB_CFSR_MMARVALID)) != 0U) {
        record->flags |= FAULT_FLAG_ADDRESS;
        record->address = (record->cfsr & SCB_CFSR_BFARVALID) != 0U ? SCB_BFAR : SCB_MMFAR;
    }
}

static void record_word(struct fault_record *record, const char *name, uint32_t value, bool known)
{
    fault_add(record, name);
    if (known) {
        fault_add_number(record, value, 16U);
    } else {
        fault_add(record, "unknown");
    }
}

void boot_handle_fault(const uint32_t *frame);

void boot_handle_fault(const uint32_t *frame)
{
    struct fault_record *record = boot_faults_record();
    uint32_t exception = SCB_ICSR & SCB_ICSR_VECTACTIVE;

    fault_record_open(record);
    record->kind = (uint8_t)exception;
    record->world = FAULT_WORLD_BOOT;
    record->cfsr = SCB_CFSR;
    record->hfsr = SCB_HFSR;
    record->sfsr = SAU_SFSR;
    record_pc(record, frame);
    record_address(record);
    fault_add(record, fault_name(exception));
    fault_add(record, ", number ");
    fault_add_number(record, exception, 10U);
    record_word(record, ", status ", record->cfsr, true);
    record_word(record, ", address ", record->address, (record->flags & FAULT_FLAG_ADDRESS) != 0U);
    record_word(record, ", in boot at pc ", record->pc, (record->flags & FAULT_FLAG_PC) != 0U);
    fault_record_seal(record);
    fault_record_print(record, "boot: fault ");
    if (platform_reset_reason() == PLATFORM_RESET_FAULT) {
        boot_halt();
    }
    platform_reset(PLATFORM_RESET_FAULT);
}
