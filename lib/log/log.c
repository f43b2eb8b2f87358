/*
 * Text for the secure log, see log.h. Each function makes its text on the stack and writes it in
 * one go, so that lines of two writers can only mix between words.
 */
#include "lib/log/log.h"

#include "platform/platform.h"

static char log_digit(uint32_t value)
{
    return "0123456789abcdef"[value & 0xFU];
}

void log_text(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0') {
        length++;
    }
    platform_log_write(text, length);
}

void log_decimal(uint32_t value)
{
    char digits[10];
    size_t first = sizeof(digits);
    do {
        first--;
        digits[first] = (char)('0' + (char)(value % 10U));
        value /= 10U;
    } while (value != 0U);
    platform_log_write(&digits[first], sizeof(digits) - first);
}

void log_hex(uint32_t value)
{
    char digits[10] = {'0', 'x'};
    for (size_t i = 0; i < 8U; i++) {
        digits[2U + i] = log_digit(value >> (28U - 4U * i));
    }
    platform_log_write(digits, sizeof(digits));
}

void log_bytes(const void *bytes, size_t length)
{
    const uint8_t *next = bytes;
    for (size_t i = 0; i < length; i++) {
        char digits[2] = {log_digit((uint32_t)next[i] >> 4), log_digit(next[i])};
        platform_log_write(digits, sizeof(digits));
    }
}

void log_newline(void)
{
    platform_log_write("\n", 1);
}
