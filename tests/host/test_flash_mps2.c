/*
 * Unit tests of the board's flash driver over an array: bounds, alignment, program only what is
 * erased, nothing beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layout.h"
#include "platform/platform.h"

#define SECTOR FLASH_SECTOR_SIZE
#define UNIT   FLASH_PROGRAM_UNIT

uint8_t flash_memory[FLASH_SIZE + 16U] __attribute__((aligned(8)));
static uint8_t data[4U * UNIT];

static int open_new(void **state)
{
    (void)state;
    memset(flash_memory, 0x5A, sizeof flash_memory);
    memset(flash_memory, FLASH_ERASED, FLASH_SIZE);
    memset(data, 0x3C, sizeof data);
    return 0;
}

/* Bytes from..to hold value, and everything else is erased. */
static void assert_only(uint32_t from, uint32_t to, uint8_t value)
{
    for (uint32_t i = 0; i < FLASH_SIZE; i++) {
        assert_int_equal(flash_memory[i], i >= from && i < to ? value : FLASH_ERASED);
    }
    assert_int_equal(flash_memory[FLASH_SIZE], 0x5A);
}

static void bounds_hold_and_do_not_overflow(void **state)
{
    static const struct {
        uint32_t offset;
        size_t length;
    } outside[] = {
        {FLASH_SIZE - UNIT, 2U * UNIT}, {FLASH_SIZE, UNIT},    {FLASH_SIZE + UNIT, 0},
        {0xFFFFFFF8U, 2U * UNIT},       {UNIT, SIZE_MAX - 7U}, {0, FLASH_SIZE + UNIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        assert_int_equal(platform_flash_read(outside[i].offset, data, outside[i].length),
                         PSA_ERROR_INVALID_ARGUMENT);
        assert_int_equal(platform_flash_program(outside[i].offset, data, outside[i].length),
                         PSA_ERROR_INVALID_ARGUMENT);
    }
    assert_int_equal(platform_flash_erase(FLASH_SIZE), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(platform_flash_erase(0xFFFFF000U), PSA_ERROR_INVALID_ARGUMENT);
    assert_only(0, 0, 0);
    assert_int_equal(platform_flash_read(FLASH_SIZE, data, 0), PSA_SUCCESS);
    assert_int_equal(platform_flash_program(FLASH_SIZE - UNIT, data, UNIT), PSA_SUCCESS);
    assert_int_equal(platform_flash_erase(FLASH_SIZE - SECTOR), PSA_SUCCESS);
    assert_only(0, 0, 0);
}

static void alignment_is_by_unit_and_sector(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < UNIT; i++) {
        assert_int_equal(platform_flash_program(i, data, UNIT), PSA_ERROR_INVALID_ARGUMENT);
        assert_int_equal(platform_flash_program(0, data, UNIT + i), PSA_ERROR_INVALID_ARGUMENT);
    }
    assert_int_equal(platform_flash_erase(UNIT), PSA_ERROR_INVALID_ARGUMENT);
    assert_only(0, 0, 0);
}

static void programs_there_and_only_once(void **state)
{
    uint8_t back[2U * UNIT + 1U];

    (void)state;
    assert_int_equal(platform_flash_program(SECTOR - UNIT, data, 2U * UNIT), PSA_SUCCESS);
    assert_only(SECTOR - UNIT, SECTOR + UNIT, 0x3C);
    assert_int_equal(platform_flash_read(SECTOR - UNIT + 1U, back, 3), PSA_SUCCESS);
    assert_memory_equal(back, data, 3);
    /* The last unit is spent: the whole call is refused, and the first ones stay as they are. */
    memset(data, 0, sizeof data);
    assert_int_equal(platform_flash_program(SECTOR - 3U * UNIT, data, 3U * UNIT),
                     PSA_ERROR_NOT_PERMITTED);
    assert_only(SECTOR - UNIT, SECTOR + UNIT, 0x3C);
}

/* Erased in all but one bit of one byte, wherever it is: not to be programmed. */
static void one_bit_spends_a_unit(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2U * UNIT; i++) {
        flash_memory[i] = (uint8_t)(FLASH_ERASED ^ (1U << (i % 8U)));
        assert_int_equal(platform_flash_program(0, data, 2U * UNIT), PSA_ERROR_NOT_PERMITTED);
        flash_memory[i] = FLASH_ERASED;
    }
    assert_only(0, 0, 0);
}

static void takes_data_at_any_address(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < UNIT; i++) {
        data[i] = (uint8_t)i;
        assert_int_equal(platform_flash_program(i * UNIT, data + i, UNIT), PSA_SUCCESS);
        assert_memory_equal(flash_memory + i * UNIT, data + i, UNIT);
    }
}

static void erases_one_sector(void **state)
{
    (void)state;
    memset(flash_memory, 0, FLASH_SIZE);
    assert_int_equal(platform_flash_erase(SECTOR), PSA_SUCCESS);
    for (uint32_t i = 0; i < FLASH_SIZE; i++) {
        assert_int_equal(flash_memory[i], i >= SECTOR && i < 2U * SECTOR ? FLASH_ERASED : 0);
    }
}

static void is_in_place(void **state)
{
    (void)state;
    assert_ptr_equal(platform_flash_address(SECTOR), flash_memory + SECTOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bounds_hold_and_do_not_overflow, open_new),
        cmocka_unit_test_setup(alignment_is_by_unit_and_sector, open_new),
        cmocka_unit_test_setup(programs_there_and_only_once, open_new),
        cmocka_unit_test_setup(one_bit_spends_a_unit, open_new),
        cmocka_unit_test_setup(takes_data_at_any_address, open_new),
        cmocka_unit_test_setup(erases_one_sector, open_new),
        cmocka_unit_test_setup(is_in_place, open_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
