/*
 * The demonstration: a non-secure application that uses the secure world through the PSA APIs.
 *
 * Each step prints one line that starts with "demo:"; host tools look for the last one, "demo:
 * done". A step whose service or algorithm the product does not have is left out, and says so.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bartizan/board.h"
#include "bartizan/fault.h"
#include "bartizan/platform_service.h"
#include "layout.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa/internal_trusted_storage.h"
#include "psa_manifest/sid.h"

#define BOOT_COUNTER_UID ((psa_storage_uid_t)1)
#define DEVICE_KEY_ID    ((psa_key_id_t)1)
#define TOKEN_LINE_BYTES 64u

static bool all_good = true;
static bool is_first_start;

struct step {
    const char *what;
    void (*show)(void);
    uint32_t services[2]; /* without which it is left out */
};

static void print_result(const char *what, bool good)
{
    printf("demo: %s: %s\n", what, good ? "ok" : "FAILED");
    all_good = all_good && good;
}

static void print_left_out(const char *what, const char *why)
{
    printf("demo: %s: left out, the product has no such %s\n", what, why);
}

/* The result of a step whose algorithm the product may lack. */
static void print_status(const char *what, psa_status_t status)
{
    if (status == PSA_ERROR_NOT_SUPPORTED) {
        print_left_out(what, "algorithm");
    } else {
        print_result(what, status == PSA_SUCCESS);
    }
}

static void print_bytes(const char *what, const uint8_t *bytes, size_t length)
{
    printf("demo: %s ", what);
    for (size_t i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

static void show_framework(void)
{
    uint32_t version = psa_framework_version();

    printf("demo: PSA framework %lu.%lu, Crypto service %lu, ITS service %lu\n",
           (unsigned long)(version >> 8), (unsigned long)(version & 0xFFu),
           (unsigned long)psa_version(PSA_CRYPTO_SID), (unsigned long)psa_version(PSA_ITS_SID));
    print_result("framework found", version == PSA_FRAMEWORK_VERSION);
}

static void show_crypto(void)
{
    print_result("crypto ready", psa_crypto_init() == PSA_SUCCESS);
}

/* A counter in Internal Trusted Storage that grows at every boot. */
static void show_storage(void)
{
    uint32_t boots = 0;
    uint32_t stored = 0;
    size_t length = 0;
    psa_status_t status = psa_its_get(BOOT_COUNTER_UID, 0, sizeof(boots), &boots, &length);
    bool good = (status == PSA_ERROR_DOES_NOT_EXIST) ||
                ((status == PSA_SUCCESS) && (length == sizeof(boots)));

    boots++;
    is_first_start = boots == 1u;
    good = good && (psa_its_set(BOOT_COUNTER_UID, sizeof(boots), &boots, PSA_STORAGE_FLAG_NONE) ==
                    PSA_SUCCESS);
    good =
        good && (psa_its_get(BOOT_COUNTER_UID, 0, sizeof(stored), &stored, &length) == PSA_SUCCESS);
    printf("demo: this is start number %lu of this device\n", (unsigned long)boots);
    print_result("counter in Internal Trusted Storage", good && (stored == boots));
}

/* SHA-256 of "abc": FIPS 180-4, example of the standard. */
static void show_hash(void)
{
    static const uint8_t expected[32] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    };
    uint8_t hash[32] = {0};
    size_t length = 0;
    psa_status_t status =
        psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t *)"abc", 3, hash, sizeof(hash), &length);

    print_bytes("SHA-256(\"abc\") =", hash, sizeof(hash));
    print_result("hash equals the known answer", (status == PSA_SUCCESS) &&
                                                     (length == sizeof(hash)) &&
                                                     (memcmp(hash, expected, sizeof(hash)) == 0));
}

/* A key that never leaves the secure world signs; a changed message is refused. */
static void show_signature(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t hash[32] = {0x5a};
    uint8_t signature[PSA_ECDSA_SIGNATURE_SIZE(256)];
    uint8_t exported[32];
    size_t length = 0;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    psa_status_t status;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
    status = psa_generate_key(&attributes, &key);
    if (status == PSA_SUCCESS) {
        status = psa_sign_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash), signature,
                               sizeof(signature), &length);
    }
    if (status != PSA_SUCCESS) {
        print_status("signature made and verified", status);
        (void)psa_destroy_key(key);
        return;
    }
    print_bytes("ECDSA P-256 signature =", signature, 16);
    print_result("signature made and verified",
                 psa_verify_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash), signature,
                                 length) == PSA_SUCCESS);
    hash[0] ^= 1u;
    print_result("signature of another message refused",
                 psa_verify_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash), signature,
                                 length) == PSA_ERROR_INVALID_SIGNATURE);
    print_result("private key not exportable", psa_export_key(key, exported, sizeof(exported),
                                                              &length) == PSA_ERROR_NOT_PERMITTED);
    print_result("key destroyed", psa_destroy_key(key) == PSA_SUCCESS);
}

/* A key of this device: made at its first start, kept in Internal Trusted Storage, used at each. */
static void show_device_key(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t public_key[PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(
        PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256)] = {0};
    uint8_t signature[PSA_ECDSA_SIGNATURE_SIZE(256)];
    const uint8_t hash[32] = {0x5a};
    size_t length = 0;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    psa_status_t made;
    psa_status_t status;

    psa_set_key_id(&attributes, DEVICE_KEY_ID); /* makes it persistent */
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
    made = psa_generate_key(&attributes, &key);
    status = (made == PSA_ERROR_ALREADY_EXISTS) ? PSA_SUCCESS : made;
    if (status == PSA_SUCCESS) {
        status = psa_export_public_key(DEVICE_KEY_ID, public_key, sizeof(public_key), &length);
        print_bytes((made == PSA_SUCCESS) ? "device key made, public key ="
                                          : "device key, public key =",
                    public_key, 16);
    }
    if (status == PSA_SUCCESS) {
        status = psa_sign_hash(DEVICE_KEY_ID, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash),
                               signature, sizeof(signature), &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_verify_hash(DEVICE_KEY_ID, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash),
                                 signature, length);
    }
    print_status("signed with the device key", status);
}

/* A message that only holders of the key can read, or change without being noticed. */
static void show_encryption(void)
{
    static const uint8_t message[] = "for your eyes only";
    static const uint8_t header[] = "to: the demo";
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t nonce[13];
    uint8_t sealed[PSA_AEAD_ENCRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_AES, PSA_ALG_CCM, sizeof(message))];
    uint8_t opened[sizeof(message)];
    size_t length = 0;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    psa_status_t status;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_bits(&attributes, 128);
    psa_set_key_algorithm(&attributes, PSA_ALG_CCM);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
    status = psa_generate_key(&attributes, &key);
    if (status == PSA_SUCCESS) {
        status = psa_generate_random(nonce, sizeof(nonce));
    }
    if (status == PSA_SUCCESS) {
        status = psa_aead_encrypt(key, PSA_ALG_CCM, nonce, sizeof(nonce), header, sizeof(header),
                                  message, sizeof(message), sealed, sizeof(sealed), &length);
    }
    if (status != PSA_SUCCESS) {
        print_status("message encrypted and decrypted", status);
        (void)psa_destroy_key(key);
        return;
    }
    print_bytes("AES-CCM ciphertext and tag =", sealed, length);
    status = psa_aead_decrypt(key, PSA_ALG_CCM, nonce, sizeof(nonce), header, sizeof(header),
                              sealed, sizeof(sealed), opened, sizeof(opened), &length);
    print_result("message encrypted and decrypted", (status == PSA_SUCCESS) &&
                                                        (length == sizeof(message)) &&
                                                        (memcmp(opened, message, length) == 0));
    sealed[3] ^= 1u;
    status = psa_aead_decrypt(key, PSA_ALG_CCM, nonce, sizeof(nonce), header, sizeof(header),
                              sealed, sizeof(sealed), opened, sizeof(opened), &length);
    print_result("changed message refused", status == PSA_ERROR_INVALID_SIGNATURE);
    (void)psa_destroy_key(key);
}

static void show_random(void)
{
    uint8_t first[16] = {0};
    uint8_t second[16] = {0};
    bool good = (psa_generate_random(first, sizeof(first)) == PSA_SUCCESS) &&
                (psa_generate_random(second, sizeof(second)) == PSA_SUCCESS);

    print_bytes("random bytes =", first, sizeof(first));
    print_result("random bytes differ", good && (memcmp(first, second, sizeof(first)) != 0));
}

/* How the device started, from the Platform service. */
static void show_device(void)
{
    struct bartizan_status device = {0};
    bool good = bartizan_get_status(&device) == PSA_SUCCESS;

    printf("demo: life cycle %04lx, boot %lu, reset reason %lu\n", (unsigned long)device.life_cycle,
           (unsigned long)device.boot_count, (unsigned long)device.reset_reason);
    print_result("status from the Platform service", good && (device.boot_count != 0u));
}

/* A signed report about this device. The host collects the lines and verifies it. */
static void show_token(void)
{
    static uint8_t token[PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE];
    uint8_t challenge[PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32];
    size_t expected = 0;
    size_t length = 0;
    bool good = (psa_generate_random(challenge, sizeof(challenge)) == PSA_SUCCESS) &&
                (psa_initial_attest_get_token_size(sizeof(challenge), &expected) == PSA_SUCCESS) &&
                (psa_initial_attest_get_token(challenge, sizeof(challenge), token, sizeof(token),
                                              &length) == PSA_SUCCESS);

    print_bytes("challenge", challenge, sizeof(challenge));
    for (size_t start = 0; start < length; start += TOKEN_LINE_BYTES) {
        size_t left = length - start;

        print_bytes("token", token + start, (left < TOKEN_LINE_BYTES) ? left : TOKEN_LINE_BYTES);
    }
    print_result("attestation token made", good && (length == expected));
}

/* At the first start only, after all else: what becomes of code that reads secure memory. The
 * device resets, and the next start tells the story of it. */
static void read_secure_memory(void)
{
    printf("demo: reading secure memory on purpose, once\n");
    printf("demo: it reads %08lx: FAILED\n",
           (unsigned long)*(const volatile uint32_t *)SECURE_RAM_BASE);
}

static void confirm_start(void)
{
    if (is_first_start && all_good) {
        read_secure_memory();
    }
    print_result("start confirmed", bartizan_confirm_start() == PSA_SUCCESS);
}

static const struct step steps[] = {
    {"crypto", show_crypto, {PSA_CRYPTO_SID}},
    {"storage", show_storage, {PSA_ITS_SID}},
    {"hash", show_hash, {PSA_CRYPTO_SID}},
    {"signature", show_signature, {PSA_CRYPTO_SID}},
    {"device key", show_device_key, {PSA_CRYPTO_SID, PSA_ITS_SID}},
    {"encryption", show_encryption, {PSA_CRYPTO_SID}},
    {"random bytes", show_random, {PSA_CRYPTO_SID}},
    {"device", show_device, {PSA_PLATFORM_SID}},
    {"attestation token", show_token, {PSA_ATTESTATION_SID}},
    {"confirmation", confirm_start, {PSA_PLATFORM_SID}},
};

static void run_step(const struct step *step)
{
    for (size_t i = 0; i < sizeof(step->services) / sizeof(step->services[0]); i++) {
        if ((step->services[i] != 0u) && (psa_version(step->services[i]) == PSA_VERSION_NONE)) {
            print_left_out(step->what, "service");
            return;
        }
    }
    step->show();
}

int main(void)
{
    board_init();
    printf("demo: non-secure application started\n");
    show_framework();
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        run_step(&steps[i]);
    }
    printf(all_good ? "demo: done\n" : "demo: failed\n");
    for (;;) {
        __asm volatile("wfi");
    }
}
