/*
 * Test hooks of the NOR model: stop at the n-th operation with it left torn, ECC errors,
 * program-once units, cells that read erased but are weak, sectors that are erased in several
 * operations. Two models may share hooks: then power fails for both.
 *
 * Used by host tests and by test programs for the board. Nothing happens for a struct nor whose
 * hooks pointer is NULL.
 */
#ifndef BARTIZAN_NOR_HOOKS_H
#define BARTIZAN_NOR_HOOKS_H

#include "platform/nor/nor.h"

/* How the operation in flight is left when the stop strikes. */
enum nor_tear {
    NOR_TEAR_NOT_STARTED, /* cells unchanged */
    NOR_TEAR_PARTLY,      /* program: some bits of the unit moved; erase: some eighths are erased */
    NOR_TEAR_ECC,    /* program: as PARTLY and the unit has an ECC error; erase: random, some ECC
                        errors */
    NOR_TEAR_RANDOM, /* program: as PARTLY; erase: random content in the whole sector */
    NOR_TEAR_WEAK,   /* cells read as erased, but what is programmed into them gets an ECC error */
    NOR_TEAR_DONE,   /* complete, and stopped right after */
    NOR_TEAR_COUNT
};

/* State of one unit in struct nor_hooks.units. */
#define NOR_UNIT_USED 1U /* programmed since the last erase, whatever it reads */
#define NOR_UNIT_BAD  2U /* reads as an ECC error until erased */
#define NOR_UNIT_WEAK 4U /* becomes bad when programmed */

struct nor_hooks {
    uint32_t operations; /* programmed units and erases so far */
    uint32_t stop_at;    /* the stop strikes operation number stop_at (from 1); 0: never */
    enum nor_tear tear;  /* how it is left */
    uint32_t seed;       /* of the pseudo-random choices; any value */
    void (*on_stop)(
        void *context); /* does not return: longjmp on the host, reset or spin on a board */
    void *context;
    uint8_t *units;       /* one NOR_UNIT_* set for each unit, or NULL: then WEAK acts as
                       NOT_STARTED and ECC as PARTLY */
    uint32_t erase_bytes; /* what the part erases at once, when a sector is made of several of
                             them: power can fail in between. 0: whole sectors */
};

/* Makes the unit at offset read as an ECC error until its sector is erased. hooks->units must be
 * set. */
void nor_hooks_break_unit(struct nor *nor, uint32_t offset);

#endif
