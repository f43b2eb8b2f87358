/*
 * platform_flash_*() on the model of NOR flash, see flash_model.h.
 */
#include "tests/qemu/platform/flash_model.h"

#include "layout.h"
#include "platform/platform.h"

struct nor flash_model = {
    .base = (uint8_t *)(uintptr_t)FLASH_BASE,
    .size = FLASH_SIZE,
    .sector_size = FLASH_SECTOR_SIZE,
    .program_unit = FLASH_PROGRAM_UNIT,
    .erased = FLASH_ERASED,
};

psa_status_t platform_flash_read(uint32_t offset, void *buffer, size_t length)
{
    return nor_read(&flash_model, offset, buffer, length);
}

psa_status_t platform_flash_program(uint32_t offset, const void *data, size_t length)
{
    return nor_program(&flash_model, offset, data, length);
}

psa_status_t platform_flash_erase(uint32_t offset)
{
    return nor_erase(&flash_model, offset);
}

const void *platform_flash_address(uint32_t offset)
{
    return flash_model.base + offset;
}
