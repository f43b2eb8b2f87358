/*
 * Crypto service, host test: hashes through the API, in one piece and in parts, and random numbers.
 *
 * Digests are those of FIPS 180-4's examples and of Python's hashlib.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <psa/crypto.h>

#include "layout.h"
#include "services/crypto/tests/shim.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_BYTES   65536u

static uint8_t long_input[LONG_BYTES]; /* byte i is 7 * i */

static const struct vector {
    psa_algorithm_t alg;
    const char *input; /* NULL: long_input */
    const char *digest;
} vectors[] = {
    {PSA_ALG_SHA_256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {PSA_ALG_SHA_256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {PSA_ALG_SHA_384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c82"
     "5"
     "a7"},
    {PSA_ALG_SHA_512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "b"
     "bd454d4423643ce80e2a9ac94fa54ca49f"},
    {PSA_ALG_SHA_256, NULL, "d790e413479d16f4eab89ec0d18e3565e0982bd4788c26736a76d20ea781c901"},
    {PSA_ALG_SHA_512, NULL,
     "344e35a27ce6052d5e477414920b788ab0bc0c60a95e9d87897f47cee3cab84c88787e60138d731d260923ef34"
     "bf7efb43cf67628a23a16032e86c26f2d48dbf"},
};

static const uint8_t *vector_input(const struct vector *vector, size_t *length)
{
    *length = vector->input != NULL ? strlen(vector->input) : LONG_BYTES;
    return vector->input != NULL ? (const uint8_t *)vector->input : long_input;
}

static void known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        uint8_t expected[PSA_HASH_MAX_SIZE];
        uint8_t hash[PSA_HASH_MAX_SIZE];
        size_t expected_length = shim_hex(vectors[i].digest, expected, sizeof expected);
        size_t input_length;
        size_t length;
        const uint8_t *input = vector_input(&vectors[i], &input_length);

        assert_int_equal(
            psa_hash_compute(vectors[i].alg, input, input_length, hash, sizeof hash, &length),
            PSA_SUCCESS);
        assert_int_equal(length, expected_length);
        assert_memory_equal(hash, expected, length);
        assert_int_equal(
            psa_hash_compare(vectors[i].alg, input, input_length, expected, expected_length),
            PSA_SUCCESS);
        expected[expected_length - 1] ^= 1;
        assert_int_equal(
            psa_hash_compare(vectors[i].alg, input, input_length, expected, expected_length),
            PSA_ERROR_INVALID_SIGNATURE);
    }
}

static void long_input_takes_one_call(void **state)
{
    uint8_t hash[32];
    size_t length;
    unsigned before = shim_calls;

    (void)state;
    assert_int_equal(
        psa_hash_compute(PSA_ALG_SHA_256, long_input, LONG_BYTES, hash, sizeof hash, &length),
        PSA_SUCCESS);
    assert_int_equal(shim_calls, before + 1);
    assert_true(shim_largest_read <= 4096);
}

static void in_parts(void **state)
{
    (void)state;
    for (size_t part = 1; part < 300; part += 43) {
        psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
        uint8_t whole[32];
        uint8_t hash[32];
        size_t length;

        assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, long_input, 1000, whole, 32, &length),
                         PSA_SUCCESS);
        assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
        for (size_t done = 0; done < 1000;) {
            size_t step = 1000 - done < part ? 1000 - done : part;

            assert_int_equal(psa_hash_update(&operation, long_input + done, step), PSA_SUCCESS);
            done += step;
        }
        assert_int_equal(psa_hash_update(&operation, NULL, 0), PSA_SUCCESS);
        assert_int_equal(psa_hash_finish(&operation, hash, sizeof hash, &length), PSA_SUCCESS);
        assert_int_equal(length, 32);
        assert_memory_equal(hash, whole, 32);
    }
}

static void clone_continues_alone(void **state)
{
    psa_hash_operation_t source = psa_hash_operation_init();
    psa_hash_operation_t target = PSA_HASH_OPERATION_INIT;
    uint8_t expected[32];
    uint8_t hash[32];
    size_t length;

    (void)state;
    assert_int_equal(psa_hash_clone(&source, &target), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_setup(&source, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_update(&source, (const uint8_t *)"ab", 2), PSA_SUCCESS);
    assert_int_equal(psa_hash_clone(&source, &target), PSA_SUCCESS);
    assert_int_equal(psa_hash_clone(&source, &target), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_update(&source, (const uint8_t *)"x", 1), PSA_SUCCESS);
    assert_int_equal(psa_hash_update(&target, (const uint8_t *)"c", 1), PSA_SUCCESS);
    shim_hex(vectors[0].digest, expected, sizeof expected);
    assert_int_equal(psa_hash_verify(&target, expected, sizeof expected), PSA_SUCCESS);
    assert_int_equal(psa_hash_finish(&source, hash, sizeof hash, &length), PSA_SUCCESS);
    assert_memory_not_equal(hash, expected, sizeof hash);
}

static void errors_end_an_operation(void **state)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t hash[32] = {0};
    size_t length = 99;

    (void)state;
    assert_int_equal(psa_hash_update(&operation, hash, 1), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_ECDSA_ANY), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_MD5), PSA_ERROR_NOT_SUPPORTED);
    /* A buffer that is too small. */
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_finish(&operation, hash, 31, &length), PSA_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(length, 0);
    assert_int_equal(psa_hash_finish(&operation, hash, 32, &length), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
    /* A second set-up. */
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_update(&operation, hash, 1), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
    /* A wrong hash, one that is too long, one that is too short. */
    for (size_t given = 31; given <= 100; given++) {
        uint8_t reference[100] = {0};

        assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
        assert_int_equal(psa_hash_verify(&operation, reference, given),
                         PSA_ERROR_INVALID_SIGNATURE);
        assert_int_equal(psa_hash_verify(&operation, reference, given), PSA_ERROR_BAD_STATE);
        assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
    }
    /* A finished one. */
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_finish(&operation, hash, 32, &length), PSA_SUCCESS);
    assert_int_equal(psa_hash_finish(&operation, hash, 32, &length), PSA_ERROR_BAD_STATE);
}

static void longer_reference_differs(void **state)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t hash[PSA_HASH_MAX_SIZE + 1] = {0};
    size_t length;

    (void)state;
    assert_int_equal(psa_hash_compute(PSA_ALG_SHA_512, NULL, 0, hash, sizeof hash, &length),
                     PSA_SUCCESS);
    assert_int_equal(psa_hash_compare(PSA_ALG_SHA_512, NULL, 0, hash, length), PSA_SUCCESS);
    assert_int_equal(psa_hash_compare(PSA_ALG_SHA_512, NULL, 0, hash, length + 1),
                     PSA_ERROR_INVALID_SIGNATURE);
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_512), PSA_SUCCESS);
    assert_int_equal(psa_hash_verify(&operation, hash, length + 1), PSA_ERROR_INVALID_SIGNATURE);
    assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
}

static void operations_run_out(void **state)
{
    psa_hash_operation_t operations[CRYPTO_OPERATIONS];
    psa_hash_operation_t more = PSA_HASH_OPERATION_INIT;
    uint8_t hash[32];
    size_t length;

    (void)state;
    memset(operations, 0, sizeof operations);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < CRYPTO_OPERATIONS; i++) {
            assert_int_equal(psa_hash_setup(&operations[i], PSA_ALG_SHA_256), PSA_SUCCESS);
        }
        assert_int_equal(psa_hash_setup(&more, PSA_ALG_SHA_256), PSA_ERROR_INSUFFICIENT_MEMORY);
        assert_int_equal(psa_hash_clone(&operations[0], &more), PSA_ERROR_INSUFFICIENT_MEMORY);
        assert_int_equal(psa_hash_update(&operations[0], hash, 0), PSA_SUCCESS);
        /* One-shot functions need no slot. */
        assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, NULL, 0, hash, 32, &length),
                         PSA_SUCCESS);
        for (size_t i = 0; i < CRYPTO_OPERATIONS; i++) {
            assert_int_equal(psa_hash_abort(&operations[i]), PSA_SUCCESS);
        }
    }
}

static void operations_belong_to_a_client(void **state)
{
    psa_hash_operation_t mine = PSA_HASH_OPERATION_INIT;
    psa_hash_operation_t stolen;
    psa_hash_operation_t target = PSA_HASH_OPERATION_INIT;
    psa_hash_operation_t stale;
    uint8_t hash[32];
    size_t length;

    (void)state;
    assert_int_equal(psa_hash_setup(&mine, PSA_ALG_SHA_256), PSA_SUCCESS);
    shim_client = 5;
    stolen = mine;
    assert_int_equal(psa_hash_update(&stolen, hash, 0), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_clone(&stolen, &target), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_finish(&stolen, hash, 32, &length), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_setup(&stolen, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&stolen), PSA_SUCCESS);
    shim_client = -1;
    assert_int_equal(psa_hash_update(&mine, hash, 0), PSA_SUCCESS);
    /* The handle of an operation that is over does not name the next one. */
    stale = mine;
    assert_int_equal(psa_hash_abort(&mine), PSA_SUCCESS);
    assert_int_equal(psa_hash_setup(&mine, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_update(&stale, hash, 0), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&stale), PSA_SUCCESS);
    assert_int_equal(psa_hash_update(&mine, hash, 0), PSA_SUCCESS);
    assert_int_equal(psa_hash_abort(&mine), PSA_SUCCESS);
}

static void random_bytes(void **state)
{
    static uint8_t first[10000];
    static uint8_t second[10000];
    unsigned ones = 0;

    (void)state;
    assert_int_equal(psa_generate_random(NULL, 0), PSA_SUCCESS);
    assert_int_equal(psa_generate_random(first, sizeof first), PSA_SUCCESS);
    assert_int_equal(psa_generate_random(second, sizeof second), PSA_SUCCESS);
    assert_memory_not_equal(first, second, sizeof first);
    for (size_t i = 0; i < sizeof first; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            ones += ((unsigned)first[i] >> bit) & 1u;
        }
    }
    assert_in_range(ones, 39000, 41000); /* 40000, standard deviation 141 */
    for (size_t i = 0; i + 64 < sizeof first; i += 32) {
        assert_memory_not_equal(first + i, first + i + 32, 32);
    }
}

/* HMAC-SHA-256 with a 32-byte key (RFC 2104), of a short text. */
static void hmac(const uint8_t key[32], const char *text, uint8_t result[32])
{
    uint8_t inner[64 + 32];
    uint8_t outer[64 + 32];
    size_t length;

    assert_true(strlen(text) <= 32);
    for (size_t i = 0; i < 64; i++) {
        uint8_t byte = i < 32 ? key[i] : 0;

        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
    }
    memcpy(inner + 64, text, strlen(text));
    assert_int_equal(
        psa_hash_compute(PSA_ALG_SHA_256, inner, 64 + strlen(text), outer + 64, 32, &length),
        PSA_SUCCESS);
    assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, outer, sizeof outer, result, 32, &length),
                     PSA_SUCCESS);
}

/* The engine's generator asks for its seeds here. */
int mbedtls_hardware_poll(void *data, unsigned char *output, size_t len, size_t *olen);

/* No seed comes twice, and none is the key of the next. */
static void seeds_do_not_tell_the_next(void **state)
{
    unsigned char seeds[16][32];
    size_t length;

    (void)state;
    for (size_t i = 0; i < COUNT(seeds); i++) {
        uint8_t predicted[32];

        assert_int_equal(mbedtls_hardware_poll(NULL, seeds[i], sizeof seeds[i], &length), 0);
        assert_int_equal(length, sizeof seeds[i]);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(seeds[i], seeds[j], sizeof seeds[i]);
            hmac(seeds[j], "output", predicted);
            assert_memory_not_equal(seeds[i], predicted, sizeof predicted);
        }
    }
    assert_int_equal(mbedtls_hardware_poll(NULL, seeds[0], 5, &length), 0);
    assert_int_equal(length, 5);
}

/* Cannot happen behind a sound manager; the operation must not go on with part of its input. */
static void inconsistent_message_ends_operation(void **state)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t hash[32];
    size_t length;

    (void)state;
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    shim_short_reads = 1;
    assert_int_equal(psa_hash_update(&operation, long_input, 10), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_hash_compare(PSA_ALG_SHA_256, long_input, 10, hash, 32),
                     PSA_ERROR_INVALID_ARGUMENT);
    shim_short_reads = 0;
    assert_int_equal(psa_hash_finish(&operation, hash, 32, &length), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&operation), PSA_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(long_input_takes_one_call),
        cmocka_unit_test(in_parts),
        cmocka_unit_test(clone_continues_alone),
        cmocka_unit_test(errors_end_an_operation),
        cmocka_unit_test(longer_reference_differs),
        cmocka_unit_test(operations_run_out),
        cmocka_unit_test(operations_belong_to_a_client),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(seeds_do_not_tell_the_next),
        cmocka_unit_test(inconsistent_message_ends_operation),
    };

    for (size_t i = 0; i < LONG_BYTES; i++) {
        long_input[i] = (uint8_t)(7u * i);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
