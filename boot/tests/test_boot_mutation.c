/*
 * Whole verification under mutation: every value of every byte of a signed image, and of what lies
 * behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/tests/fixture.h"
#include "boot/tests/golden.h"
#include "mbedtls/sha256.h"
#include "platform/host/flash.h"

/* The device whose anchor is the key in the golden image. */
static void golden_device(struct fixture_device *device)
{
    fixture_device(device);
    assert_int_equal(
        mbedtls_sha256(golden_image + 0x107, 91, device->provisioning.sets[0].entries[0].digest, 0),
        0);
}

static void test_golden_is_accepted(void **state)
{
    struct fixture_device device;
    struct verified_image verified;
    (void)state;

    golden_device(&device);
    fixture_flash(golden_image, sizeof(golden_image));
    assert_int_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
    assert_int_equal(verified.security_counter, 5);
    assert_int_equal(verified.vectors, FIXTURE_SLOT_ADDRESS + FIXTURE_HEADER_SIZE);
    assert_int_equal(verified.initial_stack, 0x38002000);
    assert_int_equal(verified.reset_handler, 0x80100031);
    assert_memory_equal(verified.measurement, golden_image + 0xE3, 32);
    assert_memory_equal(verified.signer_id, device.provisioning.sets[0].entries[0].digest, 32);
}

/* Nothing in an image is left unchecked: no other value of any byte passes. */
static void test_every_value_of_every_byte(void **state)
{
    struct fixture_device device;
    struct verified_image verified;
    (void)state;

    golden_device(&device);
    fixture_flash(golden_image, sizeof(golden_image));
    uint8_t *slot = host_flash()->base + FIXTURE_SLOT_OFFSET;
    for (uint32_t position = 0; position < sizeof(golden_image); position++) {
        for (uint32_t change = 1; change < 256U; change++) {
            slot[position] = (uint8_t)(golden_image[position] ^ change);
            assert_int_not_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
        }
        slot[position] = golden_image[position];
    }
    assert_int_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
}

/* What lies behind an image changes neither verdict nor measurement. */
static void test_bytes_behind_do_not_matter(void **state)
{
    struct fixture_device device;
    struct verified_image verified;
    (void)state;

    golden_device(&device);
    fixture_flash(golden_image, sizeof(golden_image));
    uint8_t *slot = host_flash()->base + FIXTURE_SLOT_OFFSET;
    for (uint32_t i = sizeof(golden_image); i < FIXTURE_SLOT_SIZE; i++) {
        slot[i] = (uint8_t)fixture_random();
    }
    assert_int_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
    assert_memory_equal(verified.measurement, golden_image + 0xE3, 32);
}

static void test_every_truncation(void **state)
{
    struct fixture_device device;
    struct verified_image verified;
    (void)state;

    golden_device(&device);
    for (uint32_t length = 0; length < sizeof(golden_image); length++) {
        fixture_flash(golden_image, length);
        assert_int_not_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
        fixture_flash(golden_image, sizeof(golden_image));
        device.slot.slot_size = length;
        assert_int_not_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
        device.slot.slot_size = FIXTURE_SLOT_SIZE;
    }
}

/* Random damage to several bytes at once. */
static void test_random_damage(void **state)
{
    struct fixture_device device;
    struct verified_image verified;
    uint8_t bytes[sizeof(golden_image)];
    (void)state;

    golden_device(&device);
    for (uint32_t run = 0; run < 5000U; run++) {
        memcpy(bytes, golden_image, sizeof(bytes));
        for (uint32_t changes = 2U + fixture_random() % 6U; changes > 0U; changes--) {
            bytes[fixture_random() % sizeof(bytes)] ^= (uint8_t)(1U + fixture_random() % 255U);
        }
        if (memcmp(bytes, golden_image, sizeof(bytes)) == 0) {
            continue;
        }
        fixture_flash(bytes, sizeof(bytes));
        assert_int_not_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_is_accepted),
        cmocka_unit_test(test_every_value_of_every_byte),
        cmocka_unit_test(test_bytes_behind_do_not_matter),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_random_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
