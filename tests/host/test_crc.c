/*
 * Unit tests of lib/crc: published check values and continuation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/crc/crc.h"

static const char check_input[] = "123456789";

static void crc32_has_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc32_update(0, check_input, 9), 0xCBF43926);
    assert_int_equal(crc32_update(0, check_input, 0), 0);
}

static void crc32_continues(void **state)
{
    (void)state;
    for (size_t split = 0; split <= 9; split++) {
        uint32_t crc = crc32_update(0, check_input, split);

        assert_int_equal(crc32_update(crc, check_input + split, 9 - split), 0xCBF43926);
    }
}

static void crc16_has_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc16(check_input, 9), 0x29B1);
    assert_int_equal(crc16(check_input, 0), 0xFFFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32_has_check_value),
        cmocka_unit_test(crc32_continues),
        cmocka_unit_test(crc16_has_check_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
