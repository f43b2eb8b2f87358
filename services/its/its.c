/*
 * Internal Trusted Storage as a partition: decodes messages, keeps the rules (who owns which asset),
 * answers. PSA Secure Storage 1.0, section 5.2.
 *
 * Called by the manager for each message on PSA_ITS. Everything about flash and power cuts is left
 * to lib/store, which is mounted when it is first needed; quotas are account.c's, encryption is
 * protect.c's, and neither is linked where the product has none. Every byte of the client is copied
 * once, into the buffer here, which is wiped before the answer. A mount reads the log through the
 * same buffer, before it has anything of the client.
 */
#include "bartizan/storage.h"
#include "lib/store/store.h"
#include "psa/service.h"
#include "psa/storage_common.h"
#include "services/its/account.h"
#include "services/its/protect.h"
#include "services/its/protocol.h"
#include "spm/flash_area.h"

_Static_assert(STORE_WRITE_ONCE == PSA_STORAGE_FLAG_WRITE_ONCE, "the store keeps the rule");

#define FLAGS_KNOWN                                                                                \
    (PSA_STORAGE_FLAG_WRITE_ONCE | PSA_STORAGE_FLAG_NO_CONFIDENTIALITY |                           \
     PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION)

psa_status_t psa_its_sfn(const psa_msg_t *message);

/* The client's bytes, in pieces that are wiped at once. */
struct piece {
    uint64_t words[8];
};
#define PIECES(bytes) (((bytes) + sizeof(struct piece) - 1U) / sizeof(struct piece))

static struct piece data[PIECES(PROTECT_SIZE_MAX)];
static struct store_entry its_index[ITS_ASSETS];
static struct store its_store;
static bool is_mounted;

/* ---- The flash region ---- */

static const struct flash_area its_flash = FLASH_AREA_OF(ITS);
static const struct store_config its_config = {
    .area = &its_flash,
    .index = its_index,
    .index_length = ITS_ASSETS,
    .asset_size_max = PROTECT_SIZE_MAX,
    .scratch = (uint32_t *)data,
    .scratch_bytes = sizeof(data),
};

static void data_wipe(size_t length)
{
    const struct piece *end = data + PIECES(length);

    for (struct piece *piece = data; piece != end; piece++) {
#pragma GCC unroll 8
        for (uint32_t i = 0U; i < sizeof(*piece) / sizeof(piece->words[0]); i++) {
            piece->words[i] = 0U;
        }
        __asm__ volatile("" : : "r"(piece) : "memory"); /* not to be left out */
    }
}

/* A store that cannot be mounted may be so the next time: mounting writes nothing, so trying again
 * can do no harm. */
static psa_status_t mount(void)
{
    if (!is_mounted) {
        is_mounted = store_mount(&its_store, &its_config) == PSA_SUCCESS;
        data_wipe(sizeof(data)); /* of everybody's records */
    }
    return is_mounted ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

/* ---- Rules ---- */

static inline size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* True when the client may have so much in this asset; always, in a product without quotas. */
static inline bool quota_allows(const struct store_key *key, struct account asset,
                                struct account_change *change)
{
    return ITS_QUOTAS == 0U || account_plan(&its_store, key, asset, change);
}

static inline void quota_settle(psa_status_t status, const struct account_change *change)
{
    if (ITS_QUOTAS != 0U && status == PSA_SUCCESS) {
        account_settle(change);
    }
}

static psa_status_t serve_set(const psa_msg_t *message, const struct store_key *key, uint32_t flags)
{
    struct store_info info = {.size_bytes = (uint32_t)message->in_size[1], .flags = flags};
    struct account_change change;
    psa_status_t status = PSA_SUCCESS;

    if ((flags & ~FLAGS_KNOWN) != 0U) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    if (message->in_size[1] > ITS_ASSET_SIZE ||
        !quota_allows(key, (struct account){1U, info.size_bytes}, &change)) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    (void)psa_read(message->handle, 1U, data, info.size_bytes);
    if (ITS_ENCRYPTION != 0U) {
        status = protect_seal(key, &info, (uint8_t *)data);
    }
    if (status == PSA_SUCCESS) {
        status = store_set(&its_store, key, data, info.size_bytes, info.flags);
    }
    data_wipe(info.size_bytes);
    quota_settle(status, &change);
    return status;
}

/* Reads a sealed asset, which can be opened only as a whole. */
static psa_status_t sealed_read(const struct store_key *key, struct store_info *info)
{
    psa_status_t status;

    if (!protect_is_known(info)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    status = store_get_with_info(&its_store, key, 0U, data, sizeof(data), info);
    return status == PSA_SUCCESS ? protect_open(key, info, (uint8_t *)data) : status;
}

static psa_status_t serve_get(const psa_msg_t *message, const struct store_key *key, size_t offset)
{
    size_t length = smaller(message->out_size[0], ITS_ASSET_SIZE);
    const uint8_t *from = (const uint8_t *)data;
    struct store_info info = {0};
    psa_status_t status = store_get_with_info(&its_store, key, offset, data, length, &info);

    if (status == PSA_SUCCESS && protect_is_sealed(&info)) {
        status = ITS_ENCRYPTION != 0U ? sealed_read(key, &info) : PSA_ERROR_DATA_CORRUPT;
        from += offset;
    }
    if (status == PSA_SUCCESS && offset > protect_size(&info)) {
        status = PSA_ERROR_INVALID_ARGUMENT;
    }
    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, from, smaller(length, protect_size(&info) - offset));
    }
    data_wipe(ITS_ENCRYPTION != 0U ? sizeof(data) : length);
    return status;
}

static psa_status_t serve_get_info(const psa_msg_t *message, const struct store_key *key)
{
    struct store_info stored;
    struct its_info info;
    psa_status_t status;

    if (message->out_size[0] != sizeof(info)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = store_get_info(&its_store, key, &stored);
    if (status != PSA_SUCCESS) {
        return status;
    }
    if (!protect_is_known(&stored)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    info = (struct its_info){protect_size(&stored), stored.flags & FLAGS_KNOWN};
    psa_write(message->handle, 0U, &info, sizeof(info));
    return PSA_SUCCESS;
}

static psa_status_t serve_remove(const struct store_key *key)
{
    struct account_change change;
    psa_status_t status;

    (void)quota_allows(key, (struct account){0}, &change); /* less always is */
    status = store_remove(&its_store, key);
    quota_settle(status, &change);
    return status;
}

static psa_status_t serve_get_usage(const psa_msg_t *message)
{
    const struct account_quota *quota = account_quota_of(message->client_id);
    struct account held = account_count(&its_store, message->client_id);
    struct bartizan_storage_usage usage;
    struct store_usage store;

    store_get_usage(&its_store, &store);
    usage = (struct bartizan_storage_usage){
        .assets = held.assets,
        .assets_max = quota != NULL ? quota->limit.assets : store.assets_max,
        .bytes = held.bytes,
        .bytes_max = quota != NULL ? quota->limit.bytes : store.capacity_bytes,
        .store_assets = store.assets,
        .store_assets_max = store.assets_max,
        .store_bytes = store.record_bytes,
        .store_bytes_max = store.capacity_bytes,
        .store_erases = store.erases,
        .store_size_admitted = store.admitted_size > PROTECT_SIZE_MAX - ITS_ASSET_SIZE
                                   ? store.admitted_size - (PROTECT_SIZE_MAX - ITS_ASSET_SIZE)
                                   : 0U,
    };
    psa_write(message->handle, 0U, &usage, smaller(message->out_size[0], sizeof(usage)));
    return PSA_SUCCESS;
}

/* ---- Entry point ---- */

/* True when the message carries a request that names an asset. */
static bool request_read(const psa_msg_t *message, struct its_request *request,
                         struct store_key *key)
{
    if ((message->in_size[0] != sizeof(*request)) ||
        (psa_read(message->handle, 0U, request, sizeof(*request)) != sizeof(*request))) {
        return false;
    }
    key->owner = message->client_id;
    key->uid = ((uint64_t)request->uid_high << 32) | request->uid_low;
    return key->uid != 0U;
}

psa_status_t psa_its_sfn(const psa_msg_t *message)
{
    struct its_request request;
    struct store_key key;

    if (message->type != ITS_GET_USAGE && !request_read(message, &request, &key)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (mount() != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    switch (message->type) {
    case ITS_SET:
        return serve_set(message, &key, request.flags);
    case ITS_GET:
        return serve_get(message, &key, request.offset_bytes);
    case ITS_GET_INFO:
        return serve_get_info(message, &key);
    case ITS_REMOVE:
        return serve_remove(&key);
    case ITS_GET_USAGE:
        return serve_get_usage(message);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}
