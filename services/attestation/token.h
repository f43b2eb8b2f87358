/*
 * Tokens: the attestation key, the device's facts, and the signature.
 *
 * Called by service.c with decoded requests. The key is taken from the manager once and lives in
 * the Crypto service from then on, as a volatile key that cannot be exported.
 */
#ifndef BARTIZAN_ATTESTATION_TOKEN_H
#define BARTIZAN_ATTESTATION_TOKEN_H

#include "lib/cose/cose.h"
#include "psa/error.h"
#include "services/attestation/claims.h"

/* A token in three pieces, to be sent one after the other. Valid until the next one is made. */
struct token {
    uint8_t head[COSE_HEAD_MAX_BYTES];
    size_t head_bytes;
    const uint8_t *payload;
    size_t payload_bytes;
    uint8_t signature[2U + COSE_ES256_SIGNATURE_BYTES]; /* as a CBOR byte string */
};

/* The first of these two fetches the device's facts and hands the key to the Crypto service. If that
 * fails, they answer PSA_ERROR_SERVICE_FAILURE and the next one tries again. */

/* Bytes of the token for request (whose challenge is not read).
 * PSA_SUCCESS; PSA_ERROR_SERVICE_FAILURE. */
psa_status_t token_size(const struct claims_request *request, size_t *size_bytes);

/* Makes the token. PSA_SUCCESS; PSA_ERROR_SERVICE_FAILURE; PSA_ERROR_GENERIC_ERROR (the Crypto
 * service could not sign). */
psa_status_t token_make(const struct claims_request *request, struct token *token);

#endif
