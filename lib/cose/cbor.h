/*
 * A writer of CBOR (RFC 8949): numbers, strings, arrays and maps into a caller's buffer.
 *
 * Called by code that makes tokens. Every head has its shortest form, so what is written is the
 * deterministic encoding if the caller writes map keys in order. Numbers and lengths have at most
 * 32 bits. A writer without a buffer only counts: the same code gives an exact size first and the
 * bytes later.
 */
#ifndef BARTIZAN_CBOR_H
#define BARTIZAN_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbor {
    uint8_t *buffer; /* NULL: only count */
    size_t size_bytes;
    size_t length_bytes; /* so far; more than size_bytes if it did not fit */
};

/* Starts a writer on size_bytes at buffer. */
struct cbor cbor_writer(uint8_t *buffer, size_t size_bytes);

/* Starts a writer that only counts. */
struct cbor cbor_counter(void);

/* True as long as everything fitted; a writer that does not fit keeps counting and leaves the
 * buffer alone. Always true for a counter. */
bool cbor_fits(const struct cbor *to) __attribute__((warn_unused_result));

void cbor_put_unsigned(struct cbor *to, uint32_t value);
void cbor_put_signed(struct cbor *to, int32_t value);
void cbor_put_bytes(struct cbor *to, const void *bytes, size_t length);
void cbor_put_text(struct cbor *to, const char *text); /* zero-terminated UTF-8 */

/* Opens what follows: count items, count pairs of key and value, one tagged item. */
void cbor_put_array(struct cbor *to, uint32_t count);
void cbor_put_map(struct cbor *to, uint32_t count);
void cbor_put_tag(struct cbor *to, uint32_t tag);

/* Opens a byte string of length bytes, which the caller appends by other means. */
void cbor_open_bytes(struct cbor *to, uint32_t length);

#endif
