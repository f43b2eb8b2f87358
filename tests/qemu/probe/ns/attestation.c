/*
 * The attacking application: Initial Attestation and the Platform service, used rightly and
 * wrongly.
 *
 * "token SIZE CAPACITY WHO" prints a token that the host verifies: for this application, or for the
 * probe partition if WHO is not 0.
 */
#include "attack.h"

#include <stdio.h>
#include <string.h>

#include "bartizan/platform_service.h"
#include "layout.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa_manifest/sid.h"

#define LINE_BYTES 64U
#define GUARD      0xEEU

static uint8_t challenge[PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64];
static uint8_t token[PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE + 8U];

static psa_status_t partition_token(size_t challenge_size, size_t capacity, size_t *length)
{
    struct probe_request request = {0};
    psa_invec in[] = {{&request, sizeof(request)}, {challenge, challenge_size}};
    psa_outvec out[] = {{token, capacity}};
    psa_status_t status = psa_call(PROBE_HANDLE, PROBE_TOKEN, in, 2, out, 1);

    *length = out[0].len;
    return status;
}

static void print_token(size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf("%s%02x%s", (i % LINE_BYTES == 0U) ? "attack: bytes " : "", token[i],
               ((i % LINE_BYTES == LINE_BYTES - 1U) || (i + 1U == length)) ? "\n" : "");
    }
}

void attest(size_t challenge_size, size_t capacity, bool by_partition)
{
    uint32_t announced = 0;
    size_t size = 0;
    size_t length = 0;
    bool guarded = true;
    psa_status_t status;

    for (size_t i = 0; i < sizeof(challenge); i++) {
        challenge[i] = (uint8_t)(i * 3U + challenge_size);
    }
    (void)memset(token, GUARD, sizeof(token));
    if (by_partition) {
        (void)probe(PROBE_TOKEN_SIZE, 0, challenge_size, &announced);
        status = partition_token(challenge_size, capacity, &length);
    } else {
        (void)psa_initial_attest_get_token_size(challenge_size, &size);
        announced = size;
        status = psa_initial_attest_get_token(challenge, challenge_size, token, capacity, &length);
    }
    for (size_t i = length; i < sizeof(token); i++) {
        guarded = guarded && (token[i] == GUARD);
    }
    print_token(length);
    printf("attack: token status %ld length %lu announced %lu guard %s\n", (long)status,
           (unsigned long)length, (unsigned long)announced, guarded ? "ok" : "FAILED");
}

static psa_status_t token_of(size_t challenge_size, size_t capacity)
{
    size_t length = 99;
    psa_status_t status =
        psa_initial_attest_get_token(challenge, challenge_size, token, capacity, &length);

    check_equal("length of no token", (status == PSA_SUCCESS) || (length == 0U), true);
    return status;
}

static void check_sizes(void)
{
    static const size_t wrong[] = {0U, 1U, 16U, 31U, 33U, 47U, 49U, 63U, 65U, 96U, 4096U};
    size_t size = 0;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        check_equal("challenge size", token_of(wrong[i], sizeof(token)),
                    PSA_ERROR_INVALID_ARGUMENT);
        check_equal("size for a challenge size", psa_initial_attest_get_token_size(wrong[i], &size),
                    PSA_ERROR_INVALID_ARGUMENT);
    }
    for (size_t challenge_size = 32; challenge_size <= 64U; challenge_size += 16U) {
        check_equal("size", psa_initial_attest_get_token_size(challenge_size, &size), PSA_SUCCESS);
        check_equal("exact buffer", token_of(challenge_size, size), PSA_SUCCESS);
        check_equal("one byte short", token_of(challenge_size, size - 1U),
                    PSA_ERROR_BUFFER_TOO_SMALL);
    }
    check_equal("no buffer", token_of(32, 0), PSA_ERROR_BUFFER_TOO_SMALL);
}

static void check_arguments(void)
{
    uint8_t *secure = (uint8_t *)SECURE_RAM_BASE;
    psa_invec in[] = {{challenge, 5}};
    psa_outvec out[] = {{token, 4}};
    size_t length = 0;

    check_equal("no place for the length",
                psa_initial_attest_get_token(challenge, 32, token, sizeof(token), NULL),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("no place for the size", psa_initial_attest_get_token_size(32, NULL),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("secure challenge",
                psa_initial_attest_get_token(secure, 32, token, sizeof(token), &length),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("token to secure memory",
                psa_initial_attest_get_token(challenge, 32, secure, sizeof(token), &length),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("type 0", psa_call(PSA_ATTESTATION_HANDLE, 0, in, 1, out, 1),
                PSA_ERROR_NOT_SUPPORTED);
    check_equal("size of 5 bytes", psa_call(PSA_ATTESTATION_HANDLE, 2, in, 1, out, 1),
                PSA_ERROR_INVALID_ARGUMENT);
    in[0].len = 4;
    out[0].len = 3;
    check_equal("answer of 3 bytes", psa_call(PSA_ATTESTATION_HANDLE, 2, in, 1, out, 1),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("no vectors", psa_call(PSA_ATTESTATION_HANDLE, 1, NULL, 0, NULL, 0),
                PSA_ERROR_INVALID_ARGUMENT);
}

/* Whatever a client takes of the Crypto service, the device can still attest. */
static void check_exhaustion(void)
{
    static psa_hash_operation_t operations[64];
    static const uint8_t scalar[32] = {1};
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t keys[128];
    size_t opened = 0;
    size_t imported = 0;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    while ((opened < 64U) && (psa_hash_setup(&operations[opened], PSA_ALG_SHA_256) == 0)) {
        opened++;
    }
    while ((imported < 128U) && (psa_import_key(&attributes, scalar, 32, &keys[imported]) == 0)) {
        imported++;
    }
    check_equal("operations are used up", (opened > 0U) && (opened < 64U), true);
    check_equal("keys are used up", (imported > 0U) && (imported < 128U), true);
    check_equal("token all the same", token_of(32, sizeof(token)), PSA_SUCCESS);
    while (opened > 0U) {
        (void)psa_hash_abort(&operations[--opened]);
    }
    while (imported > 0U) {
        (void)psa_destroy_key(keys[--imported]);
    }
}

void check_attestation(void)
{
    check_sizes();
    check_arguments();
    check_exhaustion();
}

void check_platform(void)
{
    struct bartizan_status status = {0};
    uint32_t words[8] = {0};
    static char text[BARTIZAN_FAULT_TEXT_BYTES];
    psa_outvec out[] = {{words, sizeof(words)}};

    check_equal("status", bartizan_get_status(&status), PSA_SUCCESS);
    check_equal("no place for the status", bartizan_get_status(NULL), PSA_ERROR_INVALID_ARGUMENT);
    check_equal("status to secure memory",
                bartizan_get_status((struct bartizan_status *)SECURE_RAM_BASE),
                PSA_ERROR_INVALID_ARGUMENT);
    check_equal("status of a later version", psa_call(PSA_PLATFORM_HANDLE, 2, NULL, 0, out, 1),
                PSA_SUCCESS);
    check_equal("what it knows", (int32_t)out[0].len, sizeof(status));
    out[0].len = 4;
    check_equal("status of an earlier version", psa_call(PSA_PLATFORM_HANDLE, 2, NULL, 0, out, 1),
                PSA_SUCCESS);
    check_equal("its first word", (int32_t)words[0], (int32_t)status.life_cycle);
    check_equal("no fault yet", bartizan_get_fault(text, sizeof(text)), PSA_ERROR_DOES_NOT_EXIST);
    check_equal("no place for a fault", bartizan_get_fault(NULL, 9), PSA_ERROR_INVALID_ARGUMENT);
    check_equal("no room for a fault", bartizan_get_fault(text, 0), PSA_ERROR_INVALID_ARGUMENT);
    check_equal("no request", psa_call(PSA_PLATFORM_HANDLE, 0, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
}

void print_fault(size_t size)
{
    char text[BARTIZAN_FAULT_TEXT_BYTES] = "";
    psa_status_t status = bartizan_get_fault(text, (size < sizeof(text)) ? size : sizeof(text));

    for (const char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        printf("attack: fault | %s\n", line);
    }
    printf("attack: fault status %ld\n", (long)status);
}

void print_status(void)
{
    struct bartizan_status status = {0};

    (void)bartizan_get_status(&status);
    printf("attack: status life cycle %04lx reason %lu boot %lu update %lu\n",
           (unsigned long)status.life_cycle, (unsigned long)status.reset_reason,
           (unsigned long)status.boot_count, (unsigned long)status.update_result);
}
