/*
 * The part of a product's layout.h that spm/grant.c and platform/mps2/flash.c use, fixed for their
 * host tests: hand-off, retained RAM and flash are arrays of the tests.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdint.h>

#define HANDOFF_SIZE       0x1000U
#define HANDOFF_BASE       ((uintptr_t)handoff_memory)
#define RETAINED_SIZE      0x1000U
#define RETAINED_BASE      ((uintptr_t)retained_memory)
#define FLASH_BASE         ((uintptr_t)flash_memory)
#define FLASH_SIZE         (4U * FLASH_SECTOR_SIZE)
#define FLASH_SECTOR_SIZE  4096U
#define FLASH_PROGRAM_UNIT 8U
#define FLASH_ERASED       255U
#define IMAGE_NONSECURE_ID 1U
#define SPM_PARTITIONS     1U
#define SPM_SERVICES       1U

#define SPM_HAS_PARTITION_KEY 1U

extern uint8_t handoff_memory[HANDOFF_SIZE];
extern uint8_t retained_memory[RETAINED_SIZE];
extern uint8_t flash_memory[FLASH_SIZE + 16U]; /* and what must not be touched */

#endif
