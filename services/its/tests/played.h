/*
 * What the suites of Internal Trusted Storage share: the service in one piece, the manager (calls,
 * flash, key) played on the model of NOR flash, and a start of the device.
 *
 * Includes the sources of the service, so that a start can be played: all that the partition keeps
 * is gone, the flash stays. A suite defines the product's account_quotas.
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
#include "services/its/account.c"
#include "services/its/protect.c"
#include "tests/host/flash_fixture.h"

#include "services/its/its.c"

#define MESSAGE_HANDLE 7

static struct fixture fixture;
static unsigned flash_reads;
static int32_t client = -1;
static bool manager_refuses;
static uint32_t version = PSA_ITS_VERSION;
static const psa_invec *inputs;
static psa_outvec *outputs;
static uint32_t key_takings; /* of the partition's key, since the device was made */
static bool key_is_gone;
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

/* As the manager: the same key at each start, a prefix that never comes twice. */
psa_status_t spm_take_secret(uint32_t secret, void *buffer, size_t length)
{
    struct spm_partition_key *taken = buffer;

    assert_int_equal(secret, SPM_SECRET_PARTITION_KEY);
    assert_int_equal(length, sizeof(*taken));
    if (key_is_gone) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    key_takings++;
    memset(taken, 0x42, sizeof(*taken));
    memcpy(taken->nonce_prefix, &key_takings, sizeof(key_takings));
    return PSA_SUCCESS;
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
    if (length != 0U) {
        memcpy(outputs[index].base, buffer, length);
    }
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
    psa_outvec none[1] = {{NULL, 0}};

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
    outputs = out_len != 0U ? out_vec : none;
    return psa_its_sfn(&message);
}

/* Power off and on. */
static void device_starts(void)
{
    memset(&its_store, 0, sizeof its_store);
    memset(its_index, 0, sizeof its_index);
    memset(data, 0, sizeof data);
    memset(accounts, 0, sizeof accounts);
    memset(&partition_key, 0, sizeof partition_key);
    is_mounted = false;
    is_counted = false;
    has_key = false;
    nonces_used = 0;
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
    key_is_gone = false;
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
