/*
 * Test shim: Internal Trusted Storage as the Crypto partition sees it, in memory. See shim.h.
 *
 * Each change is whole or has not happened, as the real service promises; the power can go just
 * before or just after one.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "psa/internal_trusted_storage.h"
#include "services/crypto/tests/shim.h"

#define ASSETS_MAX 64u

void mbedtls_psa_crypto_free(void);

struct asset {
    psa_storage_uid_t uid;
    uint8_t *data; /* allocated: a search of static data does not find it */
    size_t length;
};

psa_status_t shim_storage_answer[SHIM_STORAGE_CALLS];
size_t shim_storage_room = ASSETS_MAX;

static struct asset assets[ASSETS_MAX];
static jmp_buf power_cut;
static bool cut_armed;
static bool cut_after;
static unsigned cut_changes_left;

static struct asset *asset_find(psa_storage_uid_t uid)
{
    for (size_t i = 0; i < ASSETS_MAX; i++) {
        if (assets[i].data != NULL && assets[i].uid == uid) {
            return &assets[i];
        }
    }
    return NULL;
}

static struct asset *asset_make(psa_storage_uid_t uid)
{
    if (shim_storage_count() >= shim_storage_room) {
        return NULL;
    }
    for (size_t i = 0; i < ASSETS_MAX; i++) {
        if (assets[i].data == NULL) {
            assets[i].uid = uid;
            return &assets[i];
        }
    }
    return NULL;
}

size_t shim_storage_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < ASSETS_MAX; i++) {
        count += assets[i].data != NULL ? 1u : 0u;
    }
    return count;
}

uint8_t *shim_storage_of(int32_t owner, uint32_t key, size_t **length)
{
    struct asset *asset = asset_find(((uint64_t)(uint32_t)owner << 32) | key);

    if (asset == NULL) {
        return NULL;
    }
    *length = &asset->length;
    return asset->data;
}

/* Called before and after each change. */
static void power_may_go(bool after)
{
    if (!cut_armed || after != cut_after) {
        return;
    }
    if (cut_changes_left-- == 0u) {
        cut_armed = false;
        longjmp(power_cut, 1);
    }
}

bool shim_cut(unsigned change, bool after, void (*work)(void))
{
    cut_changes_left = change;
    cut_after = after;
    cut_armed = true;
    if (setjmp(power_cut) == 0) {
        work();
        cut_armed = false;
        return false;
    }
    shim_restart();
    return true;
}

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
                         psa_storage_create_flags_t create_flags)
{
    struct asset *asset = asset_find(uid);

    if (shim_storage_answer[SHIM_SET] != PSA_SUCCESS) {
        return shim_storage_answer[SHIM_SET];
    }
    if (create_flags != PSA_STORAGE_FLAG_NONE || uid == 0u) {
        abort();
    }
    asset = asset != NULL ? asset : asset_make(uid);
    if (asset == NULL) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    power_may_go(false);
    free(asset->data);
    asset->data = malloc(data_length + 1u);
    asset->length = data_length;
    memcpy(asset->data, p_data, data_length);
    power_may_go(true);
    return PSA_SUCCESS;
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
                         size_t *p_data_length)
{
    const struct asset *asset = asset_find(uid);

    if (shim_storage_answer[SHIM_GET] != PSA_SUCCESS) {
        return shim_storage_answer[SHIM_GET];
    }
    if (asset == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if (data_offset > asset->length) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    *p_data_length =
        data_size < asset->length - data_offset ? data_size : asset->length - data_offset;
    memcpy(p_data, asset->data + data_offset, *p_data_length);
    return PSA_SUCCESS;
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
    const struct asset *asset = asset_find(uid);

    if (shim_storage_answer[SHIM_GET_INFO] != PSA_SUCCESS) {
        return shim_storage_answer[SHIM_GET_INFO];
    }
    if (asset == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    *p_info = (struct psa_storage_info_t){.capacity = asset->length, .size = asset->length};
    return PSA_SUCCESS;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
    struct asset *asset = asset_find(uid);

    if (shim_storage_answer[SHIM_REMOVE] != PSA_SUCCESS) {
        return shim_storage_answer[SHIM_REMOVE];
    }
    if (asset == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    power_may_go(false);
    free(asset->data);
    *asset = (struct asset){0};
    power_may_go(true);
    return PSA_SUCCESS;
}

void shim_restart(void)
{
    mbedtls_psa_crypto_free();
    shim_start_again();
}
