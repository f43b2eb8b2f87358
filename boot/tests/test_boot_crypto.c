/*
 * Verdicts, DER, signatures and key derivation: known answers, an independent engine, and every
 * near miss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/ecdsa.h"
#include "boot/kdf.h"
#include "boot/p256.h"
#include "boot/tests/fixture.h"
#include "lib/fih/fih.h"
#include "mbedtls/sha256.h"
#include "p256-m.h"

static void from_hex(const char *text, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < 2U * length; i++) {
        const char *digits = "0123456789ABCDEF";
        uint8_t value = (uint8_t)(strchr(digits, text[i]) - digits);
        bytes[i / 2U] = (uint8_t)(i % 2U == 0U ? value << 4 : bytes[i / 2U] | value);
    }
}

/* ---- Verdicts ---- */

/* Neither half of a verdict that does not hold says yes: each was computed by itself. */
static void both_halves_say_no(fih_t verdict)
{
    assert_false(fih_is_yes(verdict));
    assert_int_not_equal(verdict.value, FIH_YES);
    assert_int_not_equal(verdict.complement, ~FIH_YES);
}

static void test_fih_halves(void **state)
{
    const fih_t yes = fih_equal_word(1, 1);
    const fih_t no = fih_equal_word(1, 2);
    (void)state;

    both_halves_say_no(no);
    both_halves_say_no(fih_both(yes, no));
    both_halves_say_no(fih_both(no, yes));
    both_halves_say_no(fih_both(no, no));
    both_halves_say_no(fih_at_least(1, 2));
    both_halves_say_no(fih_equal("a", "b", 1));
    both_halves_say_no(fih_equal("a", "a", 0));
    both_halves_say_no(fih_filled("a", 'b', 1));
    both_halves_say_no(fih_filled("a", 'a', 0));
    both_halves_say_no(FIH_NO);
}

static void test_fih_equal(void **state)
{
    uint8_t a[40];
    uint8_t b[40];
    (void)state;

    for (uint32_t i = 0; i < sizeof(a); i++) {
        a[i] = b[i] = (uint8_t)fixture_random();
    }
    for (size_t length = 1; length <= sizeof(a); length++) {
        assert_true(fih_is_yes(fih_equal(a, b, length)));
        assert_int_equal(fih_residue(fih_equal(a, b, length)), 0);
        for (size_t i = 0; i < length; i++) {
            for (uint32_t bit = 0; bit < 8U; bit++) {
                b[i] ^= (uint8_t)(1U << bit);
                assert_false(fih_is_yes(fih_equal(a, b, length)));
                assert_int_not_equal(fih_residue(fih_equal(a, b, length)), 0);
                b[i] ^= (uint8_t)(1U << bit);
            }
        }
    }
    assert_false(fih_is_yes(fih_equal(a, b, 0)));
}

static void test_fih_words(void **state)
{
    static const uint32_t values[] = {0, 1, 2, 0x7FFFFFFF, 0x80000000, UINT32_MAX - 1U, UINT32_MAX};
    (void)state;

    for (uint32_t i = 0; i < 7U; i++) {
        for (uint32_t k = 0; k < 7U; k++) {
            assert_int_equal(fih_is_yes(fih_equal_word(values[i], values[k])), i == k);
            assert_int_equal(fih_is_yes(fih_at_least(values[i], values[k])), i >= k);
        }
    }
}

static void test_fih_filled(void **state)
{
    uint8_t bytes[32];
    (void)state;

    memset(bytes, 0xFF, sizeof(bytes));
    assert_true(fih_is_yes(fih_filled(bytes, 0xFF, sizeof(bytes))));
    assert_false(fih_is_yes(fih_filled(bytes, 0xFE, sizeof(bytes))));
    assert_false(fih_is_yes(fih_filled(bytes, 0xFF, 0)));
    for (uint32_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 0x7F;
        assert_false(fih_is_yes(fih_filled(bytes, 0xFF, sizeof(bytes))));
        bytes[i] = 0xFF;
    }
}

static void test_fih_both(void **state)
{
    const fih_t yes = fih_equal_word(1, 1);
    const fih_t no = fih_equal_word(1, 2);
    (void)state;

    assert_true(fih_is_yes(fih_both(yes, yes)));
    assert_false(fih_is_yes(fih_both(yes, no)));
    assert_false(fih_is_yes(fih_both(no, yes)));
    assert_false(fih_is_yes(fih_both(no, no)));
    assert_false(fih_is_yes(fih_both(yes, FIH_NO)));
    /* One half alone is not a verdict. */
    assert_false(fih_is_yes((fih_t){yes.value, no.complement}));
    assert_false(fih_is_yes((fih_t){no.value, yes.complement}));
    assert_int_not_equal(fih_residue((fih_t){yes.value, no.complement}), 0);
    assert_int_not_equal(fih_residue((fih_t){no.value, yes.complement}), 0);
}

/* ---- DER ---- */

static void test_der_values(void **state)
{
    uint8_t signature[64];
    uint8_t decoded[64];
    uint8_t der[72];
    (void)state;

    for (uint32_t run = 0; run < 20000U; run++) {
        /* Leading zero bytes and set top bits often enough. */
        uint32_t zeros[2] = {fixture_random() % 33U, fixture_random() % 4U};
        for (uint32_t i = 0; i < 64U; i++) {
            signature[i] = i % 32U < zeros[i / 32U] ? 0 : (uint8_t)fixture_random();
        }
        signature[31] |= 1U;
        signature[63] |= 1U;
        uint32_t length = fixture_encode(signature, der);
        assert_true(ecdsa_decode_signature(der, length, decoded));
        assert_memory_equal(decoded, signature, sizeof(signature));
    }
}

static bool decodes(const char *text)
{
    uint8_t der[80];
    uint8_t decoded[64];
    uint32_t length = (uint32_t)strlen(text) / 2U;

    from_hex(text, der, length);
    return ecdsa_decode_signature(der, length, decoded);
}

static void test_der_forms(void **state)
{
    (void)state;

    assert_true(decodes("3006020101020102"));
    assert_true(decodes("300702020080020102"));
    assert_false(decodes("3006020100020102"));   /* zero */
    assert_false(decodes("3006020101020100"));   /* zero */
    assert_false(decodes("300702020001020102")); /* needless zero */
    assert_false(decodes("30070201010202007F")); /* needless zero */
    assert_false(decodes("3006020181020102"));   /* negative */
    assert_false(decodes("3006020101020181"));   /* negative */
    assert_false(decodes("3106020101020102"));   /* not a sequence */
    assert_false(decodes("3006030101020102"));   /* not an integer */
    assert_false(decodes("3006020101030102"));   /* not an integer */
    assert_false(decodes("308106020101020102")); /* long form */
    assert_false(decodes("300702810101020102")); /* long form */
    assert_false(decodes("3080020101020102"));   /* indefinite form */
    assert_false(decodes("300602010102010200")); /* byte behind */
    assert_false(decodes("300702010102010200")); /* byte behind, inside the sequence */
    assert_false(decodes("3005020101020102"));   /* sequence too short */
    assert_false(decodes("3003020101"));         /* one number */
    assert_false(decodes("30050201010201"));     /* cut */
    assert_false(decodes("30050201010200"));     /* empty number */
    assert_false(decodes("3005020002010100"));   /* empty number */
    assert_false(decodes("3000"));
    assert_false(decodes("30"));
    assert_false(decodes(""));
    assert_false(
        decodes("302602217FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
                "020101")); /* 33 bytes */
}

/* Buffers of exact size: the address sanitizer sees a read beyond the end. */
static void test_der_bounds(void **state)
{
    uint8_t signature[64];
    uint8_t decoded[64];
    uint8_t der[72];
    (void)state;

    for (uint32_t run = 0; run < 200000U; run++) {
        for (uint32_t i = 0; i < 64U; i++) {
            signature[i] = (uint8_t)(fixture_random() >> 5) | 1U;
        }
        uint32_t length = fixture_encode(signature, der);
        uint32_t cut = run % 2U == 0U ? length : fixture_random() % length;
        der[fixture_random() % 40U] = (uint8_t)(fixture_random() % 40U);
        der[1] = run % 3U == 0U ? der[1] : (uint8_t)(cut - 2U);
        uint8_t *exact = malloc(cut + 1U);
        memcpy(exact + 1, der, cut);
        (void)ecdsa_decode_signature(exact + 1, cut, decoded);
        free(exact);
    }
}

/* ---- Signatures ---- */

static bool holds(const uint8_t *key, const uint8_t *signature, const uint8_t *digest)
{
    volatile fih_t verdict = FIH_NO;

    ecdsa_verify(key, signature, digest, &verdict);
    return fih_is_yes(verdict);
}

/* RFC 6979, A.2.5: P-256, SHA-256, message "sample". */
static void test_known_signature(void **state)
{
    uint8_t key[91];
    uint8_t signature[64];
    uint8_t digest[32];
    (void)state;

    fixture_key(1, key);
    from_hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
             "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
             key + 27, 64);
    from_hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
             "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
             signature, 64);
    assert_int_equal(mbedtls_sha256((const uint8_t *)"sample", 6, digest, 0), 0);
    assert_true(ecdsa_key_is_p256(key, sizeof(key)));
    assert_true(holds(key, signature, digest));
    for (uint32_t bit = 0; bit < 512U; bit++) {
        signature[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_false(holds(key, signature, digest));
        signature[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    for (uint32_t bit = 0; bit < 256U; bit++) {
        digest[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_false(holds(key, signature, digest));
        digest[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
}

/* p256-m's own verification and boot's joint one agree, on good and on bad signatures. */
static void test_agrees_with_p256_m(void **state)
{
    uint8_t scalar[32];
    uint8_t key[91];
    uint8_t digest[32];
    uint8_t signature[64];
    (void)state;

    for (uint32_t run = 0; run < 300U; run++) {
        fixture_key(1, key);
        for (uint32_t i = 0; i < 32U; i++) {
            scalar[i] = (uint8_t)fixture_random();
            digest[i] = run % 10U == 0U ? 0 : run % 10U == 1U ? 0xFF : (uint8_t)fixture_random();
        }
        scalar[0] = 1;
        assert_int_equal(p256_public_from_private(key + 27, scalar), P256_SUCCESS);
        assert_int_equal(p256_ecdsa_sign(signature, scalar, digest, 32), P256_SUCCESS);
        if (run % 3U == 2U) {
            signature[fixture_random() % 64U] ^= (uint8_t)(1U + fixture_random() % 255U);
        }
        int other = p256_ecdsa_verify(signature, key + 27, digest, 32);
        /* A digest of zero is the one thing in which they differ. */
        assert_int_equal(holds(key, signature, digest), other == P256_SUCCESS && run % 10U != 0U);
        assert_int_equal(other == P256_SUCCESS, run % 3U != 2U);
    }
}

/* Numbers out of range, a key off the curve, extreme keys: never accepted. */
static void test_bad_numbers(void **state)
{
    static const char *const numbers[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", /* group order */
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "0000000000000000000000000000000000000000000000000000000000000001",
    };
    uint8_t key[91];
    uint8_t digest[32] = {1};
    uint8_t signature[64];
    uint8_t x[32];
    static const uint8_t zero[32];
    (void)state;

    fixture_key(1, key);
    for (uint32_t r = 0; r < 5U; r++) {
        for (uint32_t s = 0; s < 5U; s++) {
            from_hex(numbers[r], signature, 32);
            from_hex(numbers[s], signature + 32, 32);
            assert_false(holds(key, signature, digest));
            p256_recover_x(signature, key + 27, digest, x);
            assert_int_equal(memcmp(x, zero, 32) == 0, r != 4U || s != 4U);
        }
    }
    key[90] ^= 1U; /* off the curve */
    p256_recover_x(signature, key + 27, digest, x);
    assert_memory_equal(x, zero, 32);
    memset(signature, 0, 32);
    assert_false(holds(key, signature, digest));
}

/* With a digest of zero modulo the group order, r and s can be found for any key: such a digest is
 * refused even with a signature that was made in earnest. */
static void test_zero_digest(void **state)
{
    static const uint8_t zero[32];
    uint8_t scalar[32] = {1};
    uint8_t key[91];
    uint8_t digest[32] = {0};
    uint8_t signature[64];
    uint8_t x[32];
    (void)state;

    fixture_key(1, key);
    assert_int_equal(p256_public_from_private(key + 27, scalar), P256_SUCCESS);
    for (uint32_t run = 0; run < 2U; run++) {
        assert_int_equal(p256_ecdsa_sign(signature, scalar, digest, 32), P256_SUCCESS);
        assert_int_equal(p256_ecdsa_verify(signature, key + 27, digest, 32), P256_SUCCESS);
        assert_false(holds(key, signature, digest));
        p256_recover_x(signature, key + 27, digest, x);
        assert_memory_equal(x, zero, 32);
        from_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", digest, 32);
    }
}

/* The x coordinate of the point exceeds the group order, by 3: it is compared after reduction. The
 * key is that point less the base point, and r, s and the digest are equal, so that both
 * multipliers are 1. */
static void test_reduced_coordinate(void **state)
{
    uint8_t key[91];
    uint8_t number[64] = {0};
    (void)state;

    fixture_key(1, key);
    from_hex("4850D2963FE5D2F3C1B251A96BA095EBADEEE7B736B34C6A731A8666FCCA67BF"
             "999C111EF77BF8D58FD61DCECF607598F61D6651366C9902400B7DD93112B636",
             key + 27, 64);
    number[31] = 3;
    number[63] = 3;
    assert_true(holds(key, number, number));
    assert_int_equal(p256_ecdsa_verify(number, key + 27, number, 32), P256_SUCCESS);
}

static void test_key_prefix(void **state)
{
    uint8_t key[91];
    (void)state;

    fixture_key(1, key);
    for (uint32_t i = 0; i < 27U; i++) {
        key[i] ^= 1U;
        assert_false(ecdsa_key_is_p256(key, sizeof(key)));
        key[i] ^= 1U;
    }
    assert_false(ecdsa_key_is_p256(key, 90));
    assert_false(ecdsa_key_is_p256(key, 92));
}

/* ---- Key derivation: RFC 5869, appendix A, cases 1 and 3 (SHA-256) ---- */

static void test_known_keys(void **state)
{
    uint8_t key[22];
    uint8_t salt[13];
    uint8_t output[42];
    uint8_t expected[42];
    static const char info[] = "\xF0\xF1\xF2\xF3\xF4\xF5\xF6\xF7\xF8\xF9";
    (void)state;

    memset(key, 0x0B, sizeof(key));
    for (uint8_t i = 0; i < sizeof(salt); i++) {
        salt[i] = i;
    }
    kdf_derive((struct kdf_input){salt, sizeof(salt)}, (struct kdf_input){key, sizeof(key)}, info,
               (struct kdf_input){NULL, 0}, output, sizeof(output));
    from_hex("3CB25F25FAACD57A90434F64D0362F2A2D2D0A90CF1A5A4C5DB02D56ECC4C5BF34007208D5B887185865",
             expected, sizeof(expected));
    assert_memory_equal(output, expected, sizeof(expected));
    kdf_derive((struct kdf_input){salt, sizeof(salt)}, (struct kdf_input){key, sizeof(key)},
               "\xF0\xF1\xF2\xF3", (struct kdf_input){info + 4, 6}, output, sizeof(output));
    assert_memory_equal(output, expected, sizeof(expected));
    kdf_derive((struct kdf_input){NULL, 0}, (struct kdf_input){key, sizeof(key)}, "",
               (struct kdf_input){NULL, 0}, output, sizeof(output));
    from_hex("8DA4E775A563C18F715F802A063C5A31B8A11F5C5EE1879EC3454E5F3C738D2D9D201395FAA4B61A96C8",
             expected, sizeof(expected));
    assert_memory_equal(output, expected, sizeof(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fih_halves),         cmocka_unit_test(test_fih_equal),
        cmocka_unit_test(test_fih_words),          cmocka_unit_test(test_fih_filled),
        cmocka_unit_test(test_fih_both),           cmocka_unit_test(test_der_values),
        cmocka_unit_test(test_der_forms),          cmocka_unit_test(test_known_signature),
        cmocka_unit_test(test_agrees_with_p256_m), cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_reduced_coordinate), cmocka_unit_test(test_der_bounds),
        cmocka_unit_test(test_zero_digest),        cmocka_unit_test(test_key_prefix),
        cmocka_unit_test(test_known_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
