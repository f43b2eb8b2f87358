/*
 * PSA Initial Attestation: a report about this device, signed with a key that only the device has.
 *
 * Source: PSA Certified Attestation API 2.0 (IHI 0085). The report is the token of RFC 9783; byte
 * picture: docs/formats/token.md. Callable from both worlds; the token names its caller.
 */
#ifndef PSA_INITIAL_ATTESTATION_H
#define PSA_INITIAL_ATTESTATION_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_INITIAL_ATTEST_API_VERSION_MAJOR 2
#define PSA_INITIAL_ATTEST_API_VERSION_MINOR 0

/* Bytes of the largest token of any product: four images, the longest versions and challenge. */
#define PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE (768u)

/* The sizes that a challenge may have, bytes. */
#define PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32 (32u)
#define PSA_INITIAL_ATTEST_CHALLENGE_SIZE_48 (48u)
#define PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64 (64u)

/* Writes a token that answers auth_challenge (challenge_size bytes) to token_buf (token_buf_size
 * bytes, enough is PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE); *token_size: its bytes, 0 on an error.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT (challenge_size is none of the three, or the caller's
 * memory); PSA_ERROR_BUFFER_TOO_SMALL; PSA_ERROR_SERVICE_FAILURE (the service could not start);
 * PSA_ERROR_GENERIC_ERROR. 4.5.1 */
psa_status_t psa_initial_attest_get_token(const uint8_t *auth_challenge, size_t challenge_size,
                                          uint8_t *token_buf, size_t token_buf_size,
                                          size_t *token_size);

/* *token_size: the exact bytes of the token that this caller gets for a challenge of challenge_size
 * bytes, 0 on an error. PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT; PSA_ERROR_SERVICE_FAILURE. 4.5.2
 */
psa_status_t psa_initial_attest_get_token_size(size_t challenge_size, size_t *token_size);

#ifdef __cplusplus
}
#endif
#endif
