/*
 * The two ways out of boot: the jump, called by boot/main.c as its last act, and the end state,
 * also called by boot/fault.c.
 */
#ifndef BARTIZAN_BOOT_JUMP_H
#define BARTIZAN_BOOT_JUMP_H

#include <stdint.h>

/* Wipes all of boot's RAM, then starts the image whose vector table is at vectors as a reset would:
 * main stack at stack, no limit, no fault handlers enabled, no register that tells of boot. Runs
 * from the code memory without a stack. Does not return. */
void boot_jump(uint32_t vectors, uint32_t stack, uint32_t reset_handler) __attribute__((noreturn));

/* Wipes boot's state and the hand-off, says "boot: halted" and stops for ever. */
void boot_halt(void) __attribute__((noreturn));

#endif
