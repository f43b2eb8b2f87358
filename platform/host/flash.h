/*
 * The host port's handle on its flash: native tests set the geometry and look at the cells.
 *
 * Used by native tests of boot and of the libraries. The tested code sees platform.h only.
 */
#ifndef BARTIZAN_HOST_FLASH_H
#define BARTIZAN_HOST_FLASH_H

#include "platform/nor/nor.h"

#define HOST_FLASH_SIZE_MAX 0x400000U

/* Makes the flash behind platform_flash_*: size bytes (at most HOST_FLASH_SIZE_MAX), all erased,
 * counts and hooks cleared. Returns the model, whose base, counts and hooks a test may use. */
struct nor *host_flash_reset(uint32_t size, uint32_t sector_size, uint32_t program_unit,
                             uint8_t erased);

/* The model as host_flash_reset() left it. */
struct nor *host_flash(void);

#endif
