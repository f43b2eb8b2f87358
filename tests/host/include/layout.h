/*
 * The part of a product's layout.h that spm/grant.c uses, fixed for its host test: the hand-off lies
 * in an array of the test.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdint.h>

#define HANDOFF_SIZE       0x1000U
#define HANDOFF_BASE       ((uintptr_t)handoff_memory)
#define FLASH_SECTOR_SIZE  4096U
#define IMAGE_NONSECURE_ID 1U

extern uint8_t handoff_memory[HANDOFF_SIZE];

#endif
