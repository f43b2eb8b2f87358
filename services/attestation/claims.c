/*
 * The claims of a token, see claims.h. RFC 9783, section 4; keys in the order of their encoding.
 *
 * Called by token.c, once to learn the size and once to write. Knows no keys and signs nothing.
 */
#include "services/attestation/claims.h"

#include "layout.h"

#define PROFILE "tag:psacertified.org,2023:psa#tfm"

enum claim_key {
    CLAIM_NONCE = 10,
    CLAIM_INSTANCE_ID = 256,
    CLAIM_PROFILE = 265,
    CLAIM_BOOT_SEED = 268,
    CLAIM_CLIENT_ID = 2394,
    CLAIM_LIFE_CYCLE = 2395,
    CLAIM_IMPLEMENTATION_ID = 2396,
    CLAIM_COMPONENTS = 2399,
};
#define CLAIM_COUNT 8U

enum component_key {
    COMPONENT_TYPE = 1,
    COMPONENT_MEASUREMENT = 2,
    COMPONENT_VERSION = 4,
    COMPONENT_SIGNER = 5,
    COMPONENT_ALGORITHM = 6,
};
#define COMPONENT_COUNT 5U

#define INSTANCE_ID_BYTES 33U /* the hand-off pads it */

/* Bytes of "255.255.65535+4294967295" and its zero. */
#define VERSION_TEXT_BYTES 25U

/* Writes value in decimal, and the separator before it unless that is 0; the new end. */
static char *decimal_append(char *end, char separator, uint32_t value)
{
    char digits[10];
    size_t count = 0U;

    if (separator != '\0') {
        *end++ = separator;
    }
    do {
        digits[count++] = (char)('0' + (value % 10U));
        value /= 10U;
    } while (value != 0U);
    while (count != 0U) {
        *end++ = digits[--count];
    }
    return end;
}

static void put_version(struct cbor *to, const struct handoff_image *image)
{
    char text[VERSION_TEXT_BYTES];
    char *end = decimal_append(text, '\0', image->version_major);

    end = decimal_append(end, '.', image->version_minor);
    end = decimal_append(end, '.', image->version_revision);
    if (image->version_build != 0U) {
        end = decimal_append(end, '+', image->version_build);
    }
    *end = '\0';
    cbor_put_text(to, text);
}

static void put_text_claim(struct cbor *to, uint32_t key, const char *text)
{
    cbor_put_unsigned(to, key);
    cbor_put_text(to, text);
}

static void put_bytes_claim(struct cbor *to, uint32_t key, const void *bytes, size_t length)
{
    cbor_put_unsigned(to, key);
    cbor_put_bytes(to, bytes, length);
}

static void put_component(struct cbor *to, const struct handoff_image *image)
{
    cbor_put_map(to, COMPONENT_COUNT);
    put_text_claim(to, COMPONENT_TYPE, (image->image_id == IMAGE_NONSECURE_ID) ? "App" : "PRoT");
    put_bytes_claim(to, COMPONENT_MEASUREMENT, image->measurement, sizeof(image->measurement));
    cbor_put_unsigned(to, COMPONENT_VERSION);
    put_version(to, image);
    put_bytes_claim(to, COMPONENT_SIGNER, image->signer_id, sizeof(image->signer_id));
    put_text_claim(to, COMPONENT_ALGORITHM, "sha-256");
}

void claims_put(struct cbor *to, const struct handoff *device, const struct claims_request *request)
{
    cbor_put_map(to, CLAIM_COUNT);
    put_bytes_claim(to, CLAIM_NONCE, request->challenge, request->challenge_bytes);
    put_bytes_claim(to, CLAIM_INSTANCE_ID, device->instance_id, INSTANCE_ID_BYTES);
    put_text_claim(to, CLAIM_PROFILE, PROFILE);
    put_bytes_claim(to, CLAIM_BOOT_SEED, device->boot_seed, sizeof(device->boot_seed));
    cbor_put_unsigned(to, CLAIM_CLIENT_ID);
    cbor_put_signed(to, request->client_id);
    cbor_put_unsigned(to, CLAIM_LIFE_CYCLE);
    cbor_put_unsigned(to, device->life_cycle);
    put_bytes_claim(to, CLAIM_IMPLEMENTATION_ID, device->implementation_id,
                    sizeof(device->implementation_id));
    cbor_put_unsigned(to, CLAIM_COMPONENTS);
    cbor_put_array(to, device->image_count);
    for (uint32_t i = 0; i < device->image_count; i++) {
        put_component(to, &device->images[i]);
    }
}
