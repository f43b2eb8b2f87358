/*
 * Counts: takes connections, keys, operations and assets until there is no more, gives them back,
 * and tells how many there were.
 *
 * Called by main.c. It expects a device that stores nothing yet.
 */
#include "knobs.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"
#include "psa_manifest/sid.h"

#define TRIES_MAX 300u

static uint8_t asset[4096];

static psa_status_t key_take(psa_key_id_t id, psa_key_id_t *key)
{
    static const uint8_t material[16] = {1};
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    if (id != PSA_KEY_ID_NULL) {
        psa_set_key_id(&attributes, id);
    }
    psa_set_key_type(&attributes, PSA_KEY_TYPE_RAW_DATA);
    return psa_import_key(&attributes, material, sizeof(material), key);
}

static void tell_keys(void)
{
    static psa_key_id_t keys[TRIES_MAX];
    uint32_t count = 0;
    psa_status_t status;

    while ((count < TRIES_MAX) && (key_take(PSA_KEY_ID_NULL, &keys[count]) == PSA_SUCCESS)) {
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)psa_destroy_key(keys[i]);
    }
    tell("keys", (int32_t)count);
    status = key_take(1, &keys[0]);
    tell("persistent_key", status);
    if (status == PSA_SUCCESS) {
        (void)psa_destroy_key(keys[0]);
    }
    tell("key_of_storage", psa_destroy_key(1));
}

static void tell_operations(void)
{
    static psa_hash_operation_t operations[TRIES_MAX];
    uint32_t count = 0;

    while ((count < TRIES_MAX) &&
           (psa_hash_setup(&operations[count], PSA_ALG_SHA_256) == PSA_SUCCESS)) {
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)psa_hash_abort(&operations[i]);
    }
    tell("operations", (int32_t)count);
}

/* Keys of 1 KB: working memory holds fewer of them than there are slots. */
static void tell_memory(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    static psa_key_id_t keys[TRIES_MAX];
    uint32_t count = 0;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_RAW_DATA);
    while ((count < TRIES_MAX) &&
           (psa_import_key(&attributes, asset, 1024, &keys[count]) == PSA_SUCCESS)) {
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)psa_destroy_key(keys[i]);
    }
    tell("large_keys", (int32_t)count);
}

static void tell_assets(void)
{
    psa_storage_uid_t count = 0;
    size_t size = sizeof(asset);

    while ((count < TRIES_MAX) &&
           (psa_its_set(count + 1u, 1, asset, PSA_STORAGE_FLAG_NONE) == PSA_SUCCESS)) {
        count++;
    }
    for (psa_storage_uid_t uid = 1; uid <= count; uid++) {
        (void)psa_its_remove(uid);
    }
    tell("assets", (int32_t)count);
    while ((size > 0u) && (psa_its_set(1, size, asset, PSA_STORAGE_FLAG_NONE) != PSA_SUCCESS)) {
        size -= 8u;
    }
    (void)psa_its_remove(1);
    tell("asset_size", (int32_t)size);
}

static void tell_protected_assets(void)
{
    psa_storage_uid_t count = 0;
    size_t size = sizeof(asset);

    while ((count < TRIES_MAX) &&
           (psa_ps_set(count + 1u, 1, asset, PSA_STORAGE_FLAG_NONE) == PSA_SUCCESS)) {
        count++;
    }
    for (psa_storage_uid_t uid = 1; uid <= count; uid++) {
        (void)psa_ps_remove(uid);
    }
    tell("protected_assets", (int32_t)count);
    while ((size > 0u) && (psa_ps_set(1, size, asset, PSA_STORAGE_FLAG_NONE) != PSA_SUCCESS)) {
        size -= 8u;
    }
    (void)psa_ps_remove(1);
    tell("protected_asset_size", (int32_t)size);
}

static void tell_connections(void)
{
    static psa_handle_t handles[TRIES_MAX];
    uint32_t count = 0;

    while ((count < TRIES_MAX) && ((handles[count] = psa_connect(KNOBS_SID, 1)) > 0)) {
        count++;
    }
    tell("connect_refused", (count < TRIES_MAX) ? handles[count] : PSA_SUCCESS);
    for (uint32_t i = 0; i < count; i++) {
        psa_close(handles[i]);
    }
    tell("connections", (int32_t)count);
}

void tell_limits(void)
{
    tell_connections();
    tell_keys();
    tell_operations();
    tell_memory();
    tell_assets();
    tell_protected_assets();
}
