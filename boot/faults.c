/*
 * Faults of the last start, see faults.h. Formats: docs/formats/fault.md.
 *
 * A record that cannot be kept never stops a start: flash that is worn out or holds something else
 * costs the history, not the device.
 */
#include "boot/faults.h"

#include "boot/flash.h"
#include "layout.h"
#include "lib/fault/log.h"
#include "lib/fault/record.h"
#include "lib/log/log.h"
#include "platform/platform.h"

static const struct flash_area fault_area =
    BOOT_FLASH_AREA(FLASH_FAULT_LOG_OFFSET, FLASH_FAULT_LOG_SIZE);

struct fault_record *boot_faults_record(void)
{
    return (struct fault_record *)(uintptr_t)(RETAINED_BASE + PLATFORM_RETAINED_SIZE);
}

/* A record with a number has been told and kept before. */
static void record_tell(struct fault_record *record)
{
    if (!fault_record_is_valid(record) || (record->sequence != 0U)) {
        log_text("boot: the fault left no record\n");
        return;
    }
    fault_record_print(record, "boot: record | ");
    if (fault_log_append(&fault_area, record) != PSA_SUCCESS) {
        log_text("boot: the fault log does not take the record\n");
    }
}

bool boot_faults_tell(void)
{
    struct fault_record *record = boot_faults_record();
    struct fault_streak *streak = (struct fault_streak *)(record + 1);
    enum platform_reset_reason reason = platform_reset_reason();
    uint32_t count = 0U;

    if ((reason == PLATFORM_RESET_FAULT) || (reason == PLATFORM_RESET_PANIC)) {
        record_tell(record);
        count = fault_streak_read(streak);
        count += (count < BOOT_FAULTING_BOOTS_MAX) ? 1U : 0U;
    }
    fault_streak_write(streak, count);
    if (count < BOOT_FAULTING_BOOTS_MAX) {
        return false;
    }
    log_text("boot: the application is held after ");
    log_decimal(count);
    log_text(" faults in a row, until the next power-on\n");
    return true;
}
