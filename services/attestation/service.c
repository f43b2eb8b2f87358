/*
 * Initial Attestation as a partition: decodes messages, answers them.
 *
 * Called by the manager for each message on PSA_ATTESTATION. The challenge is copied once; all
 * sizes are checked before anything is signed.
 */
#include "psa/service.h"
#include "psa/initial_attestation.h"
#include "services/attestation/protocol.h"
#include "services/attestation/token.h"

psa_status_t psa_attestation_sfn(const psa_msg_t *message);

static bool challenge_size_good(size_t size_bytes)
{
    return (size_bytes == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32) ||
           (size_bytes == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_48) ||
           (size_bytes == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64);
}

static psa_status_t serve_token(const psa_msg_t *message)
{
    uint8_t challenge[PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64];
    struct claims_request request = {message->client_id, challenge, message->in_size[0]};
    struct token token;
    size_t size_bytes;
    psa_status_t status;

    if (!challenge_size_good(request.challenge_bytes)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = token_size(&request, &size_bytes);
    if ((status == PSA_SUCCESS) && (message->out_size[0] < size_bytes)) {
        status = PSA_ERROR_BUFFER_TOO_SMALL;
    }
    if (status == PSA_SUCCESS) {
        (void)psa_read(message->handle, 0U, challenge, request.challenge_bytes);
        status = token_make(&request, &token);
    }
    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, token.head, token.head_bytes);
        psa_write(message->handle, 0U, token.payload, token.payload_bytes);
        psa_write(message->handle, 0U, token.signature, sizeof(token.signature));
    }
    return status;
}

static psa_status_t serve_token_size(const psa_msg_t *message)
{
    struct claims_request request = {.client_id = message->client_id};
    uint32_t challenge_bytes = 0U;
    size_t size_bytes;
    uint32_t answer;
    psa_status_t status;

    if ((message->in_size[0] != sizeof(challenge_bytes)) ||
        (message->out_size[0] != sizeof(answer))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    (void)psa_read(message->handle, 0U, &challenge_bytes, sizeof(challenge_bytes));
    if (!challenge_size_good(challenge_bytes)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    request.challenge_bytes = challenge_bytes;
    status = token_size(&request, &size_bytes);
    if (status == PSA_SUCCESS) {
        answer = (uint32_t)size_bytes;
        psa_write(message->handle, 0U, &answer, sizeof(answer));
    }
    return status;
}

psa_status_t psa_attestation_sfn(const psa_msg_t *message)
{
    switch (message->type) {
    case ATTESTATION_GET_TOKEN:
        return serve_token(message);
    case ATTESTATION_GET_TOKEN_SIZE:
        return serve_token_size(message);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}
