/*
 * The provisioning region, see provisioning.h. The structure is the format: read as it is, then
 * checked; the assertions below hold it to the byte picture.
 */
#include "boot/provisioning.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "layout.h"
#include "lib/crc/crc.h"
#include "mbedtls/platform_util.h"
#include "platform/platform.h"

#define PROVISIONING_MAGIC        UINT32_C(0x56505A42)
#define PROVISIONING_VERSION      1U
#define PROVISIONING_MARKS_OFFSET 0x800U
#define SET_UNUSED                UINT32_C(0xFFFFFFFF)
#define LIFE_CYCLE_STEP           UINT32_C(0x1000)

_Static_assert(offsetof(struct provisioning, huk) == 0x010, "format");
_Static_assert(offsetof(struct provisioning, attestation_public_key) == 0x050, "format");
_Static_assert(offsetof(struct provisioning, instance_id) == 0x094, "format");
_Static_assert(offsetof(struct provisioning, implementation_id) == 0x0B8, "format");
_Static_assert(offsetof(struct provisioning, entropy_seed) == 0x0D8, "format");
_Static_assert(offsetof(struct provisioning, decryption_algorithm) == 0x118, "format");
_Static_assert(offsetof(struct provisioning, sets) == 0x140, "format");
_Static_assert(sizeof(struct provisioning_anchor_set) == 0xA0, "format");
_Static_assert(offsetof(struct provisioning, crc32) == 0x3FC, "format");
_Static_assert(sizeof(struct provisioning) == 0x400, "format");

static bool bytes_are(const void *bytes, uint8_t byte, size_t length)
{
    const uint8_t *next = bytes;
    for (size_t i = 0; i < length; i++) {
        if (next[i] != byte) {
            return false;
        }
    }
    return true;
}

static bool mark_is_set(const struct provisioning_marks *marks, uint32_t mark)
{
    return !bytes_are(marks->cells[mark], FLASH_ERASED, PROVISIONING_MARK_BYTES);
}

static bool set_is_valid(const struct provisioning_anchor_set *set)
{
    if (set->image_id == SET_UNUSED) {
        return bytes_are(&set->required, 0,
                         sizeof(*set) - offsetof(struct provisioning_anchor_set, required));
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < PROVISIONING_SET_ENTRIES; i++) {
        if (set->entries[i].algorithm != 0U) {
            if (used != i) {
                return false;
            }
            used++;
        } else if (!bytes_are(set->entries[i].digest, 0, sizeof(set->entries[i].digest))) {
            return false;
        }
    }
    return set->required >= 1U && set->required <= used;
}

static bool sets_are_valid(const struct provisioning *provisioning)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < PROVISIONING_SETS; i++) {
        const struct provisioning_anchor_set *set = &provisioning->sets[i];
        if (!set_is_valid(set)) {
            return false;
        }
        if (set->image_id == SET_UNUSED) {
            continue;
        }
        if (used != i || provisioning_find_set(provisioning, set->image_id) != i) {
            return false;
        }
        used++;
    }
    return true;
}

static bool life_cycle_is_valid(const struct provisioning *provisioning,
                                const struct provisioning_marks *marks)
{
    uint32_t initial = provisioning->initial_life_cycle;
    if (initial % LIFE_CYCLE_STEP != 0U || initial < LIFE_CYCLE_ASSEMBLY_AND_TEST) {
        return false;
    }
    return provisioning_life_cycle(provisioning, marks) < LIFE_CYCLE_DECOMMISSIONED;
}

const char *provisioning_check(const struct provisioning *provisioning,
                               const struct provisioning_marks *marks)
{
    if (bytes_are(provisioning, FLASH_ERASED, sizeof(*provisioning)) ||
        bytes_are(provisioning, 0, sizeof(*provisioning))) {
        return "not provisioned";
    }
    if (provisioning->magic != PROVISIONING_MAGIC) {
        return "magic";
    }
    if (provisioning->version != PROVISIONING_VERSION) {
        return "version";
    }
    if (provisioning->size_bytes != sizeof(*provisioning) ||
        provisioning->marks_offset != PROVISIONING_MARKS_OFFSET ||
        provisioning->mark_size_bytes != PROVISIONING_MARK_BYTES) {
        return "size";
    }
    if (provisioning->crc32 !=
        crc32_update(0, provisioning, offsetof(struct provisioning, crc32))) {
        return "crc";
    }
    if (!life_cycle_is_valid(provisioning, marks)) {
        return "life cycle";
    }
    return sets_are_valid(provisioning) ? NULL : "trust anchors";
}

/* A cell that cannot be read is set: the driver zeroes the buffer, or it is filled here. */
static void read_marks(uint32_t offset, struct provisioning_marks *marks)
{
    for (uint32_t i = 0; i < PROVISIONING_MARKS; i++) {
        uint32_t cell = offset + PROVISIONING_MARKS_OFFSET + i * PROVISIONING_MARK_BYTES;
        if (platform_flash_read(cell, marks->cells[i], PROVISIONING_MARK_BYTES) != PSA_SUCCESS) {
            memset(marks->cells[i], (uint8_t)~FLASH_ERASED, PROVISIONING_MARK_BYTES);
        }
    }
}

const char *provisioning_read(uint32_t offset, struct provisioning *provisioning,
                              struct provisioning_marks *marks)
{
    const char *failed = "read error";

    if (platform_flash_read(offset, provisioning, sizeof(*provisioning)) == PSA_SUCCESS) {
        read_marks(offset, marks);
        failed = provisioning_check(provisioning, marks);
    }
    if (failed != NULL) {
        mbedtls_platform_zeroize(provisioning, sizeof(*provisioning));
    }
    return failed;
}

uint32_t provisioning_life_cycle(const struct provisioning *provisioning,
                                 const struct provisioning_marks *marks)
{
    uint32_t state = provisioning->initial_life_cycle;
    for (uint32_t i = PROVISIONING_MARK_FIRST_LIFE_CYCLE; i < PROVISIONING_MARKS; i++) {
        uint32_t reached = LIFE_CYCLE_STEP * (2U + i - PROVISIONING_MARK_FIRST_LIFE_CYCLE);
        if (mark_is_set(marks, i) && reached > state) {
            state = reached;
        }
    }
    return state;
}

uint32_t provisioning_find_set(const struct provisioning *provisioning, uint32_t image_id)
{
    uint32_t set = 0;
    while (set < PROVISIONING_SETS &&
           (image_id == SET_UNUSED || provisioning->sets[set].image_id != image_id)) {
        set++;
    }
    return set;
}

void provisioning_is_usable(const struct provisioning *provisioning,
                            const struct provisioning_marks *marks, volatile fih_t *verdict)
{
    fih_t state =
        fih_at_least(LIFE_CYCLE_DECOMMISSIONED - 1U, provisioning_life_cycle(provisioning, marks));
    fih_t mark = fih_filled(marks->cells[PROVISIONING_MARK_DECOMMISSIONED], FLASH_ERASED,
                            PROVISIONING_MARK_BYTES);

    if (fih_is_yes(state) && fih_is_yes(mark)) {
        *verdict = fih_both(state, mark);
    }
}

void provisioning_anchor_stands(const struct provisioning_marks *marks, uint32_t set,
                                uint32_t entry, volatile fih_t *verdict)
{
    uint32_t mark = PROVISIONING_SET_ENTRIES * set + entry;

    *verdict = fih_filled(marks->cells[mark], FLASH_ERASED, PROVISIONING_MARK_BYTES);
}
