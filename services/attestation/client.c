/*
 * psa_initial_attest_*: the client's side of Initial Attestation.
 *
 * Linked into non-secure applications and into partitions that use the service. Keeps no state;
 * every check is the service's.
 */
#include "psa/initial_attestation.h"

#include "psa/client.h"
#include "psa_manifest/sid.h"
#include "services/attestation/protocol.h"
#include "services/client_status.h"

psa_status_t psa_initial_attest_get_token(const uint8_t *auth_challenge, size_t challenge_size,
                                          uint8_t *token_buf, size_t token_buf_size,
                                          size_t *token_size)
{
    psa_invec in[] = {{auth_challenge, challenge_size}};
    psa_outvec out[] = {{token_buf, token_buf_size}};
    psa_status_t status;

    if (token_size == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = client_status(PSA_ATTESTATION_SID, psa_call(PSA_ATTESTATION_HANDLE,
                                                         ATTESTATION_GET_TOKEN, in, 1U, out, 1U));
    *token_size = (status == PSA_SUCCESS) ? out[0].len : 0U;
    return status;
}

psa_status_t psa_initial_attest_get_token_size(size_t challenge_size, size_t *token_size)
{
    uint32_t asked = (uint32_t)challenge_size;
    uint32_t answer = 0U;
    psa_invec in[] = {{&asked, sizeof(asked)}};
    psa_outvec out[] = {{&answer, sizeof(answer)}};
    psa_status_t status;

    if (token_size == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status =
        client_status(PSA_ATTESTATION_SID, psa_call(PSA_ATTESTATION_HANDLE,
                                                    ATTESTATION_GET_TOKEN_SIZE, in, 1U, out, 1U));
    *token_size = (status == PSA_SUCCESS) ? answer : 0U;
    return status;
}
