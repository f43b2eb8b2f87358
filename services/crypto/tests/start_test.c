/*
 * Crypto service, host test: the engine starts at the first call that needs it, once.
 *
 * Each test is a start of the device: the service is new, and the manager holds a seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <psa/crypto.h>

#include "services/crypto/service.h"
#include "services/crypto/tests/shim.h"

static int device_starts(void **state)
{
    (void)state;
    shim_type = 0;
    shim_seed_missing = false;
    shim_restart();
    return 0;
}

static psa_status_t random_make(uint8_t bytes[16])
{
    return psa_generate_random(bytes, 16);
}

static void start_alone_asks_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(shim_seed_requests, 0);
    assert_int_equal(engine_status, ENGINE_NEW);
}

static void malformed_call_does_not_start(void **state)
{
    (void)state;
    shim_type = 1;
    assert_int_not_equal(psa_crypto_init(), PSA_SUCCESS);
    assert_int_equal(shim_seed_requests, 0);
}

static void first_call_starts_once(void **state)
{
    uint8_t bytes[16];

    (void)state;
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
    assert_int_equal(shim_seed_requests, 1);
    assert_int_equal(random_make(bytes), PSA_SUCCESS);
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
    assert_int_equal(shim_seed_requests, 1);
}

/* No initialisation asked for: FF-M services are always ready. */
static void any_call_can_be_the_first(void **state)
{
    uint8_t hash[32];
    size_t length;

    (void)state;
    assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, hash, 3, hash, sizeof hash, &length),
                     PSA_SUCCESS);
    assert_int_equal(shim_seed_requests, 1);
}

static void seed_stays_nowhere(void **state)
{
    uint8_t seed[48];
    uint8_t bytes[16];

    (void)state;
    assert_int_equal(random_make(bytes), PSA_SUCCESS);
    memset(seed, shim_boot_number, sizeof seed);
    assert_int_equal(shim_copies_of(seed, sizeof seed), 0);
}

static void each_start_has_other_random_bytes(void **state)
{
    uint8_t first[16];
    uint8_t second[16];

    (void)state;
    assert_int_equal(random_make(first), PSA_SUCCESS);
    device_starts(NULL);
    assert_int_equal(random_make(second), PSA_SUCCESS);
    assert_memory_not_equal(first, second, sizeof first);
}

/* The manager gives a seed once, so the failure is final: it is not asked again. */
static void missing_seed_is_every_callers_error(void **state)
{
    uint8_t bytes[16];
    size_t length;

    (void)state;
    shim_seed_missing = true;
    assert_int_equal(random_make(bytes), PSA_ERROR_INSUFFICIENT_ENTROPY);
    shim_seed_missing = false;
    assert_int_equal(psa_crypto_init(), PSA_ERROR_INSUFFICIENT_ENTROPY);
    assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, bytes, 3, bytes, sizeof bytes, &length),
                     PSA_ERROR_INSUFFICIENT_ENTROPY);
    assert_int_equal(shim_seed_requests, 1);
    device_starts(NULL);
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(start_alone_asks_for_nothing, device_starts),
        cmocka_unit_test_setup(malformed_call_does_not_start, device_starts),
        cmocka_unit_test_setup(first_call_starts_once, device_starts),
        cmocka_unit_test_setup(any_call_can_be_the_first, device_starts),
        cmocka_unit_test_setup(seed_stays_nowhere, device_starts),
        cmocka_unit_test_setup(each_start_has_other_random_bytes, device_starts),
        cmocka_unit_test_setup(missing_seed_is_every_callers_error, device_starts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
