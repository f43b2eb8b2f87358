/*
 * A partition's flash region as lib/store and lib/counter want it: the manager's calls behind
 * struct flash_area.
 *
 * Included by partitions that own a region. Every access is one trap into the manager, which checks
 * the partition's grant (spm/partition.h).
 */
#ifndef BARTIZAN_SPM_FLASH_AREA_H
#define BARTIZAN_SPM_FLASH_AREA_H

#include "layout.h"
#include "lib/flash/flash.h"
#include "spm/partition.h"

static inline psa_status_t flash_area_read_region(const struct flash_area *area, uint32_t offset,
                                                  void *buffer, size_t length)
{
    return spm_flash_read(area->base, offset, buffer, length);
}

static inline psa_status_t flash_area_program_region(const struct flash_area *area, uint32_t offset,
                                                     const void *bytes, size_t length)
{
    return spm_flash_program(area->base, offset, bytes, length);
}

/* A sector of the area is one or more of the flash's. */
static inline psa_status_t flash_area_erase_region(const struct flash_area *area, uint32_t offset)
{
    psa_status_t status = PSA_SUCCESS;

    for (uint32_t done = 0U; (status == PSA_SUCCESS) && (done < area->sector_size);
         done += FLASH_SECTOR_SIZE) {
        status = spm_flash_erase(area->base, offset + done);
    }
    return status;
}

/* The area of region NAME of the product file: its number, size and sector size are in layout.h. */
#define FLASH_AREA_OF(NAME)                                                                        \
    {                                                                                              \
        .read = flash_area_read_region, .program = flash_area_program_region,                      \
        .erase = flash_area_erase_region, .base = FLASH_REGION_##NAME,                             \
        .size = FLASH_##NAME##_SIZE, .sector_size = FLASH_##NAME##_SECTOR_SIZE,                    \
        .program_unit = FLASH_PROGRAM_UNIT, .erased = FLASH_ERASED,                                \
    }

#endif
