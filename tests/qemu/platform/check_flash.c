/*
 * The flash keeps the rules of NOR flash on the board: bounds, alignment, erase before program,
 * counts, and the hooks that tests use to cut power and to spoil units.
 *
 * Called by main.c once per run. Works in the loader region, which no image of the test uses.
 */
#include <string.h>

#include "layout.h"
#include "platform/nor/nor_hooks.h"
#include "platform/platform.h"
#include "tests/qemu/platform/checks.h"
#include "tests/qemu/platform/flash_model.h"
#include "tests/qemu/platform/report.h"

#define SCRATCH FLASH_LOADER_OFFSET
#define UNIT    FLASH_PROGRAM_UNIT

/* Marks of the hooked cells, one byte for each unit from the start of the flash to the scratch
 * region. */
#define UNIT_MARKS ((FLASH_LOADER_OFFSET + FLASH_LOADER_SIZE) / FLASH_PROGRAM_UNIT)
_Static_assert(UNIT_MARKS <= SECURE_RAM_SIZE, "marks must fit in the secure RAM");

static struct nor_hooks hooks;

static void expect_status(const char *name, psa_status_t found, psa_status_t expected)
{
    report_equal(name, (uint32_t)found, (uint32_t)expected);
}

static bool is_filled(uint32_t offset, size_t length, uint8_t value)
{
    const uint8_t *cells = platform_flash_address(offset);

    for (size_t i = 0; i < length; i++) {
        if (cells[i] != value) {
            return false;
        }
    }
    return true;
}

static void check_rules(void)
{
    uint8_t data[2U * UNIT];
    uint8_t back[2U * UNIT];

    memset(data, 0x5A, sizeof(data));
    expect_status("flash_erase", platform_flash_erase(SCRATCH), PSA_SUCCESS);
    expect_status("flash_erase_second", platform_flash_erase(SCRATCH + FLASH_SECTOR_SIZE),
                  PSA_SUCCESS);
    report_check("flash_erased_reads_erased", is_filled(SCRATCH, FLASH_SECTOR_SIZE, FLASH_ERASED),
                 0U);
    expect_status("flash_program", platform_flash_program(SCRATCH + UNIT, data, UNIT), PSA_SUCCESS);
    report_check("flash_program_only_there",
                 is_filled(SCRATCH, UNIT, FLASH_ERASED) && is_filled(SCRATCH + UNIT, UNIT, 0x5AU) &&
                     is_filled(SCRATCH + 2U * UNIT, UNIT, FLASH_ERASED),
                 0U);
    expect_status("flash_read", platform_flash_read(SCRATCH + UNIT + 1U, back, 3U), PSA_SUCCESS);
    report_check("flash_read_value", memcmp(back, data, 3U) == 0, back[0]);
    memset(data, 0x11, sizeof(data));
    expect_status("flash_program_not_erased", platform_flash_program(SCRATCH + UNIT, data, UNIT),
                  PSA_ERROR_NOT_PERMITTED);
    expect_status("flash_program_second_not_erased",
                  platform_flash_program(SCRATCH, data, 2U * UNIT), PSA_ERROR_NOT_PERMITTED);
    report_check("flash_refused_left_untouched",
                 is_filled(SCRATCH, UNIT, FLASH_ERASED) && is_filled(SCRATCH + UNIT, UNIT, 0x5AU),
                 0U);
}

static void check_arguments(void)
{
    uint8_t data[2U * UNIT];

    memset(data, 0x22, sizeof(data));
    expect_status("flash_program_unaligned",
                  platform_flash_program(SCRATCH + 4U * UNIT + 1U, data, UNIT),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_program_part_of_unit",
                  platform_flash_program(SCRATCH + 4U * UNIT, data, UNIT - 1U),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_program_outside", platform_flash_program(FLASH_SIZE, data, UNIT),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_program_over_end",
                  platform_flash_program(FLASH_SIZE - UNIT, data, 2U * UNIT),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_program_wraps", platform_flash_program(0xFFFFFFF8U, data, 2U * UNIT),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_read_over_end", platform_flash_read(FLASH_SIZE - 1U, data, 2U),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_read_last", platform_flash_read(FLASH_SIZE - 1U, data, 1U), PSA_SUCCESS);
    expect_status("flash_erase_inside_sector", platform_flash_erase(SCRATCH + UNIT),
                  PSA_ERROR_INVALID_ARGUMENT);
    expect_status("flash_erase_outside", platform_flash_erase(FLASH_SIZE),
                  PSA_ERROR_INVALID_ARGUMENT);
    report_check("flash_arguments_left_untouched",
                 is_filled(SCRATCH + 2U * UNIT, 4U * UNIT, FLASH_ERASED), 0U);
    report_equal("flash_address", (uint32_t)(uintptr_t)platform_flash_address(SCRATCH),
                 FLASH_BASE + SCRATCH);
}

static void check_erase_and_counts(void)
{
    uint8_t data[3U * UNIT];
    uint32_t erases = flash_model.erases;
    uint32_t programs = flash_model.programs;

    memset(data, 0x33, sizeof(data));
    expect_status("flash_program_other_sector",
                  platform_flash_program(SCRATCH + FLASH_SECTOR_SIZE, data, UNIT), PSA_SUCCESS);
    expect_status("flash_program_end_of_sector",
                  platform_flash_program(SCRATCH + FLASH_SECTOR_SIZE - 3U * UNIT, data, 3U * UNIT),
                  PSA_SUCCESS);
    expect_status("flash_erase_whole", platform_flash_erase(SCRATCH), PSA_SUCCESS);
    report_check("flash_erase_whole_sector", is_filled(SCRATCH, FLASH_SECTOR_SIZE, FLASH_ERASED),
                 0U);
    report_check("flash_erase_that_sector_only",
                 is_filled(SCRATCH + FLASH_SECTOR_SIZE, UNIT, 0x33U), 0U);
    report_equal("flash_counts_erases", flash_model.erases - erases, 1U);
    report_equal("flash_counts_programs", flash_model.programs - programs, 4U);
}

static void stop_by_reset(void *context)
{
    (void)context;
    platform_reset(PLATFORM_RESET_REQUESTED);
}

static void attach_hooks(void)
{
    hooks.units = (uint8_t *)(uintptr_t)SECURE_RAM_BASE;
    memset(hooks.units, 0, UNIT_MARKS);
    hooks.on_stop = stop_by_reset;
    flash_model.hooks = &hooks;
}

static void check_ecc(void)
{
    uint8_t data[2U * UNIT];

    attach_hooks();
    memset(data, 0x44, sizeof(data));
    expect_status("ecc_erase", platform_flash_erase(SCRATCH), PSA_SUCCESS);
    expect_status("ecc_program", platform_flash_program(SCRATCH, data, sizeof(data)), PSA_SUCCESS);
    nor_hooks_break_unit(&flash_model, SCRATCH + UNIT);
    expect_status("ecc_good_unit", platform_flash_read(SCRATCH, data, UNIT), PSA_SUCCESS);
    expect_status("ecc_bad_unit", platform_flash_read(SCRATCH, data, sizeof(data)),
                  PSA_ERROR_DATA_CORRUPT);
    report_check("ecc_buffer_zeroed", data[0] == 0U && data[2U * UNIT - 1U] == 0U, data[0]);
    expect_status("ecc_erase_again", platform_flash_erase(SCRATCH), PSA_SUCCESS);
    expect_status("ecc_gone_after_erase", platform_flash_read(SCRATCH, data, sizeof(data)),
                  PSA_SUCCESS);
    flash_model.hooks = NULL;
}

void check_flash(void)
{
    check_rules();
    check_arguments();
    check_erase_and_counts();
    check_ecc();
}

void check_flash_cut(void)
{
    uint8_t data[4U * UNIT];

    memset(data, 0x66, sizeof(data));
    expect_status("cut_erase", platform_flash_erase(SCRATCH), PSA_SUCCESS);
    attach_hooks();
    hooks.stop_at = 3U;
    hooks.tear = NOR_TEAR_NOT_STARTED;
    (void)!platform_flash_program(SCRATCH, data, sizeof(data));
    report_check("cut_strikes", false, hooks.operations);
}

void check_flash_after_cut(void)
{
    report_check("cut_left_two_units",
                 is_filled(SCRATCH, 2U * UNIT, 0x66U) &&
                     is_filled(SCRATCH + 2U * UNIT, 2U * UNIT, FLASH_ERASED),
                 0U);
    report_equal("reason_after_cut", (uint32_t)platform_reset_reason(),
                 (uint32_t)PLATFORM_RESET_REQUESTED);
}
