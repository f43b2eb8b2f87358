/*
 * NOR flash over RAM: the rules of a flash device on memory that has none.
 *
 * Used by the ports whose flash is a file or an array (platform/mps2, platform/host) and by host
 * tests, which may have several. Rules live in nor.c. What happens to the cells lives in a second
 * file, chosen by the build's file list: nor_cells.c (plain) or nor_cells_hooked.c (tests: cuts,
 * torn operations, ECC errors; see nor_hooks.h).
 */
#ifndef BARTIZAN_NOR_H
#define BARTIZAN_NOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

struct nor_hooks;

struct nor {
    uint8_t *base;           /* the cells, word aligned */
    uint32_t size;           /* bytes, a multiple of sector_size */
    uint32_t sector_size;    /* bytes, a power of two */
    uint32_t program_unit;   /* bytes, a power of two, 1..32 */
    uint8_t erased;          /* value of an erased byte */
    uint32_t erases;         /* sectors erased since start */
    uint32_t programs;       /* units programmed since start */
    uint32_t program_bytes;  /* bytes programmed since start */
    struct nor_hooks *hooks; /* for nor_cells_hooked.c only, else NULL */
};

/* The three have the contract of platform_flash_read / _program / _erase in platform/platform.h. */
psa_status_t nor_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length)
    __attribute__((warn_unused_result));
psa_status_t nor_program(struct nor *nor, uint32_t offset, const void *data, size_t length)
    __attribute__((warn_unused_result));
psa_status_t nor_erase(struct nor *nor, uint32_t offset) __attribute__((warn_unused_result));

/* The seam between rules and cells; called by nor.c only, with ranges that were checked. */

/* False when a unit in the range reads with an ECC error. */
bool nor_cells_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length);
/* True when every unit in the range may be programmed. */
bool nor_cells_are_erased(const struct nor *nor, uint32_t offset, size_t length);
void nor_cells_program(struct nor *nor, uint32_t offset, const void *data, size_t length);
void nor_cells_erase(struct nor *nor, uint32_t offset);

#endif
