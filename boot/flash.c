/*
 * Flash regions of boot, see flash.h: the base of an area is its offset in the flash.
 *
 * Called by lib/counter and lib/fault only, through the areas that BOOT_FLASH_AREA() makes.
 */
#include "boot/flash.h"

#include "platform/platform.h"

psa_status_t boot_flash_read(const struct flash_area *area, uint32_t offset, void *buffer,
                             size_t length)
{
    return platform_flash_read(area->base + offset, buffer, length);
}

psa_status_t boot_flash_program(const struct flash_area *area, uint32_t offset, const void *data,
                                size_t length)
{
    return platform_flash_program(area->base + offset, data, length);
}

psa_status_t boot_flash_erase(const struct flash_area *area, uint32_t offset)
{
    return platform_flash_erase(area->base + offset);
}
