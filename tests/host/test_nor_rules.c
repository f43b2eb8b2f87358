/*
 * Unit tests of the NOR model's rules, without hooks: bounds, alignment, program only what is erased,
 * counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/nor/nor.h"

#define SECTOR 256U
#define SIZE   (4U * SECTOR)

static uint8_t cells[SIZE + 16U];
static struct nor nor;

static void open_with(uint32_t unit, uint8_t erased)
{
    memset(cells, 0x5A, sizeof cells);
    memset(cells, erased, SIZE);
    nor = (struct nor){
        .base = cells, .size = SIZE, .sector_size = SECTOR, .program_unit = unit, .erased = erased};
}

static int open_default(void **state)
{
    (void)state;
    open_with(8, 0xFF);
    return 0;
}

static void bounds_hold_and_do_not_overflow(void **state)
{
    uint8_t data[16] = {0};

    (void)state;
    assert_int_equal(nor_read(&nor, SIZE - 16U, data, 16), PSA_SUCCESS);
    assert_int_equal(nor_read(&nor, SIZE, data, 0), PSA_SUCCESS);
    assert_int_equal(nor_read(&nor, SIZE - 15U, data, 16), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_read(&nor, SIZE + 1U, data, 0), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_read(&nor, 0xFFFFFFF8U, data, 16), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_read(&nor, 8, data, SIZE_MAX), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_program(&nor, SIZE - 8U, data, 16), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_program(&nor, 0xFFFFFFF8U, data, 8), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_program(&nor, 8, data, SIZE_MAX - 7U), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_erase(&nor, SIZE), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_erase(&nor, 0xFFFFFF00U), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor.programs + nor.erases + nor.program_bytes, 0);
}

static void alignment_is_by_unit_and_sector(void **state)
{
    uint8_t data[64] = {0};

    (void)state;
    for (uint32_t unit = 1; unit <= 32U; unit *= 2U) {
        open_with(unit, 0xFF);
        assert_int_equal(nor_program(&nor, unit, data, 2U * unit), PSA_SUCCESS);
        if (unit > 1U) {
            assert_int_equal(nor_program(&nor, 128U + unit / 2U, data, unit),
                             PSA_ERROR_INVALID_ARGUMENT);
            assert_int_equal(nor_program(&nor, 128U, data, unit / 2U), PSA_ERROR_INVALID_ARGUMENT);
        }
    }
    assert_int_equal(nor_erase(&nor, SECTOR / 2U), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(nor_erase(&nor, SECTOR), PSA_SUCCESS);
}

static void programs_only_what_is_erased(void **state)
{
    static const uint8_t erased_values[] = {0xFF, 0x00};
    uint8_t data[24];
    uint8_t back[24];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_with(8, erased_values[i]);
        memset(data, 0x3C, sizeof data);
        assert_int_equal(nor_program(&nor, 16, data, 8), PSA_SUCCESS);
        memset(data, 0x77, sizeof data);
        /* The last unit is spent: the whole call is refused and the first two stay as they are. */
        assert_int_equal(nor_program(&nor, 0, data, 24), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(nor_read(&nor, 0, back, 24), PSA_SUCCESS);
        for (size_t k = 0; k < 24; k++) {
            assert_int_equal(back[k], k < 16 ? erased_values[i] : 0x3C);
        }
        assert_int_equal(nor_program(&nor, 0, data, 16), PSA_SUCCESS);
        assert_int_equal(nor_erase(&nor, 0), PSA_SUCCESS);
        assert_int_equal(nor_program(&nor, 0, data, 24), PSA_SUCCESS);
    }
}

static void touches_nothing_else(void **state)
{
    uint8_t data[40];

    (void)state;
    for (uint32_t unit = 1; unit <= 8U; unit *= 2U) {
        open_with(unit, 0xFF);
        memset(data, 0x11, sizeof data);
        assert_int_equal(nor_program(&nor, SECTOR - 8U, data, 24), PSA_SUCCESS);
        assert_int_equal(nor_erase(&nor, SECTOR), PSA_SUCCESS);
        for (uint32_t k = 0; k < SIZE; k++) {
            assert_int_equal(cells[k], k >= SECTOR - 8U && k < SECTOR ? 0x11 : 0xFF);
        }
        assert_int_equal(nor_erase(&nor, SIZE - SECTOR), PSA_SUCCESS);
        assert_int_equal(cells[SIZE], 0x5A);
    }
}

static void counts_units_bytes_and_erases(void **state)
{
    uint8_t data[24] = {0};

    (void)state;
    assert_int_equal(nor_program(&nor, 0, data, 24), PSA_SUCCESS);
    assert_int_equal(nor_program(&nor, 32, data, 8), PSA_SUCCESS);
    assert_int_equal(nor_erase(&nor, 0), PSA_SUCCESS);
    assert_int_equal(nor.programs, 4);
    assert_int_equal(nor.program_bytes, 32);
    assert_int_equal(nor.erases, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bounds_hold_and_do_not_overflow, open_default),
        cmocka_unit_test_setup(alignment_is_by_unit_and_sector, open_default),
        cmocka_unit_test_setup(programs_only_what_is_erased, open_default),
        cmocka_unit_test_setup(touches_nothing_else, open_default),
        cmocka_unit_test_setup(counts_units_bytes_and_erases, open_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
