/*
 * The flash: RAM of the board that the emulator keeps in a file, behind the rules of NOR flash.
 *
 * Called by boot and the manager. Whether the cells are plain or can be made to fail is the choice
 * of the build's file list (platform/nor); this file is the same for both. Nothing else in the
 * port writes there.
 */
#include "layout.h"
#include "platform/mps2/port.h"
#include "platform/nor/nor.h"

struct nor mps2_flash = {
    .base = (uint8_t *)(uintptr_t)FLASH_BASE,
    .size = FLASH_SIZE,
    .sector_size = FLASH_SECTOR_SIZE,
    .program_unit = FLASH_PROGRAM_UNIT,
    .erased = FLASH_ERASED,
};

psa_status_t platform_flash_read(uint32_t offset, void *buffer, size_t length)
{
    return nor_read(&mps2_flash, offset, buffer, length);
}

psa_status_t platform_flash_program(uint32_t offset, const void *data, size_t length)
{
    return nor_program(&mps2_flash, offset, data, length);
}

psa_status_t platform_flash_erase(uint32_t offset)
{
    return nor_erase(&mps2_flash, offset);
}

const void *platform_flash_address(uint32_t offset)
{
    return mps2_flash.base + offset;
}
