/*
 * The verifier's rules one by one: digest, keys, marks, signatures, counter, vectors, dependencies.
 *
 * Each test breaks one thing in an image that is good otherwise, and expects the check that says
 * so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/tests/fixture.h"
#include "platform/host/flash.h"
#include "platform/nor/nor_hooks.h"

static struct fixture_image image;
static struct fixture_device device;

static int set_up(void **state)
{
    (void)state;
    fixture_device(&device);
    fixture_make(&image);
    return 0;
}

/* A signed image whose payload was changed before signing. */
static void sign_again(uint32_t key_number)
{
    image.size = FIXTURE_HEADER_SIZE + image.payload_size;
    fixture_protect(&image, 5);
    fixture_open(&image, 0x6907);
    fixture_digest_tlv(&image);
    fixture_pair(&image, key_number);
    fixture_close(&image);
}

static void test_good_image(void **state)
{
    struct verified_image verified;
    uint8_t digest[32];
    (void)state;

    fixture_flash(image.bytes, image.size);
    assert_int_equal(fixture_verify(&device, &verified), BOOT_CHECK_PASSED);
    assert_int_equal(verified.version.revision, 3);
    assert_int_equal(verified.security_counter, 5);
    assert_int_equal(verified.payload_size, 64);
    fixture_digest(&image, digest);
    assert_memory_equal(verified.measurement, digest, 32);
    fixture_key_digest(1, digest);
    assert_memory_equal(verified.signer_id, digest, 32);
}

static void test_digest(void **state)
{
    (void)state;

    image.bytes[FIXTURE_HEADER_SIZE + 20U] ^= 1U;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_DIGEST);
}

static void test_changed_payload_with_matching_digest(void **state)
{
    uint8_t digest[32];
    (void)state;

    image.bytes[FIXTURE_HEADER_SIZE + 20U] ^= 1U;
    fixture_digest(&image, digest);
    memcpy(image.bytes + FIXTURE_HEADER_SIZE + 64U + 12U + 8U, digest, sizeof(digest));
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_SIGNATURE);
}

static void test_keys(void **state)
{
    (void)state;

    sign_again(2);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_PASSED);
    sign_again(3); /* an anchor, but of the other image */
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
    device.slot.id = 1;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_PASSED);
    sign_again(4);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
    device.slot.id = 2; /* an image without anchors */
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
    device.slot.id = UINT32_MAX; /* the number that unused sets carry */
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
}

static void test_anchor_of_another_algorithm(void **state)
{
    (void)state;

    device.provisioning.sets[0].entries[0].algorithm = 2;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
    device.provisioning.sets[0].entries[0].algorithm = 0;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
}

static void test_revoked_marks(void **state)
{
    (void)state;

    for (uint32_t i = 0; i < PROVISIONING_MARK_BYTES; i++) {
        device.marks.cells[0][i] = 0xFE;
        assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY_REVOKED);
        device.marks.cells[0][i] = 0xFF;
    }
    for (uint32_t mark = 1; mark < PROVISIONING_MARKS; mark++) {
        memset(device.marks.cells[mark], 0, PROVISIONING_MARK_BYTES);
    }
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_PASSED);
    sign_again(2);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY_REVOKED);
}

static void test_key_forms(void **state)
{
    uint8_t digest[32];
    uint8_t key[92] = {0};
    uint8_t der[72];
    (void)state;

    fixture_digest(&image, digest);
    fixture_key(1, key);
    uint32_t length = fixture_sign(1, digest, der);
    for (uint32_t size = 0; size <= sizeof(key); size++) {
        image.size = FIXTURE_HEADER_SIZE + 64U + 12U;
        fixture_open(&image, 0x6907);
        fixture_digest_tlv(&image);
        fixture_tlv(&image, 0x02, key, size);
        fixture_tlv(&image, 0x22, der, length);
        fixture_close(&image);
        assert_int_equal(fixture_try(&device, &image),
                         size == 91U ? BOOT_CHECK_PASSED : BOOT_CHECK_KEY);
    }
}

static void test_several_pairs(void **state)
{
    (void)state;

    device.provisioning.sets[0].required = 2;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_SIGNATURE_COUNT);
    fixture_pair(&image, 1); /* the same anchor again does not count twice */
    fixture_close(&image);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_SIGNATURE_COUNT);
    fixture_pair(&image, 2);
    fixture_close(&image);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_PASSED);
    device.provisioning.sets[0].required = 1;
    fixture_pair(&image, 4); /* all must hold, though one would be enough */
    fixture_close(&image);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_KEY);
}

static void test_second_signature_must_hold(void **state)
{
    (void)state;

    fixture_pair(&image, 2);
    fixture_close(&image);
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_PASSED);
    image.bytes[image.size - 1U] ^= 1U;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_SIGNATURE);
}

static void test_signature_forms(void **state)
{
    uint8_t key[91];
    uint8_t der[73] = {0};
    uint8_t digest[32];
    (void)state;

    fixture_digest(&image, digest);
    fixture_key(1, key);
    uint32_t length = fixture_sign(1, digest, der);
    for (uint32_t size = 0; size <= length + 1U; size++) {
        image.size = FIXTURE_HEADER_SIZE + 64U + 12U;
        fixture_open(&image, 0x6907);
        fixture_digest_tlv(&image);
        fixture_tlv(&image, 0x02, key, sizeof(key));
        fixture_tlv(&image, 0x22, der, size);
        fixture_close(&image);
        assert_int_equal(fixture_try(&device, &image),
                         size == length ? BOOT_CHECK_PASSED : BOOT_CHECK_SIGNATURE_FORMAT);
    }
}

static void test_counter(void **state)
{
    (void)state;

    device.policy.minimum_counter = 0;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_PASSED);
    device.policy.minimum_counter = 6;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_COUNTER);
    device.policy.minimum_counter = UINT32_MAX;
    assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_COUNTER);
}

static enum boot_check with_vectors(uint32_t stack, uint32_t reset)
{
    put32(image.bytes + FIXTURE_HEADER_SIZE, stack);
    put32(image.bytes + FIXTURE_HEADER_SIZE + 4U, reset);
    sign_again(1);
    return fixture_try(&device, &image);
}

static void test_vectors(void **state)
{
    const uint32_t ram = FIXTURE_RAM_BASE;
    const uint32_t end = FIXTURE_RAM_BASE + FIXTURE_RAM_SIZE;
    const uint32_t code = FIXTURE_SLOT_ADDRESS + FIXTURE_HEADER_SIZE;
    const uint32_t reset = code + 9U;
    (void)state;

    assert_int_equal(with_vectors(end, reset), BOOT_CHECK_PASSED);
    assert_int_equal(with_vectors(ram + 8U, reset), BOOT_CHECK_PASSED);
    assert_int_equal(with_vectors(ram, reset), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(ram - 8U, reset), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end + 8U, reset), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end - 4U, reset), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(UINT32_MAX, reset), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end, code + 8U), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end, code + 7U), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end, code + 63U), BOOT_CHECK_PASSED);
    assert_int_equal(with_vectors(end, code + 65U), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end, code - 1U), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(end, UINT32_MAX), BOOT_CHECK_VECTORS);
    assert_int_equal(with_vectors(0, 0), BOOT_CHECK_VECTORS);
}

static void test_payload_without_vectors(void **state)
{
    (void)state;

    for (uint32_t size = 1; size <= 8U; size++) {
        fixture_start(&image, size);
        sign_again(1);
        assert_int_equal(fixture_try(&device, &image), BOOT_CHECK_VECTORS);
    }
}

static void test_flash_errors(void **state)
{
    static uint8_t units[0x8000 / 8];
    /* header, vectors, protected TLVs, TLVs, last unit of the TLVs */
    const uint32_t offsets[] = {0, 0x20, 0x60, 0x70, (image.size - 1U) & ~7U};
    (void)state;

    for (uint32_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        struct nor_hooks hooks = {.units = units};
        struct verified_image verified;
        memset(units, 0, sizeof(units));
        fixture_flash(image.bytes, image.size);
        host_flash()->hooks = &hooks;
        nor_hooks_break_unit(host_flash(), FIXTURE_SLOT_OFFSET + offsets[i]);
        assert_int_equal(fixture_verify(&device, &verified), BOOT_CHECK_READ);
    }
}

static bool dependencies_hold(uint32_t image_id, uint8_t minor, uint32_t count)
{
    static const struct boot_image slots[2] = {{.id = 7}, {.id = 9}};
    struct verified_image verified[2] = {{.version = {1, 0, 0, 0}}, {.version = {2, 5, 0, 0}}};

    verified[0].dependency_count = count;
    for (uint32_t i = 0; i < IMAGE_DEPENDENCIES_MAX; i++) {
        verified[0].dependencies[i] = (struct image_dependency){9, {2, 5, 0, 0}};
    }
    verified[0].dependencies[count - 1U] = (struct image_dependency){image_id, {2, minor, 0, 0}};
    volatile fih_t verdict = FIH_NO;
    verify_dependencies(slots, verified, 2, 0, &verdict);
    return fih_is_yes(verdict);
}

static void test_dependencies(void **state)
{
    (void)state;

    for (uint32_t count = 1; count <= IMAGE_DEPENDENCIES_MAX; count++) {
        assert_true(dependencies_hold(9, 4, count));
        assert_true(dependencies_hold(9, 5, count));
        assert_false(dependencies_hold(9, 6, count));
        assert_false(dependencies_hold(8, 0, count));
        assert_false(dependencies_hold(7, 0, count));
    }
}

static void test_every_check_has_words(void **state)
{
    (void)state;

    for (uint32_t i = 0; i < BOOT_CHECK_COUNT; i++) {
        assert_non_null(boot_check_text((enum boot_check)i));
        for (uint32_t k = 0; k < i; k++) {
            assert_string_not_equal(boot_check_text((enum boot_check)i),
                                    boot_check_text((enum boot_check)k));
        }
    }
    assert_string_equal(boot_check_text(BOOT_CHECK_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_image, set_up),
        cmocka_unit_test_setup(test_digest, set_up),
        cmocka_unit_test_setup(test_changed_payload_with_matching_digest, set_up),
        cmocka_unit_test_setup(test_keys, set_up),
        cmocka_unit_test_setup(test_anchor_of_another_algorithm, set_up),
        cmocka_unit_test_setup(test_revoked_marks, set_up),
        cmocka_unit_test_setup(test_key_forms, set_up),
        cmocka_unit_test_setup(test_several_pairs, set_up),
        cmocka_unit_test_setup(test_second_signature_must_hold, set_up),
        cmocka_unit_test_setup(test_signature_forms, set_up),
        cmocka_unit_test_setup(test_counter, set_up),
        cmocka_unit_test_setup(test_vectors, set_up),
        cmocka_unit_test_setup(test_payload_without_vectors, set_up),
        cmocka_unit_test_setup(test_flash_errors, set_up),
        cmocka_unit_test_setup(test_dependencies, set_up),
        cmocka_unit_test(test_every_check_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
