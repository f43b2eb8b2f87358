/*
 * Boot, from reset to the jump: provisioning, counters, images, hand-off.
 *
 * Entered from start.S. Never starts an image unless every image of the product passed every check;
 * whatever fails ends in one line that says what, then "boot: halted" and the platform's end state.
 * Writes flash in two places only: the boot count, and the record of a fault.
 */
#include <stdbool.h>
#include <stddef.h>

#include "boot/boot.h"
#include "boot/check.h"
#include "boot/counters.h"
#include "boot/faults.h"
#include "boot/handoff.h"
#include "boot/jump.h"
#include "boot/provisioning.h"
#include "boot/verify.h"
#include "layout.h"
#include "lib/fih/fih.h"
#include "lib/log/log.h"
#include "mbedtls/platform_util.h"
#include "platform/platform.h"

#define WATCHDOG_SECONDS 60U

_Static_assert(sizeof(struct handoff) <= HANDOFF_SIZE, "hand-off memory too small");

/* All of boot's state; boot_jump() wipes it with the rest of the RAM. */
static struct {
    struct provisioning provisioning;
    struct provisioning_marks marks;
    uint32_t boot_count;
    struct verified_image verified[HANDOFF_IMAGES_MAX];
    volatile fih_t verdicts[HANDOFF_IMAGES_MAX];
    volatile uint32_t verdict_count;
} boot;

void boot_main(void) __attribute__((noreturn));

void boot_halt(void)
{
    mbedtls_platform_zeroize(&boot, sizeof(boot));
    mbedtls_platform_zeroize((void *)(uintptr_t)HANDOFF_BASE, sizeof(struct handoff));
    log_text("boot: halted\n");
    platform_halt();
}

static void refuse(const char *what, const char *name, const char *check) __attribute__((noreturn));
static void refuse(const char *what, const char *name, const char *check)
{
    log_text("boot: ");
    log_text(what);
    log_text(name);
    log_text(" refused: ");
    log_text(check);
    log_newline();
    boot_halt();
}

static const char *reset_reason_text(uint32_t reason)
{
    static const char *const texts[] = {"unknown",  "cold",  "requested",
                                        "watchdog", "fault", "panic"};
    return reason <= (uint32_t)PLATFORM_RESET_PANIC ? texts[reason] : texts[0];
}

static void print_banner(void)
{
    log_text("boot: Bartizan " PRODUCT_VERSION ", " PRODUCT_NAME "\n");
    log_text("boot: reset reason ");
    log_text(reset_reason_text((uint32_t)platform_reset_reason()));
    log_newline();
}

static void read_provisioning(void)
{
    const char *failed =
        provisioning_read(FLASH_PROVISIONING_OFFSET, &boot.provisioning, &boot.marks);
    if (failed != NULL) {
        refuse("provisioning", "", failed);
    }
}

static void count_boot(void)
{
    if (counters_mount() != PSA_SUCCESS) {
        refuse("counters", "", "mount");
    }
    if (counters_count_boot(&boot.boot_count) != PSA_SUCCESS) {
        refuse("counters", "", "boot count");
    }
}

static void print_version(const struct image_version *version)
{
    log_decimal(version->major);
    log_text(".");
    log_decimal(version->minor);
    log_text(".");
    log_decimal(version->revision);
    if (version->build != 0U) {
        log_text("+");
        log_decimal(version->build);
    }
}

static void check_image(uint32_t index)
{
    const struct boot_image *slot = &boot_images[index];
    bool secure = slot->world == (uint32_t)BOOT_WORLD_SECURE;
    struct verify_policy policy = {
        .provisioning = &boot.provisioning,
        .marks = &boot.marks,
        .slot_address = (uint32_t)(uintptr_t)platform_flash_address(slot->slot_offset),
        .ram_base = secure ? SECURE_RAM_BASE : NS_RAM_BASE,
        .ram_size = secure ? SECURE_RAM_SIZE : NS_RAM_SIZE,
        .minimum_counter = UINT32_MAX, /* until it is read: too high for every image */
    };
    enum boot_check check = BOOT_CHECK_READ;

    if (counters_read_security(slot->id, &policy.minimum_counter) != PSA_SUCCESS) {
        refuse("counters", "", "security counter");
    }
    boot.verdicts[index] = FIH_NO;
    verify_image(slot, &policy, &boot.verified[index], &check, &boot.verdicts[index]);
    if (!fih_is_yes(boot.verdicts[index])) {
        refuse("image ", slot->name, boot_check_text(check));
    }
    boot.verdict_count++;
}

static void print_image(uint32_t index)
{
    log_text("boot: image ");
    log_text(boot_images[index].name);
    log_text(" ");
    print_version(&boot.verified[index].version);
    log_text(" counter ");
    log_decimal(boot.verified[index].security_counter);
    log_text(" verified\n");
}

/* The verdict on the device's state and on the whole set. */
static void check_images(volatile fih_t *verdict)
{
    volatile fih_t usable = FIH_NO;

    for (uint32_t i = 0; i < boot_image_count; i++) {
        check_image(i);
        print_image(i);
    }
    provisioning_is_usable(&boot.provisioning, &boot.marks, &usable);
    if (!fih_is_yes(usable)) {
        refuse("provisioning", "", "life cycle");
    }
    fih_t all = fih_both(usable, fih_equal_word(boot.verdict_count, boot_image_count));
    for (uint32_t i = 0; i < boot_image_count; i++) {
        volatile fih_t met = FIH_NO;
        verify_dependencies(boot_images, boot.verified, boot_image_count, i, &met);
        if (!fih_is_yes(met)) {
            refuse("image ", boot_images[i].name, boot_check_text(BOOT_CHECK_DEPENDENCY));
        }
        all = fih_both(all, fih_both(met, boot.verdicts[i]));
    }
    *verdict = all;
}

static const struct verified_image *find_secure_image(void)
{
    uint32_t index = 0;
    while (index + 1U < boot_image_count &&
           boot_images[index].world != (uint32_t)BOOT_WORLD_SECURE) {
        index++;
    }
    return &boot.verified[index];
}

static void hand_over(void)
{
    struct handoff_facts facts = {
        .provisioning = &boot.provisioning,
        .life_cycle = provisioning_life_cycle(&boot.provisioning, &boot.marks),
        .reset_reason = (uint32_t)platform_reset_reason(),
        .boot_count = boot.boot_count,
        .slots = boot_images,
        .verified = boot.verified,
        .image_count = boot_image_count,
    };
    handoff_fill((struct handoff *)(uintptr_t)HANDOFF_BASE, &facts);
    mbedtls_platform_zeroize(&boot.provisioning, sizeof(boot.provisioning));
}

/* Where to go is mixed with the verdict: without it, the addresses lead nowhere. */
static void leave(const struct verified_image *image, fih_t verdict) __attribute__((noreturn));
static void leave(const struct verified_image *image, fih_t verdict)
{
    uint32_t residue = fih_residue(verdict);

    platform_close_provisioning();
    platform_watchdog_stop();
    if (!fih_is_yes(verdict)) {
        boot_halt();
    }
    boot_jump(image->vectors ^ residue, image->initial_stack ^ residue,
              image->reset_handler ^ residue);
}

void boot_main(void)
{
    platform_init();
    print_banner();
    platform_watchdog_start(WATCHDOG_SECONDS);
    if (boot_faults_tell()) {
        boot_halt();
    }
    read_provisioning();
    count_boot();
    volatile fih_t verdict = FIH_NO;
    check_images(&verdict);
    if (!fih_is_yes(verdict)) {
        boot_halt();
    }
    hand_over();
    leave(find_secure_image(), verdict);
}
