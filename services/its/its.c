/*
 * The rules of Internal Trusted Storage, see its.h.
 *
 * Called by service.c. Each function answers for one of PSA Secure Storage 1.0, section 5.2, and
 * leaves everything about flash and power cuts to lib/store.
 */
#include "services/its/its.h"

#include "layout.h"
#include "lib/store/store.h"
#include "psa/storage_common.h"
#include "services/its/flash.h"

#define FLAGS_KNOWN                                                                                \
    (PSA_STORAGE_FLAG_WRITE_ONCE | PSA_STORAGE_FLAG_NO_CONFIDENTIALITY |                           \
     PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION)

static struct store_entry its_index[ITS_ASSETS];
static struct store its_store;
static psa_status_t mount_status = PSA_ERROR_BAD_STATE;

void its_mount(void)
{
    mount_status = store_mount(&its_store, &its_flash, its_index, ITS_ASSETS, ITS_ASSET_SIZE);
}

/* What stands in the way of any operation: no store, or a name that is none. */
static psa_status_t name_check(const struct its_name *name)
{
    if (name->uid == 0U) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    return (mount_status == PSA_SUCCESS) ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

static struct store_key key_of(const struct its_name *name)
{
    return (struct store_key){.owner = name->client_id, .uid = name->uid};
}

/* PSA_ERROR_NOT_PERMITTED for an asset that can no longer be changed. */
static psa_status_t change_check(const struct store_key *key)
{
    struct store_info info;
    psa_status_t status = store_get_info(&its_store, key, &info);

    if ((status == PSA_SUCCESS) && ((info.flags & PSA_STORAGE_FLAG_WRITE_ONCE) != 0U)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    return PSA_SUCCESS;
}

psa_status_t its_set(const struct its_name *name, const void *data, size_t length, uint32_t flags)
{
    struct store_key key = key_of(name);
    psa_status_t status = name_check(name);

    if (status != PSA_SUCCESS) {
        return status;
    }
    if ((flags & ~FLAGS_KNOWN) != 0U) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    status = change_check(&key);
    if (status != PSA_SUCCESS) {
        return status;
    }
    return store_set(&its_store, &key, data, length, flags);
}

psa_status_t its_get(const struct its_name *name, size_t offset, void *buffer, size_t length,
                     size_t *actual)
{
    struct store_key key = key_of(name);
    psa_status_t status = name_check(name);

    if (status != PSA_SUCCESS) {
        return status;
    }
    return store_get(&its_store, &key, offset, buffer, length, actual);
}

psa_status_t its_get_info(const struct its_name *name, struct its_info *info)
{
    struct store_key key = key_of(name);
    struct store_info stored;
    psa_status_t status = name_check(name);

    if (status == PSA_SUCCESS) {
        status = store_get_info(&its_store, &key, &stored);
    }
    if (status == PSA_SUCCESS) {
        *info = (struct its_info){.size_bytes = stored.size_bytes, .flags = stored.flags};
    }
    return status;
}

psa_status_t its_remove(const struct its_name *name)
{
    struct store_key key = key_of(name);
    psa_status_t status = name_check(name);

    if (status == PSA_SUCCESS) {
        status = change_check(&key);
    }
    if (status == PSA_SUCCESS) {
        status = store_remove(&its_store, &key);
    }
    return status;
}
