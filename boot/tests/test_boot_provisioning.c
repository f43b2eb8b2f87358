/*
 * The provisioning reader against docs/formats/provisioning.md: regions are made here by offset,
 * not by the structure under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/provisioning.h"
#include "boot/tests/fixture.h"
#include "lib/crc/crc.h"
#include "platform/host/flash.h"
#include "platform/nor/nor_hooks.h"

#define REGION_OFFSET 0x1000U

static uint8_t region[0x1000];
static struct provisioning provisioning;
static struct provisioning_marks marks;

static void seal(void)
{
    put32(region + 0x3FC, crc32_update(0, region, 0x3FC));
}

static int set_up(void **state)
{
    (void)state;
    memset(region, 0xFF, sizeof(region));
    memset(region, 0, 0x400);
    memcpy(region, "BZPV", 4);
    put16(region + 0x004, 1);
    put16(region + 0x006, 0x400);
    put16(region + 0x008, 0x800);
    put16(region + 0x00A, 32);
    put32(region + 0x00C, 0x3000);
    for (uint32_t i = 0x10; i < 0x140U; i++) {
        region[i] = (uint8_t)(i * 7U);
    }
    for (uint32_t set = 0; set < 4U; set++) {
        put32(region + 0x140 + 0xA0 * set, UINT32_MAX);
    }
    put32(region + 0x140, 0);
    put32(region + 0x144, 1);
    put32(region + 0x150, 1);
    memset(region + 0x154, 0xA1, 32);
    put32(region + 0x174, 1);
    memset(region + 0x178, 0xA2, 32);
    put32(region + 0x1E0, 5);
    put32(region + 0x1E4, 1);
    put32(region + 0x1F0, 9);
    memset(region + 0x1F4, 0xB1, 32);
    seal();
    return 0;
}

static const char *read_region(void)
{
    struct nor *flash = host_flash_reset(0x4000, 4096, 8, 0xFF);

    memcpy(flash->base + REGION_OFFSET, region, sizeof(region));
    return provisioning_read(REGION_OFFSET, &provisioning, &marks);
}

static void refused(const char *check)
{
    static const struct provisioning wiped;
    const char *answer = read_region();

    assert_non_null(answer);
    assert_string_equal(answer, check);
    assert_memory_equal(&provisioning, &wiped, sizeof(wiped));
}

static bool anchor_stands(uint32_t set, uint32_t entry)
{
    volatile fih_t verdict = FIH_NO;

    provisioning_anchor_stands(&marks, set, entry, &verdict);
    return fih_is_yes(verdict);
}

static bool is_usable(void)
{
    volatile fih_t verdict = FIH_NO;

    provisioning_is_usable(&provisioning, &marks, &verdict);
    return fih_is_yes(verdict);
}

static void test_fields(void **state)
{
    (void)state;

    assert_null(read_region());
    assert_memory_equal(provisioning.huk, region + 0x010, 32);
    assert_memory_equal(provisioning.attestation_private_key, region + 0x030, 32);
    assert_memory_equal(provisioning.attestation_public_key, region + 0x050, 65);
    assert_memory_equal(provisioning.instance_id, region + 0x094, 33);
    assert_memory_equal(provisioning.implementation_id, region + 0x0B8, 32);
    assert_memory_equal(provisioning.entropy_seed, region + 0x0D8, 64);
    assert_memory_equal(provisioning.decryption_key, region + 0x11C, 32);
    assert_int_equal(provisioning_life_cycle(&provisioning, &marks), LIFE_CYCLE_SECURED);
    assert_int_equal(provisioning_find_set(&provisioning, 0), 0);
    assert_int_equal(provisioning_find_set(&provisioning, 5), 1);
    assert_int_equal(provisioning_find_set(&provisioning, 1), PROVISIONING_SETS);
    assert_int_equal(provisioning_find_set(&provisioning, UINT32_MAX), PROVISIONING_SETS);
    assert_memory_equal(provisioning.sets[0].entries[1].digest, region + 0x178, 32);
    assert_memory_equal(provisioning.sets[1].entries[0].digest, region + 0x1F4, 32);
}

static void test_every_changed_bit_is_refused(void **state)
{
    (void)state;

    for (uint32_t position = 0; position < 0x400U; position++) {
        for (uint32_t bit = 0; bit < 8U; bit++) {
            region[position] ^= (uint8_t)(1U << bit);
            assert_non_null(read_region());
            region[position] ^= (uint8_t)(1U << bit);
        }
    }
    assert_null(read_region());
}

static void refused_with(uint32_t offset, uint32_t value, const char *check)
{
    (void)set_up(NULL);
    put32(region + offset, value);
    seal();
    refused(check);
}

static void test_refusals(void **state)
{
    (void)state;

    refused_with(0x000, 0x12345678, "magic");
    refused_with(0x004, 0x04000002, "version");
    refused_with(0x004, 0x04000000, "version");
    refused_with(0x004, 0x03FC0001, "size");
    refused_with(0x008, 0x00200900, "size");
    refused_with(0x008, 0x00100800, "size");
    refused_with(0x00C, 0x0000, "life cycle");
    refused_with(0x00C, 0x3001, "life cycle");
    refused_with(0x00C, 0x6000, "life cycle");
    refused_with(0x00C, 0x7000, "life cycle");
    refused_with(0x144, 0, "trust anchors");          /* none required */
    refused_with(0x144, 3, "trust anchors");          /* more than there are */
    refused_with(0x150, 0, "trust anchors");          /* digest without algorithm */
    refused_with(0x1E0, 0, "trust anchors");          /* image 0 twice */
    refused_with(0x140, UINT32_MAX, "trust anchors"); /* unused with content */
    refused_with(0x284, 1, "trust anchors");          /* the same, third set */
    (void)set_up(NULL);
    region[0x3FC] ^= 1U;
    refused("crc");
}

static void test_order_of_sets_and_entries(void **state)
{
    (void)state;

    memset(region + 0x150, 0, 36); /* first entry unused, second used */
    seal();
    refused("trust anchors");
    (void)set_up(NULL);
    memset(region + 0x144, 0, 0x9C);
    put32(region + 0x140, UINT32_MAX); /* first set unused, second used */
    seal();
    refused("trust anchors");
}

static void test_blank(void **state)
{
    (void)state;

    memset(region, 0xFF, sizeof(region));
    refused("not provisioned");
    memset(region, 0, sizeof(region));
    refused("not provisioned");
}

static void test_all_good_life_cycles(void **state)
{
    (void)state;

    for (uint32_t value = 0x1000; value < 0x6000U; value += 0x1000U) {
        put32(region + 0x00C, value);
        seal();
        assert_null(read_region());
        assert_int_equal(provisioning_life_cycle(&provisioning, &marks), value);
        assert_true(is_usable());
    }
}

static void test_life_cycle_marks(void **state)
{
    (void)state;

    for (uint32_t step = 0; step < 4U; step++) {
        uint32_t reached = 0x1000U * (2U + step);
        (void)set_up(NULL);
        region[0xA00 + 32 * step + step] = 0x7F; /* any byte that is not erased */
        assert_null(read_region());
        assert_int_equal(provisioning_life_cycle(&provisioning, &marks),
                         reached > 0x3000U ? reached : 0x3000U);
    }
    (void)set_up(NULL);
    region[0xA9F] = 0xFE;
    refused("life cycle"); /* decommissioned */
}

/* The state is judged again at the end, by itself: once as the largest, once by its mark. */
static void test_decommissioned_is_not_usable(void **state)
{
    (void)state;

    assert_null(read_region());
    assert_true(is_usable());
    for (uint32_t i = 0; i < PROVISIONING_MARK_BYTES; i++) {
        marks.cells[20][i] = 0xFE;
        assert_false(is_usable());
        marks.cells[20][i] = 0xFF;
    }
    assert_true(is_usable());
    provisioning.initial_life_cycle = LIFE_CYCLE_DECOMMISSIONED;
    assert_false(is_usable());
    provisioning.initial_life_cycle = UINT32_MAX;
    assert_false(is_usable());
}

static void test_revocation_marks(void **state)
{
    (void)state;

    for (uint32_t mark = 0; mark < 16U; mark++) {
        (void)set_up(NULL);
        region[0x800 + 32 * mark + mark] = 0xEF;
        assert_null(read_region());
        for (uint32_t other = 0; other < 16U; other++) {
            assert_int_equal(anchor_stands(other / 4U, other % 4U), other != mark);
        }
    }
    (void)set_up(NULL);
    memset(region + 0xAA0, 0, 0x1000 - 0xAA0); /* cells without a meaning */
    assert_null(read_region());
}

static void test_flash_errors(void **state)
{
    static uint8_t units[0x4000 / 8];
    struct nor_hooks hooks = {.units = units};
    (void)state;

    assert_null(read_region());
    host_flash()->hooks = &hooks;
    nor_hooks_break_unit(host_flash(),
                         REGION_OFFSET + 0x820); /* a mark that cannot be read is set */
    assert_null(provisioning_read(REGION_OFFSET, &provisioning, &marks));
    assert_false(anchor_stands(0, 1));
    assert_true(anchor_stands(0, 0));
    nor_hooks_break_unit(host_flash(), REGION_OFFSET + 0x100);
    assert_string_equal(provisioning_read(REGION_OFFSET, &provisioning, &marks), "read error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_fields, set_up),
        cmocka_unit_test_setup(test_every_changed_bit_is_refused, set_up),
        cmocka_unit_test_setup(test_refusals, set_up),
        cmocka_unit_test_setup(test_order_of_sets_and_entries, set_up),
        cmocka_unit_test_setup(test_blank, set_up),
        cmocka_unit_test_setup(test_all_good_life_cycles, set_up),
        cmocka_unit_test_setup(test_life_cycle_marks, set_up),
        cmocka_unit_test_setup(test_decommissioned_is_not_usable, set_up),
        cmocka_unit_test_setup(test_revocation_marks, set_up),
        cmocka_unit_test_setup(test_flash_errors, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
