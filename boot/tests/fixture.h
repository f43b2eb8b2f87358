/*
 * Images made and signed by the tests, a flash to put them in, and a device to hold them against.
 *
 * Used by boot's host tests only. The keys are derived from small numbers: they protect nothing.
 */
#ifndef BARTIZAN_BOOT_TESTS_FIXTURE_H
#define BARTIZAN_BOOT_TESTS_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "boot/boot.h"
#include "boot/check.h"
#include "boot/provisioning.h"
#include "boot/verify.h"

#define FIXTURE_SLOT_OFFSET  0x1000U
#define FIXTURE_SLOT_SIZE    0x4000U
#define FIXTURE_SLOT_ADDRESS 0x80100000U
#define FIXTURE_HEADER_SIZE  0x20U
#define FIXTURE_RAM_BASE     0x38000000U
#define FIXTURE_RAM_SIZE     0x00040000U
#define FIXTURE_IMAGE_MAX    0x4000U

/* An image under construction. Fields may be changed between the steps below. */
struct fixture_image {
    uint8_t bytes[FIXTURE_IMAGE_MAX];
    uint32_t payload_size;
    uint32_t size;       /* so far */
    uint32_t tlvs_start; /* head of the area being written */
};

struct fixture_device {
    struct provisioning provisioning;
    struct provisioning_marks marks;
    struct boot_image slot;
    struct verify_policy policy;
};

/* Little-endian numbers in bytes. */
void put16(uint8_t *bytes, uint32_t value);
void put32(uint8_t *bytes, uint32_t value);

/* SubjectPublicKeyInfo of test key number (1, 2, ...), and its SHA-256. */
void fixture_key(uint32_t number, uint8_t key[91]);
void fixture_key_digest(uint32_t number, uint8_t digest[32]);

/* DER of the signature of test key number over digest; returns its length. */
uint32_t fixture_sign(uint32_t number, const uint8_t digest[32], uint8_t der[72]);

/* DER of two numbers of 32 bytes. */
uint32_t fixture_encode(const uint8_t signature[64], uint8_t der[72]);

/* Header and payload, with vectors that fit. */
void fixture_start(struct fixture_image *image, uint32_t payload_size);

/* Areas: open, any number of TLVs, close (writes the length; for the protected one into the header
 * too). */
void fixture_open(struct fixture_image *image, uint32_t magic);
void fixture_tlv(struct fixture_image *image, uint32_t type, const void *value, uint32_t length);
void fixture_close(struct fixture_image *image);

/* The protected area with a counter. */
void fixture_protect(struct fixture_image *image, uint32_t counter);

/* TLVs of the unprotected area over everything before it. */
void fixture_digest(const struct fixture_image *image, uint8_t digest[32]);
void fixture_digest_tlv(struct fixture_image *image);
void fixture_pair(struct fixture_image *image, uint32_t key_number);

/* All of it: counter 5, key 1. */
void fixture_make(struct fixture_image *image);

/* Image id 0 with keys 1 and 2 as anchors, image id 1 with key 3; one signature required. */
void fixture_device(struct fixture_device *device);

/* Erases the flash and writes length bytes at the start of the slot. */
void fixture_flash(const uint8_t *bytes, uint32_t length);

/* Verifies what is in the slot: BOOT_CHECK_PASSED exactly if the verdict holds, or fails the test.
 */
enum boot_check fixture_verify(const struct fixture_device *device,
                               struct verified_image *verified);

/* fixture_flash() and fixture_verify(). */
enum boot_check fixture_try(const struct fixture_device *device, const struct fixture_image *image);

/* A repeatable stream: the same numbers in every run. */
uint32_t fixture_random(void);

#endif
