/*
 * What the product grants a partition beyond memory and flash: secrets of the hand-off, a key of
 * its own, rights.
 *
 * The hand-off is copied once from where boot left it and wiped there; each secret leaves once. The
 * root of partition keys stays here.
 */
#include "spm/spm.h"

#include <string.h>

#include "bartizan/handoff.h"
#include "layout.h"
#include "lib/crc/crc.h"
#include "lib/fault/record.h"
#include "lib/seal/seal.h"
#include "platform/platform.h"

struct secret_row {
    uint8_t *value;
    uint32_t size_bytes;
};

static struct handoff handoff;
static uint32_t secrets_taken; /* bits of enum spm_secret */
static uint32_t keys_taken;    /* partition keys that were given out since the start */

static const struct secret_row secret_rows[] = {
    [SPM_SECRET_GENERATOR_SEED] = {handoff.generator_seed, sizeof(handoff.generator_seed)},
    [SPM_SECRET_RUNTIME_ROOT] = {handoff.runtime_root, sizeof(handoff.runtime_root)},
    [SPM_SECRET_ATTESTATION_KEY] = {handoff.attestation_key, sizeof(handoff.attestation_key)},
    [SPM_SECRET_BOOT_SEED] = {handoff.boot_seed, sizeof(handoff.boot_seed)},
    [SPM_SECRET_PARTITION_KEY] = {NULL, sizeof(struct spm_partition_key)}, /* made when asked for */
};
#define SECRET_COUNT (sizeof(secret_rows) / sizeof(secret_rows[0]))

/* They lie side by side, so that nobody else ever gets a byte of them. */
#define SECRETS_START offsetof(struct handoff, boot_seed)
#define SECRETS_END   (offsetof(struct handoff, attestation_key) + sizeof(handoff.attestation_key))
_Static_assert(SECRETS_END - SECRETS_START ==
                   sizeof(handoff.boot_seed) + sizeof(handoff.generator_seed) +
                       sizeof(handoff.runtime_root) + sizeof(handoff.attestation_key),
               "nothing else between them");

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

/* Big-endian, as all of it goes into a nonce. */
static void number_put(uint8_t bytes[4], uint32_t number)
{
    for (uint32_t i = 0; i < 4U; i++) {
        bytes[i] = (uint8_t)(number >> (24U - 8U * i));
    }
}

/* The key is the same at each start. The prefix is consumed before it is used: boot counted this
 * start in flash before it told the number (docs/formats/handoff.md), and no two takings of a start
 * have the same count. */
static psa_status_t partition_key_make(const struct spm_partition *partition,
                                       struct spm_partition_key *made)
{
    static const uint8_t label[SEAL_LABEL_BYTES] = {'P', 'A', 'R', 'T', 'K', 'E', 'Y', '1'};

    if (((secrets_taken & (1UL << SPM_SECRET_RUNTIME_ROOT)) != 0U) || (keys_taken == UINT32_MAX)) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    keys_taken++;
    number_put(&made->nonce_prefix[0], handoff.boot_count);
    number_put(&made->nonce_prefix[4], keys_taken);
    return seal_derive(handoff.runtime_root, label, (uint32_t)partition->id, made->key);
}

static psa_status_t partition_key_give(const struct spm_partition *partition, uint8_t *to)
{
    struct spm_partition_key made;
    psa_status_t status = partition_key_make(partition, &made);

    if (status == PSA_SUCCESS) {
        (void)memcpy(to, &made, sizeof(made));
    }
    memory_wipe(&made, sizeof(made));
    return status;
}

static psa_status_t secret_give(uint32_t secret, uint8_t *to)
{
    const struct secret_row *row = &secret_rows[secret];

    if ((secrets_taken & (1UL << secret)) != 0U) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    secrets_taken |= 1UL << secret;
    (void)memcpy(to, row->value, row->size_bytes);
    memory_wipe(row->value, row->size_bytes);
    return PSA_SUCCESS;
}

struct spm_thread *grant_trap_take_secret(struct spm_frame *frame, struct spm_thread *thread)
{
    uint32_t secret = frame->r0;
    struct spm_buffer to;
    psa_status_t status;

    if ((secret >= SECRET_COUNT) || ((thread->partition->secrets & (1UL << secret)) == 0U) ||
        (frame->r2 != secret_rows[secret].size_bytes)) {
        panic_partition(thread, RULE_SECRET);
    }
    if (!memory_check(thread, frame->r1, frame->r2, true, &to)) {
        panic_partition(thread, RULE_BUFFER);
    }
    trap_begin_long();
    if (SPM_HAS_PARTITION_KEY && (secret == SPM_SECRET_PARTITION_KEY)) {
        status = partition_key_give(thread->partition, to.base);
    } else {
        status = secret_give(secret, to.base);
    }
    trap_end_long();
    frame->r0 = (uint32_t)status;
    return thread;
}

void grant_wipe_unclaimed(void)
{
    uint32_t claimed = 0U;

    for (uint32_t i = 0; i < spm_partition_count; i++) {
        claimed |= spm_partitions[i].secrets;
    }
    if ((claimed & (1UL << SPM_SECRET_PARTITION_KEY)) != 0U) {
        claimed |= 1UL << SPM_SECRET_RUNTIME_ROOT; /* the manager's own claim */
    }
    for (uint32_t i = 0; i < SECRET_COUNT; i++) {
        if (((claimed & (1UL << i)) == 0U) && (secret_rows[i].value != NULL)) {
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

    right_check(thread, SPM_RIGHT_HANDOFF);
    if (!memory_check(thread, frame->r0, sizeof(handoff), true, &to) ||
        ((frame->r0 % _Alignof(struct handoff)) != 0U)) {
        panic_partition(thread, RULE_BUFFER);
    }
    trap_begin_long();
    (void)memcpy(to.base, &handoff, SECRETS_START);
    (void)memset(&to.base[SECRETS_START], 0, SECRETS_END - SECRETS_START);
    (void)memcpy(&to.base[SECRETS_END], (const uint8_t *)&handoff + SECRETS_END,
                 sizeof(handoff) - SECRETS_END);
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
