/*
 * HKDF with SHA-256, see kdf.h. The return values of SHA-256 are dropped: the software engine that
 * is linked cannot fail.
 */
#include "boot/kdf.h"

#include <string.h>

#include "mbedtls/platform_util.h"
#include "mbedtls/sha256.h"

#define HASH_BYTES  32U
#define BLOCK_BYTES 64U

/* HMAC in progress: the outer key block waits until the end. */
struct hmac {
    mbedtls_sha256_context hash;
    uint8_t outer[BLOCK_BYTES];
};

static void hmac_start(struct hmac *hmac, struct kdf_input key)
{
    uint8_t inner[BLOCK_BYTES] = {0};

    memset(hmac->outer, 0, sizeof(hmac->outer));
    if (key.length != 0U) {
        memcpy(inner, key.bytes, key.length);
        memcpy(hmac->outer, key.bytes, key.length);
    }
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        inner[i] ^= 0x36U;
        hmac->outer[i] ^= 0x5CU;
    }
    mbedtls_sha256_init(&hmac->hash);
    (void)mbedtls_sha256_starts(&hmac->hash, 0);
    (void)mbedtls_sha256_update(&hmac->hash, inner, sizeof(inner));
    mbedtls_platform_zeroize(inner, sizeof(inner));
}

static void hmac_add(struct hmac *hmac, const void *bytes, size_t length)
{
    (void)mbedtls_sha256_update(&hmac->hash, bytes, length);
}

static void hmac_finish(struct hmac *hmac, uint8_t tag[HASH_BYTES])
{
    (void)mbedtls_sha256_finish(&hmac->hash, tag);
    (void)mbedtls_sha256_starts(&hmac->hash, 0);
    (void)mbedtls_sha256_update(&hmac->hash, hmac->outer, sizeof(hmac->outer));
    (void)mbedtls_sha256_update(&hmac->hash, tag, HASH_BYTES);
    (void)mbedtls_sha256_finish(&hmac->hash, tag);
    mbedtls_platform_zeroize(hmac, sizeof(*hmac));
}

void kdf_derive(struct kdf_input salt, struct kdf_input key, const char *label,
                struct kdf_input context, uint8_t *output, size_t length)
{
    struct hmac hmac;
    uint8_t root[HASH_BYTES];
    uint8_t block[HASH_BYTES];
    size_t done = 0;

    hmac_start(&hmac, salt);
    hmac_add(&hmac, key.bytes, key.length);
    hmac_finish(&hmac, root);
    for (uint8_t number = 1; done < length; number++) {
        hmac_start(&hmac, (struct kdf_input){root, sizeof(root)});
        if (number > 1U) {
            hmac_add(&hmac, block, sizeof(block));
        }
        hmac_add(&hmac, label, strlen(label));
        hmac_add(&hmac, context.bytes, context.length);
        hmac_add(&hmac, &number, 1);
        hmac_finish(&hmac, block);
        size_t take = length - done < HASH_BYTES ? length - done : HASH_BYTES;
        memcpy(output + done, block, take);
        done += take;
    }
    mbedtls_platform_zeroize(root, sizeof(root));
    mbedtls_platform_zeroize(block, sizeof(block));
}
