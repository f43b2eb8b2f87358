/*
 * Result lines of the on-target platform test: see report.h.
 *
 * Writes through platform_log_write() only, so that a broken log turns the whole test red.
 */
#include "tests/qemu/platform/report.h"

#include <string.h>

#include "layout.h"
#include "platform/platform.h"

#define STATE_MAGIC 0x54504C41U

volatile struct report_state *report_open(void)
{
    volatile struct report_state *state =
        (volatile struct report_state *)(uintptr_t)(RETAINED_BASE + PLATFORM_RETAINED_SIZE);

    if (state->magic != STATE_MAGIC) {
        state->magic = STATE_MAGIC;
        state->stage = 0U;
        state->passed = 0U;
        state->failed = 0U;
        state->pattern = 0U;
        state->stuck = 0U;
        state->nmi_returns = 0U;
    }
    return state;
}

void report_text(const char *text)
{
    platform_log_write(text, strlen(text));
}

void report_hex(uint32_t value)
{
    char digits[10] = "0x";

    for (uint32_t i = 0U; i < 8U; i++) {
        digits[2U + i] = "0123456789abcdef"[(value >> (28U - 4U * i)) & 0xFU];
    }
    platform_log_write(digits, sizeof(digits));
}

void report_number(uint32_t value)
{
    char digit = (char)('0' + value % 10U);

    /* Counts of this test have at most three digits. */
    if (value >= 100U) {
        char hundreds = (char)('0' + value / 100U % 10U);

        platform_log_write(&hundreds, 1U);
    }
    if (value >= 10U) {
        char tens = (char)('0' + value / 10U % 10U);

        platform_log_write(&tens, 1U);
    }
    platform_log_write(&digit, 1U);
}

void report_check(const char *name, bool passed, uint32_t found)
{
    volatile struct report_state *state = report_open();

    report_text(passed ? "ok " : "not ok ");
    report_text(name);
    if (passed) {
        state->passed++;
    } else {
        state->failed++;
        report_text(" found ");
        report_hex(found);
    }
    report_text("\n");
}

void report_equal(const char *name, uint32_t found, uint32_t expected)
{
    report_check(name, found == expected, found);
}

void report_summary(void)
{
    volatile struct report_state *state = report_open();

    report_text("platform: ");
    report_number(state->passed);
    report_text(" passed, ");
    report_number(state->failed);
    report_text(" failed\n");
}
