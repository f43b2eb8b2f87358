/*
 * CRC-32 with a table of 16 entries and CRC-16 without a table: small before fast.
 *
 * Called through crc.h. No state.
 */
#include "lib/crc/crc.h"

/* The reflected polynomial 0xEDB88320 applied to each nibble. */
static const uint32_t crc32_nibbles[16] = {
    0x00000000U, 0x1DB71064U, 0x3B6E20C8U, 0x26D930ACU, 0x76DC4190U, 0x6B6B51F4U,
    0x4DB26158U, 0x5005713CU, 0xEDB88320U, 0xF00F9344U, 0xD6D6A3E8U, 0xCB61B38CU,
    0x9B64C2B0U, 0x86D3D2D4U, 0xA00AE278U, 0xBDBDF21CU,
};

uint32_t crc32_update(uint32_t crc, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    crc = ~crc;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ crc32_nibbles[crc & 0xFU];
        crc = (crc >> 4) ^ crc32_nibbles[crc & 0xFU];
    }
    return ~crc;
}

uint16_t crc16(const void *data, size_t length)
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
