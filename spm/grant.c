/*
 * What the product grants a partition beyond memory and flash: secrets of the hand-off, rights.
 *
 * The hand-off is copied once from where boot left it and wiped there; each secret leaves once.
 */
#include "spm/spm.h"

#include <string.h>

#include "bartizan/handoff.h"
#include "layout.h"
#include "lib/crc/crc.h"
#include "lib/fault/record.h"
#include "platform/platform.h"

struct secret_row {
    uint8_t *value;
    uint32_t size_bytes;
};

static struct handoff handoff;
static uint32_t secrets_taken; /* bits of enum spm_secret */

static const struct secret_row secret_rows[] = {
    [SPM_SECRET_GENERATOR_SEED] = {handoff.generator_seed, sizeof(handoff.generator_seed)},
    [SPM_SECRET_RUNTIME_ROOT] = {handoff.runtime_root, sizeof(handoff.runtime_root)},
    [SPM_SECRET_ATTESTATION_KEY] = {handoff.attestation_key, sizeof(handoff.attestation_key)},
    [SPM_SECRET_BOOT_SEED] = {handoff.boot_seed, sizeof(handoff.boot_seed)},
};
#define SECRET_COUNT (sizeof(secret_rows) / sizeof(secret_rows[0]))

/* A wipe that the compiler may not leave out. */
static void memory_wipe(void *memory, size_t size_bytes)
{
    volatile uint8_t *byte = memory;

    while (size_bytes-- != 0U) {
        *byte++ = 0U;
    }
}

/* The version rule of docs/formats/handoff.md. A later version has fields that are unknown here
 * between the images and the CRC, so the CRC is taken where boot left them. */
static bool handoff_good(const uint8_t *source)
{
    uint32_t size_bytes = handoff.size_bytes;
    uint32_t crc = 0U;

    if ((handoff.magic != HANDOFF_MAGIC) || (handoff.version == 0U) ||
        (size_bytes < sizeof(handoff)) || (size_bytes > HANDOFF_SIZE) ||
        (handoff.image_count > HANDOFF_IMAGES_MAX)) {
        return false;
    }
    (void)memcpy(&crc, &source[size_bytes - sizeof(crc)], sizeof(crc));
    return crc == crc32_update(0U, source, size_bytes - sizeof(crc));
}

bool grant_take_handoff(void)
{
    uint8_t *source = (uint8_t *)HANDOFF_BASE;

    (void)memcpy(&handoff, source, sizeof(handoff));
    bool good = handoff_good(source);
    spm_clear(source, HANDOFF_SIZE);
    return good;
}

uint32_t grant_nonsecure_vectors(void)
{
    for (uint32_t i = 0; i < handoff.image_count; i++) {
        if (handoff.images[i].image_id == IMAGE_NONSECURE_ID) {
            return handoff.images[i].vectors;
        }
    }
    return 0U;
}

struct spm_thread *grant_trap_take_secret(struct spm_frame *frame, struct spm_thread *thread)
{
    uint32_t secret = frame->r0;
    struct spm_buffer to;

    if ((secret >= SECRET_COUNT) || ((thread->partition->secrets & (1UL << secret)) == 0U) ||
        (frame->r2 != secret_rows[secret].size_bytes)) {
        panic_partition(thread, RULE_SECRET);
    }
    if (!memory_check(thread, frame->r1, frame->r2, true, &to)) {
        panic_partition(thread, RULE_BUFFER);
    }
    if ((secrets_taken & (1UL << secret)) != 0U) {
        frame->r0 = (uint32_t)PSA_ERROR_DOES_NOT_EXIST;
        return thread;
    }
    secrets_taken |= 1UL << secret;
    trap_begin_long();
    (void)memcpy(to.base, secret_rows[secret].value, frame->r2);
    memory_wipe(secret_rows[secret].value, frame->r2);
    trap_end_long();
    frame->r0 = (uint32_t)PSA_SUCCESS;
    return thread;
}

void grant_wipe_unclaimed(void)
{
    uint32_t claimed = 0U;

    for (uint32_t i = 0; i < spm_partition_count; i++) {
        claimed |= spm_partitions[i].secrets;
    }
    for (uint32_t i = 0; i < SECRET_COUNT; i++) {
        if ((claimed & (1UL << i)) == 0U) {
            memory_wipe(secret_rows[i].value, secret_rows[i].size_bytes);
        }
    }
}

struct spm_thread *grant_trap_lifecycle(struct spm_frame *frame, struct spm_thread *thread)
{
    frame->r0 = handoff.life_cycle;
    return thread;
}

struct spm_thread *grant_trap_heap(struct spm_frame *frame, struct spm_thread *thread)
{
    frame->r0 = thread->partition->heap_base;
    frame->r1 = thread->partition->heap_size;
    return thread;
}

static void right_check(struct spm_thread *thread, enum spm_right right)
{
    if ((thread->partition->rights & (1UL << right)) == 0U) {
        panic_partition(thread, RULE_RIGHT);
    }
}

struct spm_thread *grant_trap_read_handoff(struct spm_frame *frame, struct spm_thread *thread)
{
    struct spm_buffer to;
    struct handoff *copy;

    right_check(thread, SPM_RIGHT_HANDOFF);
    if (!memory_check(thread, frame->r0, sizeof(handoff), true, &to) ||
        ((frame->r0 % _Alignof(struct handoff)) != 0U)) {
        panic_partition(thread, RULE_BUFFER);
    }
    trap_begin_long();
    copy = (struct handoff *)(void *)to.base;
    (void)memcpy(copy, &handoff, sizeof(handoff));
    (void)memset(copy->boot_seed, 0, sizeof(copy->boot_seed));
    (void)memset(copy->generator_seed, 0, sizeof(copy->generator_seed));
    (void)memset(copy->runtime_root, 0, sizeof(copy->runtime_root));
    (void)memset(copy->attestation_key, 0, sizeof(copy->attestation_key));
    trap_end_long();
    return thread;
}

struct spm_thread *grant_trap_read_fault(struct spm_frame *frame, struct spm_thread *thread)
{
    const void *record = (const void *)(RETAINED_BASE + PLATFORM_RETAINED_SIZE);
    struct spm_buffer to;

    right_check(thread, SPM_RIGHT_HANDOFF);
    if (!memory_check(thread, frame->r0, sizeof(struct fault_record), true, &to)) {
        panic_partition(thread, RULE_BUFFER);
    }
    frame->r0 = (uint32_t)PSA_ERROR_DOES_NOT_EXIST;
    trap_begin_long();
    if (fault_record_is_valid(record)) {
        (void)memcpy(to.base, record, sizeof(struct fault_record));
        frame->r0 = (uint32_t)PSA_SUCCESS;
    }
    trap_end_long();
    return thread;
}

struct spm_thread *grant_trap_reset(struct spm_frame *frame, struct spm_thread *thread)
{
    (void)frame;
    right_check(thread, SPM_RIGHT_RESET);
    platform_reset(PLATFORM_RESET_REQUESTED);
}
