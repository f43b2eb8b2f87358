/*
 * The rules of NOR flash: bounds, alignment, program only what is erased, erase by sector; and the
 * counts.
 *
 * Called by the ports and by host tests through nor.h. Touches no cell itself: that is the cells
 * file.
 */
#include "platform/nor/nor.h"

#include <string.h>

static bool is_inside(const struct nor *nor, uint32_t offset, size_t length)
{
    return offset <= nor->size && length <= nor->size - offset;
}

psa_status_t nor_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length)
{
    if (!is_inside(nor, offset, length)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (!nor_cells_read(nor, offset, buffer, length)) {
        memset(buffer, 0, length);
        return PSA_ERROR_DATA_CORRUPT;
    }
    return PSA_SUCCESS;
}

psa_status_t nor_program(struct nor *nor, uint32_t offset, const void *data, size_t length)
{
    uint32_t unit_mask = nor->program_unit - 1U;

    if (!is_inside(nor, offset, length) || (offset & unit_mask) != 0U ||
        (length & unit_mask) != 0U) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (!nor_cells_are_erased(nor, offset, length)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    nor_cells_program(nor, offset, data, length);
    nor->programs += (uint32_t)length / nor->program_unit;
    nor->program_bytes += (uint32_t)length;
    return PSA_SUCCESS;
}

psa_status_t nor_erase(struct nor *nor, uint32_t offset)
{
    if (offset >= nor->size || (offset & (nor->sector_size - 1U)) != 0U) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    nor_cells_erase(nor, offset);
    nor->erases++;
    return PSA_SUCCESS;
}
