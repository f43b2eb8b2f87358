/*
 * The CRC-32 of lib/crc/crc.h from a table of 1 KiB: a third of the instructions, for those who
 * check every record that they read.
 *
 * Used by lib/store. The code is in the header, so that each has its own; the table is in crc32.c,
 * which the users' archive contains.
 */
#ifndef BARTIZAN_CRC32_H
#define BARTIZAN_CRC32_H

#include <stddef.h>
#include <stdint.h>

extern const uint32_t crc32_bytes[256];

static inline uint32_t crc32_of_word(uint32_t crc, uint32_t word)
{
    crc ^= word;
#pragma GCC unroll 4
    for (uint32_t i = 0; i < sizeof word; i++) {
        crc = crc32_bytes[crc & 0xFFU] ^ (crc >> 8);
    }
    return crc;
}

/* As crc32_update() of lib/crc/crc.h, with the same results. */
static inline uint32_t crc32_of(uint32_t crc, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    crc = ~crc;
    for (size_t words = length / sizeof(uint32_t); words != 0U; words--) {
        uint32_t word;

        __builtin_memcpy(&word, bytes, sizeof word); /* at any address, the lowest byte first */
        bytes += sizeof word;
        crc = crc32_of_word(crc, word);
    }
    for (length %= sizeof(uint32_t); length != 0U; length--) {
        crc = crc32_bytes[(crc ^ *bytes++) & 0xFFU] ^ (crc >> 8);
    }
    return ~crc;
}

#endif
