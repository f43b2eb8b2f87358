/*
 * What lib/counter and lib/store both do to a flash region: check its geometry, look for erased
 * bytes, program with read-back.
 *
 * Called by these two only. Knows no format and keeps no state.
 */
#include "lib/flash/flash.h"

#include <string.h>

#define CHUNK_BYTES 64U /* a multiple of every program unit */

static bool is_power_of_two(uint32_t value)
{
    return value != 0U && (value & (value - 1U)) == 0U;
}

static uint32_t smaller(size_t a, size_t b)
{
    return (uint32_t)(a < b ? a : b);
}

bool flash_area_is_sound(const struct flash_area *area)
{
    return is_power_of_two(area->program_unit) && area->program_unit <= FLASH_AREA_UNIT_MAX &&
           is_power_of_two(area->sector_size) && area->sector_size >= area->program_unit &&
           area->size % area->sector_size == 0U && area->size / area->sector_size >= 2U;
}

bool flash_area_is_erased(const struct flash_area *area, uint32_t offset, size_t length)
{
    uint8_t chunk[CHUNK_BYTES];

    while (length != 0U) {
        uint32_t part = smaller(length, sizeof chunk);

        if (area->read(area, offset, chunk, part) != PSA_SUCCESS) {
            return false;
        }
        for (uint32_t i = 0; i < part; i++) {
            if (chunk[i] != area->erased) {
                return false;
            }
        }
        offset += part;
        length -= part;
    }
    return true;
}

bool flash_area_is_new(const struct flash_area *area, uint32_t header_bytes)
{
    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (!flash_area_is_erased(area, sector + header_bytes, area->sector_size - header_bytes)) {
            return false;
        }
    }
    return true;
}

/* True when the range reads without error and equals data. */
static bool reads_back(const struct flash_area *area, uint32_t offset, const uint8_t *data,
                       size_t length)
{
    uint8_t chunk[CHUNK_BYTES];

    while (length != 0U) {
        uint32_t part = smaller(length, sizeof chunk);

        if (area->read(area, offset, chunk, part) != PSA_SUCCESS ||
            memcmp(chunk, data, part) != 0) {
            return false;
        }
        offset += part;
        data += part;
        length -= part;
    }
    return true;
}

psa_status_t flash_area_program(const struct flash_area *area, uint32_t offset, const void *data,
                                size_t length)
{
    const uint8_t *bytes = data;
    size_t tail = length & (area->program_unit - 1U);
    size_t whole = length - tail;

    if (whole != 0U && (area->program(area, offset, bytes, whole) != PSA_SUCCESS ||
                        !reads_back(area, offset, bytes, whole))) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    if (tail != 0U) {
        uint8_t unit[FLASH_AREA_UNIT_MAX];
        uint32_t last = offset + (uint32_t)whole;

        memset(unit, area->erased, sizeof unit);
        memcpy(unit, bytes + whole, tail);
        if (area->program(area, last, unit, area->program_unit) != PSA_SUCCESS ||
            !reads_back(area, last, unit, area->program_unit)) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    return PSA_SUCCESS;
}
