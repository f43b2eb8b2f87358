/*
 * Host test of the core of Protected Storage: the bytes of the format page, the rules of the
 * specification, nonces, and flash that fails. Power cuts at every point are for other suites.
 */
#include "services/ps/tests/device.h"

/* ---- The format ---- */

static void bytes_are_those_of_the_page(void **state)
{
    static const uint8_t on_medium[] = {
        0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
        0x22, 0x11, 0x02, 0x00, 0x00, 0x00, 0x15, 0x00, 0x00, 0x00, 0xC2, 0x78, 0x30, 0x79,
        0x39, 0x94, 0x78, 0x84, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
        0x00, 0x01, 0xB2, 0x99, 0x90, 0x69, 0xE0, 0xD2, 0xAE, 0x6F, 0x6A, 0xFF, 0xFF, 0xFF};
    static const uint8_t in_anchor[] = {
        0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
        0x22, 0x11, 0x0A, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x10, 0x5C, 0x00, 0xCE,
        0xE4, 0x78, 0x2B, 0x20, 0x09, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x61, 0x0D,
        0x55, 0x1A, 0x5A, 0x55, 0xB7, 0x9D, 0xFA, 0xAE, 0x6C, 0x25, 0x2B, 0x05, 0x2A, 0x96};
    (void)state;

    assert_int_equal(set(&red, "Bartizan!", 9, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY), PSA_SUCCESS);
    assert_memory_equal(&medium_flash.image.cells[32], on_medium, sizeof on_medium);
    assert_memory_equal(&anchor_flash.image.cells[32], in_anchor, sizeof in_anchor);
}

static void the_medium_never_shows_plain_text(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 64, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY), PSA_SUCCESS);
    assert_int_equal(assets_create(&assets, &blue, 200, 0), PSA_SUCCESS);
    assert_int_equal(extend(&blue, 0, plain, 100), PSA_SUCCESS);
    assert_false(contains(medium_flash.image.cells, medium_flash.nor.size, plain, 8));
    assert_false(contains(buffer, sizeof buffer, plain, 8));
}

/* ---- The rules ---- */

static void set_and_get(void **state)
{
    (void)state;

    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(set(&red, plain, LARGEST, 0), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain + 5, 33, 6), PSA_SUCCESS);
    assert_int_equal(set(&others, "", 0, 0), PSA_SUCCESS);
    for (int i = 0; i < 2; i++) {
        expect(&red, plain, LARGEST);
        expect(&blue, plain + 5, 33);
        expect(&others, "", 0);
        assert_int_equal(info_of(&blue).flags, 6);
        assert_int_equal(info_of(&blue).size_bytes, 33);
        assert_int_equal(info_of(&blue).capacity_bytes, 33);
        restart();
    }
    assert_int_equal(set(&red, plain + 9, 1, 0), PSA_SUCCESS);
    expect(&red, plain + 9, 1);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_DOES_NOT_EXIST);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(set(&red, plain + 3, 2, 0), PSA_SUCCESS);
    expect(&red, plain + 3, 2);
    expect(&blue, plain + 5, 33);
}

static void parts_of_an_asset(void **state)
{
    const uint8_t *found = NULL;
    size_t actual = 77;
    (void)state;

    assert_int_equal(set(&red, plain, 50, 0), PSA_SUCCESS);
    assert_int_equal(assets_get(&assets, &red, 7, 9, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 9);
    assert_memory_equal(found, plain + 7, 9);
    assert_int_equal(assets_get(&assets, &red, 45, 9, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 5);
    assert_memory_equal(found, plain + 45, 5);
    assert_int_equal(assets_get(&assets, &red, 50, 9, &found, &actual), PSA_SUCCESS);
    assert_int_equal(actual, 0);
    assert_int_equal(assets_get(&assets, &red, 51, 0, &found, &actual), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(assets_get(&assets, &red, SIZE_MAX, 1, &found, &actual),
                     PSA_ERROR_INVALID_ARGUMENT);
}

static void write_once_stays(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 20, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(set(&red, plain + 1, 20, 0), PSA_ERROR_NOT_PERMITTED);
        assert_false(contains(buffer, sizeof buffer, plain + 1, 8));
        assert_int_equal(extend(&red, 0, plain + 1, 1), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(assets_create(&assets, &red, 20, 0), PSA_ERROR_ALREADY_EXISTS);
        expect(&red, plain, 20);
        restart();
    }
    memset(medium_flash.image.cells, 0xFF, medium_flash.nor.size); /* not even then */
    restart();
    assert_int_equal(set(&red, plain + 1, 20, 0), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
}

static void create_and_extend(void **state)
{
    uint8_t whole[100];
    (void)state;

    memcpy(whole, plain, sizeof whole);
    assert_int_equal(assets_create(&assets, &red, 100, 2), PSA_SUCCESS);
    assert_int_equal(assets_create(&assets, &red, 100, 2), PSA_ERROR_ALREADY_EXISTS);
    assert_int_equal(info_of(&red).size_bytes, 0);
    assert_int_equal(info_of(&red).capacity_bytes, 100);
    expect(&red, "", 0);
    assert_int_equal(extend(&red, 1, plain, 1), PSA_ERROR_INVALID_ARGUMENT); /* a gap */
    assert_int_equal(extend(&red, 0, plain, 40), PSA_SUCCESS);
    assert_int_equal(extend(&red, 40, plain + 40, 10), PSA_SUCCESS);
    assert_int_equal(extend(&red, 30, plain + 30, 70), PSA_SUCCESS);
    memcpy(whole + 3, "abc", 3);
    assert_int_equal(extend(&red, 3, "abc", 3), PSA_SUCCESS); /* does not shrink it */
    assert_int_equal(extend(&red, 100, "", 0), PSA_SUCCESS);
    assert_int_equal(extend(&red, 100, "x", 1), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&red, 0, plain, 101), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&red, SIZE_MAX, plain, 2), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&blue, 0, plain, 1), PSA_ERROR_DOES_NOT_EXIST);
    for (int i = 0; i < 2; i++) {
        expect(&red, whole, 100);
        assert_int_equal(info_of(&red).flags, 2);
        assert_int_equal(info_of(&red).capacity_bytes, 100);
        restart();
    }
    assert_int_equal(set(&red, plain, 10, 0), PSA_SUCCESS); /* as if it was never created */
    assert_int_equal(info_of(&red).capacity_bytes, 10);
    assert_int_equal(extend(&red, 10, plain, 1), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(extend(&red, 4, "xyz", 3), PSA_SUCCESS);
    memcpy(whole, plain, 10);
    memcpy(whole + 4, "xyz", 3);
    expect(&red, whole, 10);
}

static void an_empty_write_changes_nothing(void **state)
{
    struct flash_image before;
    (void)state;

    assert_int_equal(set(&red, plain, 10, 0), PSA_SUCCESS);
    fixture_save(&medium_flash, &before);
    assert_int_equal(extend(&red, 10, "", 0), PSA_SUCCESS);
    assert_memory_equal(medium_flash.image.cells, before.cells, medium_flash.nor.size);
    assert_false(contains(buffer, sizeof buffer, plain, 10));
}

static void what_is_not_supported(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 10, 8), PSA_ERROR_NOT_SUPPORTED);
    assert_false(contains(buffer, sizeof buffer, plain, 10));
    assert_int_equal(set(&red, plain, 10, 0x80000000U), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(assets_create(&assets, &red, 10, PSA_STORAGE_FLAG_WRITE_ONCE),
                     PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(assets_create(&assets, &red, 10, 16), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(assets_set(&assets, &red, LARGEST + 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(assets_set(&assets, &red, SIZE_MAX, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(assets_create(&assets, &red, LARGEST + 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
}

/* Full is full, nothing is lost by asking, and room that was reserved is there. */
static void a_full_store(void **state)
{
    struct store_key key = {-1, 100};
    (void)state;

    assert_int_equal(assets_create(&assets, &red, LARGEST, 0), PSA_SUCCESS);
    for (uint32_t i = 0; i < ASSETS - 1; i++) {
        key.uid = 100U + i;
        assert_int_equal(set(&key, plain + i, LARGEST - 50U, 0), PSA_SUCCESS);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(set(&blue, plain, 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
        assert_int_equal(assets_create(&assets, &blue, 1, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    }
    for (uint32_t at = 0; at < LARGEST; at += 60U) {
        assert_int_equal(extend(&red, at, plain + at, 60), PSA_SUCCESS);
    }
    restart();
    expect(&red, plain, LARGEST);
    for (uint32_t i = 0; i < ASSETS - 1; i++) {
        key.uid = 100U + i;
        expect(&key, plain + i, LARGEST - 50U);
    }
    assert_int_equal(get_status(&blue), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(assets_remove(&assets, &key), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain, 1, 0), PSA_SUCCESS);
}

/* ---- Nonces ---- */

static void nonces_are_never_used_twice(void **state)
{
    struct stolen first;
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    first = steal(&red);
    for (int i = 0; i < 5; i++) {
        struct stolen next;

        assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
        next = steal(&red);
        assert_true(memcmp(next.data, first.data, SEAL_NONCE_BYTES) > 0);
        assert_memory_not_equal(next.data + SEAL_NONCE_BYTES, first.data + SEAL_NONCE_BYTES, 16);
        first = next;
        restart();
    }
}

static void the_last_nonce_is_the_end(void **state)
{
    (void)state;

    assets.nonces_used = UINT32_MAX - 1U;
    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(set(&red, plain + 1, 16, 0), PSA_ERROR_GENERIC_ERROR);
        assert_false(contains(buffer, sizeof buffer, plain + 1, 8));
    }
    expect(&red, plain, 16);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
}

static void a_medium_that_fails(void **state)
{
    uint32_t used;
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    used = assets.nonces_used;
    real_program = medium_flash.area.program;
    medium_flash.area.program = program_nothing;
    assert_int_equal(set(&red, plain + 1, 16, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_false(contains(buffer, sizeof buffer, plain + 1, 8));
    assert_int_equal(assets.nonces_used, used + 1U);
    expect(&red, plain, 16);
    medium_flash.area.program = real_program;
    expect(&red, plain, 16);
    assert_int_equal(set(&red, plain + 2, 16, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 2, 16);
}

/* Removed is what the anchor says is removed. */
static void a_medium_that_does_not_take_a_removal(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain, 16, 0), PSA_SUCCESS);
    real_program = medium_flash.area.program;
    medium_flash.area.program = program_nothing;
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    medium_flash.area.program = real_program;
    expect(&blue, plain, 16);
    assert_int_equal(set(&red, plain + 1, 16, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 1, 16);
}

/* Whether the set has happened shows at once, and stays so. */
static void an_anchor_that_fails(void **state)
{
    (void)state;

    assert_int_equal(set(&red, plain, 16, 0), PSA_SUCCESS);
    real_program = anchor_flash.area.program;
    anchor_flash.area.program = program_nothing;
    assert_int_equal(set(&red, plain + 1, 16, 0), PSA_ERROR_STORAGE_FAILURE);
    anchor_flash.area.program = real_program;
    expect(&red, plain, 16);
    assert_int_equal(set(&red, plain + 2, 16, 0), PSA_SUCCESS);

    anchor_flash.area.program = program_and_deny;
    assert_int_equal(set(&red, plain + 3, 16, 0), PSA_ERROR_STORAGE_FAILURE);
    anchor_flash.area.program = real_program;
    for (int i = 0; i < 2; i++) {
        const uint8_t *found = NULL;
        size_t actual = 0;

        assert_int_equal(assets_get(&assets, &red, 0, 16, &found, &actual), PSA_SUCCESS);
        assert_int_equal(actual, 16);
        assert_true(memcmp(found, plain + 2, 16) == 0 || memcmp(found, plain + 3, 16) == 0);
        restart();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_are_those_of_the_page),
        TEST(the_medium_never_shows_plain_text),
        TEST(set_and_get),
        TEST(parts_of_an_asset),
        TEST(write_once_stays),
        TEST(create_and_extend),
        TEST(an_empty_write_changes_nothing),
        TEST(what_is_not_supported),
        TEST(a_full_store),
        TEST(nonces_are_never_used_twice),
        TEST(the_last_nonce_is_the_end),
        TEST(a_medium_that_fails),
        TEST(a_medium_that_does_not_take_a_removal),
        TEST(an_anchor_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
