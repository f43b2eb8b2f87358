/*
 * The provisioning region, as boot sees it: docs/formats/provisioning.md.
 *
 * Called by boot only. Everything in struct provisioning before the anchors is identity or secret:
 * it stays in boot's RAM, leaves it only through boot/handoff.c, and is wiped before the jump.
 * Nothing here writes flash.
 */
#ifndef BARTIZAN_BOOT_PROVISIONING_H
#define BARTIZAN_BOOT_PROVISIONING_H

#include <stdint.h>

#include "lib/fih/fih.h"

#define PROVISIONING_SETS                  4U
#define PROVISIONING_SET_ENTRIES           4U
#define PROVISIONING_MARK_BYTES            32U
#define PROVISIONING_MARKS                 21U /* cells that have a meaning */
#define PROVISIONING_MARK_FIRST_LIFE_CYCLE 16U
#define PROVISIONING_MARK_DECOMMISSIONED   20U

#define PROVISIONING_ANCHOR_ECDSA_P256 1U

enum provisioning_life_cycle {
    LIFE_CYCLE_ASSEMBLY_AND_TEST = 0x1000,
    LIFE_CYCLE_PSA_ROT_PROVISIONING = 0x2000,
    LIFE_CYCLE_SECURED = 0x3000,
    LIFE_CYCLE_NON_PSA_ROT_DEBUG = 0x4000,
    LIFE_CYCLE_RECOVERABLE_PSA_ROT_DEBUG = 0x5000,
    LIFE_CYCLE_DECOMMISSIONED = 0x6000,
};

struct provisioning_anchor {
    uint32_t algorithm; /* 0: unused */
    uint8_t digest[32]; /* SHA-256 of the DER SubjectPublicKeyInfo */
};

struct provisioning_anchor_set {
    uint32_t image_id; /* 0xFFFFFFFF: unused */
    uint32_t required; /* how many different anchors must have signed */
    uint8_t zero[8];
    struct provisioning_anchor entries[PROVISIONING_SET_ENTRIES];
};

/* The immutable part, byte for byte. */
struct provisioning {
    uint32_t magic;
    uint16_t version;
    uint16_t size_bytes;
    uint16_t marks_offset;
    uint16_t mark_size_bytes;
    uint32_t initial_life_cycle;
    uint8_t huk[32];
    uint8_t attestation_private_key[32];
    uint8_t attestation_public_key[65];
    uint8_t zero_1[3];
    uint8_t instance_id[36]; /* 33 bytes, 3 zero */
    uint8_t implementation_id[32];
    uint8_t entropy_seed[64];
    uint32_t decryption_algorithm;
    uint8_t decryption_key[32];
    uint32_t zero_2;
    struct provisioning_anchor_set sets[PROVISIONING_SETS];
    uint8_t zero_3[60];
    uint32_t crc32;
};

/* The mark cells as read. */
struct provisioning_marks {
    uint8_t cells[PROVISIONING_MARKS][PROVISIONING_MARK_BYTES];
};

/* Reads the immutable part and the marks from the region at offset of the flash. Returns NULL, or
 * the check that failed, in the words of docs/formats/provisioning.md; *provisioning is then wiped.
 */
const char *provisioning_read(uint32_t offset, struct provisioning *provisioning,
                              struct provisioning_marks *marks) __attribute__((warn_unused_result));

/* The same checks on bytes in memory: no flash is read. */
const char *provisioning_check(const struct provisioning *provisioning,
                               const struct provisioning_marks *marks)
    __attribute__((warn_unused_result));

/* State of the device: the largest of the initial one and those that are marked. */
uint32_t provisioning_life_cycle(const struct provisioning *provisioning,
                                 const struct provisioning_marks *marks);

/* Index of the set of an image, or PROVISIONING_SETS if it has none. */
uint32_t provisioning_find_set(const struct provisioning *provisioning, uint32_t image_id);

/* May a device in this state run? The state again, and the last mark by itself. The caller has set
 * *verdict to FIH_NO. */
void provisioning_is_usable(const struct provisioning *provisioning,
                            const struct provisioning_marks *marks, volatile fih_t *verdict);

/* Is the mark of an anchor still clear? The caller has set *verdict to FIH_NO. */
void provisioning_anchor_stands(const struct provisioning_marks *marks, uint32_t set,
                                uint32_t entry, volatile fih_t *verdict);

#endif
