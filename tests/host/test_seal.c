/*
 * lib/seal against vectors that others made: a published one of NIST, and ones computed with
 * Python's `cryptography` (AESCCM with 16-byte tags; CMAC over the block of seal.h). Then what a
 * caller relies on when something was changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/crc/crc.h"
#include "lib/seal/seal.h"

static uint8_t data[2048];
static uint8_t ad[SEAL_AD_BYTES_MAX + 1U];
static uint8_t nonce[SEAL_NONCE_BYTES];
static struct seal_key key;

/* key 00 01 .. 0F, nonce 40 41 .. 4B, data 3, 10, 17, ..., additional data 1, 6, 11, ... */
static void vector_inputs(void)
{
    uint8_t bytes[SEAL_KEY_BYTES];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof nonce; i++) {
        nonce[i] = (uint8_t)(0x40U + i);
    }
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(7U * i + 3U);
    }
    for (size_t i = 0; i < sizeof ad; i++) {
        ad[i] = (uint8_t)(5U * i + 1U);
    }
    assert_int_equal(seal_key_set(&key, bytes), PSA_SUCCESS);
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
    uint8_t any = 0;

    for (size_t i = 0; i < length; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

/* CAVS 11.0, VNT128.rsp, Nlen = 12. */
static void a_published_vector(void **state)
{
    static const uint8_t key_bytes[] = {0x00, 0x5E, 0x8F, 0x4D, 0x8E, 0x0C, 0xBF, 0x4E,
                                        0x1C, 0xEE, 0xB5, 0xD8, 0x7A, 0x27, 0x58, 0x48};
    static const uint8_t plain[] = {0xB6, 0xF3, 0x45, 0x20, 0x45, 0x26, 0x43, 0x9D,
                                    0xAF, 0x84, 0x99, 0x8F, 0x38, 0x0D, 0xCF, 0xB4,
                                    0xB4, 0x16, 0x7C, 0x95, 0x9C, 0x04, 0xFF, 0x65};
    static const uint8_t iv[] = {0x0E, 0xC3, 0xAC, 0x45, 0x2B, 0x54,
                                 0x7B, 0x90, 0x62, 0xAA, 0xC8, 0xFA};
    static const uint8_t more[] = {0x2F, 0x18, 0x21, 0xAA, 0x57, 0xE5, 0x27, 0x8F, 0xFD, 0x33, 0xC1,
                                   0x7D, 0x46, 0x61, 0x5B, 0x77, 0x36, 0x31, 0x49, 0xDB, 0xC9, 0x84,
                                   0x70, 0x41, 0x3F, 0x65, 0x43, 0xA6, 0xB7, 0x49, 0xF2, 0xCA};
    static const uint8_t sealed[] = {0x95, 0x75, 0xE1, 0x6F, 0x35, 0xDA, 0x3C, 0x88,
                                     0xA1, 0x9C, 0x26, 0xA7, 0xB7, 0x62, 0x04, 0x4F,
                                     0x4D, 0x7B, 0xBB, 0xAF, 0xEF, 0xF0, 0x5D, 0x75};
    static const uint8_t tag[] = {0x48, 0x29, 0xE2, 0xA7, 0x75, 0x2F, 0xA3, 0xA1,
                                  0x48, 0x90, 0x97, 0x28, 0x84, 0xB5, 0x11, 0xD8};
    uint8_t text[sizeof plain];
    uint8_t made[SEAL_TAG_BYTES];
    const struct seal_text seal = {iv, more, sizeof more, text, sizeof text};
    (void)state;

    memcpy(text, plain, sizeof plain);
    assert_int_equal(seal_key_set(&key, key_bytes), PSA_SUCCESS);
    assert_int_equal(seal_encrypt(&key, &seal, made), PSA_SUCCESS);
    assert_memory_equal(text, sealed, sizeof sealed);
    assert_memory_equal(made, tag, sizeof tag);
    assert_int_equal(seal_decrypt(&key, &seal, tag), PSA_SUCCESS);
    assert_memory_equal(text, plain, sizeof plain);
}

static const struct {
    size_t ad_bytes;
    size_t length;
    uint32_t crc; /* of the cipher text */
    uint8_t tag[SEAL_TAG_BYTES];
} vectors[] = {
    {0,
     0,
     0x00000000,
     {0x0A, 0x3F, 0x53, 0x23, 0xDA, 0xFD, 0x91, 0xE2, 0x9F, 0x81, 0x04, 0x69, 0x2D, 0xF6, 0x14,
      0x12}},
    {24,
     0,
     0x00000000,
     {0x30, 0xD1, 0x6E, 0xC5, 0xEF, 0x03, 0x3F, 0x4B, 0x8B, 0x86, 0xD4, 0x1D, 0x6C, 0x5A, 0xB6,
      0x97}},
    {0,
     1,
     0x1B0ECF0B,
     {0xBF, 0xA2, 0x7A, 0x06, 0x1F, 0x77, 0x35, 0x36, 0x77, 0x3B, 0x40, 0x35, 0x43, 0x3F, 0xBA,
      0xCD}},
    {24,
     15,
     0x5E604CA4,
     {0xD5, 0x77, 0x7D, 0x6D, 0x22, 0x2F, 0xD2, 0x3F, 0xAA, 0xF3, 0xC4, 0x49, 0xC9, 0xD6, 0x61,
      0xCC}},
    {24,
     16,
     0xBE5A1A2C,
     {0xE4, 0xBA, 0x0F, 0x72, 0x7A, 0x67, 0x3B, 0x0A, 0xF5, 0xA7, 0x82, 0x9A, 0xFF, 0x10, 0xAD,
      0xAF}},
    {24,
     17,
     0xC4D07AD2,
     {0x21, 0x31, 0x23, 0xE7, 0xA2, 0x63, 0xF6, 0x03, 0x70, 0xBB, 0x62, 0x8E, 0xC5, 0xDA, 0xA7,
      0x4F}},
    {14,
     32,
     0x6A35EE12,
     {0x9A, 0x81, 0xDC, 0x9B, 0xB6, 0x73, 0x07, 0x8B, 0x77, 0x26, 0x9A, 0x8C, 0xEF, 0xA8, 0x40,
      0xDC}},
    {15,
     33,
     0xB46EE1A9,
     {0x60, 0xC0, 0x42, 0xAA, 0x87, 0xED, 0x50, 0x86, 0xBE, 0x1E, 0x4D, 0xE3, 0x29, 0xA5, 0xD6,
      0xE5}},
    {24,
     2048,
     0x947A583B,
     {0x76, 0x43, 0xCA, 0x48, 0xA4, 0x1C, 0xA3, 0xD5, 0xEB, 0x40, 0x24, 0x30, 0xA4, 0xA6, 0x15,
      0xF7}},
    {65279,
     64,
     0xD615E069,
     {0xD0, 0xFF, 0xC7, 0x4F, 0xC9, 0xA5, 0xEB, 0x0A, 0xF6, 0xD6, 0x20, 0xD1, 0x46, 0x9E, 0x98,
      0x4D}},
};

static void all_lengths(void **state)
{
    (void)state;

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct seal_text text = {nonce, ad, vectors[i].ad_bytes, data, vectors[i].length};
        uint8_t tag[SEAL_TAG_BYTES];
        uint8_t plain[sizeof data];

        vector_inputs();
        memcpy(plain, data, sizeof data);
        assert_int_equal(seal_encrypt(&key, &text, tag), PSA_SUCCESS);
        assert_int_equal(crc32_update(0, data, text.length), vectors[i].crc);
        assert_memory_equal(tag, vectors[i].tag, sizeof tag);
        assert_int_equal(seal_decrypt(&key, &text, tag), PSA_SUCCESS);
        assert_memory_equal(data, plain, sizeof plain);
    }
}

/* Every bit of what goes in; the plain text is never left. */
static void every_change_is_found(void **state)
{
    enum { LENGTH = 37, AD = 24 };
    uint8_t tag[SEAL_TAG_BYTES];
    uint8_t sealed[LENGTH];
    const struct seal_text text = {nonce, ad, AD, data, LENGTH};
    struct {
        uint8_t *bytes;
        size_t length;
    } inputs[] = {{sealed, LENGTH}, {ad, AD}, {nonce, sizeof nonce}, {tag, sizeof tag}};
    (void)state;

    vector_inputs();
    assert_int_equal(seal_encrypt(&key, &text, tag), PSA_SUCCESS);
    memcpy(sealed, data, LENGTH);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        for (size_t bit = 0; bit < 8U * inputs[i].length; bit++) {
            uint8_t *byte = &inputs[i].bytes[bit / 8U];
            uint8_t mask = (uint8_t)(1U << (bit % 8U));

            *byte ^= mask;
            memcpy(data, sealed, LENGTH);
            assert_int_equal(seal_decrypt(&key, &text, tag), PSA_ERROR_INVALID_SIGNATURE);
            assert_true(is_zero(data, LENGTH));
            *byte ^= mask;
        }
    }
    memcpy(data, sealed, LENGTH);
    assert_int_equal(seal_decrypt(&key, &text, tag), PSA_SUCCESS);
}

static void another_length_or_key_is_found(void **state)
{
    uint8_t tag[SEAL_TAG_BYTES];
    struct seal_text text = {nonce, ad, 24, data, 64};
    const uint8_t other[SEAL_KEY_BYTES] = {1};
    (void)state;

    vector_inputs();
    assert_int_equal(seal_encrypt(&key, &text, tag), PSA_SUCCESS);
    text.length = 63;
    assert_int_equal(seal_decrypt(&key, &text, tag), PSA_ERROR_INVALID_SIGNATURE);
    text.length = 0;
    text.data = NULL;
    assert_int_equal(seal_decrypt(&key, &text, tag), PSA_ERROR_INVALID_SIGNATURE);

    vector_inputs();
    text = (struct seal_text){nonce, ad, 24, data, 64};
    assert_int_equal(seal_encrypt(&key, &text, tag), PSA_SUCCESS);
    text.ad_bytes = 23;
    assert_int_equal(seal_decrypt(&key, &text, tag), PSA_ERROR_INVALID_SIGNATURE);

    vector_inputs();
    text.ad_bytes = 24;
    assert_int_equal(seal_encrypt(&key, &text, tag), PSA_SUCCESS);
    assert_int_equal(seal_key_set(&key, other), PSA_SUCCESS);
    assert_int_equal(seal_decrypt(&key, &text, tag), PSA_ERROR_INVALID_SIGNATURE);
}

static void lengths_beyond_the_limits_are_refused(void **state)
{
    uint8_t tag[SEAL_TAG_BYTES];
    const struct seal_text text = {nonce, ad, SEAL_AD_BYTES_MAX + 1U, data, sizeof data};
    (void)state;

    vector_inputs();
    memset(tag, 0xA5, sizeof tag);
    assert_int_equal(seal_encrypt(&key, &text, tag), PSA_ERROR_INVALID_ARGUMENT);
    assert_true(is_zero(data, sizeof data));
    assert_true(is_zero(tag, sizeof tag));
    vector_inputs();
    assert_int_equal(seal_decrypt(&key, &text, tag), PSA_ERROR_INVALID_ARGUMENT);
    assert_true(is_zero(data, sizeof data));
}

static void derived_keys(void **state)
{
    static const uint8_t expected[][SEAL_KEY_BYTES] = {
        {0x69, 0x02, 0xF1, 0x6D, 0x3A, 0x9C, 0x4F, 0x78, 0x7F, 0xC7, 0x20, 0x47, 0x21, 0xFB, 0xE0,
         0xA7},
        {0xB5, 0x0C, 0xAE, 0xCA, 0x08, 0x13, 0xBC, 0x76, 0x94, 0x94, 0x8A, 0x0E, 0xBA, 0x54, 0xC9,
         0x28},
        {0xC4, 0xA6, 0xF5, 0x2F, 0x0E, 0x47, 0x01, 0x2D, 0xAB, 0x63, 0x1C, 0xA0, 0xF8, 0xDF, 0xA6,
         0xDF},
        {0x24, 0x13, 0x29, 0x2D, 0x17, 0x68, 0x4D, 0x72, 0xC3, 0x6F, 0x0C, 0x36, 0x59, 0x83, 0x6C,
         0x83},
    };
    static const struct {
        uint8_t first, step; /* of the root's bytes */
        const char *label;
        uint32_t number;
    } inputs[] = {
        {0x00, 1, "PARTKEY1", 0x104},
        {0x80, 1, "PARTKEY1", 0x104},
        {0x00, 1, "PARTKEY1", 0x101},
        {0xFF, 0, "\0\0\0\0\0\0\0\0", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        uint8_t root[SEAL_ROOT_BYTES];
        uint8_t made[SEAL_KEY_BYTES];

        for (size_t at = 0; at < sizeof root; at++) {
            root[at] = (uint8_t)(inputs[i].first + at * inputs[i].step);
        }
        assert_int_equal(
            seal_derive(root, (const uint8_t *)inputs[i].label, inputs[i].number, made),
            PSA_SUCCESS);
        assert_memory_equal(made, expected[i], sizeof made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_vector),
        cmocka_unit_test(all_lengths),
        cmocka_unit_test(every_change_is_found),
        cmocka_unit_test(another_length_or_key_is_found),
        cmocka_unit_test(lengths_beyond_the_limits_are_refused),
        cmocka_unit_test(derived_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
