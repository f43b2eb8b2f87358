/*
 * The MCUboot image format, decoded, see image.h. Sizes come from the image and are hostile: each
 * is compared with what is left before it is used, by subtraction from something already bounded.
 */
#include "boot/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define HEADER_MAGIC          UINT32_C(0x96F3B83D)
#define HEADER_FLAG_ROM_FIXED UINT32_C(0x100)

#define PROTECTED_INFO_MAGIC 0x6908U
#define TLV_INFO_MAGIC       0x6907U

enum tlv_type {
    TLV_PUBLIC_KEY = 0x02,
    TLV_SHA256 = 0x10,
    TLV_ECDSA = 0x22,
    TLV_DEPENDENCY = 0x40,
    TLV_SECURITY_COUNTER = 0x50,
    TLV_BOOT_RECORD = 0x60,
};

#define TLV_HEAD_BYTES   4U
#define DEPENDENCY_BYTES 12U

struct tlv {
    uint32_t type;
    struct image_span value;
};

/* What is still to be read of one TLV area. */
struct tlv_reader {
    const uint8_t *next;
    uint32_t left;
};

static uint32_t get16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | get16(bytes + 2) << 16;
}

static void decode_version(const uint8_t *bytes, struct image_version *version)
{
    version->major = bytes[0];
    version->minor = bytes[1];
    version->revision = (uint16_t)get16(bytes + 2);
    version->build = get32(bytes + 4);
}

static bool header_is_empty(const uint8_t *header)
{
    for (uint32_t i = 1; i < IMAGE_HEADER_BYTES; i++) {
        if (header[i] != header[0]) {
            return false;
        }
    }
    return header[0] == 0xFFU || header[0] == 0U;
}

static enum boot_check decode_placement(const uint8_t *header, const struct image_place *place)
{
    uint32_t flags = get32(header + 16);
    uint32_t load_address = get32(header + 4);

    /* Not bootable, encrypted in the primary slot, compressed, for RAM: all unknown here. */
    if ((flags & ~HEADER_FLAG_ROM_FIXED) != 0U) {
        return BOOT_CHECK_FLAGS;
    }
    uint32_t expected = (flags & HEADER_FLAG_ROM_FIXED) != 0U ? place->slot_address : 0U;
    return load_address == expected ? BOOT_CHECK_PASSED : BOOT_CHECK_LOAD_ADDRESS;
}

enum boot_check image_decode_header(const uint8_t *header, const struct image_place *place,
                                    struct image *image)
{
    memset(image, 0, sizeof(*image));
    if (header_is_empty(header)) {
        return BOOT_CHECK_EMPTY;
    }
    if (get32(header) != HEADER_MAGIC) {
        return BOOT_CHECK_MAGIC;
    }
    image->header_size = get16(header + 8);
    if (image->header_size != place->header_size || image->header_size < IMAGE_HEADER_BYTES ||
        image->header_size > place->slot_size) {
        return BOOT_CHECK_HEADER_SIZE;
    }
    uint32_t left = place->slot_size - image->header_size;
    image->payload_size = get32(header + 12);
    if (image->payload_size == 0U || image->payload_size > left) {
        return BOOT_CHECK_IMAGE_SIZE;
    }
    left -= image->payload_size;
    image->protected_size = get16(header + 10);
    if (image->protected_size > left || left - image->protected_size < IMAGE_TLV_INFO_BYTES) {
        return BOOT_CHECK_IMAGE_SIZE;
    }
    /* The security counter stands in the protected area and is not optional. */
    if (image->protected_size == 0U) {
        return BOOT_CHECK_NO_COUNTER;
    }
    if (image->protected_size < IMAGE_TLV_INFO_BYTES) {
        return BOOT_CHECK_PROTECTED_AREA;
    }
    decode_version(header + 20, &image->version);
    return decode_placement(header, place);
}

uint32_t image_tlvs_offset(const struct image *image)
{
    return image->header_size + image->payload_size;
}

uint32_t image_tlv_info_offset(const struct image *image)
{
    return image_tlvs_offset(image) + image->protected_size;
}

enum boot_check image_decode_tlv_info(const uint8_t *info, const struct image_place *place,
                                      struct image *image)
{
    uint32_t area = get16(info + 2);
    uint32_t left = place->slot_size - image_tlv_info_offset(image);

    if (get16(info) != TLV_INFO_MAGIC || area < IMAGE_TLV_INFO_BYTES || area > left) {
        return BOOT_CHECK_TLV_AREA;
    }
    if (image->protected_size > IMAGE_TLVS_MAX_BYTES ||
        area > IMAGE_TLVS_MAX_BYTES - image->protected_size) {
        return BOOT_CHECK_TLV_AREA;
    }
    image->tlvs_size = image->protected_size + area;
    return BOOT_CHECK_PASSED;
}

/* Takes the next TLV; the caller knows that something is left. */
static enum boot_check take_tlv(struct tlv_reader *reader, struct tlv *tlv)
{
    if (reader->left < TLV_HEAD_BYTES) {
        return BOOT_CHECK_TLV_LENGTH;
    }
    tlv->type = get16(reader->next);
    tlv->value.length = get16(reader->next + 2);
    tlv->value.bytes = reader->next + TLV_HEAD_BYTES;
    if (tlv->value.length > reader->left - TLV_HEAD_BYTES) {
        return BOOT_CHECK_TLV_LENGTH;
    }
    reader->next = tlv->value.bytes + tlv->value.length;
    reader->left -= TLV_HEAD_BYTES + tlv->value.length;
    return BOOT_CHECK_PASSED;
}

static enum boot_check add_dependency(const struct image_span *value, struct image *image)
{
    if (value->length != DEPENDENCY_BYTES) {
        return BOOT_CHECK_TLV_LENGTH;
    }
    if (image->dependency_count == IMAGE_DEPENDENCIES_MAX) {
        return BOOT_CHECK_TLV_REPEATED;
    }
    struct image_dependency *dependency = &image->dependencies[image->dependency_count];
    dependency->image_id = value->bytes[0];
    decode_version(value->bytes + 4, &dependency->minimum);
    image->dependency_count++;
    return BOOT_CHECK_PASSED;
}

static enum boot_check set_counter(const struct image_span *value, bool *seen, struct image *image)
{
    if (value->length != 4U) {
        return BOOT_CHECK_TLV_LENGTH;
    }
    if (*seen) {
        return BOOT_CHECK_TLV_REPEATED;
    }
    *seen = true;
    image->security_counter = get32(value->bytes);
    return BOOT_CHECK_PASSED;
}

static bool type_is_vendor(uint32_t type)
{
    return (type & 0xFFU) >= 0xA0U && (type & 0xFFU) <= 0xFEU;
}

static enum boot_check decode_protected(const uint8_t *area, struct image *image)
{
    struct tlv_reader reader = {area + IMAGE_TLV_INFO_BYTES,
                                image->protected_size - IMAGE_TLV_INFO_BYTES};
    bool counter_seen = false;

    if (get16(area) != PROTECTED_INFO_MAGIC || get16(area + 2) != image->protected_size) {
        return BOOT_CHECK_PROTECTED_AREA;
    }
    while (reader.left != 0U) {
        struct tlv tlv;
        enum boot_check check = take_tlv(&reader, &tlv);
        if (check != BOOT_CHECK_PASSED) {
            return check;
        }
        if (tlv.type == TLV_SECURITY_COUNTER) {
            check = set_counter(&tlv.value, &counter_seen, image);
        } else if (tlv.type == TLV_DEPENDENCY) {
            check = add_dependency(&tlv.value, image);
        } else if (tlv.type != TLV_BOOT_RECORD && !type_is_vendor(tlv.type)) {
            check = BOOT_CHECK_TLV_TYPE;
        }
        if (check != BOOT_CHECK_PASSED) {
            return check;
        }
    }
    return counter_seen ? BOOT_CHECK_PASSED : BOOT_CHECK_NO_COUNTER;
}

static enum boot_check set_digest(const struct image_span *value, struct image *image)
{
    if (value->length != IMAGE_DIGEST_BYTES) {
        return BOOT_CHECK_TLV_LENGTH;
    }
    if (image->digest != NULL) {
        return BOOT_CHECK_TLV_REPEATED;
    }
    image->digest = value->bytes;
    return BOOT_CHECK_PASSED;
}

/* A key opens the next pair: the one before must be closed. */
static enum boot_check open_pair(const struct image_span *value, struct image_span *key,
                                 const struct image *image)
{
    if (key->bytes != NULL || image->pair_count == IMAGE_PAIRS_MAX) {
        return BOOT_CHECK_TLV_REPEATED;
    }
    *key = *value;
    return BOOT_CHECK_PASSED;
}

/* A signature closes the pair that its key opened. */
static enum boot_check close_pair(const struct image_span *value, struct image_span *key,
                                  struct image *image)
{
    if (key->bytes == NULL) {
        return BOOT_CHECK_TLV_REPEATED;
    }
    image->pairs[image->pair_count] = (struct image_pair){*key, *value};
    image->pair_count++;
    *key = (struct image_span){NULL, 0};
    return BOOT_CHECK_PASSED;
}

static enum boot_check decode_unprotected(const uint8_t *area, struct image *image)
{
    struct tlv_reader reader = {area + IMAGE_TLV_INFO_BYTES,
                                image->tlvs_size - image->protected_size - IMAGE_TLV_INFO_BYTES};
    struct image_span key = {NULL, 0};

    while (reader.left != 0U) {
        struct tlv tlv;
        enum boot_check check = take_tlv(&reader, &tlv);
        if (check != BOOT_CHECK_PASSED) {
            return check;
        }
        if (tlv.type == TLV_SHA256) {
            check = set_digest(&tlv.value, image);
        } else if (tlv.type == TLV_PUBLIC_KEY) {
            check = open_pair(&tlv.value, &key, image);
        } else if (tlv.type == TLV_ECDSA) {
            check = close_pair(&tlv.value, &key, image);
        } else {
            check = BOOT_CHECK_TLV_TYPE;
        }
        if (check != BOOT_CHECK_PASSED) {
            return check;
        }
    }
    if (image->digest == NULL) {
        return BOOT_CHECK_NO_DIGEST;
    }
    return key.bytes == NULL && image->pair_count != 0U ? BOOT_CHECK_PASSED
                                                        : BOOT_CHECK_NO_SIGNATURE;
}

enum boot_check image_decode_tlvs(const uint8_t *tlvs, struct image *image)
{
    enum boot_check check = decode_protected(tlvs, image);
    if (check != BOOT_CHECK_PASSED) {
        return check;
    }
    const uint8_t *area = tlvs + image->protected_size;
    /* The size of the area was taken from an earlier read: it must not have changed since. */
    if (get16(area) != TLV_INFO_MAGIC ||
        get16(area + 2) != image->tlvs_size - image->protected_size) {
        return BOOT_CHECK_TLV_AREA;
    }
    return decode_unprotected(area, image);
}

int image_version_at_least(const struct image_version *a, const struct image_version *b)
{
    if (a->major != b->major) {
        return a->major > b->major;
    }
    if (a->minor != b->minor) {
        return a->minor > b->minor;
    }
    return a->revision >= b->revision;
}
