/*
 * Fills the hand-off for the secure image: docs/formats/handoff.md.
 *
 * Called once by boot/main.c, after every image was verified and the boot count is in flash. The
 * only code of boot that derives or passes on a secret.
 */
#ifndef BARTIZAN_BOOT_HANDOFF_H
#define BARTIZAN_BOOT_HANDOFF_H

#include <stdint.h>

#include "bartizan/handoff.h"
#include "boot/boot.h"
#include "boot/provisioning.h"
#include "boot/verify.h"

/* Facts of this boot. */
struct handoff_facts {
    const struct provisioning *provisioning;
    uint32_t life_cycle;
    uint32_t reset_reason;
    uint32_t boot_count;
    const struct boot_image *slots;
    const struct verified_image *verified;
    uint32_t image_count;
};

/* Fills all of *handoff, CRC included. */
void handoff_fill(struct handoff *handoff, const struct handoff_facts *facts);

#endif
