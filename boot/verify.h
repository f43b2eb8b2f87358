/*
 * Decides whether the image in a slot may run: reads it once, decodes it, checks digest, keys,
 * signatures, counter and vectors.
 *
 * Called by boot/main.c for each image of the product, and by tests. Reads flash through the
 * platform, writes nothing. The answer is a hardened verdict; the check beside it is for the log
 * only.
 */
#ifndef BARTIZAN_BOOT_VERIFY_H
#define BARTIZAN_BOOT_VERIFY_H

#include <stdint.h>

#include "boot/boot.h"
#include "boot/check.h"
#include "boot/image.h"
#include "boot/provisioning.h"
#include "lib/fih/fih.h"

/* What an image is held against. */
struct verify_policy {
    const struct provisioning *provisioning; /* trust anchors */
    const struct provisioning_marks *marks;  /* which of them are revoked */
    uint32_t minimum_counter;                /* security counter of the device for this image */
    uint32_t slot_address;                   /* where the slot is executed */
    uint32_t ram_base;                       /* where the image's initial stack pointer may point */
    uint32_t ram_size;
};

/* What is known about an image that passed. */
struct verified_image {
    struct image_version version;
    uint32_t security_counter;
    uint32_t payload_size;
    uint32_t vectors; /* address of the vector table: the start of the payload */
    uint32_t initial_stack;
    uint32_t reset_handler;
    uint8_t measurement[IMAGE_DIGEST_BYTES];
    uint8_t signer_id[IMAGE_DIGEST_BYTES];
    uint32_t dependency_count;
    struct image_dependency dependencies[IMAGE_DEPENDENCIES_MAX];
};

/* The verdict on one image by itself, in what the caller has set to FIH_NO. *check says why not;
 * *verified is valid only if the verdict holds. */
void verify_image(const struct boot_image *slot, const struct verify_policy *policy,
                  struct verified_image *verified, enum boot_check *check, volatile fih_t *verdict);

/* Do all count images (in the order of slots) meet what image number index depends on? The caller
 * has set *verdict to FIH_NO. */
void verify_dependencies(const struct boot_image *slots, const struct verified_image *verified,
                         uint32_t count, uint32_t index, volatile fih_t *verdict);

#endif
