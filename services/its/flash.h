/*
 * The flash region of Internal Trusted Storage, as lib/store wants it.
 *
 * flash.c forwards to the manager's flash calls; host tests link another file with the NOR model
 * behind it.
 */
#ifndef BARTIZAN_ITS_FLASH_H
#define BARTIZAN_ITS_FLASH_H

#include "lib/flash/flash.h"

extern const struct flash_area its_flash;

#endif
