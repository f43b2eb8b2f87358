/*
 * The part of a product's layout.h that spm/grant.c uses, fixed for its host test: hand-off and
 * retained RAM are arrays of the test.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdint.h>

#define HANDOFF_SIZE       0x1000U
#define HANDOFF_BASE       ((uintptr_t)handoff_memory)
#define RETAINED_SIZE      0x1000U
#define RETAINED_BASE      ((uintptr_t)retained_memory)
#define FLASH_SECTOR_SIZE  4096U
#define IMAGE_NONSECURE_ID 1U

extern uint8_t handoff_memory[HANDOFF_SIZE];
extern uint8_t retained_memory[RETAINED_SIZE];

#endif
