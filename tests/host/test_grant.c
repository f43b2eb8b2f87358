/*
 * The manager's reader of the hand-off against the version rule of docs/formats/handoff.md: later
 * and longer versions are taken, everything else is refused, and nothing stays behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bartizan/handoff.h"
#include "layout.h"
#include "lib/crc/crc.h"
#include "platform/platform.h"
#include "spm/spm.h"

#define VERSION_OFFSET     0x004U
#define SIZE_OFFSET        0x006U
#define IMAGE_COUNT_OFFSET 0x0ECU
#define VECTORS_OFFSET     (0x0F0U + 0x58U + 0x10U) /* of the second image */
#define SIZE_1             0x254U

_Alignas(8) uint8_t handoff_memory[HANDOFF_SIZE];
uint8_t retained_memory[RETAINED_SIZE];

/* What else spm/grant.c asks for; no test gets there, but for the wipe. */
const struct spm_partition spm_partitions[1];
const uint32_t spm_partition_count;

void panic_partition(struct spm_thread *thread, enum spm_rule rule)
{
    (void)thread;
    fail_msg("a partition broke rule %d", (int)rule);
    abort();
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
    (void)thread;
    (void)first;
    (void)last;
    (void)write;
    return false;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_versions_are_taken),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_wrong_bit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
