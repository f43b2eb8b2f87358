/*
 * What a load or store instruction of Armv8-M would access: read or write, where, how many bytes.
 *
 * Called by the fault handler, for faults whose address register says nothing. It looks at the two
 * halfwords and the registers that it is given; it never touches the memory of the faulting code.
 */
#ifndef BARTIZAN_THUMB_H
#define BARTIZAN_THUMB_H

#include <stdint.h>

enum thumb_kind {
    THUMB_OTHER, /* no load, no store, or nothing known */
    THUMB_READ,
    THUMB_WRITE,
};

struct thumb_access {
    uint8_t kind;        /* enum thumb_kind */
    uint16_t size_bytes; /* of the whole access; 0: not known */
    uint32_t address;    /* the lowest one */
};

/* True if first is the first halfword of an instruction of two. */
static inline int thumb_is_wide(uint32_t first)
{
    return first >= 0xE800U;
}

/* Decodes the instruction (second is not looked at for a narrow one). registers: r0 to r12, sp, lr
 * and the address of the instruction, as they were before it. PLD, PLI, TT, BX and the like are
 * THUMB_OTHER: they access no data. */
struct thumb_access thumb_decode(uint32_t first, uint32_t second, const uint32_t registers[16]);

#endif
