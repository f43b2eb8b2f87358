/*
 * A writer of CBOR, see cbor.h. Heads: RFC 8949, section 3.
 *
 * Called by services that make tokens. Never writes past the end of its buffer; it counts on, so that
 * the size that would have been needed is known.
 */
#include "lib/cose/cbor.h"

#include <string.h>

enum major_type {
    MAJOR_UNSIGNED = 0x00,
    MAJOR_NEGATIVE = 0x20,
    MAJOR_BYTES = 0x40,
    MAJOR_TEXT = 0x60,
    MAJOR_ARRAY = 0x80,
    MAJOR_MAP = 0xA0,
    MAJOR_TAG = 0xC0,
};

/* Values below stand in the first byte itself; from here on it says how many bytes follow. */
#define FOLLOWS_1 24U
#define FOLLOWS_2 25U
#define FOLLOWS_4 26U

struct cbor cbor_writer(uint8_t *buffer, size_t size_bytes)
{
    return (struct cbor){.buffer = buffer, .size_bytes = size_bytes, .length_bytes = 0U};
}

struct cbor cbor_counter(void)
{
    return cbor_writer(NULL, SIZE_MAX);
}

bool cbor_fits(const struct cbor *to)
{
    return to->length_bytes <= to->size_bytes;
}

static void append(struct cbor *to, const void *bytes, size_t length)
{
    if ((to->buffer != NULL) && (length != 0U) && cbor_fits(to) &&
        (length <= to->size_bytes - to->length_bytes)) {
        (void)memcpy(to->buffer + to->length_bytes, bytes, length);
    }
    to->length_bytes += length;
}

static void put_head(struct cbor *to, enum major_type major, uint32_t value)
{
    uint8_t head[5];
    size_t follow_bytes = (value > 0xFFFFU) ? 4U : (value > 0xFFU) ? 2U : 1U;

    if (value < FOLLOWS_1) {
        head[0] = (uint8_t)((uint32_t)major | value);
        append(to, head, 1U);
        return;
    }
    head[0] = (uint8_t)((uint32_t)major | ((follow_bytes == 4U)   ? FOLLOWS_4
                                           : (follow_bytes == 2U) ? FOLLOWS_2
                                                                  : FOLLOWS_1));
    for (size_t i = 0; i < follow_bytes; i++) {
        head[1U + i] = (uint8_t)(value >> (8U * (follow_bytes - 1U - i)));
    }
    append(to, head, 1U + follow_bytes);
}

void cbor_put_unsigned(struct cbor *to, uint32_t value)
{
    put_head(to, MAJOR_UNSIGNED, value);
}

void cbor_put_signed(struct cbor *to, int32_t value)
{
    if (value < 0) {
        put_head(to, MAJOR_NEGATIVE, ~(uint32_t)value);
    } else {
        put_head(to, MAJOR_UNSIGNED, (uint32_t)value);
    }
}

void cbor_put_bytes(struct cbor *to, const void *bytes, size_t length)
{
    put_head(to, MAJOR_BYTES, (uint32_t)length);
    append(to, bytes, length);
}

void cbor_put_text(struct cbor *to, const char *text)
{
    size_t length = strlen(text);

    put_head(to, MAJOR_TEXT, (uint32_t)length);
    append(to, text, length);
}

void cbor_put_array(struct cbor *to, uint32_t count)
{
    put_head(to, MAJOR_ARRAY, count);
}

void cbor_put_map(struct cbor *to, uint32_t count)
{
    put_head(to, MAJOR_MAP, count);
}

void cbor_put_tag(struct cbor *to, uint32_t tag)
{
    put_head(to, MAJOR_TAG, tag);
}

void cbor_open_bytes(struct cbor *to, uint32_t length)
{
    put_head(to, MAJOR_BYTES, length);
}
