/*
 * The load and store encodings of Armv8-M, see thumb.h.
 *
 * Order and names follow the encoding tables of ARM DDI 0553, C2.2 (16 bits) and C2.3 (32 bits).
 * The fields stand at the same places in most encodings: each group comes down to a base, an offset
 * and a size. No state.
 */
#include "lib/thumb/thumb.h"

#define SP 13U
#define PC 15U

#define BIT(word, number) (((word) >> (number)) & 1U)

/* What an encoding comes down to. size_bytes 0 and kind THUMB_OTHER: none of ours. */
struct parts {
    uint32_t load;
    uint32_t base;
    uint32_t offset;
    uint32_t size_bytes;
};

static uint32_t list_bytes(uint32_t list)
{
    uint32_t bytes = 0U;

    for (; list != 0U; list &= list - 1U) {
        bytes += 4U;
    }
    return bytes;
}

/* ---- 16 bits ---- */

/* PUSH, POP, LDM, STM: the base and the list. */
static int narrow_multiple(uint32_t first, const uint32_t *registers, struct parts *parts)
{
    uint32_t list = first & 0xFFU;

    if ((first >> 12) == 0xBU) {
        if ((first & 0x0600U) != 0x0400U) {
            return 0;
        }
        list = first & 0x1FFU;
        parts->base = registers[SP];
    } else {
        parts->base = registers[(first >> 8) & 7U];
    }
    parts->size_bytes = list_bytes(list);
    parts->offset = ((first & 0xF800U) == 0xB000U) ? 0U - parts->size_bytes : 0U;
    return 1;
}

static int narrow_split(uint32_t first, const uint32_t *registers, struct parts *parts)
{
    uint32_t group = first >> 12;
    uint32_t scale = 2U; /* log2 of the size */
    uint32_t operation = (first >> 9) & 7U;

    parts->load = BIT(first, 11);
    parts->base = registers[(first >> 3) & 7U];
    parts->offset = (first >> 6) & 0x1FU;
    switch (group) {
    case 0x5: /* register offset: eight operations, stores first */
        scale = (0x4606U >> (2U * operation)) & 3U;
        parts->load = (operation >= 3U) ? 1U : 0U;
        parts->offset = registers[parts->offset & 7U];
        break;
    case 0x4: /* LDR literal */
    case 0x9: /* LDR, STR with the stack pointer */
        parts->base = (group == 4U) ? (registers[PC] + 4U) & ~3U : registers[SP];
        parts->offset = 4U * (first & 0xFFU);
        break;
    case 0x6: /* immediate offset: words, bytes, halfwords */
    case 0x7:
    case 0x8:
        scale = (0x12U >> (2U * (group - 6U))) & 3U;
        parts->offset <<= scale;
        break;
    default:
        return ((group == 0xBU) || (group == 0xCU)) ? narrow_multiple(first, registers, parts) : 0;
    }
    parts->size_bytes = 1U << scale;
    return (group != 4U) || (parts->load != 0U);
}

/* ---- 32 bits ---- */

/* Offset with index bit, sign bit as everywhere: bits 8 and 7 of the first halfword. */
static void offset_apply(uint32_t first, struct parts *parts, uint32_t offset)
{
    parts->offset = (BIT(first, 8) == 0U) ? 0U : (BIT(first, 7) != 0U) ? offset : 0U - offset;
}

/* TBB, TBH, and the exclusive and acquire-release accesses of bytes, halfwords and words. */
static int wide_ordered(uint32_t second, const uint32_t *registers, struct parts *parts,
                        uint32_t number)
{
    uint32_t scale = (second >> 4) & 3U;

    parts->size_bytes = 1U << scale;
    if ((second & 0xC0U) == 0U) { /* TBB, TBH; the base is not rounded down */
        parts->base = (number == PC) ? registers[PC] + 4U : parts->base;
        parts->offset = registers[second & 0xFU] << scale;
        return (parts->load != 0U) && (scale < 2U);
    }
    return scale < 3U;
}

/* LDRD, STRD, LDREX, STREX, and what shares their place: SG, TT, the table branches; LDM, STM. */
static int wide_multiple(uint32_t first, uint32_t second, const uint32_t *registers,
                         struct parts *parts)
{
    uint32_t offset = 4U * (second & 0xFFU);

    if (BIT(first, 6) == 0U) {
        parts->size_bytes = list_bytes(second);
        offset_apply(first, parts, parts->size_bytes);
        return BIT(first, 7) != BIT(first, 8);
    }
    if ((first & 0x0120U) != 0U) {
        parts->size_bytes = 8U;
        offset_apply(first, parts, offset);
        return first != 0xE97FU; /* SG */
    }
    if (BIT(first, 7) != 0U) {
        return wide_ordered(second, registers, parts, first & 0xFU);
    }
    parts->size_bytes = 4U;
    parts->offset = offset;
    return (parts->load != 0U) || ((second >> 12) != PC); /* TT */
}

/* LDR, STR and their byte, halfword, signed and unprivileged forms. */
static int wide_single(uint32_t first, uint32_t second, const uint32_t *registers,
                       struct parts *parts)
{
    uint32_t scale = (first >> 5) & 3U;
    uint32_t literal = ((first & 0xFU) == PC) ? 1U : 0U;

    parts->size_bytes = 1U << scale;
    parts->offset = second & 0xFFFU;
    if (literal != 0U) {
        offset_apply(first | 0x100U, parts, parts->offset);
    } else if (BIT(first, 7) == 0U) {
        if (BIT(second, 11) != 0U) { /* its own index and sign bits */
            offset_apply(second >> 2, parts, second & 0xFFU);
        } else {
            parts->offset = registers[second & 0xFU] << ((second >> 4) & 3U);
            if ((second & 0xFC0U) != 0U) {
                return 0;
            }
        }
    }
    if (parts->load == 0U) {
        return (scale < 3U) && (BIT(first, 8) == 0U) && (literal == 0U);
    }
    if ((scale < 2U) && ((second >> 12) == PC)) { /* PLD, PLI */
        return 0;
    }
    return (scale + BIT(first, 8)) < 3U;
}

/* VLDR, VSTR, VLDM, VSTM, VPUSH, VPOP, VLLDM, VLSTM; LDC and STC, whose size the coprocessor
 * knows. */
static int wide_coprocessor(uint32_t first, uint32_t second, struct parts *parts)
{
    uint32_t offset = 4U * (second & 0xFFU);
    uint32_t coprocessor = (second >> 8) & 0xFU;

    offset_apply(first, parts, offset);
    if (((coprocessor & 0xEU) == 0xAU) && ((first & 0x0180U) != 0U)) {
        parts->size_bytes = (BIT(coprocessor, 0) != 0U) ? offset & ~7U : offset;
        if ((first & 0x0120U) == 0x0100U) { /* one register */
            parts->size_bytes = 4U << BIT(coprocessor, 0);
        }
    }
    return (first & 0x01A0U) != 0U; /* none: two registers to or from a coprocessor */
}

static int wide_split(uint32_t first, uint32_t second, const uint32_t *registers,
                      struct parts *parts)
{
    uint32_t number = first & 0xFU;

    parts->load = BIT(first, 4);
    parts->base = (number == PC) ? (registers[PC] + 4U) & ~3U : registers[number];
    switch (first >> 9) {
    case 0x74: /* 1110 100 */
        return wide_multiple(first, second, registers, parts);
    case 0x7C: /* 1111 100 */
        return wide_single(first, second, registers, parts);
    case 0x76: /* 111x 110 */
    case 0x7E:
        return wide_coprocessor(first, second, parts);
    default:
        return 0;
    }
}

struct thumb_access thumb_decode(uint32_t first, uint32_t second, const uint32_t registers[16])
{
    struct thumb_access access = {0};
    struct parts parts = {0};

    if (thumb_is_wide(first) ? wide_split(first, second, registers, &parts)
                             : narrow_split(first, registers, &parts)) {
        access.kind = (uint8_t)((parts.load != 0U) ? THUMB_READ : THUMB_WRITE);
        access.size_bytes = (uint16_t)parts.size_bytes;
        access.address = parts.base + parts.offset;
    }
    return access;
}
