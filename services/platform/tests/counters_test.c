/*
 * Host test of the runtime counters through their API: who may, what survives, and that neither a
 * power cut nor a damaged unit of flash ever turns a counter back.
 *
 * Includes the service, so that a start of the device can be played: all that the partition keeps
 * is gone, the flash stays. The manager is played here, on the model of NOR flash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "psa/client.h"
#include "psa_manifest/sid.h"
#include "services/platform/counters.c"
#include "services/platform/service.c"
#include "tests/host/flash_fixture.h"

#define MESSAGE_HANDLE 7

/* Counters of the product: of the non-secure side, of both, of a partition. */
#define OPEN      7U
#define COMMON    8U
#define HIDDEN    0x80000001U
#define PARTITION 0x102

static const int32_t open_clients[] = {-1};
static const int32_t common_clients[] = {PARTITION, -1};
static const int32_t hidden_clients[] = {PARTITION};

const struct nv_counter nv_counters[NV_COUNTERS] = {
    {OPEN, 1U, open_clients},
    {COMMON, 2U, common_clients},
    {HIDDEN, 1U, hidden_clients},
};

static struct fixture fixtures[2];
static struct flash_image images[2];
static unsigned flash_reads;
static int32_t client = -1;
static const psa_invec *inputs;
static psa_outvec *outputs;

/* ---- The manager ---- */

static struct nor *region_of(uint32_t region)
{
    assert_true(region == FLASH_REGION_NV_COUNTERS || region == FLASH_REGION_NV_COUNTERS_COPY);
    return &fixtures[region - FLASH_REGION_NV_COUNTERS].nor;
}

psa_status_t spm_flash_read(uint32_t region, uint32_t offset, void *buffer, size_t length)
{
    flash_reads++;
    return nor_read(region_of(region), offset, buffer, length);
}

psa_status_t spm_flash_program(uint32_t region, uint32_t offset, const void *from, size_t length)
{
    return nor_program(region_of(region), offset, from, length);
}

psa_status_t spm_flash_erase(uint32_t region, uint32_t offset)
{
    return nor_erase(region_of(region), offset);
}

void spm_read_handoff(struct handoff *copy)
{
    memset(copy, 0, sizeof *copy);
}

psa_status_t spm_read_fault(struct fault_record *record)
{
    (void)record;
    return PSA_ERROR_DOES_NOT_EXIST;
}

void spm_reset(void)
{
    fail();
    abort();
}

uint32_t psa_rot_lifecycle_state(void)
{
    return 0;
}

size_t psa_read(psa_handle_t handle, uint32_t index, void *buffer, size_t length)
{
    size_t size = length < inputs[index].len ? length : inputs[index].len;

    assert_int_equal(handle, MESSAGE_HANDLE);
    memcpy(buffer, inputs[index].base, size);
    return size;
}

void psa_write(psa_handle_t handle, uint32_t index, const void *buffer, size_t length)
{
    assert_int_equal(handle, MESSAGE_HANDLE);
    assert_true(length <= outputs[index].len);
    memcpy(outputs[index].base, buffer, length);
}

uint32_t psa_version(uint32_t sid)
{
    (void)sid;
    return PSA_PLATFORM_VERSION;
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    psa_msg_t message = {.type = type, .handle = MESSAGE_HANDLE, .client_id = client};

    assert_int_equal(handle, PSA_PLATFORM_HANDLE);
    for (size_t i = 0; i < in_len; i++) {
        message.in_size[i] = in_vec[i].len;
    }
    for (size_t i = 0; i < out_len; i++) {
        message.out_size[i] = out_vec[i].len;
    }
    inputs = in_vec;
    outputs = out_vec;
    return psa_platform_sfn(&message);
}

/* Power off and on. */
static void device_starts(void)
{
    memset(stores, 0, sizeof stores);
    memset(index_entries, 0, sizeof index_entries);
    memset(is_mounted, 0, sizeof is_mounted);
    flash_reads = 0;
    client = -1;
}

static int open_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2U; i++) {
        fixture_open(&fixtures[i], &geometries[0], FLASH_NV_COUNTERS_SIZE / FLASH_SECTOR_SIZE);
    }
    device_starts();
    return 0;
}

static uint32_t value_of(uint32_t counter)
{
    uint32_t value = 0xEEEEEEEEU;

    assert_int_equal(bartizan_nv_counter_read(counter, &value), PSA_SUCCESS);
    return value;
}

static void step(uint32_t counter, uint32_t times)
{
    while (times-- != 0U) {
        assert_int_equal(bartizan_nv_counter_increment(counter), PSA_SUCCESS);
    }
}

/* ---- Rules ---- */

/* docs/formats/nv_counters.md, Example. */
static void golden_vector(void **state)
{
    static const uint8_t golden[] = {
        0x42, 0x5A, 0x54, 0x53, 0x01, 0x00, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00, 0x01, 0x00, 0x00,
        0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x49, 0x2F,
        0x0B, 0x81, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x79, 0xB8, 0xF8, 0x99,
        0x76, 0x22, 0x07, 0x6C, 0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF};

    (void)state;
    assert_int_equal(bartizan_nv_counter_increment(OPEN), PSA_SUCCESS);
    for (uint32_t copy = 0; copy < 2U; copy++) {
        assert_memory_equal(fixtures[copy].image.cells, golden, sizeof golden);
        assert_true(
            flash_area_is_erased(&fixtures[copy].area, sizeof golden, 4096 - sizeof golden));
    }
}

static void counters_count(void **state)
{
    (void)state;
    assert_int_equal(value_of(OPEN), 0);
    assert_int_equal(fixtures[0].hooks.operations + fixtures[1].hooks.operations, 0);
    step(OPEN, 3);
    step(COMMON, 1);
    for (int start = 0; start < 2; start++) {
        assert_int_equal(value_of(OPEN), 3);
        assert_int_equal(value_of(COMMON), 1);
        device_starts();
    }
}

static void clients_are_checked(void **state)
{
    uint32_t value = 5;

    (void)state;
    for (unsigned i = 0; i < 2U; i++) {
        client = i == 0U ? -1 : -77; /* the non-secure side is one */
        assert_int_equal(bartizan_nv_counter_increment(HIDDEN), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(bartizan_nv_counter_read(HIDDEN, &value), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(bartizan_nv_counter_increment(COMMON), PSA_SUCCESS);
    }
    client = PARTITION;
    assert_int_equal(bartizan_nv_counter_increment(OPEN), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(bartizan_nv_counter_read(OPEN, &value), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(value_of(COMMON), 2);
    step(HIDDEN, 1);
    client = PARTITION + 1;
    assert_int_equal(bartizan_nv_counter_increment(COMMON), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(value, 5);
}

static void unknown_counters_do_not_exist(void **state)
{
    static const uint32_t ids[] = {0U, 1U, 6U, 9U, 0x80000000U, UINT32_MAX};
    uint32_t value;

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_int_equal(bartizan_nv_counter_read(ids[i], &value), PSA_ERROR_DOES_NOT_EXIST);
        assert_int_equal(bartizan_nv_counter_increment(ids[i]), PSA_ERROR_DOES_NOT_EXIST);
    }
    assert_int_equal(flash_reads, 0);
}

static void vectors_are_checked(void **state)
{
    uint32_t words[4] = {OPEN};
    psa_outvec out[] = {{words + 2, 4}};

    (void)state;
    assert_int_equal(bartizan_nv_counter_read(OPEN, NULL), PSA_ERROR_INVALID_ARGUMENT);
    for (size_t size = 0; size <= sizeof words; size++) {
        psa_invec in[] = {{words, size}};
        psa_invec right[] = {{words, 4}};
        psa_outvec wrong[] = {{words + 2, size / 2U}};
        psa_status_t expected = size == 4U ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT;

        assert_int_equal(psa_call(PSA_PLATFORM_HANDLE, PLATFORM_READ_COUNTER, in, 1, out, 1),
                         expected);
        assert_int_equal(psa_call(PSA_PLATFORM_HANDLE, PLATFORM_INCREMENT_COUNTER, in, 1, NULL, 0),
                         expected);
        assert_int_equal(psa_call(PSA_PLATFORM_HANDLE, PLATFORM_READ_COUNTER, right, 1, wrong, 1),
                         size / 2U == 4U ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT);
    }
    assert_int_equal(psa_call(PSA_PLATFORM_HANDLE, PLATFORM_READ_COUNTER, NULL, 0, NULL, 0),
                     PSA_ERROR_INVALID_ARGUMENT);
}

static void the_top_is_the_end(void **state)
{
    (void)state;
    step(OPEN, 1);
    assert_int_equal(copy_write(0, OPEN, UINT32_MAX - 1U), PSA_SUCCESS);
    assert_int_equal(copy_write(1, OPEN, UINT32_MAX - 1U), PSA_SUCCESS);
    step(OPEN, 1);
    for (int start = 0; start < 2; start++) {
        assert_int_equal(bartizan_nv_counter_increment(OPEN), PSA_ERROR_BAD_STATE);
        assert_int_equal(value_of(OPEN), UINT32_MAX);
        device_starts();
    }
}

/* A step is one append to each region, whatever was before; the sectors of a region take turns. */
static void wear_is_bounded(void **state)
{
    const uint32_t steps = 1000;
    const uint32_t step_bytes = 32U + 8U;

    (void)state;
    step(OPEN, steps);
    for (size_t i = 0; i < 2U; i++) {
        const struct nor *nor = &fixtures[i].nor;

        assert_true(nor->programs * FLASH_PROGRAM_UNIT < steps * step_bytes * 11U / 10U);
        assert_true(nor->erases <= steps * step_bytes / (FLASH_SECTOR_SIZE * 9U / 10U) + 1U);
    }
    device_starts();
    assert_int_equal(value_of(OPEN), steps);
}

/* ---- Cuts ---- */

static void save(struct flash_image to[2])
{
    fixture_save(&fixtures[0], &to[0]);
    fixture_save(&fixtures[1], &to[1]);
}

/* Power on with that in the flash. */
static void restart_with(const struct flash_image from[2])
{
    fixture_restore(&fixtures[0], &from[0]);
    fixture_restore(&fixtures[1], &from[1]);
    device_starts();
}

static void step_open(void *context)
{
    (void)context;
    step(OPEN, 1);
}

static void read_open(void *context)
{
    *(uint32_t *)context = value_of(OPEN);
}

/* Operations of action on one of the regions. */
static uint32_t operations_of(size_t region, void (*action)(void *), void *context)
{
    uint32_t operations = 0;

    assert_false(fixture_run(&fixtures[region], action, context, 0, NOR_TEAR_DONE, &operations));
    return operations;
}

/* One step is cut in a region, the start after it again at each operation, and in each a read is
 * cut too: what was acknowledged or served stays, and the counter goes on. */
static void cut_step(uint32_t before, size_t region, uint32_t stop_at, enum nor_tear tear)
{
    static struct flash_image cut[2];
    uint32_t value = 0;
    uint32_t operations[2];

    restart_with(images);
    assert_true(fixture_run(&fixtures[region], step_open, NULL, stop_at, tear, NULL));
    save(cut);
    for (size_t again = 0; again < 2U; again++) {
        restart_with(cut);
        operations[again] = operations_of(again, read_open, &value);
        assert_true(value == before || value == before + 1U);
    }
    for (size_t again = 0; again < 2U; again++) {
        for (uint32_t at = 1; at <= operations[again]; at++) {
            uint32_t later;

            restart_with(cut);
            assert_true(fixture_run(&fixtures[again], read_open, &value, at, NOR_TEAR_ECC, NULL));
            device_starts();
            later = value_of(OPEN);
            assert_true(later == before || later == before + 1U);
            step(OPEN, 2);
            assert_int_equal(value_of(OPEN), later + 2U);
            assert_int_equal(value_of(COMMON), 2);
        }
    }
}

static void cut_everywhere(uint32_t before)
{
    for (size_t region = 0; region < 2U; region++) {
        uint32_t operations;

        restart_with(images);
        operations = operations_of(region, step_open, NULL);
        for (uint32_t stop_at = 1; stop_at <= operations; stop_at++) {
            for (int tear = 0; tear < NOR_TEAR_COUNT; tear++) {
                cut_step(before, region, stop_at, (enum nor_tear)tear);
            }
        }
    }
}

static void every_cut_is_survived(void **state)
{
    unsigned collections = 0;

    (void)state;
    step(COMMON, 2);
    for (uint32_t before = 0; before < 210U; before++) {
        uint32_t erases = fixtures[0].nor.erases;
        struct flash_image after[2];

        save(images);
        step(OPEN, 1);
        if (before == 0U || before == 30U || fixtures[0].nor.erases != erases) {
            collections += fixtures[0].nor.erases != erases;
            save(after);
            cut_everywhere(before);
            restart_with(after);
        }
    }
    assert_true(collections >= 2U);
    assert_int_equal(value_of(OPEN), 210);
}

/* ---- Damage ---- */

/* Whatever was done to one region: the value is right, it goes on, and the other region may be
 * damaged in turn once this one has been repaired. Counts what this region alone would have said. */
static void check_damaged(size_t region, uint32_t steps, uint32_t *turned_back)
{
    uint32_t alone;

    device_starts();
    *turned_back += copy_read((uint32_t)region, OPEN, &alone) && alone < steps;
    assert_int_equal(value_of(OPEN), steps);
    step(OPEN, 1);
    device_starts();
    assert_int_equal(value_of(OPEN), steps + 1U);
}

/* Each unit of each region after so many steps, one that reads an error or another content. */
static void damage_each_unit(uint32_t steps)
{
    uint32_t turned_back = 0;

    open_new(NULL);
    step(COMMON, 2);
    step(OPEN, steps);
    save(images);
    for (uint32_t at = 0; at < 2U * FLASH_NV_COUNTERS_SIZE; at += FLASH_PROGRAM_UNIT) {
        size_t region = at / FLASH_NV_COUNTERS_SIZE;
        uint32_t offset = at % FLASH_NV_COUNTERS_SIZE;

        restart_with(images);
        fixtures[region].image.units[offset / FLASH_PROGRAM_UNIT] = NOR_UNIT_BAD;
        check_damaged(region, steps, &turned_back);
        restart_with(images);
        fixtures[region].image.cells[offset + offset / 8U % FLASH_PROGRAM_UNIT] ^= 0x10U;
        check_damaged(region, steps, &turned_back);
    }
    assert_true(turned_back != 0U); /* this is what the other region is for */
}

static void damage_never_turns_back(void **state)
{
    (void)state;
    for (uint32_t steps = 1; steps < 240U; steps += 34U) {
        damage_each_unit(steps);
    }
}

/* One region as it was long ago, erased, or somebody else's. */
static void a_lost_region_is_made_up_for(void **state)
{
    static struct flash_image old[2];
    uint32_t turned_back = 0;

    (void)state;
    step(OPEN, 20);
    save(old);
    step(OPEN, 130);
    save(images);
    for (size_t region = 0; region < 2U; region++) {
        restart_with(images);
        fixture_restore(&fixtures[region], &old[region]);
        check_damaged(region, 150, &turned_back);
        restart_with(images);
        memset(fixtures[region].image.cells, FLASH_ERASED, FLASH_NV_COUNTERS_SIZE);
        memset(fixtures[region].image.units, 0, FLASH_NV_COUNTERS_SIZE / FLASH_PROGRAM_UNIT);
        check_damaged(region, 150, &turned_back);
        restart_with(images);
        memset(fixtures[region].image.cells, 0x5A, FLASH_NV_COUNTERS_SIZE);
        check_damaged(region, 150, &turned_back);
    }
    assert_int_equal(turned_back, 4);
}

/* A step that was cut off between the regions was served: then it stays, even if the only region
 * that had it is lost. */
static void a_served_value_stays(void **state)
{
    (void)state;
    for (size_t lost = 0; lost < 2U; lost++) {
        uint32_t expected;

        open_new(NULL);
        step(OPEN, 4);
        assert_true(fixture_run(&fixtures[1], step_open, NULL, 1, NOR_TEAR_NOT_STARTED, NULL));
        device_starts();
        expected = value_of(OPEN);
        assert_int_equal(expected, 5);
        memset(fixtures[lost].image.cells, 0x5A, FLASH_NV_COUNTERS_SIZE);
        device_starts();
        assert_int_equal(value_of(OPEN), expected);
    }
}

static void damage_of_both_is_told(void **state)
{
    uint32_t value = 7;

    (void)state;
    step(OPEN, 3);
    step(COMMON, 1);
    for (size_t region = 0; region < 2U; region++) {
        /* The data of the third step, which is not the last record. */
        fixtures[region].image.units[(32U + 2U * 40U + 32U) / FLASH_PROGRAM_UNIT] = NOR_UNIT_BAD;
    }
    device_starts();
    assert_int_equal(bartizan_nv_counter_read(OPEN, &value), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(bartizan_nv_counter_increment(OPEN), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(value, 7);
    assert_int_equal(value_of(COMMON), 1); /* the others go on */
    for (size_t region = 0; region < 2U; region++) {
        memset(fixtures[region].image.cells, 0x5A, FLASH_NV_COUNTERS_SIZE);
    }
    device_starts();
    assert_int_equal(bartizan_nv_counter_read(COMMON, &value), PSA_ERROR_DATA_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(golden_vector, open_new),
        cmocka_unit_test_setup(counters_count, open_new),
        cmocka_unit_test_setup(clients_are_checked, open_new),
        cmocka_unit_test_setup(unknown_counters_do_not_exist, open_new),
        cmocka_unit_test_setup(vectors_are_checked, open_new),
        cmocka_unit_test_setup(the_top_is_the_end, open_new),
        cmocka_unit_test_setup(wear_is_bounded, open_new),
        cmocka_unit_test_setup(every_cut_is_survived, open_new),
        cmocka_unit_test_setup(damage_never_turns_back, open_new),
        cmocka_unit_test_setup(a_lost_region_is_made_up_for, open_new),
        cmocka_unit_test_setup(a_served_value_stays, open_new),
        cmocka_unit_test_setup(damage_of_both_is_told, open_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
