/*
 * A flash region as the libraries see it: geometry and three functions, in one const struct.
 *
 * Used by lib/counter and lib/store; filled in by their users: boot forwards to platform_flash_*, a
 * partition to spm_flash_*, host tests to the NOR model. The libraries reach flash in no other way.
 * Offsets are in bytes from the start of the region. The functions return what platform_flash_read
 * / _program / _erase document in platform/platform.h.
 */
#ifndef BARTIZAN_FLASH_H
#define BARTIZAN_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#define FLASH_AREA_UNIT_MAX 32U

struct flash_area {
    psa_status_t (*read)(const struct flash_area *area, uint32_t offset, void *buffer,
                         size_t length);
    psa_status_t (*program)(const struct flash_area *area, uint32_t offset, const void *data,
                            size_t length);
    psa_status_t (*erase)(const struct flash_area *area, uint32_t offset);
    uint32_t base;         /* for the functions only: flash offset in boot, region in a partition */
    uint32_t size;         /* bytes, a multiple of sector_size */
    uint32_t sector_size;  /* bytes erased at once, a power of two */
    uint32_t program_unit; /* bytes programmed at once, a power of two, 1..FLASH_AREA_UNIT_MAX */
    uint8_t erased;        /* value of an erased byte */
};

/* True when sizes are powers of two in range, units divide sectors and there are at least two
 * sectors. */
bool flash_area_is_sound(const struct flash_area *area);

/* True when every byte of the range reads without error and has the erased value. */
bool flash_area_is_erased(const struct flash_area *area, uint32_t offset, size_t length);

/* True when nothing but the first header_bytes of sectors was ever programmed: a new region, in
 * which at most the first write of a sector header was cut off. */
bool flash_area_is_new(const struct flash_area *area, uint32_t header_bytes);

/* length rounded up to whole program units. */
static inline uint32_t flash_area_round_up(const struct flash_area *area, uint32_t length)
{
    return (length + area->program_unit - 1U) & ~(area->program_unit - 1U);
}

/* Programs length bytes at offset (a multiple of the unit), filling the last unit up with the
 * erased value. PSA_SUCCESS: the flash holds them; PSA_ERROR_STORAGE_FAILURE otherwise, whatever the
 * cause: the units of the range are then spent until the next erase. */
static inline psa_status_t flash_area_program(const struct flash_area *area, uint32_t offset,
                                              const void *data, size_t length)
{
    const uint8_t *bytes = data;
    size_t whole = length & ~(size_t)(area->program_unit - 1U);
    uint8_t unit[FLASH_AREA_UNIT_MAX];

    if (whole != 0U && area->program(area, offset, bytes, whole) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    if (whole == length) {
        return PSA_SUCCESS;
    }
    for (size_t i = 0; i < area->program_unit; i++) {
        unit[i] = whole + i < length ? bytes[whole + i] : area->erased;
    }
    return area->program(area, offset + (uint32_t)whole, unit, area->program_unit) == PSA_SUCCESS
               ? PSA_SUCCESS
               : PSA_ERROR_STORAGE_FAILURE;
}

#endif
