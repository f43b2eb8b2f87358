/*
 * The claims of a token (docs/formats/token.md), from the hand-off and one request.
 *
 * Called by token.c. Knows the format only: no keys, no messages.
 */
#ifndef BARTIZAN_ATTESTATION_CLAIMS_H
#define BARTIZAN_ATTESTATION_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "bartizan/handoff.h"
#include "lib/cose/cbor.h"

/* Who asks for a token, and the challenge that it must answer. */
struct claims_request {
    int32_t client_id;        /* negative: non-secure; positive: a partition */
    const uint8_t *challenge; /* not read by a writer that only counts */
    size_t challenge_bytes;   /* 32, 48 or 64 */
};

/* Bytes of the claims at most: HANDOFF_IMAGES_MAX images, the longest versions and challenge. */
#define CLAIMS_MAX_BYTES 688U

/* Writes the map of claims. device: the hand-off, with the boot seed in it. */
void claims_put(struct cbor *to, const struct handoff *device,
                const struct claims_request *request);

#endif
