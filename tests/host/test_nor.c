/*
 * Unit tests of the NOR model's hooks: the tests of the stores are only as good as these.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"

static struct fixture fixture;
static uint8_t data[64];
static uint8_t back[64];

static void program_four_units(void *context)
{
    (void)context;
    assert_int_equal(nor_program(&fixture.nor, 0, data, 32), PSA_SUCCESS);
}

static void erase_first_sector(void *context)
{
    (void)context;
    assert_int_equal(nor_erase(&fixture.nor, 0), PSA_SUCCESS);
}

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &geometries[0], 2);
    memset(data, 0xA5, sizeof data);
    return 0;
}

static void counts_operations(void **state)
{
    uint32_t operations = 0;

    (void)state;
    assert_false(fixture_run(&fixture, program_four_units, NULL, 0, NOR_TEAR_PARTLY, &operations));
    assert_int_equal(operations, 4);
    assert_false(fixture_run(&fixture, erase_first_sector, NULL, 2, NOR_TEAR_PARTLY, &operations));
    assert_int_equal(operations, 1);
}

static void stop_leaves_a_prefix(void **state)
{
    (void)state;
    for (uint32_t stop_at = 1; stop_at <= 4U; stop_at++) {
        open_fixture(NULL);
        assert_true(
            fixture_run(&fixture, program_four_units, NULL, stop_at, NOR_TEAR_NOT_STARTED, NULL));
        assert_int_equal(nor_read(&fixture.nor, 0, back, 32), PSA_SUCCESS);
        for (uint32_t i = 0; i < 32U; i++) {
            assert_int_equal(back[i], i / 8U < stop_at - 1U ? 0xA5 : 0xFF);
        }
    }
}

static void torn_unit_moves_bits_one_way(void **state)
{
    (void)state;
    assert_true(fixture_run(&fixture, program_four_units, NULL, 2, NOR_TEAR_PARTLY, NULL));
    assert_int_equal(nor_read(&fixture.nor, 8, back, 8), PSA_SUCCESS);
    for (uint32_t i = 0; i < 8U; i++) {
        assert_int_equal(back[i] & 0xA5, 0xA5);
    }
    assert_int_not_equal(memcmp(back, data, 8), 0);
    assert_int_equal(nor_program(&fixture.nor, 8, data, 8), PSA_ERROR_NOT_PERMITTED);
}

static void torn_unit_can_read_as_an_error(void **state)
{
    (void)state;
    assert_true(fixture_run(&fixture, program_four_units, NULL, 2, NOR_TEAR_ECC, NULL));
    assert_int_equal(nor_read(&fixture.nor, 0, back, 8), PSA_SUCCESS);
    memset(back, 1, sizeof back);
    assert_int_equal(nor_read(&fixture.nor, 7, back, 2), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(back[0] | back[1], 0);
    assert_int_equal(nor_read(&fixture.nor, 16, back, 8), PSA_SUCCESS);
    assert_int_equal(nor_erase(&fixture.nor, 0), PSA_SUCCESS);
    assert_int_equal(nor_read(&fixture.nor, 0, back, 32), PSA_SUCCESS);
}

static void weak_unit_goes_bad_when_programmed(void **state)
{
    (void)state;
    assert_true(fixture_run(&fixture, program_four_units, NULL, 1, NOR_TEAR_WEAK, NULL));
    assert_true(flash_area_is_erased(&fixture.area, 0, 64));
    assert_int_equal(nor_program(&fixture.nor, 0, data, 8), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(nor_read(&fixture.nor, 0, back, 8), PSA_ERROR_DATA_CORRUPT);
    /* What cannot be read is handed out as zeros: zeros must not pass for that. */
    memset(data, 0, sizeof data);
    fixture.hooks.units[4] = NOR_UNIT_WEAK;
    assert_int_equal(nor_program(&fixture.nor, 24, data, 16), PSA_ERROR_STORAGE_FAILURE);
}

static void units_are_programmed_once(void **state)
{
    (void)state;
    memset(data, 0xFF, sizeof data);
    assert_int_equal(nor_program(&fixture.nor, 0, data, 8), PSA_SUCCESS);
    assert_int_equal(nor_program(&fixture.nor, 0, data, 8), PSA_ERROR_NOT_PERMITTED);
}

static void torn_erase_follows_its_model(void **state)
{
    static const enum nor_tear blank_after[] = {NOR_TEAR_WEAK, NOR_TEAR_DONE};
    uint32_t erased_parts = 0;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_fixture(NULL);
        program_four_units(NULL);
        assert_true(fixture_run(&fixture, erase_first_sector, NULL, 1, blank_after[i], NULL));
        assert_true(flash_area_is_erased(&fixture.area, 0, 4096));
    }
    for (uint32_t seed = 0; seed < 64U; seed++) {
        open_fixture(NULL);
        fixture.hooks.seed = seed * 2654435761U;
        for (uint32_t part = 0; part < 8U; part++) {
            assert_int_equal(nor_program(&fixture.nor, part * 512U, data, 32), PSA_SUCCESS);
        }
        assert_true(fixture_run(&fixture, erase_first_sector, NULL, 1, NOR_TEAR_PARTLY, NULL));
        for (uint32_t part = 0; part < 8U; part++) {
            bool is_erased = flash_area_is_erased(&fixture.area, part * 512U, 512);

            erased_parts += is_erased;
            assert_true(is_erased || fixture.image.cells[part * 512U + 31U] == 0xA5);
        }
    }
    assert_true(erased_parts > 128U && erased_parts < 384U);
    assert_true(fixture_run(&fixture, erase_first_sector, NULL, 1, NOR_TEAR_RANDOM, NULL));
    assert_false(flash_area_is_erased(&fixture.area, 0, 2048));
    assert_true(flash_area_is_erased(&fixture.area, 4096, 4096));
}

/* Power fails before the third of eight: two are erased, the others are as they were. */
static void sector_of_several_can_be_cut_in_between(void **state)
{
    uint32_t operations = 0;

    (void)state;
    for (uint32_t part = 0; part < 8U; part++) {
        assert_int_equal(nor_program(&fixture.nor, part * 512U, data, 32), PSA_SUCCESS);
    }
    fixture.hooks.erase_bytes = 512;
    assert_true(fixture_run(&fixture, erase_first_sector, NULL, 3, NOR_TEAR_NOT_STARTED, NULL));
    for (uint32_t part = 0; part < 8U; part++) {
        assert_int_equal(flash_area_is_erased(&fixture.area, part * 512U, 512), part < 2U);
    }
    assert_false(fixture_run(&fixture, erase_first_sector, NULL, 0, NOR_TEAR_DONE, &operations));
    assert_int_equal(operations, 8);
    assert_true(flash_area_is_erased(&fixture.area, 0, 4096));
}

/* Two parts of a device: states of their units do not mix, and a cut strikes whichever is used. */
static void second_flash_is_one_of_its_own(void **state)
{
    static const struct geometry other = {"512/32", 512, 32, 0x00};

    (void)state;
    fixture_open_second(&fixture, &other, 2);
    assert_int_equal(nor_program(&fixture.nor, 0, data, 8), PSA_SUCCESS);
    assert_true(flash_area_is_erased(&fixture.second.area, 0, 1024));
    nor_hooks_break_unit(&fixture.second.nor, 0);
    assert_int_equal(nor_read(&fixture.nor, 0, back, 8), PSA_SUCCESS);
    assert_int_equal(nor_read(&fixture.second.nor, 0, back, 8), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(nor_program(&fixture.second.nor, 992, data, 32), PSA_SUCCESS);
    assert_int_equal(nor_erase(&fixture.second.nor, 0), PSA_SUCCESS);
    assert_int_equal(nor_program(&fixture.nor, 0, data, 8), PSA_ERROR_NOT_PERMITTED);
}

static void broken_unit_reads_as_error_until_erased(void **state)
{
    (void)state;
    program_four_units(NULL);
    nor_hooks_break_unit(&fixture.nor, 24);
    assert_int_equal(nor_read(&fixture.nor, 16, back, 8), PSA_SUCCESS);
    assert_int_equal(nor_read(&fixture.nor, 16, back, 9), PSA_ERROR_DATA_CORRUPT);
    erase_first_sector(NULL);
    assert_int_equal(nor_read(&fixture.nor, 16, back, 16), PSA_SUCCESS);
}

static void area_program_fills_up(void **state)
{
    (void)state;
    assert_int_equal(flash_area_program(&fixture.area, 0, data, 13), PSA_SUCCESS);
    assert_int_equal(nor_read(&fixture.nor, 0, back, 24), PSA_SUCCESS);
    for (uint32_t i = 0; i < 24U; i++) {
        assert_int_equal(back[i], i < 13U ? 0xA5 : 0xFF);
    }
    assert_int_equal(flash_area_program(&fixture.area, 8, data, 8), PSA_ERROR_STORAGE_FAILURE);
    fixture.hooks.units[4] = NOR_UNIT_WEAK; /* the filled up one */
    assert_int_equal(flash_area_program(&fixture.area, 24, data, 9), PSA_ERROR_STORAGE_FAILURE);
    fixture.hooks.units[5] = NOR_UNIT_WEAK;
    assert_int_equal(flash_area_program(&fixture.area, 40, data, 16), PSA_ERROR_STORAGE_FAILURE);
}

static void area_geometry_is_checked(void **state)
{
    struct flash_area area = fixture.area;

    (void)state;
    assert_true(flash_area_is_sound(&area));
    area.program_unit = 64;
    assert_false(flash_area_is_sound(&area));
    area.program_unit = 0;
    assert_false(flash_area_is_sound(&area));
    area.program_unit = 12;
    assert_false(flash_area_is_sound(&area));
    area = fixture.area;
    area.size = 4096;
    assert_false(flash_area_is_sound(&area));
    area.size = 8192 + 8;
    assert_false(flash_area_is_sound(&area));
    area = fixture.area;
    area.sector_size = 0;
    assert_false(flash_area_is_sound(&area));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(counts_operations, open_fixture),
        cmocka_unit_test_setup(stop_leaves_a_prefix, open_fixture),
        cmocka_unit_test_setup(torn_unit_moves_bits_one_way, open_fixture),
        cmocka_unit_test_setup(torn_unit_can_read_as_an_error, open_fixture),
        cmocka_unit_test_setup(weak_unit_goes_bad_when_programmed, open_fixture),
        cmocka_unit_test_setup(units_are_programmed_once, open_fixture),
        cmocka_unit_test_setup(torn_erase_follows_its_model, open_fixture),
        cmocka_unit_test_setup(sector_of_several_can_be_cut_in_between, open_fixture),
        cmocka_unit_test_setup(second_flash_is_one_of_its_own, open_fixture),
        cmocka_unit_test_setup(broken_unit_reads_as_error_until_erased, open_fixture),
        cmocka_unit_test_setup(area_program_fills_up, open_fixture),
        cmocka_unit_test_setup(area_geometry_is_checked, open_fixture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
