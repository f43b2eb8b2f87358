/*
 * The platform test: every function of platform.h on the real port, over a chain of resets.
 *
 * Loaded in place of boot (-kernel) by tests/qemu/test_platform.py. The stage after a reset is
 * kept in retained RAM. The device file carries two words for the driver: a mode, which it may
 * write before the start, and a mark, which this program leaves in the flash for the next start of
 * the emulator.
 */
#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/mps2/device.h"
#include "platform/platform.h"
#include "tests/qemu/platform/checks.h"
#include "tests/qemu/platform/report.h"

#define LAST_SECTOR   (FLASH_LOADER_OFFSET + FLASH_LOADER_SIZE - FLASH_SECTOR_SIZE)
#define MODE_OFFSET   (LAST_SECTOR - FLASH_SECTOR_SIZE) /* test_platform.py knows both */
#define MARK_OFFSET   LAST_SECTOR
#define MODE_NMI_READ 0x494D4E52U /* read the closed provisioning region in the NMI handler */
#define MARK          0x4B52414DU
#define PATTERN       0xC0FFEE11U

void test_main(void) __attribute__((noreturn));

static void check_reason(const char *name, enum platform_reset_reason expected)
{
    report_equal(name, (uint32_t)platform_reset_reason(), (uint32_t)expected);
}

static uint32_t flash_word(uint32_t offset)
{
    uint32_t word = 0U;

    if (platform_flash_read(offset, &word, sizeof(word)) != PSA_SUCCESS) {
        report_check("flash_word", false, offset);
    }
    return word;
}

static void provision(void)
{
    const uint32_t unit[2] = {0x12345678U, 0x9ABCDEF0U};

    if (platform_flash_erase(FLASH_PROVISIONING_OFFSET) != PSA_SUCCESS ||
        platform_flash_program(FLASH_PROVISIONING_OFFSET, unit, sizeof(unit)) != PSA_SUCCESS) {
        report_check("provision", false, 0U);
    }
}

/* Leaves the mark for the next start of the emulator; says whether the last start left one. */
static void mark_flash(void)
{
    const uint32_t unit[2] = {MARK, MARK};

    report_text(flash_word(MARK_OFFSET) == MARK ? "note mark found\n" : "note mark absent\n");
    if (platform_flash_erase(MARK_OFFSET) != PSA_SUCCESS ||
        platform_flash_program(MARK_OFFSET, unit, sizeof(unit)) != PSA_SUCCESS) {
        report_check("mark", false, 0U);
    }
    report_text("note mark written\n");
}

/* ---- Stages: each but the last ends in a reset ---- */

static void stage_cold(volatile struct report_state *state)
{
    uint8_t noise[4];

    check_reason("reason_cold", PLATFORM_RESET_COLD);
    provision();
    if (flash_word(MODE_OFFSET) == MODE_NMI_READ) {
        check_provisioning_in_nmi();
    }
    mark_flash();
    report_equal("entropy_not_supported", (uint32_t)platform_entropy(noise, sizeof(noise)),
                 (uint32_t)PSA_ERROR_NOT_SUPPORTED);
    check_flash();
    check_worlds();
    check_provisioning();
    state->pattern = PATTERN;
    platform_reset(PLATFORM_RESET_REQUESTED);
}

static void stage_after_request(volatile struct report_state *state)
{
    check_reason("reason_requested", PLATFORM_RESET_REQUESTED);
    check_reason("reason_stays_readable", PLATFORM_RESET_REQUESTED);
    report_equal("retained_ram", state->pattern, PATTERN);
    report_equal("flash_after_reset", flash_word(MARK_OFFSET), MARK);
    report_equal("open_after_reset", flash_word(FLASH_PROVISIONING_OFFSET), 0x12345678U);
    report_equal("sau_off_after_reset", SAU_CTRL, 0U);
    check_flash_cut();
    platform_reset(PLATFORM_RESET_REQUESTED);
}

static void stage_after_cut(volatile struct report_state *state)
{
    (void)state;
    check_flash_after_cut();
    platform_watchdog_start(1U);
    for (;;) {
        core_wait_for_interrupt();
    }
}

static void stage_after_watchdog(volatile struct report_state *state)
{
    check_reason("reason_watchdog_nmi", PLATFORM_RESET_WATCHDOG);
    report_equal("watchdog_nmi_does_not_return", state->nmi_returns, 0U);
    report_equal("watchdog_stopped_by_reset", WATCHDOG_CTRL, 0U);
    state->stuck = 1U;
    platform_watchdog_start(1U);
    for (;;) {
        core_wait_for_interrupt();
    }
}

static void wait_ticks(uint32_t ticks)
{
    uint32_t start = WATCHDOG_VALUE;

    while (start - WATCHDOG_VALUE < ticks) {
    }
}

static void stage_after_hard_watchdog(volatile struct report_state *state)
{
    state->stuck = 0U;
    check_reason("reason_watchdog_without_handler", PLATFORM_RESET_WATCHDOG);
    platform_watchdog_start(2U);
    WATCHDOG_CTRL = 0U;
    report_check("watchdog_locked_by_start", WATCHDOG_CTRL != 0U, WATCHDOG_CTRL);
    report_check("watchdog_two_seconds", WATCHDOG_LOAD == 2U * CLOCK_HZ, WATCHDOG_LOAD);
    wait_ticks(CLOCK_HZ / 10U);
    report_check("watchdog_counts", WATCHDOG_VALUE < 2U * CLOCK_HZ - CLOCK_HZ / 10U,
                 WATCHDOG_VALUE);
    platform_watchdog_kick();
    report_check("watchdog_kick", WATCHDOG_VALUE > 2U * CLOCK_HZ - CLOCK_HZ / 10U, WATCHDOG_VALUE);
    WATCHDOG_CTRL = 0U;
    report_check("watchdog_locked_by_kick", WATCHDOG_CTRL != 0U, WATCHDOG_CTRL);
    platform_watchdog_stop();
    report_equal("watchdog_stop", WATCHDOG_CTRL, 0U);
    platform_watchdog_start(0U);
    report_equal("watchdog_at_least_one_second", WATCHDOG_LOAD, CLOCK_HZ);
    platform_watchdog_start(61U);
    report_equal("watchdog_at_most_60_seconds", WATCHDOG_LOAD, 60U * CLOCK_HZ);
    platform_watchdog_stop();
    platform_handle_nmi();
    report_check("nmi_of_nobody_returns", true, 0U);
    core_request_reset();
    for (;;) {
    }
}

static void stage_after_external_reset(volatile struct report_state *state)
{
    (void)state;
    check_reason("reason_after_watchdog_stop", PLATFORM_RESET_COLD);
    platform_reset(PLATFORM_RESET_FAULT);
}

static void stage_after_fault(volatile struct report_state *state)
{
    (void)state;
    check_reason("reason_fault", PLATFORM_RESET_FAULT);
    core_request_reset();
    for (;;) {
    }
}

static void stage_after_second_external_reset(volatile struct report_state *state)
{
    (void)state;
    check_reason("reason_does_not_stick", PLATFORM_RESET_COLD);
    platform_reset(PLATFORM_RESET_PANIC);
}

/* Makes the record claim a watchdog reset, without its check word: it must not be believed. */
static void stage_after_panic(volatile struct report_state *state)
{
    (void)state;
    check_reason("reason_panic", PLATFORM_RESET_PANIC);
    ((volatile uint32_t *)(uintptr_t)RETAINED_BASE)[2] = (uint32_t)PLATFORM_RESET_WATCHDOG;
    core_request_reset();
    for (;;) {
    }
}

/* Halts with the watchdog running: platform_halt() has to stop it. */
static void stage_last(volatile struct report_state *state)
{
    (void)state;
    check_reason("reason_of_spoilt_record", PLATFORM_RESET_COLD);
    platform_watchdog_start(1U);
    report_summary();
    platform_halt();
}

typedef void (*stage_function)(volatile struct report_state *state);
static const stage_function stages[] = {
    stage_cold,
    stage_after_request,
    stage_after_cut,
    stage_after_watchdog,
    stage_after_hard_watchdog,
    stage_after_external_reset,
    stage_after_fault,
    stage_after_second_external_reset,
    stage_after_panic,
    stage_last,
};

#define STAGE_COUNT (sizeof(stages) / sizeof(stages[0]))

void test_main(void)
{
    volatile struct report_state *state = report_open();
    uint32_t stage = state->stage++;

    platform_init();
    if (stage == 0U) {
        report_text("note start\n");
    }
    if (stage < STAGE_COUNT) {
        stages[stage](state);
    }
    report_text("not ok stage_must_not_return\n");
    platform_halt();
}
