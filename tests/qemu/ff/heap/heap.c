/*
 * The heap user: checks of malloc(), calloc(), realloc() and free() in a partition of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "psa_manifest/heap.h"
#include "tests/qemu/ff/actor/actor.h"

#define HEAP_SIZE 0x1000U
#define PIECES    64U

static uint8_t *kept; /* from the start to the end of the device */

psa_status_t heap_init(void)
{
    kept = malloc(16U);
    if (kept == NULL) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    (void)memset(kept, 0x5A, 16U);
    return PSA_SUCCESS;
}

static bool is_all(const uint8_t *bytes, uint8_t value, size_t size)
{
    for (size_t i = 0U; i < size; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

static int32_t check_pieces(const psa_msg_t *message)
{
    uint8_t *piece[PIECES];

    (void)message;
    for (uint32_t i = 0U; i < PIECES; i++) {
        piece[i] = malloc(i);
        EXPECT((piece[i] != NULL) || (i == 0U));
        EXPECT(((uintptr_t)piece[i] & 7U) == 0U);
        (void)memset(piece[i], (int)i, i);
    }
    for (uint32_t i = 0U; i < PIECES; i++) {
        EXPECT(is_all(piece[i], (uint8_t)i, i));
    }
    for (uint32_t i = 0U; i < PIECES; i += 2U) {
        free(piece[i]);
    }
    for (uint32_t i = 1U; i < PIECES; i += 2U) {
        EXPECT(is_all(piece[i], (uint8_t)i, i));
        free(piece[i]);
    }
    EXPECT(is_all(kept, 0x5AU, 16U));
    return 0;
}

/* All of it but a little, again and again: what is freed becomes one piece again. */
static int32_t check_all(const psa_msg_t *message)
{
    uint8_t *piece[PIECES];
    uint8_t *large;
    uint32_t count = 0U;

    (void)message;
    for (uint32_t turn = 0U; turn < 3U; turn++) {
        large = malloc(HEAP_SIZE - 256U);
        EXPECT(large != NULL);
        (void)memset(large, 0xA5, HEAP_SIZE - 256U);
        EXPECT(malloc(HEAP_SIZE - 256U) == NULL);
        EXPECT(is_all(kept, 0x5AU, 16U));
        free(large);
        count = 0U;
        while ((count < PIECES) && ((piece[count] = malloc(100U)) != NULL)) {
            count++;
        }
        EXPECT((count > 20U) && (count < PIECES)); /* ends with NULL */
        for (uint32_t i = 0U; i < count; i += 2U) {
            free(piece[i]);
        }
        for (uint32_t i = 1U; i < count; i += 2U) {
            free(piece[i]);
        }
    }
    return 0;
}

static int32_t check_none(const psa_msg_t *message)
{
    volatile size_t huge = SIZE_MAX;

    (void)message;
    EXPECT(malloc(HEAP_SIZE) == NULL);
    EXPECT(malloc(huge) == NULL);
    EXPECT(malloc(huge - 7U) == NULL);
    EXPECT(calloc(huge / 2U, 4U) == NULL); /* wraps around */
    EXPECT(calloc(huge / 0x10000U + 1U, 0x10001U) == NULL);
    EXPECT(realloc(NULL, huge) == NULL);
    free(NULL);
    EXPECT(is_all(kept, 0x5AU, 16U));
    return 0;
}

static int32_t check_calloc(const psa_msg_t *message)
{
    uint8_t *dirty = malloc(300U);
    uint8_t *clean;

    (void)message;
    EXPECT(dirty != NULL);
    (void)memset(dirty, 0xFF, 300U);
    free(dirty);
    clean = calloc(10U, 30U);
    EXPECT(clean != NULL);
    EXPECT(is_all(clean, 0U, 300U));
    free(clean);
    return 0;
}

static int32_t check_realloc(const psa_msg_t *message)
{
    uint8_t *piece = realloc(NULL, 50U);
    uint8_t *wall = malloc(8U);
    uint8_t *grown;

    (void)message;
    EXPECT((piece != NULL) && (wall != NULL));
    (void)memset(piece, 0x33, 50U);
    grown = realloc(piece, 1000U);
    EXPECT(grown != NULL);
    EXPECT(is_all(grown, 0x33U, 50U));
    EXPECT(realloc(grown, 2U * HEAP_SIZE) == NULL); /* the old one stays */
    EXPECT(is_all(grown, 0x33U, 50U));
    grown = realloc(grown, 20U);
    EXPECT(grown != NULL);
    EXPECT(is_all(grown, 0x33U, 20U));
    free(grown);
    free(wall);
    return 0;
}

/* out[0]: an address in the heap, for others to try. */
static int32_t check_address(const psa_msg_t *message)
{
    uint32_t address = (uint32_t)(uintptr_t)kept;

    psa_write(message->handle, 0U, &address, sizeof(address));
    return 0;
}

static int32_t check_kept(const psa_msg_t *message)
{
    (void)message;
    return is_all(kept, 0x5AU, 16U) ? 0 : __LINE__;
}

/* For the restart: fills the heap and ends. */
static int32_t spoil(const psa_msg_t *message)
{
    uint8_t *piece;

    (void)message;
    (void)memset(kept, 0xFF, 16U);
    while ((piece = malloc(64U)) != NULL) {
        (void)memset(piece, 0xFF, 64U);
    }
    psa_panic();
}

static const struct actor_row rows[] = {
    {"pieces", check_pieces}, {"all", check_all},         {"none", check_none},
    {"calloc", check_calloc}, {"realloc", check_realloc}, {"address", check_address},
    {"kept", check_kept},     {"spoil", spoil},
};

psa_status_t ff_heap_sfn(const psa_msg_t *message)
{
    return actor_do(rows, sizeof(rows) / sizeof(rows[0]), message);
}
