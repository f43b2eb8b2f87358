/*
 * Fills the hand-off, see handoff.h. The HUK and the entropy seed never leave boot: only what is
 * derived from them does, each under its own label.
 */
#include "boot/handoff.h"

#include <stddef.h>
#include <string.h>

#include "boot/kdf.h"
#include "lib/crc/crc.h"
#include "mbedtls/platform_util.h"
#include "platform/platform.h"

#define NOISE_BYTES 32U

_Static_assert(offsetof(struct handoff, boot_seed) == 0x018, "format");
_Static_assert(offsetof(struct handoff, instance_id) == 0x0A8, "format");
_Static_assert(offsetof(struct handoff, images) == 0x0F0, "format");
_Static_assert(sizeof(struct handoff_image) == 0x58, "format");
_Static_assert(sizeof(struct handoff) == 0x254, "format");

/* A seed that no other boot has: the boot count makes it so; noise, where there is any, makes it
 * unpredictable even for who knows the provisioned seed. */
static void derive_seed(const struct handoff_facts *facts, const char *label, uint8_t *seed,
                        size_t length)
{
    uint8_t noise[NOISE_BYTES];
    uint32_t count = facts->boot_count;
    size_t noise_length =
        platform_entropy(noise, sizeof(noise)) == PSA_SUCCESS ? sizeof(noise) : 0U;

    kdf_derive((struct kdf_input){noise, noise_length},
               (struct kdf_input){facts->provisioning->entropy_seed,
                                  sizeof(facts->provisioning->entropy_seed)},
               label, (struct kdf_input){&count, sizeof(count)}, seed, length);
    mbedtls_platform_zeroize(noise, sizeof(noise));
}

static void fill_image(struct handoff_image *image, const struct boot_image *slot,
                       const struct verified_image *verified)
{
    image->image_id = slot->id;
    image->version_major = verified->version.major;
    image->version_minor = verified->version.minor;
    image->version_revision = verified->version.revision;
    image->version_build = verified->version.build;
    image->security_counter = verified->security_counter;
    image->vectors = verified->vectors;
    image->size_bytes = verified->payload_size;
    memcpy(image->measurement, verified->measurement, sizeof(image->measurement));
    memcpy(image->signer_id, verified->signer_id, sizeof(image->signer_id));
}

static void fill_secrets(struct handoff *handoff, const struct handoff_facts *facts)
{
    const struct provisioning *provisioning = facts->provisioning;
    struct kdf_input nothing = {NULL, 0};

    derive_seed(facts, "bartizan boot seed", handoff->boot_seed, sizeof(handoff->boot_seed));
    derive_seed(facts, "bartizan generator seed", handoff->generator_seed,
                sizeof(handoff->generator_seed));
    kdf_derive(nothing, (struct kdf_input){provisioning->huk, sizeof(provisioning->huk)},
               "bartizan runtime root", nothing, handoff->runtime_root,
               sizeof(handoff->runtime_root));
    memcpy(handoff->attestation_key, provisioning->attestation_private_key,
           sizeof(handoff->attestation_key));
}

void handoff_fill(struct handoff *handoff, const struct handoff_facts *facts)
{
    const struct provisioning *provisioning = facts->provisioning;

    memset(handoff, 0, sizeof(*handoff));
    handoff->magic = HANDOFF_MAGIC;
    handoff->version = HANDOFF_VERSION;
    handoff->size_bytes = (uint16_t)sizeof(*handoff);
    handoff->life_cycle = facts->life_cycle;
    handoff->reset_reason = facts->reset_reason;
    handoff->boot_count = facts->boot_count;
    fill_secrets(handoff, facts);
    memcpy(handoff->instance_id, provisioning->instance_id, sizeof(provisioning->instance_id));
    memcpy(handoff->implementation_id, provisioning->implementation_id,
           sizeof(handoff->implementation_id));
    handoff->image_count = facts->image_count;
    for (uint32_t i = 0; i < facts->image_count; i++) {
        fill_image(&handoff->images[i], &facts->slots[i], &facts->verified[i]);
    }
    handoff->crc32 = crc32_update(0, handoff, offsetof(struct handoff, crc32));
}
