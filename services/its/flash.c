/*
 * The flash region of Internal Trusted Storage: lib/flash on the manager's flash calls.
 */
#include "services/its/flash.h"

#include "layout.h"
#include "spm/partition.h"

static psa_status_t area_read(const struct flash_area *area, uint32_t offset, void *buffer,
                              size_t length)
{
    return spm_flash_read(area->base, offset, buffer, length);
}

static psa_status_t area_program(const struct flash_area *area, uint32_t offset, const void *data,
                                 size_t length)
{
    return spm_flash_program(area->base, offset, data, length);
}

static psa_status_t area_erase(const struct flash_area *area, uint32_t offset)
{
    return spm_flash_erase(area->base, offset);
}

const struct flash_area its_flash = {
    .read = area_read,
    .program = area_program,
    .erase = area_erase,
    .base = FLASH_REGION_ITS,
    .size = FLASH_ITS_SIZE,
    .sector_size = FLASH_SECTOR_SIZE,
    .program_unit = FLASH_PROGRAM_UNIT,
    .erased = FLASH_ERASED,
};
