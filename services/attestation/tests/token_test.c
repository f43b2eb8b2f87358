/*
 * Host test of the attestation key's way: it lies with the manager until the first request, then
 * goes to the Crypto service, and nothing of it stays behind.
 *
 * Includes token.c, so that each test is a new start and can look at what the service keeps. The
 * manager and the Crypto service are played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/attestation/token.c"

#define KEY_BYTE  0xA7
#define SEED_BYTE 0x5B

static unsigned seeds_taken;
static unsigned keys_taken;
static unsigned imports;
static psa_status_t take_status;
static psa_status_t import_status;

void spm_read_handoff(struct handoff *handoff)
{
    memset(handoff, 0, sizeof(*handoff));
    handoff->magic = HANDOFF_MAGIC;
}

psa_status_t spm_take_secret(uint32_t secret, void *buffer, size_t length)
{
    unsigned *taken = (secret == SPM_SECRET_BOOT_SEED) ? &seeds_taken : &keys_taken;

    if (((*taken)++ != 0U) || (take_status != PSA_SUCCESS)) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    memset(buffer, (secret == SPM_SECRET_BOOT_SEED) ? SEED_BYTE : KEY_BYTE, length);
    return PSA_SUCCESS;
}

psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
                            size_t data_length, psa_key_id_t *made)
{
    assert_int_equal(psa_get_key_usage_flags(attributes), PSA_KEY_USAGE_SIGN_MESSAGE);
    assert_int_equal(data_length, 32);
    for (size_t i = 0; i < data_length; i++) {
        assert_int_equal(data[i], KEY_BYTE);
    }
    imports++;
    *made = (import_status == PSA_SUCCESS) ? 9U : PSA_KEY_ID_NULL;
    return import_status;
}

psa_status_t psa_sign_message(psa_key_id_t signing, psa_algorithm_t alg, const uint8_t *input,
                              size_t input_length, uint8_t *signature, size_t signature_size,
                              size_t *signature_length)
{
    (void)alg;
    (void)input;
    (void)input_length;
    assert_int_equal(signing, 9);
    memset(signature, 1, signature_size);
    *signature_length = signature_size;
    return PSA_SUCCESS;
}

static int device_starts(void **state)
{
    (void)state;
    memset(&device, 0, sizeof(device));
    key = PSA_KEY_ID_NULL;
    seeds_taken = keys_taken = imports = 0U;
    take_status = import_status = PSA_SUCCESS;
    return 0;
}

static psa_status_t token_ask(void)
{
    static const uint8_t challenge[32] = {3};
    const struct claims_request request = {-1, challenge, sizeof(challenge)};
    struct token token;

    return token_make(&request, &token);
}

static psa_status_t size_ask(void)
{
    const struct claims_request request = {.challenge_bytes = 32U};
    size_t size_bytes = 0U;

    return token_size(&request, &size_bytes);
}

/* Bytes of the key that the service still holds. */
static unsigned key_bytes_left(void)
{
    unsigned left = 0U;

    for (size_t i = 0; i < sizeof(device.attestation_key); i++) {
        left += (device.attestation_key[i] == KEY_BYTE) ? 1U : 0U;
    }
    return left;
}

static void first_request_takes_the_key_once(void **state)
{
    (void)state;
    assert_int_equal(size_ask(), PSA_SUCCESS);
    assert_int_equal(token_ask(), PSA_SUCCESS);
    assert_int_equal(token_ask(), PSA_SUCCESS);
    assert_int_equal(seeds_taken + keys_taken, 2);
    assert_int_equal(imports, 1);
    assert_int_equal(key_bytes_left(), 0);
    assert_int_equal(device.boot_seed[31], SEED_BYTE);
}

/* All keys of the Crypto service are in use by others: attestation works as soon as one is free. */
static void no_room_for_the_key_is_told_and_passes(void **state)
{
    (void)state;
    import_status = PSA_ERROR_INSUFFICIENT_MEMORY;
    assert_int_equal(size_ask(), PSA_ERROR_SERVICE_FAILURE);
    assert_int_equal(token_ask(), PSA_ERROR_SERVICE_FAILURE);
    import_status = PSA_SUCCESS;
    assert_int_equal(token_ask(), PSA_SUCCESS);
    assert_int_equal(seeds_taken + keys_taken, 2);
    assert_int_equal(imports, 3);
    assert_int_equal(key_bytes_left(), 0);
    assert_int_equal(device.boot_seed[0], SEED_BYTE);
}

static void no_key_from_the_manager_is_told(void **state)
{
    (void)state;
    take_status = PSA_ERROR_DOES_NOT_EXIST;
    assert_int_equal(size_ask(), PSA_ERROR_SERVICE_FAILURE);
    assert_int_equal(token_ask(), PSA_ERROR_SERVICE_FAILURE);
    assert_int_equal(imports, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(first_request_takes_the_key_once, device_starts),
        cmocka_unit_test_setup(no_room_for_the_key_is_told_and_passes, device_starts),
        cmocka_unit_test_setup(no_key_from_the_manager_is_told, device_starts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
