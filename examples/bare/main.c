/*
 * A non-secure application without an RTOS, built against the SDK alone.
 *
 * It greets on its UART, uses Crypto, Internal Trusted Storage and Initial Attestation, and confirms
 * the start. Each step prints one line; the last one is "bare: done", which the test waits for.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "bartizan/board.h"
#include "bartizan/fault.h"
#include "bartizan/product.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa/internal_trusted_storage.h"

#define STARTS_UID       ((psa_storage_uid_t)1)
#define TOKEN_LINE_BYTES 64u

static bool step(const char *what, psa_status_t status)
{
    printf("bare: %s: %s (%" PRId32 ")\n", what, (status == PSA_SUCCESS) ? "ok" : "FAILED",
           (int32_t)status);
    return status == PSA_SUCCESS;
}

static void print_bytes(const char *what, const uint8_t *bytes, size_t length)
{
    printf("bare: %s ", what);
    for (size_t i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

/* Crypto: a key that never leaves the secure world signs a message. */
static bool use_crypto(void)
{
    static const uint8_t message[] = "signed outside the tree";
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t signature[PSA_SIGNATURE_MAX_SIZE];
    size_t length = 0;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    psa_status_t status = psa_crypto_init();

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE);
    if (status == PSA_SUCCESS) {
        status = psa_generate_key(&attributes, &key);
    }
    if (status == PSA_SUCCESS) {
        status = psa_sign_message(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), message, sizeof(message),
                                  signature, sizeof(signature), &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_verify_message(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), message, sizeof(message),
                                    signature, length);
    }
    (void)psa_destroy_key(key);
    return step("message signed and verified", status);
}

/* Internal Trusted Storage: a number that grows at every start of the device. */
static bool count_starts(void)
{
    uint32_t starts = 0;
    size_t length = 0;
    psa_status_t status = psa_its_get(STARTS_UID, 0, sizeof(starts), &starts, &length);

    if ((status == PSA_SUCCESS) || (status == PSA_ERROR_DOES_NOT_EXIST)) {
        starts++;
        status = psa_its_set(STARTS_UID, sizeof(starts), &starts, PSA_STORAGE_FLAG_NONE);
    }
    printf("bare: start %" PRIu32 " of this device\n", starts);
    return step("counted in Internal Trusted Storage", status);
}

/* Initial Attestation: a report about this device that a server can check. */
static bool attest(void)
{
    static uint8_t token[PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE];
    uint8_t challenge[PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32];
    size_t length = 0;
    psa_status_t status = psa_generate_random(challenge, sizeof(challenge));

    if (status == PSA_SUCCESS) {
        status = psa_initial_attest_get_token(challenge, sizeof(challenge), token, sizeof(token),
                                              &length);
    }
    print_bytes("challenge", challenge, sizeof(challenge));
    for (size_t at = 0; at < length; at += TOKEN_LINE_BYTES) {
        size_t left = length - at;

        print_bytes("token", token + at, (left < TOKEN_LINE_BYTES) ? left : TOKEN_LINE_BYTES);
    }
    return step("attestation token made", status);
}

int main(void)
{
    bool good;

    board_init();
    board_leds_set(1);
    printf("bare: started on %s, PSA framework version %" PRIx32 "\n", BARTIZAN_PRODUCT,
           psa_framework_version());
    good = use_crypto();
    good = count_starts() && good;
    good = attest() && good;
    good = step("start confirmed", bartizan_confirm_start()) && good;
    board_leds_set(3);
    printf("bare: after %" PRIu32 " ms\n", board_milliseconds());
    printf(good ? "bare: done\n" : "bare: failed\n");
    for (;;) {
        __asm volatile("wfi");
    }
}
