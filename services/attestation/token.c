/*
 * Tokens, see token.h: COSE_Sign1 around the claims, signed by the Crypto service.
 *
 * Called by service.c. All sizes are checked before anything is signed; format in
 * docs/formats/token.md. Key and boot seed lie with the manager until the first request.
 */
#include "services/attestation/token.h"

#include <string.h>

#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "spm/partition.h"

_Static_assert(COSE_HEAD_MAX_BYTES + CLAIMS_MAX_BYTES + 2U + COSE_ES256_SIGNATURE_BYTES <=
                   PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE,
               "the largest token is part of the API");

#define KEY_ALGORITHM PSA_ALG_ECDSA(PSA_ALG_SHA_256)

static struct handoff device; /* public part, and the boot seed */
static uint8_t message[COSE_SIGNED_HEAD_MAX_BYTES + CLAIMS_MAX_BYTES];
static psa_key_id_t key; /* PSA_KEY_ID_NULL: Crypto does not have it yet */

/* A wipe that the compiler may not leave out. */
static void wipe(void *memory, size_t size_bytes)
{
    (void)memset(memory, 0, size_bytes);
    __asm volatile("" : : "r"(memory) : "memory");
}

/* Once: what the manager gave it does not give again. */
static psa_status_t device_fetch(void)
{
    psa_status_t status;

    if (device.magic == HANDOFF_MAGIC) {
        return PSA_SUCCESS;
    }
    spm_read_handoff(&device);
    status = spm_take_secret(SPM_SECRET_BOOT_SEED, device.boot_seed, sizeof(device.boot_seed));
    if (status == PSA_SUCCESS) {
        status = spm_take_secret(SPM_SECRET_ATTESTATION_KEY, device.attestation_key,
                                 sizeof(device.attestation_key));
    }
    if (status != PSA_SUCCESS) {
        device.magic = 0U;
    }
    return status;
}

/* Moves the key to the Crypto service. If that has no room, which its other clients decide, the key
 * waits here for the next request. */
static psa_status_t key_hand_over(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_status_t status;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256U);
    psa_set_key_algorithm(&attributes, KEY_ALGORITHM);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
    status =
        psa_import_key(&attributes, device.attestation_key, sizeof(device.attestation_key), &key);
    if (status == PSA_SUCCESS) {
        wipe(device.attestation_key, sizeof(device.attestation_key));
    }
    return status;
}

static psa_status_t start(void)
{
    if (key != PSA_KEY_ID_NULL) {
        return PSA_SUCCESS;
    }
    return ((device_fetch() == PSA_SUCCESS) && (key_hand_over() == PSA_SUCCESS))
               ? PSA_SUCCESS
               : PSA_ERROR_SERVICE_FAILURE;
}

static size_t payload_size(const struct claims_request *request)
{
    struct cbor counter = cbor_counter();

    claims_put(&counter, &device, request);
    return counter.length_bytes;
}

static size_t head_write(struct token *token, size_t payload_bytes)
{
    struct cbor head = cbor_writer(token->head, sizeof(token->head));

    cose_put_head(&head, (uint32_t)payload_bytes);
    return head.length_bytes;
}

psa_status_t token_size(const struct claims_request *request, size_t *size_bytes)
{
    struct token token;
    size_t payload_bytes;

    if (start() != PSA_SUCCESS) {
        return PSA_ERROR_SERVICE_FAILURE;
    }
    payload_bytes = payload_size(request);
    *size_bytes = head_write(&token, payload_bytes) + payload_bytes + sizeof(token.signature);
    return PSA_SUCCESS;
}

static psa_status_t message_sign(size_t message_bytes, struct token *token)
{
    uint8_t signature[COSE_ES256_SIGNATURE_BYTES];
    size_t length = 0U;
    struct cbor to = cbor_writer(token->signature, sizeof(token->signature));
    psa_status_t status = psa_sign_message(key, KEY_ALGORITHM, message, message_bytes, signature,
                                           sizeof(signature), &length);

    cbor_put_bytes(&to, signature, length);
    return ((status == PSA_SUCCESS) && (to.length_bytes == sizeof(token->signature)))
               ? PSA_SUCCESS
               : PSA_ERROR_GENERIC_ERROR;
}

psa_status_t token_make(const struct claims_request *request, struct token *token)
{
    struct cbor to = cbor_writer(message, sizeof(message));

    if (start() != PSA_SUCCESS) {
        return PSA_ERROR_SERVICE_FAILURE;
    }
    token->payload_bytes = payload_size(request);
    token->head_bytes = head_write(token, token->payload_bytes);
    cose_put_signed_head(&to, (uint32_t)token->payload_bytes);
    token->payload = message + to.length_bytes;
    claims_put(&to, &device, request);
    return cbor_fits(&to) ? message_sign(to.length_bytes, token) : PSA_ERROR_GENERIC_ERROR;
}
