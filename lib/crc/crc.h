/*
 * The two checksums of the on-flash formats: small before fast, and no state. They find accidents,
 * not attacks: whoever can write flash can write a matching CRC.
 *
 * Used by lib/counter, lib/fault, lib/store, boot and the manager. In a header, so that each has its
 * own: there is no code that partitions would have to share.
 */
#ifndef BARTIZAN_CRC_H
#define BARTIZAN_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Four bits further, by the reflected polynomial 0xEDB88320 applied to each nibble. */
static inline uint32_t crc32_step(uint32_t crc)
{
    static const uint32_t nibbles[16] = {
        0x00000000U, 0x1DB71064U, 0x3B6E20C8U, 0x26D930ACU, 0x76DC4190U, 0x6B6B51F4U,
        0x4DB26158U, 0x5005713CU, 0xEDB88320U, 0xF00F9344U, 0xD6D6A3E8U, 0xCB61B38CU,
        0x9B64C2B0U, 0x86D3D2D4U, 0xA00AE278U, 0xBDBDF21CU,
    };

    return (crc >> 4) ^ nibbles[crc & 0xFU];
}

/* CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320, start and final value inverted): the check
 * value of "123456789" is 0xCBF43926. Start with crc = 0; the result of one call continues in the
 * next. Goes by words, the lowest byte first. */
static inline uint32_t crc32_update(uint32_t crc, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    crc = ~crc;
    for (size_t words = length / sizeof(uint32_t); words != 0U; words--) {
        uint32_t word;

        __builtin_memcpy(&word, bytes, sizeof(word)); /* at any address */
        bytes += sizeof(word);
        crc ^= word;
#pragma GCC unroll 8
        for (uint32_t i = 0; i < 8U; i++) {
            crc = crc32_step(crc);
        }
    }
    for (length %= sizeof(uint32_t); length != 0U; length--) {
        crc = crc32_step(crc32_step(crc ^ *bytes++));
    }
    return ~crc;
}

/* CRC-16 with polynomial 0x1021, not reflected, start value 0xFFFF, no final inversion
 * ("CCITT-FALSE"): the check value of "123456789" is 0x29B1. */
static inline uint16_t crc16(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t crc = 0xFFFFU;

    for (size_t i = 0; i < length; i++) {
        uint32_t x = ((crc >> 8) ^ bytes[i]) & 0xFFU;

        x ^= x >> 4;
        crc = ((crc << 8) ^ (x << 12) ^ (x << 5) ^ x) & 0xFFFFU;
    }
    return (uint16_t)crc;
}

#endif
