/*
 * Unit tests of the claims: the golden vector of docs/formats/token.md byte for byte, and the size
 * of the largest token.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "lib/cose/cose.h"
#include "psa/initial_attestation.h"
#include "services/attestation/claims.h"

#define SIGNATURE_PART (2U + COSE_ES256_SIGNATURE_BYTES)

static uint8_t buffer[PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE];

static void fill(uint8_t *bytes, size_t length, uint8_t first)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(first + i);
    }
}

/* The device of the golden vector; its instance id is not made here but copied. */
static struct handoff golden_device(void)
{
    struct handoff device = {.life_cycle = 0x3000U, .image_count = 2U};

    fill(device.boot_seed, 32U, 0x20U);
    fill(device.implementation_id, 32U, 0x40U);
    (void)memcpy(device.instance_id, golden + 51, 33U);
    device.images[0] = (struct handoff_image){
        .image_id = 0U, .version_major = 1U, .version_minor = 2U, .version_revision = 3U};
    fill(device.images[0].measurement, 32U, 0x60U);
    fill(device.images[0].signer_id, 32U, 0x80U);
    device.images[1] = (struct handoff_image){
        .image_id = 1U,
        .version_major = 255U,
        .version_minor = 255U,
        .version_revision = 65535U,
        .version_build = UINT32_MAX,
    };
    fill(device.images[1].measurement, 32U, 0xA0U);
    fill(device.images[1].signer_id, 32U, 0xC0U);
    return device;
}

static size_t count_claims(const struct handoff *device, const struct claims_request *request)
{
    struct cbor counter = cbor_counter();

    claims_put(&counter, device, request);
    return counter.length_bytes;
}

static void claims_are_the_golden_vector(void **state)
{
    const struct handoff device = golden_device();
    uint8_t challenge[32];
    const struct claims_request request = {-1, challenge, sizeof(challenge)};
    struct cbor to = cbor_writer(buffer, sizeof(buffer));

    (void)state;
    fill(challenge, sizeof(challenge), 0U);
    cose_put_head(&to, (uint32_t)count_claims(&device, &request));
    claims_put(&to, &device, &request);
    assert_int_equal(to.length_bytes + SIGNATURE_PART, sizeof(golden));
    assert_memory_equal(buffer, golden, to.length_bytes);
    assert_memory_equal(golden + to.length_bytes, "\x58\x40", 2U);
}

/* The formula of the page of the format. */
static void sizes_are_those_of_the_format(void **state)
{
    static const struct {
        int32_t client_id;
        size_t bytes;
    } rows[] = {{-1, 1}, {-24, 1}, {-25, 2}, {0x100, 3}, {0x10000, 5}, {INT32_MIN, 5}};
    struct handoff device = golden_device();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t challenge = 32; challenge <= 64; challenge += 16) {
            const struct claims_request request = {rows[i].client_id, NULL, challenge};

            assert_int_equal(count_claims(&device, &request),
                             167U + challenge + rows[i].bytes + (84U + 4U + 5U) + (85U + 3U + 24U));
        }
    }
}

static void the_largest_claims_fit_exactly(void **state)
{
    struct handoff device = golden_device();
    const struct claims_request request = {INT32_MIN, NULL, PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64};

    (void)state;
    device.image_count = HANDOFF_IMAGES_MAX;
    device.life_cycle = 0x60FFU;
    for (size_t i = 0; i < HANDOFF_IMAGES_MAX; i++) {
        device.images[i] = device.images[1];
        device.images[i].image_id = 0U; /* the longer type */
    }
    assert_int_equal(count_claims(&device, &request), CLAIMS_MAX_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_the_golden_vector),
        cmocka_unit_test(sizes_are_those_of_the_format),
        cmocka_unit_test(the_largest_claims_fit_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
