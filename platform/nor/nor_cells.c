/*
 * Plain cells for the NOR model: what release and development images link.
 *
 * Called by nor.c only. The other choice is nor_cells_hooked.c.
 */
#include "platform/nor/nor.h"

#include <string.h>

#define WORD_BYTES sizeof(word_t)

/* A word at any address, whatever the type of the memory. */
typedef uint32_t __attribute__((may_alias, aligned(1))) word_t;

bool nor_cells_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length)
{
    memcpy(buffer, nor->base + offset, length);
    return true;
}

bool nor_cells_are_erased(const struct nor *nor, uint32_t offset, size_t length)
{
    const uint8_t *cells = nor->base + offset;
    uint32_t erased_word = nor->erased * UINT32_C(0x01010101);

    for (; length >= WORD_BYTES; length -= WORD_BYTES, cells += WORD_BYTES) {
        if (*(const word_t *)cells != erased_word) {
            return false;
        }
    }
    for (; length != 0U; length--, cells++) {
        if (*cells != nor->erased) {
            return false;
        }
    }
    return true;
}

void nor_cells_program(struct nor *nor, uint32_t offset, const void *data, size_t length)
{
    uint8_t *cells = nor->base + offset;
    const uint8_t *bytes = data;

    for (; length >= WORD_BYTES; length -= WORD_BYTES, cells += WORD_BYTES, bytes += WORD_BYTES) {
        *(word_t *)cells = *(const word_t *)bytes;
    }
    for (; length != 0U; length--, cells++, bytes++) {
        *cells = *bytes;
    }
}

void nor_cells_erase(struct nor *nor, uint32_t offset)
{
    memset(nor->base + offset, nor->erased, nor->sector_size);
}
