/*
 * The image parser by itself: random bytes, every length, every limit. Buffers are of exact size,
 * so that the address sanitizer sees a read beyond any of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/image.h"
#include "boot/tests/fixture.h"
#include "boot/tests/golden.h"

static const struct image_place place = {FIXTURE_SLOT_SIZE, FIXTURE_HEADER_SIZE,
                                         FIXTURE_SLOT_ADDRESS};

/* All three steps on bytes of which nothing more may be read; the slot ends where slot_size says.
 */
static enum boot_check decode(const uint8_t *bytes, uint32_t length, uint32_t slot_size,
                              struct image *image)
{
    struct image_place limits = {slot_size, FIXTURE_HEADER_SIZE, FIXTURE_SLOT_ADDRESS};
    uint8_t header[IMAGE_HEADER_BYTES];
    uint8_t info[IMAGE_TLV_INFO_BYTES];

    memset(header, 0xFF, sizeof(header));
    memcpy(header, bytes, length < sizeof(header) ? length : sizeof(header));
    enum boot_check check = image_decode_header(header, &limits, image);
    if (check != BOOT_CHECK_PASSED) {
        return check;
    }
    uint32_t offset = image_tlv_info_offset(image);
    assert_true(offset + sizeof(info) <= slot_size);
    if (offset + sizeof(info) > length) {
        return BOOT_CHECK_READ;
    }
    memcpy(info, bytes + offset, sizeof(info));
    check = image_decode_tlv_info(info, &limits, image);
    if (check != BOOT_CHECK_PASSED) {
        return check;
    }
    offset = image_tlvs_offset(image);
    assert_true(image->tlvs_size <= IMAGE_TLVS_MAX_BYTES);
    assert_true(offset + image->tlvs_size <= slot_size);
    if (offset + image->tlvs_size > length) {
        return BOOT_CHECK_READ;
    }
    uint8_t *tlvs = malloc(image->tlvs_size);
    memcpy(tlvs, bytes + offset, image->tlvs_size);
    check = image_decode_tlvs(tlvs, image);
    free(tlvs);
    return check;
}

static void test_golden_is_decoded(void **state)
{
    struct image image;
    (void)state;

    assert_int_equal(decode(golden_image, sizeof(golden_image), FIXTURE_SLOT_SIZE, &image),
                     BOOT_CHECK_PASSED);
    assert_int_equal(image.payload_size, 64);
    assert_int_equal(image.version.major, 1);
    assert_int_equal(image.version.minor, 2);
    assert_int_equal(image.version.revision, 3);
    assert_int_equal(image.version.build, 4);
    assert_int_equal(image.security_counter, 5);
    assert_int_equal(image.pair_count, 1);
    assert_int_equal(image.pairs[0].key.length, 91);
    assert_int_equal(image.dependency_count, 1);
    assert_int_equal(image.dependencies[0].image_id, 1);
    assert_int_equal(image.dependencies[0].minimum.minor, 9);
    assert_int_equal(image_tlvs_offset(&image) + image.tlvs_size, sizeof(golden_image));
}

static void test_every_truncation_is_refused(void **state)
{
    struct image image;
    (void)state;

    for (uint32_t length = 0; length < sizeof(golden_image); length++) {
        assert_int_not_equal(decode(golden_image, length, FIXTURE_SLOT_SIZE, &image),
                             BOOT_CHECK_PASSED);
        assert_int_not_equal(decode(golden_image, sizeof(golden_image), length, &image),
                             BOOT_CHECK_PASSED);
    }
    assert_int_equal(decode(golden_image, sizeof(golden_image), sizeof(golden_image), &image),
                     BOOT_CHECK_PASSED);
}

/* Changes one field of a good header. */
static enum boot_check header_with(uint32_t offset, uint32_t size, uint32_t value)
{
    uint8_t header[IMAGE_HEADER_BYTES];
    struct image image;

    memcpy(header, golden_image, sizeof(header));
    if (size == 2U) {
        put16(header + offset, value);
    } else {
        put32(header + offset, value);
    }
    return image_decode_header(header, &place, &image);
}

static void test_header_limits(void **state)
{
    /* Room behind the header, without the protected area and the head of the TLV area. */
    uint32_t room = FIXTURE_SLOT_SIZE - FIXTURE_HEADER_SIZE - 0x7BU - IMAGE_TLV_INFO_BYTES;
    static const uint32_t sizes[] = {0, 31, 33, 0x400, 0xFFFF};
    (void)state;

    for (uint32_t i = 0; i < 5U; i++) {
        assert_int_equal(header_with(8, 2, sizes[i]), BOOT_CHECK_HEADER_SIZE);
    }
    assert_int_equal(header_with(12, 4, room), BOOT_CHECK_PASSED);
    assert_int_equal(header_with(12, 4, room + 1U), BOOT_CHECK_IMAGE_SIZE);
    assert_int_equal(header_with(12, 4, 0), BOOT_CHECK_IMAGE_SIZE);
    assert_int_equal(header_with(12, 4, UINT32_MAX), BOOT_CHECK_IMAGE_SIZE);
    assert_int_equal(header_with(12, 4, UINT32_MAX - 0x20U - 0x7BU), BOOT_CHECK_IMAGE_SIZE);
    assert_int_equal(header_with(12, 4, 1U - FIXTURE_HEADER_SIZE), BOOT_CHECK_IMAGE_SIZE);
    assert_int_equal(header_with(10, 2, 0), BOOT_CHECK_NO_COUNTER);
    for (uint32_t size = 1; size < IMAGE_TLV_INFO_BYTES; size++) {
        assert_int_equal(header_with(10, 2, size), BOOT_CHECK_PROTECTED_AREA);
    }
    assert_int_equal(header_with(10, 2, 0xFFFF), BOOT_CHECK_IMAGE_SIZE);
    assert_int_equal(header_with(0, 4, 0x96F3B83C), BOOT_CHECK_MAGIC);
}

static void test_flags_and_load_address(void **state)
{
    uint8_t header[IMAGE_HEADER_BYTES];
    struct image image;
    (void)state;

    for (uint32_t bit = 0; bit < 32U; bit++) {
        assert_int_equal(header_with(16, 4, UINT32_C(1) << bit),
                         bit == 8U ? BOOT_CHECK_LOAD_ADDRESS : BOOT_CHECK_FLAGS);
        assert_int_equal(header_with(4, 4, UINT32_C(1) << bit), BOOT_CHECK_LOAD_ADDRESS);
    }
    memcpy(header, golden_image, sizeof(header));
    put32(header + 16, 0x100);
    put32(header + 4, FIXTURE_SLOT_ADDRESS);
    assert_int_equal(image_decode_header(header, &place, &image), BOOT_CHECK_PASSED);
    put32(header + 4, FIXTURE_SLOT_ADDRESS + 4U);
    assert_int_equal(image_decode_header(header, &place, &image), BOOT_CHECK_LOAD_ADDRESS);
}

static void test_empty_slots(void **state)
{
    uint8_t header[IMAGE_HEADER_BYTES];
    struct image image;
    (void)state;

    memset(header, 0xFF, sizeof(header));
    assert_int_equal(image_decode_header(header, &place, &image), BOOT_CHECK_EMPTY);
    memset(header, 0, sizeof(header));
    assert_int_equal(image_decode_header(header, &place, &image), BOOT_CHECK_EMPTY);
    header[31] = 1;
    assert_int_equal(image_decode_header(header, &place, &image), BOOT_CHECK_MAGIC);
}

/* A whole image whose two areas hold the given TLVs: type, length, type, length, ... with zero
 * values. */
static enum boot_check areas_with(const uint32_t *protected, uint32_t protected_count,
                                  const uint32_t *unprotected, uint32_t unprotected_count)
{
    static struct fixture_image image;
    static const uint8_t zero[0x2100];
    struct image decoded;

    fixture_start(&image, 64);
    fixture_open(&image, 0x6908);
    for (uint32_t i = 0; i < protected_count; i += 2U) {
        fixture_tlv(&image, protected[i], zero, protected[i + 1U]);
    }
    fixture_close(&image);
    fixture_open(&image, 0x6907);
    for (uint32_t i = 0; i < unprotected_count; i += 2U) {
        fixture_tlv(&image, unprotected[i], zero, unprotected[i + 1U]);
    }
    fixture_close(&image);
    return decode(image.bytes, image.size, FIXTURE_SLOT_SIZE, &decoded);
}

static const uint32_t counter_only[] = {0x50, 4};
static const uint32_t usual[] = {0x10, 32, 0x02, 91, 0x22, 70};

#define PROTECTED(...)                                                                             \
    areas_with((const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / 4U, usual, 6)
#define UNPROTECTED(...)                                                                           \
    areas_with(counter_only, 2, (const uint32_t[]){__VA_ARGS__},                                   \
               sizeof((uint32_t[]){__VA_ARGS__}) / 4U)

static void test_protected_rules(void **state)
{
    (void)state;

    assert_int_equal(PROTECTED(0x50, 4), BOOT_CHECK_PASSED);
    assert_int_equal(PROTECTED(0x60, 90, 0x50, 4, 0x40, 12, 0x00A0, 3, 0xABFE, 0),
                     BOOT_CHECK_PASSED);
    assert_int_equal(PROTECTED(0x60, 4), BOOT_CHECK_NO_COUNTER);
    assert_int_equal(PROTECTED(0x50, 4, 0x50, 4), BOOT_CHECK_TLV_REPEATED);
    assert_int_equal(PROTECTED(0x50, 3), BOOT_CHECK_TLV_LENGTH);
    assert_int_equal(PROTECTED(0x50, 5), BOOT_CHECK_TLV_LENGTH);
    assert_int_equal(PROTECTED(0x50, 4, 0x40, 11), BOOT_CHECK_TLV_LENGTH);
    assert_int_equal(PROTECTED(0x50, 4, 0x40, 13), BOOT_CHECK_TLV_LENGTH);
    assert_int_equal(PROTECTED(0x50, 4, 0x40, 12, 0x40, 12, 0x40, 12, 0x40, 12), BOOT_CHECK_PASSED);
    assert_int_equal(PROTECTED(0x50, 4, 0x40, 12, 0x40, 12, 0x40, 12, 0x40, 12, 0x40, 12),
                     BOOT_CHECK_TLV_REPEATED);
    for (uint32_t type = 0; type < 0x10000U; type++) {
        uint32_t low = type & 0xFFU;
        int known = type == 0x60U || (low >= 0xA0U && low <= 0xFEU);
        if (type != 0x50U && type != 0x40U) {
            assert_int_equal(PROTECTED(0x50, 4, type, 8),
                             known ? BOOT_CHECK_PASSED : BOOT_CHECK_TLV_TYPE);
        }
    }
}

static void test_unprotected_rules(void **state)
{
    (void)state;

    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 91, 0x22, 70), BOOT_CHECK_PASSED);
    assert_int_equal(UNPROTECTED(0x02, 91, 0x22, 70, 0x10, 32), BOOT_CHECK_PASSED);
    assert_int_equal(UNPROTECTED(0x02, 91, 0x22, 70), BOOT_CHECK_NO_DIGEST);
    assert_int_equal(UNPROTECTED(0x10, 32), BOOT_CHECK_NO_SIGNATURE);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 91), BOOT_CHECK_NO_SIGNATURE);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x22, 70), BOOT_CHECK_TLV_REPEATED);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x22, 70, 0x02, 91), BOOT_CHECK_TLV_REPEATED);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 91, 0x02, 91, 0x22, 70), BOOT_CHECK_TLV_REPEATED);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 91, 0x22, 70, 0x22, 70), BOOT_CHECK_TLV_REPEATED);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 91, 0x22, 70, 0x02, 91), BOOT_CHECK_NO_SIGNATURE);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x10, 32, 0x02, 91, 0x22, 70), BOOT_CHECK_TLV_REPEATED);
    assert_int_equal(UNPROTECTED(0x10, 31, 0x02, 91, 0x22, 70), BOOT_CHECK_TLV_LENGTH);
    assert_int_equal(UNPROTECTED(0x10, 33, 0x02, 91, 0x22, 70), BOOT_CHECK_TLV_LENGTH);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 1, 0x22, 1, 0x02, 1, 0x22, 1, 0x02, 1, 0x22, 1,
                                 0x02, 1, 0x22, 1),
                     BOOT_CHECK_PASSED);
    assert_int_equal(UNPROTECTED(0x10, 32, 0x02, 1, 0x22, 1, 0x02, 1, 0x22, 1, 0x02, 1, 0x22, 1,
                                 0x02, 1, 0x22, 1, 0x02, 1, 0x22, 1),
                     BOOT_CHECK_TLV_REPEATED);
    for (uint32_t type = 0; type < 0x10000U; type++) {
        if (type != 0x02U && type != 0x10U && type != 0x22U) {
            assert_int_equal(UNPROTECTED(type, 4, 0x10, 32, 0x02, 91, 0x22, 70),
                             BOOT_CHECK_TLV_TYPE);
        }
    }
}

static void test_area_magics(void **state)
{
    uint8_t bytes[sizeof(golden_image)];
    struct image image;
    (void)state;

    for (uint32_t value = 0; value < 0x10000U; value++) {
        memcpy(bytes, golden_image, sizeof(bytes));
        put16(bytes + 0x60, value);
        assert_int_equal(decode(bytes, sizeof(bytes), sizeof(bytes), &image),
                         value == 0x6908U ? BOOT_CHECK_PASSED : BOOT_CHECK_PROTECTED_AREA);
        put16(bytes + 0x60, 0x6908);
        put16(bytes + 0xDB, value);
        assert_int_equal(decode(bytes, sizeof(bytes), sizeof(bytes), &image),
                         value == 0x6907U ? BOOT_CHECK_PASSED : BOOT_CHECK_TLV_AREA);
    }
}

static void test_area_limits(void **state)
{
    /* Heads and contents of everything but the filler. */
    uint32_t rest = 4U + (4U + 4U) + 4U + 4U + (4U + 32U) + (4U + 91U) + (4U + 70U);
    (void)state;

    assert_int_equal(PROTECTED(0x50, 4, 0x00A0, IMAGE_TLVS_MAX_BYTES - rest), BOOT_CHECK_PASSED);
    assert_int_equal(PROTECTED(0x50, 4, 0x00A0, IMAGE_TLVS_MAX_BYTES - rest + 1U),
                     BOOT_CHECK_TLV_AREA);
}

/* Every value of one 16-bit length field: only the true one may pass. */
static void only_true_length_passes(uint32_t offset)
{
    uint8_t bytes[sizeof(golden_image)];
    struct image image;
    uint32_t right = (uint32_t)golden_image[offset] | (uint32_t)golden_image[offset + 1U] << 8;

    memcpy(bytes, golden_image, sizeof(bytes));
    for (uint32_t value = 0; value < 0x10000U; value++) {
        put16(bytes + offset, value);
        enum boot_check check = decode(bytes, sizeof(bytes), sizeof(bytes), &image);
        assert_int_equal(check == BOOT_CHECK_PASSED, value == right);
    }
}

/* But that of the boot record: a longer one may swallow its neighbours, which the digest finds. */
static void test_every_length_field(void **state)
{
    (void)state;

    only_true_length_passes(0x08);  /* header */
    only_true_length_passes(0x0A);  /* protected area, in the header */
    only_true_length_passes(0x0C);  /* payload */
    only_true_length_passes(0x62);  /* protected area */
    only_true_length_passes(0x66);  /* counter */
    only_true_length_passes(0xCD);  /* dependency */
    only_true_length_passes(0xDD);  /* TLV area */
    only_true_length_passes(0xE1);  /* digest */
    only_true_length_passes(0x105); /* key */
    only_true_length_passes(0x164); /* signature */
}

static void span_is_inside(const struct image_span *span, const uint8_t *tlvs, uint32_t size)
{
    assert_true(span->bytes >= tlvs && span->length <= size);
    assert_true((uint32_t)(span->bytes - tlvs) <= size - span->length);
}

static uint32_t random_tlvs(uint8_t *bytes, uint32_t magic, const uint16_t *types, uint32_t count)
{
    uint32_t size = IMAGE_TLV_INFO_BYTES;
    uint32_t tlvs = fixture_random() % 7U;

    for (uint32_t i = 0; i < tlvs; i++) {
        uint32_t type = types[fixture_random() % count];
        uint32_t length = type == 0x10U ? 32U : type == 0x50U ? 4U : type == 0x40U ? 12U : 0U;
        if (length == 0U || fixture_random() % 16U == 0U) {
            length = fixture_random() % 40U;
        }
        put16(bytes + size, type);
        put16(bytes + size + 2, fixture_random() % 32U == 0U ? fixture_random() : length);
        size += 4U + length;
    }
    put16(bytes, magic);
    put16(bytes + 2, fixture_random() % 32U == 0U ? size + fixture_random() % 8U - 4U : size);
    return size;
}

static void test_random_tlvs(void **state)
{
    static const uint16_t in_protected[] = {0x50, 0x50, 0x40, 0x60, 0x00A0, 0x10};
    static const uint16_t in_unprotected[] = {0x10, 0x02, 0x22, 0x02, 0x22, 0x22};
    uint8_t bytes[1024];
    uint32_t passed = 0;
    (void)state;

    for (uint32_t run = 0; run < 1000000U; run++) {
        struct image image = {0};
        memset(bytes, (int)(fixture_random() & 0xFFU), sizeof(bytes));
        image.protected_size = random_tlvs(bytes, 0x6908, in_protected, 6);
        uint8_t *area = bytes + image.protected_size;
        image.tlvs_size = image.protected_size + random_tlvs(area, 0x6907, in_unprotected, 6);
        uint8_t *tlvs = malloc(image.tlvs_size);
        memcpy(tlvs, bytes, image.tlvs_size);
        if (image_decode_tlvs(tlvs, &image) == BOOT_CHECK_PASSED) {
            struct image_span digest = {image.digest, IMAGE_DIGEST_BYTES};
            passed++;
            span_is_inside(&digest, tlvs, image.tlvs_size);
            assert_in_range(image.pair_count, 1, IMAGE_PAIRS_MAX);
            assert_in_range(image.dependency_count, 0, IMAGE_DEPENDENCIES_MAX);
            for (uint32_t i = 0; i < image.pair_count; i++) {
                span_is_inside(&image.pairs[i].key, tlvs, image.tlvs_size);
                span_is_inside(&image.pairs[i].signature, tlvs, image.tlvs_size);
            }
        }
        free(tlvs);
    }
    assert_true(passed > 1000U); /* the stream reaches both ends */
}

static void test_random_headers(void **state)
{
    (void)state;

    for (uint32_t run = 0; run < 1000000U; run++) {
        uint8_t bytes[sizeof(golden_image)];
        struct image image;
        memcpy(bytes, golden_image, sizeof(bytes));
        for (uint32_t changes = 1U + fixture_random() % 3U; changes > 0U; changes--) {
            bytes[fixture_random() % 0x20U] = (uint8_t)(fixture_random() >> 7);
        }
        (void)decode(bytes, sizeof(bytes), sizeof(bytes) + fixture_random() % 64U, &image);
    }
}

static void test_version_order(void **state)
{
    static const struct image_version rising[] = {{0, 0, 1, 9}, {0, 0, 0x100, 0}, {0, 1, 0, 0},
                                                  {0, 1, 1, 0}, {0, 2, 0, 0},     {1, 0, 0, 0},
                                                  {1, 1, 0, 0}, {2, 0, 0, 0}};
    (void)state;

    for (uint32_t a = 0; a < 8U; a++) {
        for (uint32_t b = 0; b < 8U; b++) {
            assert_int_equal(image_version_at_least(&rising[a], &rising[b]) != 0, a >= b);
        }
    }
    struct image_version other_build = {0, 0, 1, 0};
    assert_true(image_version_at_least(&other_build, &rising[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_is_decoded),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_header_limits),
        cmocka_unit_test(test_flags_and_load_address),
        cmocka_unit_test(test_empty_slots),
        cmocka_unit_test(test_protected_rules),
        cmocka_unit_test(test_unprotected_rules),
        cmocka_unit_test(test_area_magics),
        cmocka_unit_test(test_area_limits),
        cmocka_unit_test(test_every_length_field),
        cmocka_unit_test(test_random_tlvs),
        cmocka_unit_test(test_random_headers),
        cmocka_unit_test(test_version_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
