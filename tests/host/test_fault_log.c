/*
 * The fault log: what an append costs, what power cuts leave, what unknown content does; and the
 * text and the check of a record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "lib/fault/log.h"
#include "lib/fault/record.h"
#include "lib/log/log.h"
#include "platform/platform.h"

#define SECTORS 2U

static struct fixture flash;
static char logged[2048];
static size_t logged_length;

/* What record.c prints with. */
void platform_log_write(const char *text, size_t length)
{
    memcpy(&logged[logged_length], text, length);
    logged_length += length;
}

static struct fault_record make_record(uint32_t number)
{
    struct fault_record record;

    fault_record_open(&record);
    fault_add(&record, "fault ");
    fault_add_number(&record, number, 10U);
    fault_record_seal(&record);
    return record;
}

static uint32_t newest_sequence(void)
{
    struct fault_record record;
    uint32_t newest = 0U;

    for (uint32_t at = 0; at < flash.area.size; at += FAULT_RECORD_BYTES) {
        if (flash.area.read(&flash.area, at, &record, sizeof(record)) == PSA_SUCCESS &&
            fault_record_is_valid(&record) && record.sequence > newest) {
            newest = record.sequence;
        }
    }
    return newest;
}

static void append_one(void *context)
{
    struct fault_record record = make_record(7U);

    (void)context;
    (void)fault_log_append(&flash.area, &record);
}

static psa_status_t (*flash_program)(const struct flash_area *area, uint32_t offset,
                                     const void *data, size_t length);
static psa_status_t (*flash_erase)(const struct flash_area *area, uint32_t offset);
static uint32_t programs;
static uint32_t erases;

static psa_status_t program_counted(const struct flash_area *area, uint32_t offset,
                                    const void *data, size_t length)
{
    programs++;
    return flash_program(area, offset, data, length);
}

static psa_status_t erase_counted(const struct flash_area *area, uint32_t offset)
{
    erases++;
    return flash_erase(area, offset);
}

/* One program operation; an erase only where a sector is full, not on the first turn. */
static void append_costs_one_program(void **state)
{
    (void)state;
    for (size_t i = 0; i < geometry_count; i++) {
        uint32_t places = geometries[i].sector_size / FAULT_RECORD_BYTES;

        fixture_open(&flash, &geometries[i], SECTORS);
        flash_program = flash.area.program;
        flash_erase = flash.area.erase;
        flash.area.program = program_counted;
        flash.area.erase = erase_counted;
        for (uint32_t number = 1; number <= 5U * places; number++) {
            programs = 0U;
            erases = 0U;
            append_one(NULL);
            assert_int_equal(newest_sequence(), number);
            assert_int_equal(programs, 1U);
            assert_int_equal(erases, (number > 1U && (number - 1U) % places == 0U) ? 1U : 0U);
        }
    }
}

/* Power cut at every unit and erase, in every way: the log has the old newest or the new one, and
 * later appends work. */
static void cuts_lose_at_most_the_new_record(void **state)
{
    static struct flash_image before;
    uint32_t stops = FAULT_RECORD_BYTES / 8U + 2U;

    (void)state;
    for (uint32_t filled = 0; filled < 18U; filled++) {
        fixture_open(&flash, &geometries[0], SECTORS);
        for (uint32_t i = 0; i < filled; i++) {
            append_one(NULL);
        }
        fixture_save(&flash, &before);
        for (uint32_t tear = 0; tear < (uint32_t)NOR_TEAR_COUNT; tear++) {
            for (uint32_t stop = 1; stop <= stops; stop++) {
                uint32_t newest;

                fixture_restore(&flash, &before);
                (void)fixture_run(&flash, append_one, NULL, stop, (enum nor_tear)tear, NULL);
                newest = newest_sequence();
                assert_true((newest == filled) || (newest == filled + 1U));
                append_one(NULL); /* onto weak cells perhaps: lost, and the place is spent */
                append_one(NULL);
                assert_true(newest_sequence() > newest);
            }
        }
    }
}

static void any_content_leaves_room(void **state)
{
    uint32_t seed = 5U;

    (void)state;
    for (uint32_t round = 0; round < 50U; round++) {
        fixture_open(&flash, &geometries[0], SECTORS);
        for (uint32_t i = 0; i < flash.area.size; i++) {
            flash.image.cells[i] = (uint8_t)fixture_random(&seed);
        }
        append_one(NULL);
        assert_int_equal(newest_sequence(), 1U);
    }
}

static void every_changed_byte_is_noticed(void **state)
{
    struct fault_record record = make_record(1U);
    uint8_t *bytes = (uint8_t *)&record;

    (void)state;
    assert_true(fault_record_is_valid(&record));
    for (size_t i = 0; i < sizeof(record); i++) {
        for (uint32_t bit = 0; bit < 8U; bit++) {
            bytes[i] ^= (uint8_t)(1U << bit);
            assert_false(fault_record_is_valid(&record));
            bytes[i] ^= (uint8_t)(1U << bit);
        }
    }
}

static void text_is_bounded(void **state)
{
    struct fault_record record;

    (void)state;
    fault_record_open(&record);
    for (uint32_t i = 0; i < 100U; i++) {
        fault_add(&record, "0123456789");
    }
    assert_int_equal(record.text_length, FAULT_TEXT_BYTES);
    assert_int_equal(record.crc32, 0U);
    fault_record_seal(&record);
    assert_true(fault_record_is_valid(&record));
}

static void numbers_are_written(void **state)
{
    struct fault_record record;

    (void)state;
    fault_record_open(&record);
    fault_add_number(&record, 0U, 10U);
    fault_add(&record, " ");
    fault_add_number(&record, 0xFFFFFFFFU, 10U);
    fault_add(&record, "\n");
    fault_add_number(&record, 0x1234ABCDU, 16U);
    logged_length = 0U;
    fault_record_print(&record, "> ");
    logged[logged_length] = '\0';
    assert_string_equal(logged, "> 0 4294967295\n> 0x1234abcd\n");
}

static void streak_of_anything_else_is_zero(void **state)
{
    struct fault_streak streak = {5U, 5U};

    (void)state;
    assert_int_equal(fault_streak_read(&streak), 0U);
    fault_streak_write(&streak, 2U);
    assert_int_equal(fault_streak_read(&streak), 2U);
    streak.count = 3U;
    assert_int_equal(fault_streak_read(&streak), 0U);
    memset(&streak, 0, sizeof(streak));
    assert_int_equal(fault_streak_read(&streak), 0U);
    memset(&streak, 0xFF, sizeof(streak));
    assert_int_equal(fault_streak_read(&streak), 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_costs_one_program),
        cmocka_unit_test(cuts_lose_at_most_the_new_record),
        cmocka_unit_test(any_content_leaves_room),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(text_is_bounded),
        cmocka_unit_test(numbers_are_written),
        cmocka_unit_test(streak_of_anything_else_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
