/*
 * Reset, its reason, and the end state.
 *
 * Called by boot, the manager and their fault handlers, so it works with any stack and any state
 * of the data section. The board's own reset syndrome register always reads as a power-on: the
 * reason is a small record at the start of the retained RAM, which no image initialises and which
 * a reset keeps.
 */
#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/mps2/port.h"

#define RECORD_MAGIC 0x54534552U /* "REST" */

/* The reason of the last reset and the expected reason of the next one. */
struct reset_record {
    uint32_t magic;
    uint32_t last;
    uint32_t next;
    uint32_t check;
};

_Static_assert(sizeof(struct reset_record) <= PLATFORM_RETAINED_SIZE, "record too large");
_Static_assert(PLATFORM_RETAINED_SIZE <= RETAINED_SIZE, "retained memory too small");

static volatile struct reset_record *record_locate(void)
{
    return (volatile struct reset_record *)(uintptr_t)RETAINED_BASE;
}

static uint32_t record_check(uint32_t last, uint32_t next)
{
    return ~(RECORD_MAGIC ^ (last << 8) ^ (next << 20));
}

static bool reason_is_valid(uint32_t reason)
{
    return reason >= (uint32_t)PLATFORM_RESET_COLD && reason <= (uint32_t)PLATFORM_RESET_PANIC;
}

static bool record_is_valid(void)
{
    const volatile struct reset_record *record = record_locate();

    return record->magic == RECORD_MAGIC && reason_is_valid(record->last) &&
           reason_is_valid(record->next) &&
           record->check == record_check(record->last, record->next);
}

/* A reset between two of these writes leaves an invalid record, which reads as a cold start. */
static void record_write(uint32_t last, uint32_t next)
{
    volatile struct reset_record *record = record_locate();

    record->magic = 0U;
    record->last = last;
    record->next = next;
    record->check = record_check(last, next);
    record->magic = RECORD_MAGIC;
    core_barrier_data();
}

void reset_latch_reason(void)
{
    uint32_t last = record_is_valid() ? record_locate()->next : (uint32_t)PLATFORM_RESET_COLD;

    record_write(last, (uint32_t)PLATFORM_RESET_COLD);
}

void reset_expect_reason(enum platform_reset_reason reason)
{
    record_write((uint32_t)platform_reset_reason(), (uint32_t)reason);
}

enum platform_reset_reason platform_reset_reason(void)
{
    if (!record_is_valid()) {
        return PLATFORM_RESET_COLD;
    }
    return (enum platform_reset_reason)record_locate()->last;
}

void platform_reset(enum platform_reset_reason reason)
{
    (void)core_interrupts_mask();
    reset_expect_reason(reason);
    core_request_reset();
    for (;;) {
    }
}

void platform_halt(void)
{
    (void)core_interrupts_mask();
    core_faults_mask();
    platform_watchdog_stop();
    for (;;) {
        core_wait_for_interrupt();
    }
}
