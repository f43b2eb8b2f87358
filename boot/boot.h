/*
 * What boot knows about the product: its images and its memory.
 *
 * tools/gen writes boot_images.c (this table, in product order) and boot.ld (the symbols below)
 * from the product file; boot/ reads them. Addresses come from the generated layout.h, never from
 * here.
 */
#ifndef BARTIZAN_BOOT_H
#define BARTIZAN_BOOT_H

#include <stdint.h>

enum boot_world {
    BOOT_WORLD_SECURE = 0,
    BOOT_WORLD_NON_SECURE = 1,
};

/* One image of the product. Offsets and sizes in bytes, from the start of the flash. Exactly one
 * image is of the secure world: it is the one that boot jumps to. */
struct boot_image {
    uint32_t id;          /* permanent; anchors, counters and dependencies name images by it */
    const char *name;     /* for the log */
    uint32_t slot_offset; /* primary slot */
    uint32_t slot_size;
    uint32_t header_size; /* the only ih_hdr_size that is accepted */
    uint32_t world;       /* enum boot_world */
};

extern const struct boot_image boot_images[];
extern const uint32_t boot_image_count; /* 1..HANDOFF_IMAGES_MAX */

/*
 * boot.ld: .vectors at BOOT_CODE_BASE, then .text and .rodata; in BOOT_RAM from its base: the main
 * stack (lowest), .data (loaded from the code memory), .bss. All symbols are 8-byte aligned.
 */
extern uint32_t __boot_stack_limit[]; /* lowest address of the stack = BOOT_RAM_BASE */
extern uint32_t __boot_stack_top[];   /* one past its highest; the seal is in the 8 bytes below */
extern uint32_t __boot_data_load[];
extern uint32_t __boot_data_start[];
extern uint32_t __boot_data_end[];
extern uint32_t __boot_bss_start[];
extern uint32_t __boot_bss_end[];

#endif
