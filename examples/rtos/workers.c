/*
 * The two workers: one of high priority that wakes at a tick, and so comes in the middle of the
 * calls of the other, which never stops calling.
 *
 * Unprivileged. They use the PSA functions as any application does and know nothing of each other;
 * every answer is checked against a known one.
 */
#include <string.h>

#include "psa/crypto.h"
#include "psa/internal_trusted_storage.h"
#include "tasks.h"

#define HIGH_PAUSE 3u /* ticks: the time that the others have */
#define HIGH_UID   ((psa_storage_uid_t)0x5254F001u)
#define LOW_UID    ((psa_storage_uid_t)0x5254F002u)

/* FIPS 180-4, examples of SHA-256 with one and with two blocks. */
static const uint8_t one_block[] = "abc";
static const uint8_t one_block_hash[HASH_BYTES] = {
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};
static const uint8_t two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
static const uint8_t two_blocks_hash[HASH_BYTES] = {
    0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8, 0xe5, 0xc0, 0x26, 0x93, 0x0c, 0x3e, 0x60, 0x39,
    0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff, 0x21, 0x67, 0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1,
};

/* One call is done: counted, and it must have succeeded. */
static bool done(struct task_data *own, psa_status_t status)
{
    own->calls++;
    own->busy += (status == PSA_ERROR_CONNECTION_BUSY) ? 1u : 0u;
    own->wrong += (status != PSA_SUCCESS) ? 1u : 0u;
    return status == PSA_SUCCESS;
}

static void check(struct task_data *own, bool good)
{
    own->wrong += good ? 0u : 1u;
}

/* In three parts, so that another task's operations come between them. */
static void hash_in_parts(struct task_data *own, const uint8_t *text, size_t length,
                          const uint8_t *expected)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t hash[HASH_BYTES] = {0};
    size_t hash_length = 0;
    size_t first = length / 2u;

    if (done(own, psa_hash_setup(&operation, PSA_ALG_SHA_256)) &&
        done(own, psa_hash_update(&operation, text, first)) &&
        done(own, psa_hash_update(&operation, text + first, length - first)) &&
        done(own, psa_hash_finish(&operation, hash, sizeof hash, &hash_length))) {
        check(own, (hash_length == sizeof hash) && (memcmp(hash, expected, sizeof hash) == 0));
    } else {
        (void)done(own, psa_hash_abort(&operation));
    }
}

static void store_and_read(struct task_data *own, psa_storage_uid_t uid, uint32_t value)
{
    uint32_t back = 0;
    size_t length = 0;

    if (done(own, psa_its_set(uid, sizeof value, &value, PSA_STORAGE_FLAG_NONE)) &&
        done(own, psa_its_get(uid, 0, sizeof back, &back, &length))) {
        check(own, (length == sizeof back) && (back == value));
    }
}

/* A long call: the scheduler comes in its middle many times. */
static void hash_code(struct task_data *own)
{
    uint8_t hash[HASH_BYTES] = {0};
    size_t length = 0;

    if (done(own, psa_hash_compute(PSA_ALG_SHA_256, __unprivileged_flash_start__, CODE_BYTES, hash,
                                   sizeof hash, &length))) {
        check(own, (length == sizeof hash) && (memcmp(hash, shared.code_hash, sizeof hash) == 0));
    }
}

/* A number that the compiler keeps in a floating-point register over all the calls, where there is
 * one: the switch in the middle of a call must keep it. */
static void rounds(struct task_data *own, const uint8_t *text, size_t length,
                   const uint8_t *expected, psa_storage_uid_t uid, TickType_t pause)
{
    float turn = 0.5f;

    for (uint32_t i = 0; i < WORKER_ROUNDS; i++) {
        hash_in_parts(own, text, length, expected);
        store_and_read(own, uid, (uint32_t)uid + i);
        turn += 1.0f;
        own->rounds++;
        if (pause != 0u) {
            vTaskDelay(pause);
        } else {
            hash_code(own);
        }
    }
    check(own, turn == (float)WORKER_ROUNDS + 0.5f);
    (void)done(own, psa_its_remove(uid));
}

void worker_high(void *own)
{
    rounds(own, one_block, sizeof one_block - 1u, one_block_hash, HIGH_UID, HIGH_PAUSE);
    task_finish();
}

void worker_low(void *own)
{
    rounds(own, two_blocks, sizeof two_blocks - 1u, two_blocks_hash, LOW_UID, 0);
    task_finish();
}

void task_finish(void)
{
    (void)xTaskNotifyGive(shared.supervisor);
    for (;;) {
        vTaskSuspend(NULL);
    }
}
