/*
 * Images, flash and device of boot's host tests, see fixture.h.
 *
 * Signs with p256-m, whose functions come with boot/p256.c; what it needs as a generator is the
 * repeatable stream below.
 */
#include "boot/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mbedtls/sha256.h"
#include "p256-m.h"
#include "platform/host/flash.h"
#include "psa/error.h"

#define PROTECTED_MAGIC   0x6908U
#define UNPROTECTED_MAGIC 0x6907U

static uint32_t random_state = 0x12345678U;

uint32_t fixture_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

psa_status_t psa_generate_random(uint8_t *output, size_t length);

psa_status_t psa_generate_random(uint8_t *output, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        output[i] = (uint8_t)(fixture_random() >> 11);
    }
    return PSA_SUCCESS;
}

void put16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

void put32(uint8_t *bytes, uint32_t value)
{
    put16(bytes, value);
    put16(bytes + 2, value >> 16);
}

static void private_key(uint32_t number, uint8_t key[32])
{
    memset(key, 0x11, 32);
    put32(key + 28, 0x01000193U * number);
}

void fixture_key(uint32_t number, uint8_t key[91])
{
    static const uint8_t prefix[27] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    uint8_t scalar[32];

    private_key(number, scalar);
    memcpy(key, prefix, sizeof(prefix));
    assert_int_equal(p256_public_from_private(key + 27, scalar), P256_SUCCESS);
}

void fixture_key_digest(uint32_t number, uint8_t digest[32])
{
    uint8_t key[91];

    fixture_key(number, key);
    assert_int_equal(mbedtls_sha256(key, sizeof(key), digest, 0), 0);
}

static uint32_t encode_number(const uint8_t number[32], uint8_t *der)
{
    uint32_t skip = 0;
    while (skip < 31U && number[skip] == 0U) {
        skip++;
    }
    uint32_t pad = number[skip] >= 0x80U ? 1U : 0U;
    der[0] = 0x02;
    der[1] = (uint8_t)(32U - skip + pad);
    der[2] = 0;
    memcpy(der + 2 + pad, number + skip, 32U - skip);
    return 2U + 32U - skip + pad;
}

uint32_t fixture_encode(const uint8_t signature[64], uint8_t der[72])
{
    uint32_t length = encode_number(signature, der + 2);
    length += encode_number(signature + 32, der + 2 + length);
    der[0] = 0x30;
    der[1] = (uint8_t)length;
    return 2U + length;
}

uint32_t fixture_sign(uint32_t number, const uint8_t digest[32], uint8_t der[72])
{
    uint8_t scalar[32];
    uint8_t signature[64];

    private_key(number, scalar);
    assert_int_equal(p256_ecdsa_sign(signature, scalar, digest, 32), P256_SUCCESS);
    return fixture_encode(signature, der);
}

void fixture_start(struct fixture_image *image, uint32_t payload_size)
{
    uint8_t *header = image->bytes;

    memset(image, 0, sizeof(*image));
    image->payload_size = payload_size;
    image->size = FIXTURE_HEADER_SIZE + payload_size;
    put32(header, 0x96F3B83DU);
    put16(header + 8, FIXTURE_HEADER_SIZE);
    put32(header + 12, payload_size);
    header[20] = 1;
    header[21] = 2;
    put16(header + 22, 3);
    put32(header + 24, 4);
    uint8_t *payload = header + FIXTURE_HEADER_SIZE;
    for (uint32_t i = 0; i < payload_size; i++) {
        payload[i] = (uint8_t)i;
    }
    if (payload_size >= 8U) {
        put32(payload, FIXTURE_RAM_BASE + 0x2000U);
        put32(payload + 4, FIXTURE_SLOT_ADDRESS + FIXTURE_HEADER_SIZE + 8U + 1U);
    }
}

void fixture_open(struct fixture_image *image, uint32_t magic)
{
    image->tlvs_start = image->size;
    put16(image->bytes + image->size, magic);
    image->size += 4U;
}

void fixture_tlv(struct fixture_image *image, uint32_t type, const void *value, uint32_t length)
{
    assert_true(image->size + 4U + length <= sizeof(image->bytes));
    put16(image->bytes + image->size, type);
    put16(image->bytes + image->size + 2, length);
    if (length != 0U) {
        memcpy(image->bytes + image->size + 4, value, length);
    }
    image->size += 4U + length;
}

void fixture_close(struct fixture_image *image)
{
    uint32_t length = image->size - image->tlvs_start;
    uint8_t *head = image->bytes + image->tlvs_start;

    put16(head + 2, length);
    if (head[0] == (PROTECTED_MAGIC & 0xFFU)) {
        put16(image->bytes + 10, length);
    }
}

void fixture_protect(struct fixture_image *image, uint32_t counter)
{
    uint8_t value[4];

    put32(value, counter);
    fixture_open(image, PROTECTED_MAGIC);
    fixture_tlv(image, 0x50, value, sizeof(value));
    fixture_close(image);
}

void fixture_digest(const struct fixture_image *image, uint8_t digest[32])
{
    const uint8_t *size = image->bytes + 10;
    uint32_t protected_size = (uint32_t)size[0] | (uint32_t)size[1] << 8;

    assert_int_equal(mbedtls_sha256(image->bytes,
                                    FIXTURE_HEADER_SIZE + image->payload_size + protected_size,
                                    digest, 0),
                     0);
}

void fixture_digest_tlv(struct fixture_image *image)
{
    uint8_t digest[32];

    fixture_digest(image, digest);
    fixture_tlv(image, 0x10, digest, sizeof(digest));
}

void fixture_pair(struct fixture_image *image, uint32_t key_number)
{
    uint8_t digest[32];
    uint8_t key[91];
    uint8_t der[72];

    fixture_digest(image, digest);
    fixture_key(key_number, key);
    fixture_tlv(image, 0x02, key, sizeof(key));
    fixture_tlv(image, 0x22, der, fixture_sign(key_number, digest, der));
}

void fixture_make(struct fixture_image *image)
{
    fixture_start(image, 64);
    fixture_protect(image, 5);
    fixture_open(image, UNPROTECTED_MAGIC);
    fixture_digest_tlv(image);
    fixture_pair(image, 1);
    fixture_close(image);
}

static void set_anchor(struct fixture_device *device, uint32_t set, uint32_t entry, uint32_t key)
{
    struct provisioning_anchor *anchor = &device->provisioning.sets[set].entries[entry];

    anchor->algorithm = PROVISIONING_ANCHOR_ECDSA_P256;
    fixture_key_digest(key, anchor->digest);
}

void fixture_device(struct fixture_device *device)
{
    memset(device, 0, sizeof(*device));
    memset(&device->marks, 0xFF, sizeof(device->marks));
    for (uint32_t i = 0; i < PROVISIONING_SETS; i++) {
        device->provisioning.sets[i].image_id = i < 2U ? i : UINT32_MAX;
        device->provisioning.sets[i].required = i < 2U ? 1U : 0U;
    }
    set_anchor(device, 0, 0, 1);
    set_anchor(device, 0, 1, 2);
    set_anchor(device, 1, 0, 3);
    device->slot = (struct boot_image){0,
                                       "secure",
                                       FIXTURE_SLOT_OFFSET,
                                       FIXTURE_SLOT_SIZE,
                                       FIXTURE_HEADER_SIZE,
                                       BOOT_WORLD_SECURE};
    device->policy =
        (struct verify_policy){&device->provisioning, &device->marks,   5,
                               FIXTURE_SLOT_ADDRESS,  FIXTURE_RAM_BASE, FIXTURE_RAM_SIZE};
}

void fixture_flash(const uint8_t *bytes, uint32_t length)
{
    struct nor *flash = host_flash_reset(0x8000, 4096, 8, 0xFF);

    memcpy(flash->base + FIXTURE_SLOT_OFFSET, bytes, length);
}

enum boot_check fixture_verify(const struct fixture_device *device, struct verified_image *verified)
{
    enum boot_check check = BOOT_CHECK_COUNT;
    volatile fih_t verdict = FIH_NO;

    verify_image(&device->slot, &device->policy, verified, &check, &verdict);

    assert_true(check < BOOT_CHECK_COUNT);
    assert_int_equal(fih_is_yes(verdict), check == BOOT_CHECK_PASSED);
    assert_int_equal(fih_residue(verdict) == 0U, check == BOOT_CHECK_PASSED);
    return check;
}

enum boot_check fixture_try(const struct fixture_device *device, const struct fixture_image *image)
{
    struct verified_image verified;

    fixture_flash(image->bytes, image->size);
    return fixture_verify(device, &verified);
}
