/*
 * Unit tests of lib/cose: every head at its limits (RFC 8949, appendix A), buffers of every size,
 * and what stands around a payload.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cose/cose.h"

static uint8_t buffer[128];

/* Compares what was written with hexadecimal text. */
static void assert_written(const struct cbor *to, const char *expected)
{
    static const char digits[] = "0123456789abcdef";
    char text[2U * sizeof(buffer) + 1U];

    assert_true(cbor_fits(to));
    assert_true(to->length_bytes <= sizeof(buffer));
    for (size_t i = 0; i < to->length_bytes; i++) {
        text[2U * i] = digits[buffer[i] >> 4];
        text[2U * i + 1U] = digits[buffer[i] & 0xFU];
    }
    text[2U * to->length_bytes] = '\0';
    assert_string_equal(text, expected);
}

static struct cbor fresh(void)
{
    (void)memset(buffer, 0xEE, sizeof(buffer));
    return cbor_writer(buffer, sizeof(buffer));
}

static void numbers_have_their_shortest_form(void **state)
{
    static const struct {
        uint32_t value;
        const char *text;
    } rows[] = {
        {0U, "00"},
        {1U, "01"},
        {23U, "17"},
        {24U, "1818"},
        {255U, "18ff"},
        {256U, "190100"},
        {2394U, "19095a"},
        {65535U, "19ffff"},
        {65536U, "1a00010000"},
        {1000000U, "1a000f4240"},
        {UINT32_MAX, "1affffffff"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cbor to = fresh();

        cbor_put_unsigned(&to, rows[i].value);
        assert_written(&to, rows[i].text);
    }
}

static void signed_numbers_have_their_shortest_form(void **state)
{
    static const struct {
        int32_t value;
        const char *text;
    } rows[] = {
        {0, "00"},        {23, "17"},         {24, "1818"},           {INT32_MAX, "1a7fffffff"},
        {-1, "20"},       {-24, "37"},        {-25, "3818"},          {-256, "38ff"},
        {-257, "390100"}, {-65536, "39ffff"}, {-65537, "3a00010000"}, {INT32_MIN, "3a7fffffff"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cbor to = fresh();

        cbor_put_signed(&to, rows[i].value);
        assert_written(&to, rows[i].text);
    }
}

static void strings_and_containers(void **state)
{
    struct cbor to = fresh();

    (void)state;
    cbor_put_tag(&to, 18U);
    cbor_put_array(&to, 4U);
    cbor_put_map(&to, 25U);
    cbor_put_bytes(&to, "\x01\x02", 2U);
    cbor_put_bytes(&to, NULL, 0U);
    cbor_put_text(&to, "");
    cbor_put_text(&to, "IETF");
    cbor_open_bytes(&to, 300U);
    assert_written(&to, "d284b8194201024060644945544659012c");
}

static void put_some(struct cbor *to)
{
    cbor_put_map(to, 2U);
    cbor_put_unsigned(to, 2399U);
    cbor_put_text(to, "twenty-four characters!!");
    cbor_put_signed(to, -1);
    cbor_put_bytes(to, "abc", 3U);
}

static void counting_equals_writing(void **state)
{
    struct cbor counter = cbor_counter();
    struct cbor to = fresh();

    (void)state;
    put_some(&counter);
    put_some(&to);
    assert_true(cbor_fits(&counter));
    assert_int_equal(counter.length_bytes, to.length_bytes);
}

static void nothing_is_written_past_a_buffer(void **state)
{
    struct cbor counter = cbor_counter();

    (void)state;
    put_some(&counter);
    for (size_t size = 0; size <= counter.length_bytes + 1U; size++) {
        struct cbor to = fresh();

        to.size_bytes = size;
        put_some(&to);
        assert_int_equal(cbor_fits(&to), size >= counter.length_bytes);
        assert_int_equal(to.length_bytes, counter.length_bytes);
        for (size_t i = size; i < sizeof(buffer); i++) {
            assert_int_equal(buffer[i], 0xEE);
        }
    }
}

/* What did not fit leaves no gap that something shorter could fill. */
static void nothing_fits_behind_what_did_not(void **state)
{
    struct cbor to = fresh();

    (void)state;
    to.size_bytes = 4U;
    cbor_put_bytes(&to, "abcdefgh", 8U);
    cbor_put_unsigned(&to, 1U);
    assert_false(cbor_fits(&to));
    assert_int_equal(buffer[0], 0x48);
    assert_int_equal(buffer[1], 0xEE);
}

static void heads_of_cose_sign1(void **state)
{
    struct cbor to = fresh();

    (void)state;
    cose_put_head(&to, 405U);
    assert_written(&to, "d28443a10126a0590195");
    assert_int_equal(to.length_bytes, COSE_HEAD_MAX_BYTES);
    to = fresh();
    cose_put_signed_head(&to, 405U);
    assert_written(&to, "846a5369676e61747572653143a1012640590195");
    assert_int_equal(to.length_bytes, COSE_SIGNED_HEAD_MAX_BYTES);
    to = fresh();
    cose_put_head(&to, 23U);
    assert_written(&to, "d28443a10126a057");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_their_shortest_form),
        cmocka_unit_test(signed_numbers_have_their_shortest_form),
        cmocka_unit_test(strings_and_containers),
        cmocka_unit_test(counting_equals_writing),
        cmocka_unit_test(nothing_is_written_past_a_buffer),
        cmocka_unit_test(nothing_fits_behind_what_did_not),
        cmocka_unit_test(heads_of_cose_sign1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
