/*
 * The MCUboot image format, decoded: header and TLV areas of an image that may be anything.
 *
 * Called by boot/verify.c and by tests. Pure: looks only at the bytes that it is given, keeps no
 * state, reads no flash. Decoding proves that every size and every TLV lies inside its area and
 * inside the slot and that only known TLVs stand where they may; it proves nothing about who made
 * the image.
 *
 * Layout: header, payload, [protected TLV area], TLV area. All numbers are little-endian.
 */
#ifndef BARTIZAN_BOOT_IMAGE_H
#define BARTIZAN_BOOT_IMAGE_H

#include <stdint.h>

#include "boot/check.h"

#define IMAGE_HEADER_BYTES     32U   /* of the header that have a meaning; the rest is padding */
#define IMAGE_TLV_INFO_BYTES   4U    /* head of a TLV area */
#define IMAGE_TLVS_MAX_BYTES   8192U /* both TLV areas together */
#define IMAGE_DIGEST_BYTES     32U
#define IMAGE_PAIRS_MAX        4U
#define IMAGE_DEPENDENCIES_MAX 4U

/* Where an image must fit. */
struct image_place {
    uint32_t slot_size;    /* bytes */
    uint32_t header_size;  /* the only accepted one */
    uint32_t slot_address; /* for images that say where they must run */
};

struct image_version {
    uint8_t major;
    uint8_t minor;
    uint16_t revision;
    uint32_t build; /* takes no part in comparisons */
};

struct image_span {
    const uint8_t *bytes;
    uint32_t length;
};

/* A public key (DER SubjectPublicKeyInfo) and the signature that follows it. */
struct image_pair {
    struct image_span key;
    struct image_span signature;
};

/* Another image of which this one needs at least a version. */
struct image_dependency {
    uint32_t image_id;
    struct image_version minimum;
};

struct image {
    /* from the header */
    uint32_t header_size;
    uint32_t payload_size;
    uint32_t protected_size; /* of the protected TLV area, info included; never 0 once decoded */
    struct image_version version;
    /* from the head of the TLV area */
    uint32_t tlvs_size; /* both areas */
    /* from the TLVs; pointers go into the buffer that image_decode_tlvs() was given */
    uint32_t security_counter;
    const uint8_t *digest; /* IMAGE_DIGEST_BYTES */
    uint32_t pair_count;   /* 1..IMAGE_PAIRS_MAX */
    struct image_pair pairs[IMAGE_PAIRS_MAX];
    uint32_t dependency_count;
    struct image_dependency dependencies[IMAGE_DEPENDENCIES_MAX];
};

/* First step: the first IMAGE_HEADER_BYTES of the slot. On success, payload and protected area and
 * the head of the TLV area lie inside the slot. */
enum boot_check image_decode_header(const uint8_t *header, const struct image_place *place,
                                    struct image *image) __attribute__((warn_unused_result));

/* Offset in the slot of the TLVs (the protected area), and of the head of the TLV area behind it.
 */
uint32_t image_tlvs_offset(const struct image *image);
uint32_t image_tlv_info_offset(const struct image *image);

/* Second step: the IMAGE_TLV_INFO_BYTES at image_tlv_info_offset(). On success, tlvs_size is at
 * most IMAGE_TLVS_MAX_BYTES and lies inside the slot. */
enum boot_check image_decode_tlv_info(const uint8_t *info, const struct image_place *place,
                                      struct image *image) __attribute__((warn_unused_result));

/* Third step: the tlvs_size bytes at image_tlvs_offset(). On success all of *image is valid. */
enum boot_check image_decode_tlvs(const uint8_t *tlvs, struct image *image)
    __attribute__((warn_unused_result));

/* Is a at least b? Build numbers do not count. */
int image_version_at_least(const struct image_version *a, const struct image_version *b);

#endif
