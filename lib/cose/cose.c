/*
 * COSE_Sign1 with ES256, see cose.h.
 */
#include "lib/cose/cose.h"

#define TAG_COSE_SIGN1 18U

/* The protected header: {1 (algorithm): -7 (ES256)}. */
static const uint8_t protected_header[] = {0xA1U, 0x01U, 0x26U};

void cose_put_head(struct cbor *to, uint32_t payload_bytes)
{
    cbor_put_tag(to, TAG_COSE_SIGN1);
    cbor_put_array(to, 4U);
    cbor_put_bytes(to, protected_header, sizeof(protected_header));
    cbor_put_map(to, 0U);
    cbor_open_bytes(to, payload_bytes);
}

void cose_put_signed_head(struct cbor *to, uint32_t payload_bytes)
{
    cbor_put_array(to, 4U);
    cbor_put_text(to, "Signature1");
    cbor_put_bytes(to, protected_header, sizeof(protected_header));
    cbor_open_bytes(to, 0U);
    cbor_open_bytes(to, payload_bytes);
}
