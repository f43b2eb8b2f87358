/*
 * The model of NOR flash, see nor.h and nor_hooks.h: cells that can be made to fail, then the rules.
 *
 * Called by host tests and by test programs for the board. Never part of a release image.
 */
#include "platform/nor/nor_hooks.h"

#include <string.h>

/* ---- Cells ---- */

static uint8_t random_byte(struct nor_hooks *hooks)
{
    hooks->seed = hooks->seed * 1664525U + 1013904223U;
    return (uint8_t)(hooks->seed >> 24);
}

static uint8_t *unit_state(const struct nor *nor, uint32_t offset)
{
    bool kept = nor->hooks != NULL && nor->hooks->units != NULL;

    return kept ? &nor->hooks->units[nor->units_first + offset / nor->program_unit] : NULL;
}

static void mark_unit(struct nor *nor, uint32_t offset, uint8_t marks)
{
    uint8_t *state = unit_state(nor, offset);

    if (state != NULL) {
        *state |= marks;
    }
}

static void mark_range(struct nor *nor, uint32_t offset, uint32_t length, uint8_t marks)
{
    for (uint32_t i = 0; i < length; i += nor->program_unit) {
        mark_unit(nor, offset + i, marks);
    }
}

/* True when a unit in the range has one of the marks. */
static bool has_marks(const struct nor *nor, uint32_t offset, size_t length, uint8_t marks)
{
    const uint8_t *states = unit_state(nor, offset);
    uint32_t first = offset / nor->program_unit;
    uint32_t end = (offset + (uint32_t)length + nor->program_unit - 1U) / nor->program_unit;
    uint8_t found = 0;

    for (uint32_t i = 0; states != NULL && length != 0U && i < end - first; i++) {
        found |= states[i];
    }
    return (found & marks) != 0U;
}

static bool cells_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length)
{
    memcpy(buffer, nor->base + offset, length);
    return !has_marks(nor, offset, length, NOR_UNIT_BAD);
}

static bool cells_are_erased(const struct nor *nor, uint32_t offset, size_t length)
{
    uint8_t difference = 0;

    for (size_t i = 0; i < length; i++) {
        difference |= nor->base[offset + i] ^ nor->erased;
    }
    return difference == 0U && !has_marks(nor, offset, length, NOR_UNIT_USED | NOR_UNIT_BAD);
}

static void unit_program(struct nor *nor, uint32_t offset, const uint8_t *data)
{
    const uint8_t *state = unit_state(nor, offset);

    memcpy(nor->base + offset, data, nor->program_unit);
    if (state != NULL && (*state & NOR_UNIT_WEAK) != 0U) {
        mark_unit(nor, offset, NOR_UNIT_BAD);
    }
    mark_unit(nor, offset, NOR_UNIT_USED);
}

static void unit_tear(struct nor *nor, uint32_t offset, const uint8_t *data)
{
    struct nor_hooks *hooks = nor->hooks;

    switch (hooks->tear) {
    case NOR_TEAR_PARTLY:
    case NOR_TEAR_ECC:
    case NOR_TEAR_RANDOM:
        for (uint32_t i = 0; i < nor->program_unit; i++) {
            uint8_t moving = (uint8_t)(nor->erased ^ data[i]);

            nor->base[offset + i] ^= (uint8_t)(moving & random_byte(hooks));
        }
        mark_unit(nor, offset,
                  hooks->tear == NOR_TEAR_ECC ? NOR_UNIT_USED | NOR_UNIT_BAD : NOR_UNIT_USED);
        break;
    case NOR_TEAR_WEAK:
        mark_unit(nor, offset, NOR_UNIT_WEAK);
        break;
    case NOR_TEAR_DONE:
        unit_program(nor, offset, data);
        break;
    default:
        break;
    }
}

static void range_erase(struct nor *nor, uint32_t offset, uint32_t length)
{
    memset(nor->base + offset, nor->erased, length);
    for (uint32_t i = 0; i < length; i += nor->program_unit) {
        uint8_t *state = unit_state(nor, offset + i);

        if (state != NULL) {
            *state = 0;
        }
    }
}

static void erase_tear(struct nor *nor, uint32_t offset, uint32_t length)
{
    struct nor_hooks *hooks = nor->hooks;

    switch (hooks->tear) {
    case NOR_TEAR_PARTLY:
        for (uint32_t i = 0; i < length; i += length / 8U) {
            if (random_byte(hooks) < 128U) {
                range_erase(nor, offset + i, length / 8U);
            }
        }
        break;
    case NOR_TEAR_ECC:
    case NOR_TEAR_RANDOM:
        mark_range(nor, offset, length, NOR_UNIT_USED);
        for (uint32_t i = 0; i < length; i++) {
            nor->base[offset + i] = random_byte(hooks);
            if (hooks->tear == NOR_TEAR_ECC && random_byte(hooks) < 32U) {
                mark_unit(nor, offset + i, NOR_UNIT_BAD);
            }
        }
        break;
    case NOR_TEAR_WEAK:
        range_erase(nor, offset, length);
        mark_range(nor, offset, length, NOR_UNIT_WEAK);
        break;
    case NOR_TEAR_DONE:
        range_erase(nor, offset, length);
        break;
    default:
        break;
    }
}

/* Counts one operation; true when the stop strikes it. */
static bool strikes(const struct nor *nor)
{
    struct nor_hooks *hooks = nor->hooks;

    return hooks != NULL && ++hooks->operations == hooks->stop_at;
}

static void cells_program(struct nor *nor, uint32_t offset, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < length; i += nor->program_unit) {
        if (strikes(nor)) {
            unit_tear(nor, offset + (uint32_t)i, bytes + i);
            nor->hooks->on_stop(nor->hooks->context);
        }
        unit_program(nor, offset + (uint32_t)i, bytes + i);
    }
}

static void cells_erase(struct nor *nor, uint32_t offset)
{
    bool parts = nor->hooks != NULL && nor->hooks->erase_bytes != 0U;
    uint32_t length = parts ? nor->hooks->erase_bytes : nor->sector_size;

    for (uint32_t end = offset + nor->sector_size; offset < end; offset += length) {
        if (strikes(nor)) {
            erase_tear(nor, offset, length);
            nor->hooks->on_stop(nor->hooks->context);
        }
        range_erase(nor, offset, length);
    }
}

void nor_hooks_break_unit(struct nor *nor, uint32_t offset)
{
    mark_unit(nor, offset, NOR_UNIT_BAD);
}

/* ---- Rules ---- */

static bool is_inside(const struct nor *nor, uint32_t offset, size_t length)
{
    return offset <= nor->size && length <= nor->size - offset;
}

psa_status_t nor_read(const struct nor *nor, uint32_t offset, void *buffer, size_t length)
{
    if (!is_inside(nor, offset, length)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (!cells_read(nor, offset, buffer, length)) {
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
    if (!cells_are_erased(nor, offset, length)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    cells_program(nor, offset, data, length);
    nor->programs += (uint32_t)length / nor->program_unit;
    nor->program_bytes += (uint32_t)length;
    return (!has_marks(nor, offset, length, NOR_UNIT_BAD) &&
            (memcmp(nor->base + offset, data, length) == 0))
               ? PSA_SUCCESS
               : PSA_ERROR_STORAGE_FAILURE;
}

psa_status_t nor_erase(struct nor *nor, uint32_t offset)
{
    if (offset >= nor->size || (offset & (nor->sector_size - 1U)) != 0U) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    cells_erase(nor, offset);
    nor->erases++;
    return PSA_SUCCESS;
}
