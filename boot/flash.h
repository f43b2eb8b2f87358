/*
 * Flash regions of boot, as the libraries want them: lib/flash on the platform's flash functions.
 *
 * Used by counters.c and faults.c for the regions that boot owns; slots and provisioning are read
 * through the platform directly.
 */
#ifndef BARTIZAN_BOOT_FLASH_H
#define BARTIZAN_BOOT_FLASH_H

#include "layout.h"
#include "lib/flash/flash.h"

/* What platform_flash_read(), _program() and _erase() answer; offset from the start of the area. */
psa_status_t boot_flash_read(const struct flash_area *area, uint32_t offset, void *buffer,
                             size_t length);
psa_status_t boot_flash_program(const struct flash_area *area, uint32_t offset, const void *data,
                                size_t length);
psa_status_t boot_flash_erase(const struct flash_area *area, uint32_t offset);

/* Initialiser of the area of size_bytes bytes at an offset of the product's flash. */
#define BOOT_FLASH_AREA(offset, size_bytes)                                                        \
    {                                                                                              \
        .read = boot_flash_read, .program = boot_flash_program, .erase = boot_flash_erase,         \
        .base = (offset), .size = (size_bytes), .sector_size = FLASH_SECTOR_SIZE,                  \
        .program_unit = FLASH_PROGRAM_UNIT, .erased = FLASH_ERASED,                                \
    }

#endif
