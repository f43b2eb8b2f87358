/*
 * Host port, flash part of platform.h: one NOR model over an array.
 *
 * Called by native tests only, through platform.h and host/flash.h. Until host_flash_reset() the
 * flash has size 0.
 */
#include "platform/host/flash.h"

#include <string.h>

#include "platform/platform.h"

/* Words, so that code which casts flash addresses to word pointers is aligned. */
static uint32_t cells[HOST_FLASH_SIZE_MAX / sizeof(uint32_t)];
static struct nor flash;

struct nor *host_flash_reset(uint32_t size, uint32_t sector_size, uint32_t program_unit,
                             uint8_t erased)
{
    flash = (struct nor){
        .base = (uint8_t *)cells,
        .size = size <= HOST_FLASH_SIZE_MAX ? size : 0U,
        .sector_size = sector_size,
        .program_unit = program_unit,
        .erased = erased,
    };
    memset(cells, erased, flash.size);
    return &flash;
}

struct nor *host_flash(void)
{
    return &flash;
}

psa_status_t platform_flash_read(uint32_t offset, void *buffer, size_t length)
{
    return nor_read(&flash, offset, buffer, length);
}

psa_status_t platform_flash_program(uint32_t offset, const void *data, size_t length)
{
    return nor_program(&flash, offset, data, length);
}

psa_status_t platform_flash_erase(uint32_t offset)
{
    return nor_erase(&flash, offset);
}

const void *platform_flash_address(uint32_t offset)
{
    return flash.base + offset;
}
