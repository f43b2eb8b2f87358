/*
 * Host test of Internal Trusted Storage through its API: the rules, and the late start. The store is
 * mounted by the first call, nothing touches the flash before.
 *
 * Includes its.c, so that a start of the device can be played: all that the partition keeps is
 * gone, the flash stays. The manager (calls, flash) is played here, on the model of NOR flash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "psa/client.h"
#include "psa/internal_trusted_storage.h"
#include "psa_manifest/sid.h"
#include "services/its/its.c"
#include "tests/host/flash_fixture.h"

#define MESSAGE_HANDLE 7

static struct fixture fixture;
static unsigned flash_reads;
static int32_t client = -1;
static bool manager_refuses;
static uint32_t version = PSA_ITS_VERSION;
static const psa_invec *inputs;
static psa_outvec *outputs;
static uint8_t bytes[2000];
static uint8_t back[2000];

/* ---- The manager ---- */

psa_status_t spm_flash_read(uint32_t region, uint32_t offset, void *buffer, size_t length)
{
    assert_int_equal(region, FLASH_REGION_ITS);
    flash_reads++;
    return nor_read(&fixture.nor, offset, buffer, length);
}

psa_status_t spm_flash_program(uint32_t region, uint32_t offset, const void *from, size_t length)
{
    assert_int_equal(region, FLASH_REGION_ITS);
    return nor_program(&fixture.nor, offset, from, length);
}

psa_status_t spm_flash_erase(uint32_t region, uint32_t offset)
{
    assert_int_equal(region, FLASH_REGION_ITS);
    return nor_erase(&fixture.nor, offset);
}

size_t psa_read(psa_handle_t handle, uint32_t index, void *buffer, size_t length)
{
    size_t size = length < inputs[index].len ? length : inputs[index].len;

    assert_int_equal(handle, MESSAGE_HANDLE);
    if (size != 0U) {
        memcpy(buffer, inputs[index].base, size);
    }
    return size;
}

void psa_write(psa_handle_t handle, uint32_t index, const void *buffer, size_t length)
{
    assert_int_equal(handle, MESSAGE_HANDLE);
    assert_true(length <= outputs[index].len);
    memcpy(outputs[index].base, buffer, length);
    outputs[index].len = length;
}

uint32_t psa_version(uint32_t sid)
{
    assert_int_equal(sid, PSA_ITS_SID);
    return version;
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    psa_msg_t message = {.type = type, .handle = MESSAGE_HANDLE, .client_id = client};

    assert_int_equal(handle, PSA_ITS_HANDLE);
    if (manager_refuses) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    for (size_t i = 0; i < in_len; i++) {
        message.in_size[i] = in_vec[i].len;
    }
    for (size_t i = 0; i < out_len; i++) {
        message.out_size[i] = out_vec[i].len;
    }
    inputs = in_vec;
    outputs = out_vec;
    return psa_its_sfn(&message);
}

/* Power off and on. */
static void device_starts(void)
{
    memset(&its_store, 0, sizeof its_store);
    memset(its_index, 0, sizeof its_index);
    memset(data, 0, sizeof data);
    is_mounted = false;
    flash_reads = 0;
    client = -1;
}

static int open_new(void **state)
{
    (void)state;
    fixture_open(&fixture, &geometries[0], FLASH_ITS_SIZE / FLASH_SECTOR_SIZE);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7U + 1U);
    }
    device_starts();
    return 0;
}

static void set_one(void *context)
{
    (void)context;
    assert_int_equal(psa_its_set(1, 64, bytes, 0), PSA_SUCCESS);
}

static void assert_asset(psa_storage_uid_t uid, size_t length)
{
    size_t actual = 0;

    assert_int_equal(psa_its_get(uid, 0, sizeof back, back, &actual), PSA_SUCCESS);
    assert_int_equal(actual, length);
    assert_memory_equal(back, bytes, length);
}

/* ---- The late start ---- */

static void start_alone_touches_no_flash(void **state)
{
    (void)state;
    assert_int_equal(flash_reads, 0);
    assert_int_equal(fixture.hooks.operations, 0);
    assert_int_equal(psa_its_get(0, 0, 1, back, &(size_t){0}), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(flash_reads, 0);
}

static void first_call_mounts_once(void **state)
{
    struct psa_storage_info_t info;
    unsigned mounted;

    (void)state;
    set_one(NULL);
    device_starts();
    assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
    assert_int_equal(info.size, 64);
    mounted = flash_reads;
    assert_true(mounted != 0U);
    assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
    assert_int_equal(flash_reads, mounted + 1U); /* the header of the asset */
    assert_asset(1, 64);
}

/* The very first use of a new device, cut at each of its flash operations in every way. */
static void first_use_survives_every_cut(void **state)
{
    uint32_t operations = 0;
    uint32_t found = 0;

    (void)state;
    assert_false(fixture_run(&fixture, set_one, NULL, 0, NOR_TEAR_DONE, &operations));
    assert_true(operations > 8U);
    for (uint32_t stop_at = 1; stop_at <= operations; stop_at++) {
        for (int tear = 0; tear < NOR_TEAR_COUNT; tear++) {
            struct psa_storage_info_t info;
            psa_status_t status;

            open_new(NULL);
            assert_true(fixture_run(&fixture, set_one, NULL, stop_at, (enum nor_tear)tear, NULL));
            device_starts();
            status = psa_its_get_info(1, &info);
            assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DOES_NOT_EXIST);
            found += status == PSA_SUCCESS;
            set_one(NULL);
            device_starts();
            assert_asset(1, 64);
        }
    }
    assert_true(found != 0U && found < operations * NOR_TEAR_COUNT);
}

/* Somebody else's data in the region: told at the first use, as at every later one; not touched. */
static void damaged_region_is_every_callers_error(void **state)
{
    struct psa_storage_info_t info;

    (void)state;
    assert_int_equal(nor_program(&fixture.nor, 64, bytes, 8), PSA_SUCCESS);
    fixture.hooks.operations = 0;
    assert_int_equal(psa_its_set(1, 4, bytes, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_get_info(1, &info), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_get(1, 0, 4, back, &(size_t){0}), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(fixture.hooks.operations, 0);
}

static void failed_mount_is_tried_again(void **state)
{
    (void)state;
    set_one(NULL);
    device_starts();
    fixture.hooks.units[0] = NOR_UNIT_BAD; /* the head's header */
    assert_int_equal(psa_its_get(1, 0, 4, back, &(size_t){0}), PSA_ERROR_STORAGE_FAILURE);
    fixture.hooks.units[0] = NOR_UNIT_USED; /* reads right the next time */
    assert_asset(1, 64);
}

/* ---- Rules ---- */

static void assets_belong_to_clients(void **state)
{
    (void)state;
    set_one(NULL);
    client = 0x101;
    assert_int_equal(psa_its_get(1, 0, 4, back, &(size_t){0}), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_set(1, 3, bytes, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    client = -1;
    assert_asset(1, 64);
}

static void write_once_is_for_ever(void **state)
{
    (void)state;
    assert_int_equal(psa_its_set(5, 10, bytes, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    for (int start = 0; start < 2; start++) {
        assert_int_equal(psa_its_set(5, 2, bytes, 0), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(psa_its_remove(5), PSA_ERROR_NOT_PERMITTED);
        assert_asset(5, 10);
        device_starts();
    }
}

static void limits_are_told(void **state)
{
    (void)state;
    assert_int_equal(psa_its_set(0, 1, bytes, 0), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_set(1, 1, bytes, 0x80), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_set(1, ITS_ASSET_SIZE + 1U, bytes, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(psa_its_set(1, ITS_ASSET_SIZE, bytes, 0), PSA_SUCCESS);
    assert_asset(1, ITS_ASSET_SIZE);
    assert_int_equal(psa_its_set(1, 0, NULL, 0), PSA_SUCCESS);
    assert_asset(1, 0);
    assert_int_equal(psa_its_remove(1), PSA_SUCCESS);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_DOES_NOT_EXIST);
}

static void nothing_of_a_client_stays(void **state)
{
    static const uint8_t none[sizeof data];

    (void)state;
    for (size_t length = 0; length <= ITS_ASSET_SIZE; length += 13) {
        assert_int_equal(psa_its_set(1, length, bytes, 0), PSA_SUCCESS);
        assert_memory_equal(data, none, sizeof data);
        assert_asset(1, length);
        assert_memory_equal(data, none, sizeof data);
    }
}

/* The same for every stub: services/client_status.h. */
static void refused_call_is_explained(void **state)
{
    (void)state;
    manager_refuses = true;
    assert_int_equal(psa_its_set(1, 1, bytes, 0), PSA_ERROR_INVALID_ARGUMENT);
    version = PSA_VERSION_NONE;
    assert_int_equal(psa_its_set(1, 1, bytes, 0), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_get(1, 0, 1, back, &(size_t){0}), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_get_info(1, &(struct psa_storage_info_t){0}), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_NOT_SUPPORTED);
    manager_refuses = false;
    version = PSA_ITS_VERSION;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(start_alone_touches_no_flash, open_new),
        cmocka_unit_test_setup(first_call_mounts_once, open_new),
        cmocka_unit_test_setup(first_use_survives_every_cut, open_new),
        cmocka_unit_test_setup(damaged_region_is_every_callers_error, open_new),
        cmocka_unit_test_setup(failed_mount_is_tried_again, open_new),
        cmocka_unit_test_setup(assets_belong_to_clients, open_new),
        cmocka_unit_test_setup(write_once_is_for_ever, open_new),
        cmocka_unit_test_setup(limits_are_told, open_new),
        cmocka_unit_test_setup(nothing_of_a_client_stays, open_new),
        cmocka_unit_test_setup(refused_call_is_explained, open_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
