/*
 * The manager's reader of the hand-off against the version rule of docs/formats/handoff.md: later
 * and longer versions are taken, everything else is refused, and nothing stays behind. And what it
 * gives to partitions: each secret once, keys of their own with nonces that never come again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "bartizan/handoff.h"
#include "layout.h"
#include "lib/crc/crc.h"
#include "platform/platform.h"
#include "spm/spm.h"

#define VERSION_OFFSET     0x004U
#define SIZE_OFFSET        0x006U
#define BOOT_COUNT_OFFSET  0x014U
#define ROOT_OFFSET        0x068U
#define IMAGE_COUNT_OFFSET 0x0ECU
#define VECTORS_OFFSET     (0x0F0U + 0x58U + 0x10U) /* of the second image */
#define SIZE_1             0x254U

_Alignas(8) uint8_t handoff_memory[HANDOFF_SIZE];
uint8_t retained_memory[RETAINED_SIZE];

#define PARTITION_KEY (1U << SPM_SECRET_PARTITION_KEY)

const struct spm_partition spm_partitions[] = {
    {.id = 0x104, .secrets = PARTITION_KEY | (1U << SPM_SECRET_BOOT_SEED)},
    {.id = 0x101, .secrets = PARTITION_KEY},
    {.id = 0x105, .secrets = 1U << SPM_SECRET_GENERATOR_SEED},
};
const uint32_t spm_partition_count = 3;

/* Of a partition, at an address of 32 bits. */
static uint8_t *partition_memory;
static enum spm_rule broken;
static jmp_buf ended;

void panic_partition(struct spm_thread *thread, enum spm_rule rule)
{
    (void)thread;
    broken = rule;
    longjmp(ended, 1);
}

void platform_log_write(const char *text, size_t length)
{
    (void)text;
    (void)length;
}

void platform_reset(enum platform_reset_reason reason)
{
    fail_msg("reset, reason %d", (int)reason);
    abort();
}

bool memory_may(const struct spm_thread *thread, uint32_t first, uint32_t last, bool write)
{
    uint32_t own = (uint32_t)(uintptr_t)partition_memory;
    (void)thread;
    (void)write;

    return first >= own && last < own + 4096U;
}

void spm_clear(void *memory, uint32_t size_bytes)
{
    assert_int_equal((uintptr_t)memory % 8U, 0);
    assert_int_equal(size_bytes % 8U, 0);
    (void)memset(memory, 0, size_bytes);
}

void machine_lower_priority(void)
{
}

void machine_raise_priority(void)
{
}

static void put(uint32_t offset, uint32_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        handoff_memory[offset + i] = (uint8_t)(value >> (8U * i));
    }
}

/* A hand-off of a version, with a CRC at its end; what lies between is not zero. */
static void make(uint32_t version, uint32_t size)
{
    memset(handoff_memory, 0xC3, sizeof(handoff_memory));
    put(0, 0x464F5A42, 4);
    put(VERSION_OFFSET, version, 2);
    put(SIZE_OFFSET, size, 2);
    put(IMAGE_COUNT_OFFSET, 2, 4);
    put(0x0F0, 0, 4);
    put(0x0F0 + 0x58, IMAGE_NONSECURE_ID, 4);
    put(VECTORS_OFFSET, 0x00100400U + size, 4);
    if (size >= 4U && size <= HANDOFF_SIZE) {
        put(size - 4U, crc32_update(0, handoff_memory, size - 4U), 4);
    }
}

static bool take(void)
{
    static const uint8_t wiped[HANDOFF_SIZE];
    bool good = grant_take_handoff();

    assert_memory_equal(handoff_memory, wiped, sizeof(wiped));
    return good;
}

static void later_versions_are_taken(void **state)
{
    const uint32_t sizes[] = {SIZE_1, SIZE_1 + 1U, SIZE_1 + 4U, 0x400, HANDOFF_SIZE};
    (void)state;

    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (uint32_t version = 1; version <= 0xFFFFU; version += 0x5555U) {
            make(version, sizes[i]);
            assert_true(take());
            assert_int_equal(grant_nonsecure_vectors(), 0x00100400U + sizes[i]);
        }
    }
}

static void everything_else_is_refused(void **state)
{
    const uint32_t sizes[] = {0, 4, SIZE_1 - 4U, SIZE_1 - 1U, HANDOFF_SIZE + 1U, 0xFFFF};
    (void)state;

    make(0, SIZE_1);
    assert_false(take());
    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        make(1, sizes[i]);
        assert_false(take());
    }
    make(1, SIZE_1);
    put(IMAGE_COUNT_OFFSET, HANDOFF_IMAGES_MAX + 1U, 4);
    put(SIZE_1 - 4U, crc32_update(0, handoff_memory, SIZE_1 - 4U), 4);
    assert_false(take());
    assert_false(take()); /* nothing there any more */
}

static void every_wrong_bit_is_refused(void **state)
{
    const uint32_t size = SIZE_1 + 8U;
    (void)state;

    for (uint32_t bit = 0; bit < 8U * size; bit++) {
        make(2, size);
        handoff_memory[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_false(take());
    }
}

/* A hand-off with a root of bytes root, root + 1, ... and this boot count. */
static void take_root(uint8_t root, uint32_t boot_count)
{
    make(1, SIZE_1);
    put(BOOT_COUNT_OFFSET, boot_count, 4);
    for (uint32_t i = 0; i < 32U; i++) {
        handoff_memory[ROOT_OFFSET + i] = (uint8_t)(root + i);
    }
    put(SIZE_1 - 4U, crc32_update(0, handoff_memory, SIZE_1 - 4U), 4);
    assert_true(take());
}

/* The rule that the partition breaks by taking the secret, or none; *status: the answer. */
static enum spm_rule take_secret(uint32_t partition, uint32_t secret, uint32_t size,
                                 psa_status_t *status)
{
    struct spm_thread thread = {.partition = &spm_partitions[partition]};
    struct spm_frame frame = {secret, (uint32_t)(uintptr_t)partition_memory, size, 0, 0, 0, 0, 0};

    memset(partition_memory, 0xEE, 4096);
    broken = RULE_NONE;
    if (setjmp(ended) == 0) {
        assert_ptr_equal(grant_trap_take_secret(&frame, &thread), &thread);
        *status = (psa_status_t)frame.r0;
    }
    return broken;
}

static struct spm_partition_key key_of(uint32_t partition)
{
    struct spm_partition_key key;
    psa_status_t status = PSA_ERROR_GENERIC_ERROR;

    assert_int_equal(take_secret(partition, SPM_SECRET_PARTITION_KEY, sizeof key, &status),
                     RULE_NONE);
    assert_int_equal(status, PSA_SUCCESS);
    memcpy(&key, partition_memory, sizeof key);
    return key;
}

/* The expected keys are those of test_seal.c, made by Python's `cryptography`. */
static void keys_depend_on_device_and_partition(void **state)
{
    static const uint8_t root_0_id_104[] = {0x69, 0x02, 0xF1, 0x6D, 0x3A, 0x9C, 0x4F, 0x78,
                                            0x7F, 0xC7, 0x20, 0x47, 0x21, 0xFB, 0xE0, 0xA7};
    static const uint8_t root_80_id_104[] = {0xB5, 0x0C, 0xAE, 0xCA, 0x08, 0x13, 0xBC, 0x76,
                                             0x94, 0x94, 0x8A, 0x0E, 0xBA, 0x54, 0xC9, 0x28};
    static const uint8_t root_0_id_101[] = {0xC4, 0xA6, 0xF5, 0x2F, 0x0E, 0x47, 0x01, 0x2D,
                                            0xAB, 0x63, 0x1C, 0xA0, 0xF8, 0xDF, 0xA6, 0xDF};
    struct spm_partition_key key;
    (void)state;

    take_root(0x00, 7);
    grant_wipe_unclaimed(); /* keeps the root: two partitions have keys */
    key = key_of(0);
    assert_memory_equal(key.key, root_0_id_104, sizeof key.key);
    key = key_of(1);
    assert_memory_equal(key.key, root_0_id_101, sizeof key.key);
    take_root(0x80, 7);
    key = key_of(0);
    assert_memory_equal(key.key, root_80_id_104, sizeof key.key);
}

static void no_prefix_comes_twice(void **state)
{
    struct spm_partition_key last;
    (void)state;

    take_root(0x00, 0x01020304);
    last = key_of(0);
    for (uint32_t i = 0; i < 300U; i++) {
        struct spm_partition_key next = key_of(i & 1U);

        assert_memory_equal(next.nonce_prefix, ((const uint8_t[]){1, 2, 3, 4}), 4);
        assert_true(memcmp(&next.nonce_prefix[4], &last.nonce_prefix[4], 4) > 0);
        last = next;
    }
}

static void a_key_needs_the_grant(void **state)
{
    psa_status_t status = PSA_SUCCESS;
    (void)state;

    take_root(0x00, 1);
    assert_int_equal(
        take_secret(2, SPM_SECRET_PARTITION_KEY, sizeof(struct spm_partition_key), &status),
        RULE_SECRET);
    assert_int_equal(partition_memory[0], 0xEE);
    assert_int_equal(take_secret(0, SPM_SECRET_PARTITION_KEY, 16, &status), RULE_SECRET);
    assert_int_equal(take_secret(0, SPM_SECRET_PARTITION_KEY + 1U, 24, &status), RULE_SECRET);
    assert_int_equal(take_secret(0, SPM_SECRET_RUNTIME_ROOT, 32, &status), RULE_SECRET);
}

static void a_secret_leaves_once(void **state)
{
    static uint8_t seed[32];
    psa_status_t status = PSA_ERROR_GENERIC_ERROR;
    (void)state;

    take_root(0x00, 1);
    memset(seed, 0xC3, sizeof seed);
    assert_int_equal(take_secret(0, SPM_SECRET_BOOT_SEED, 32, &status), RULE_NONE);
    assert_int_equal(status, PSA_SUCCESS);
    assert_memory_equal(partition_memory, seed, sizeof seed);
    assert_int_equal(take_secret(0, SPM_SECRET_BOOT_SEED, 32, &status), RULE_NONE);
    assert_int_equal(status, PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(partition_memory[0], 0xEE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_versions_are_taken),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_wrong_bit_is_refused),
        cmocka_unit_test(keys_depend_on_device_and_partition),
        cmocka_unit_test(no_prefix_comes_twice),
        cmocka_unit_test(a_key_needs_the_grant),
        cmocka_unit_test(a_secret_leaves_once),
    };

    partition_memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (partition_memory == MAP_FAILED) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
