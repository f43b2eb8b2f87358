/*
 * Text for the secure log: words, numbers, bytes; no format strings.
 *
 * Called by boot and by the partition manager. Everything goes to platform_log_write() at once;
 * nothing is buffered. Never called with secrets.
 */
#ifndef BARTIZAN_LOG_H
#define BARTIZAN_LOG_H

#include <stddef.h>
#include <stdint.h>

/* Writes a zero-terminated text as it is. */
void log_text(const char *text);

/* Writes value in decimal, without leading zeros. */
void log_decimal(uint32_t value);

/* Writes value as 0x and eight hexadecimal digits. */
void log_hex(uint32_t value);

/* Writes length bytes as two hexadecimal digits each. */
void log_bytes(const void *bytes, size_t length);

/* Ends the line. */
void log_newline(void);

#endif
