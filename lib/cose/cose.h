/*
 * COSE_Sign1 (RFC 9052, section 4.2) with ES256: what stands around a payload, and what is signed.
 *
 * The caller writes cose_put_signed_head() and the payload into one buffer, signs that (ECDSA with
 * P-256 and SHA-256, r then s), and sends cose_put_head(), the same payload, the signature as a
 * byte string. So the payload is written once and never moved. Knows no keys.
 */
#ifndef BARTIZAN_COSE_H
#define BARTIZAN_COSE_H

#include "lib/cose/cbor.h"

#define COSE_ES256_SIGNATURE_BYTES 64U

/* Bytes of each head at most, for payloads below 64 KiB. */
#define COSE_HEAD_MAX_BYTES        10U
#define COSE_SIGNED_HEAD_MAX_BYTES 20U

/* The start of a tagged COSE_Sign1 up to its payload of payload_bytes. */
void cose_put_head(struct cbor *to, uint32_t payload_bytes);

/* The start of the Sig_structure (section 4.4) up to the same payload; no external data. */
void cose_put_signed_head(struct cbor *to, uint32_t payload_bytes);

#endif
