/*
 * The flash: RAM of the board that the emulator keeps in a file, behind the rules of NOR flash.
 *
 * Called by boot and the manager through platform.h; the contract is there. Nothing else in the port
 * writes to the flash. Test programs link a flash that can be made to fail instead of this file
 * (platform/nor), which is the same to its callers.
 */
#include <string.h>

#include "layout.h"
#include "platform/platform.h"

_Static_assert(FLASH_PROGRAM_UNIT % sizeof(uint32_t) == 0U, "units are programmed in words");

#define ERASED_WORD (FLASH_ERASED * UINT32_C(0x01010101))
#define UNIT_WORDS  (FLASH_PROGRAM_UNIT / sizeof(uint32_t))

static volatile uint32_t *cells_at(uint32_t offset)
{
    return (volatile uint32_t *)(FLASH_BASE + offset);
}

static bool unit_is_erased(const volatile uint32_t *cells)
{
    uint32_t changed = 0U;

#pragma GCC unroll 8
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        changed |= cells[i] ^ ERASED_WORD;
    }
    return changed == 0U;
}

/* Programs one unit from any address; false if it does not read back. */
static bool unit_program(volatile uint32_t *cells, const uint8_t *data)
{
    uint32_t words[UNIT_WORDS];
    uint32_t changed = 0U;

    __builtin_memcpy(words, data, sizeof(words));
#pragma GCC unroll 8
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        cells[i] = words[i];
    }
#pragma GCC unroll 8
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        changed |= cells[i] ^ words[i];
    }
    return changed == 0U;
}

static bool is_inside(uint32_t offset, size_t length)
{
    return (offset <= FLASH_SIZE) && (length <= FLASH_SIZE - offset);
}

/* Headers and the pieces of a log are read by this many bytes and more, at whole words. */
#define PIECE_BYTES 32U

/* Copies one piece and moves both pointers on. By itself, the compiler takes half as many registers
 * at once and counts the pieces up: reading a log would take twice the instructions. */
#ifdef __arm__
#define PIECE_COPY(to, from)                                                                       \
    __asm volatile("ldmia %0!, {r2-r6, r8, r9, r12}\n\tstmia %1!, {r2-r6, r8, r9, r12}"            \
                   : "+r"(from), "+r"(to)                                                          \
                   :                                                                               \
                   : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r12", "memory")
#else /* host tests */
#define PIECE_COPY(to, from)                                                                       \
    do {                                                                                           \
        (void)memcpy(to, from, PIECE_BYTES);                                                       \
        (to) += PIECE_BYTES;                                                                       \
        (from) += PIECE_BYTES;                                                                     \
    } while (false)
#endif

psa_status_t platform_flash_read(uint32_t offset, void *buffer, size_t length)
{
    const uint8_t *from = platform_flash_address(offset);
    uint8_t *to = buffer;

    if (!is_inside(offset, length)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if ((((uintptr_t)from | (uintptr_t)to) % sizeof(uint32_t)) == 0U) {
        for (; length >= 2U * PIECE_BYTES; length -= 2U * PIECE_BYTES) {
            PIECE_COPY(to, from);
            PIECE_COPY(to, from);
        }
        if (length >= PIECE_BYTES) {
            PIECE_COPY(to, from);
            length -= PIECE_BYTES;
        }
    }
    if (length != 0U) {
        (void)memcpy(to, from, length);
    }
    return PSA_SUCCESS;
}

psa_status_t platform_flash_program(uint32_t offset, const void *data, size_t length)
{
    volatile uint32_t *cells;
    volatile uint32_t *end;
    const uint8_t *bytes = data;

    if (!is_inside(offset, length) || (((offset | length) % FLASH_PROGRAM_UNIT) != 0U)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    cells = cells_at(offset);
    end = cells_at(offset + (uint32_t)length);
    for (volatile uint32_t *unit = cells; unit != end; unit += UNIT_WORDS) {
        if (!unit_is_erased(unit)) {
            return PSA_ERROR_NOT_PERMITTED;
        }
    }
    for (; cells != end; cells += UNIT_WORDS, bytes += FLASH_PROGRAM_UNIT) {
        if (!unit_program(cells, bytes)) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    return PSA_SUCCESS;
}

psa_status_t platform_flash_erase(uint32_t offset)
{
    if ((offset >= FLASH_SIZE) || ((offset % FLASH_SECTOR_SIZE) != 0U)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    for (uint32_t i = 0; i < FLASH_SECTOR_SIZE; i += sizeof(uint32_t)) {
        *cells_at(offset + i) = ERASED_WORD;
    }
    return PSA_SUCCESS;
}

const void *platform_flash_address(uint32_t offset)
{
    return (const void *)(FLASH_BASE + offset);
}
