/*
 * The flash of the platform test: the model in place of the port's driver, on the same cells.
 *
 * check_flash.c attaches hooks to it; everybody else uses platform_flash_*().
 */
#ifndef TESTS_QEMU_PLATFORM_FLASH_MODEL_H
#define TESTS_QEMU_PLATFORM_FLASH_MODEL_H

#include "platform/nor/nor.h"

extern struct nor flash_model;

#endif
