/*
 * What lib/counter and lib/store both do to a flash region: check its geometry, look for erased
 * bytes.
 *
 * Called by these two only. Knows no format and keeps no state.
 */
#include "lib/flash/flash.h"

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
