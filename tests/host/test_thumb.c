/*
 * The instruction decoder of the fault handler against a table of every load and store encoding,
 * and against every halfword: it must not read what it was not given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/thumb/thumb.h"

#define R(number) (0x20001000U + (number)*0x01010104U)
#define CODE      0x80201236U /* not a multiple of 4: literals start 2 bytes below */
#define LITERAL   0x80201238U

#define READ  THUMB_READ
#define WRITE THUMB_WRITE
#define OTHER THUMB_OTHER

struct row {
    const char *text;
    uint32_t first;
    uint32_t second;
    enum thumb_kind kind;
    uint32_t address;
    uint32_t size_bytes;
};

#define ROW(text, first, second, kind, address, size) {text, first, second, kind, address, size},
static const struct row rows[] = {
#include "tests/host/thumb_table.def"
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static void registers_fill(uint32_t registers[16])
{
    for (uint32_t i = 0; i < 15U; i++) {
        registers[i] = R(i);
    }
    registers[15] = CODE;
}

static void rows_decode_as_written(void **state)
{
    uint32_t registers[16];

    (void)state;
    registers_fill(registers);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct thumb_access access = thumb_decode(rows[i].first, rows[i].second, registers);

        if (access.kind != (uint32_t)rows[i].kind || access.address != rows[i].address ||
            access.size_bytes != rows[i].size_bytes) {
            fail_msg("%s: kind %u, address %08x, size %u", rows[i].text, (unsigned)access.kind,
                     (unsigned)access.address, (unsigned)access.size_bytes);
        }
    }
}

static void second_halfword_of_a_narrow_one_does_not_matter(void **state)
{
    uint32_t registers[16];

    (void)state;
    registers_fill(registers);
    for (uint32_t first = 0; first < 0xE800U; first++) {
        struct thumb_access one = thumb_decode(first, 0U, registers);
        struct thumb_access two = thumb_decode(first, 0xFFFFU, registers);

        assert_int_equal(one.kind, two.kind);
        assert_int_equal(one.address, two.address);
    }
}

/* The sanitizers watch. */
static void every_first_halfword_with_many_second_ones(void **state)
{
    uint32_t registers[16];
    uint32_t seed = 1U;
    uint32_t kinds[3] = {0};

    (void)state;
    registers_fill(registers);
    for (uint32_t first = 0xE800U; first <= 0xFFFFU; first++) {
        for (uint32_t i = 0; i < 256U; i++) {
            seed = seed * 1664525U + 1013904223U;
            kinds[thumb_decode(first, seed >> 16, registers).kind]++;
        }
    }
    assert_true(kinds[THUMB_OTHER] > 100000U);
    assert_true(kinds[THUMB_READ] > 50000U);
    assert_true(kinds[THUMB_WRITE] > 50000U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_decode_as_written),
        cmocka_unit_test(second_halfword_of_a_narrow_one_does_not_matter),
        cmocka_unit_test(every_first_halfword_with_many_second_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
