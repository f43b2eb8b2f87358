/*
 * ECDSA with P-256, see ecdsa.h. The engine computes a number; the verdict is made here, from that
 * number and the one in the signature.
 */
#include "boot/ecdsa.h"

#include <string.h>

#include "boot/p256.h"

#define POINT_OFFSET 27U /* of x in the key; the byte before it says "uncompressed" */
#define NUMBER_BYTES 32U
#define DER_SEQUENCE 0x30U
#define DER_INTEGER  0x02U

/* RFC 5480: SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { 0x04, ... } } */
static const uint8_t key_prefix[POINT_OFFSET] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
    0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
};

bool ecdsa_key_is_p256(const uint8_t *key, uint32_t length)
{
    return length == ECDSA_KEY_BYTES && memcmp(key, key_prefix, sizeof(key_prefix)) == 0;
}

/* Decodes one INTEGER of at most *left bytes; returns the bytes that it took, 0 if it is not one.
 */
static uint32_t decode_number(const uint8_t *der, uint32_t left, uint8_t *number)
{
    if (left < 3U || der[0] != DER_INTEGER) {
        return 0;
    }
    uint32_t length = der[1];
    if (length == 0U || length > NUMBER_BYTES + 1U || length > left - 2U) {
        return 0;
    }
    const uint8_t *value = der + 2;
    uint32_t size = length;
    if (value[0] == 0U) {
        /* A leading zero is there only to keep the sign bit clear; zero itself is never valid. */
        if (length == 1U || value[1] < 0x80U) {
            return 0;
        }
        value++;
        size--;
    } else if (value[0] >= 0x80U) {
        return 0;
    }
    if (size > NUMBER_BYTES) {
        return 0;
    }
    memset(number, 0, NUMBER_BYTES);
    memcpy(number + (NUMBER_BYTES - size), value, size);
    return 2U + length;
}

bool ecdsa_decode_signature(const uint8_t *der, uint32_t length,
                            uint8_t signature[ECDSA_SIGNATURE_BYTES])
{
    if (length < 2U || der[0] != DER_SEQUENCE || der[1] >= 0x80U || der[1] != length - 2U) {
        return false;
    }
    uint32_t left = length - 2U;
    uint32_t taken = decode_number(der + 2, left, signature);
    if (taken == 0U) {
        return false;
    }
    const uint8_t *second = der + 2 + taken;
    left -= taken;
    return left != 0U && decode_number(second, left, signature + NUMBER_BYTES) == left;
}

void ecdsa_verify(const uint8_t *key, const uint8_t signature[ECDSA_SIGNATURE_BYTES],
                  const uint8_t *digest, volatile fih_t *verdict)
{
    static const uint8_t zero[NUMBER_BYTES];
    uint8_t x[NUMBER_BYTES] = {0};

    p256_recover_x(signature, key + POINT_OFFSET, digest, x);
    /* The engine says "no" with zero, which must not meet an r of zero. */
    if (fih_is_yes(fih_equal(signature, zero, NUMBER_BYTES))) {
        return;
    }
    *verdict = fih_equal(x, signature, NUMBER_BYTES);
}
