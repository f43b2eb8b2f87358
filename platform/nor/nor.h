/*
 * A model of NOR flash over RAM, with hooks for tests (nor_hooks.h): cuts, torn operations, ECC
 * errors.
 *
 * Used by host tests, which may have several, by platform/host, and by test programs for the board,
 * in place of the port's own flash.c. Keeps the same contract. Never part of a release image.
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
    struct nor_hooks *hooks; /* or NULL */
    uint32_t units_first;    /* place of its first unit in hooks->units, when two share hooks */
};

/* The three have the contract of platform_flash_read / _program / _erase in platform/platform.h. */
psa_status_t nor_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length)
    __attribute__((warn_unused_result));
psa_status_t nor_program(struct nor *nor, uint32_t offset, const void *data, size_t length)
    __attribute__((warn_unused_result));
psa_status_t nor_erase(struct nor *nor, uint32_t offset) __attribute__((warn_unused_result));

#endif
