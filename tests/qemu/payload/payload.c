/*
 * The payload: the smallest secure image that boot can start. It judges what boot left behind.
 *
 * Built and signed by the tests in place of the partition manager. Prints the public parts of the
 * hand-off, a CRC-32 of each secret (the test computes what it must be), and OK or BAD for the
 * rules of the jump. It prints on the secure log and never starts a non-secure world.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bartizan/handoff.h"
#include "layout.h"
#include "lib/crc/crc.h"
#include "lib/log/log.h"
#include "platform/platform.h"

#define SCB_VTOR (*(volatile uint32_t *)0xE000ED08U)

uint32_t payload_load(uint32_t address);
void payload_main(uint32_t leftovers);

volatile uint32_t payload_faults;

static void say(const char *name, uint32_t value)
{
    log_text("payload: ");
    log_text(name);
    log_text(" ");
    log_decimal(value);
    log_newline();
}

static void judge(const char *name, bool good)
{
    log_text("payload: ");
    log_text(name);
    log_text(good ? " OK" : " BAD");
    log_newline();
}

static void show_bytes(const char *name, const void *bytes, size_t length)
{
    log_text("payload: ");
    log_text(name);
    log_text(" ");
    log_bytes(bytes, length);
    log_newline();
}

static void fingerprint(const char *name, const void *bytes, size_t length)
{
    log_text("payload: ");
    log_text(name);
    log_text(" crc ");
    log_hex(crc32_update(0, bytes, length));
    log_newline();
}

static bool memory_is_zero(uint32_t base, uint32_t size_bytes)
{
    const volatile uint32_t *words = (const volatile uint32_t *)(uintptr_t)base;
    for (uint32_t i = 0; i < size_bytes / 4U; i++) {
        if (words[i] != 0U) {
            return false;
        }
    }
    return true;
}

static bool load_faults(uint32_t address)
{
    uint32_t before = payload_faults;
    (void)payload_load(address);
    return payload_faults == before + 1U;
}

static void show_image(const struct handoff_image *image)
{
    say("image", image->image_id);
    say("major", image->version_major);
    say("minor", image->version_minor);
    say("revision", image->version_revision);
    say("build", image->version_build);
    say("counter", image->security_counter);
    say("vectors", image->vectors);
    say("size", image->size_bytes);
    show_bytes("measurement", image->measurement, sizeof(image->measurement));
    show_bytes("signer", image->signer_id, sizeof(image->signer_id));
}

static void show_handoff(const struct handoff *handoff)
{
    judge("magic", handoff->magic == HANDOFF_MAGIC && handoff->version == HANDOFF_VERSION &&
                       handoff->size_bytes == sizeof(*handoff));
    judge("crc", handoff->crc32 == crc32_update(0, handoff, offsetof(struct handoff, crc32)));
    say("life cycle", handoff->life_cycle);
    say("reset reason", handoff->reset_reason);
    say("update result", handoff->update_result);
    say("boot count", handoff->boot_count);
    fingerprint("boot seed", handoff->boot_seed, sizeof(handoff->boot_seed));
    fingerprint("generator seed", handoff->generator_seed, sizeof(handoff->generator_seed));
    fingerprint("runtime root", handoff->runtime_root, sizeof(handoff->runtime_root));
    fingerprint("attestation key", handoff->attestation_key, sizeof(handoff->attestation_key));
    show_bytes("instance id", handoff->instance_id, sizeof(handoff->instance_id));
    show_bytes("implementation id", handoff->implementation_id, sizeof(handoff->implementation_id));
    say("images", handoff->image_count);
    for (uint32_t i = 0; i < handoff->image_count && i < HANDOFF_IMAGES_MAX; i++) {
        show_image(&handoff->images[i]);
    }
}

void payload_main(uint32_t leftovers)
{
    const struct handoff *handoff = (const struct handoff *)(uintptr_t)HANDOFF_BASE;

    platform_init();
    judge("registers", leftovers == 0U);
    judge("vector table", SCB_VTOR == handoff->images[0].vectors);
    judge("boot ram wiped", memory_is_zero(BOOT_RAM_BASE, BOOT_RAM_SIZE));
    judge("provisioning closed",
          load_faults(FLASH_BASE + FLASH_PROVISIONING_OFFSET) &&
              load_faults(FLASH_BASE + FLASH_PROVISIONING_OFFSET + FLASH_PROVISIONING_SIZE - 4U));
    judge("other flash open", !load_faults(FLASH_BASE + FLASH_COUNTERS_OFFSET));
    show_handoff(handoff);
    log_text("payload: done\n");
}
