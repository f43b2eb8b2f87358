/*
 * The two checksums of the on-flash formats. Called by lib/counter, lib/store and boot. They find
 * accidents, not attacks: whoever can write flash can write a matching CRC.
 */
#ifndef BARTIZAN_CRC_H
#define BARTIZAN_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320, start and final value inverted): the check
 * value of "123456789" is 0xCBF43926. Start with crc = 0; the result of one call continues in the
 * next. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t length);

/* CRC-16 with polynomial 0x1021, not reflected, start value 0xFFFF, no final inversion
 * ("CCITT-FALSE"): the check value of "123456789" is 0x29B1. */
uint16_t crc16(const void *data, size_t length);

#endif
