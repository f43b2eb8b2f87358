/*
 * Internal Trusted Storage as a partition: decodes messages, keeps the rules (who owns which asset),
 * answers. PSA Secure Storage 1.0, section 5.2.
 *
 * Called by the manager for each message on PSA_ITS. Everything about flash and power cuts is left
 * to lib/store, which is mounted when it is first needed. Every byte of the client is copied once,
 * into the buffer here, which is wiped before the answer.
 */
#include "lib/store/store.h"
#include "psa/service.h"
#include "psa/storage_common.h"
#include "services/its/protocol.h"
#include "spm/flash_area.h"

_Static_assert(STORE_WRITE_ONCE == PSA_STORAGE_FLAG_WRITE_ONCE, "the store keeps the rule");

#define FLAGS_KNOWN                                                                                \
    (PSA_STORAGE_FLAG_WRITE_ONCE | PSA_STORAGE_FLAG_NO_CONFIDENTIALITY |                           \
     PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION)

psa_status_t psa_its_sfn(const psa_msg_t *message);

/* The client's bytes, in pieces that are wiped at once. */
struct piece {
    uint32_t words[4];
};
#define PIECES(bytes) (((bytes) + sizeof(struct piece) - 1U) / sizeof(struct piece))

static struct piece data[PIECES(ITS_ASSET_SIZE)];
static struct store_entry its_index[ITS_ASSETS];
static struct store its_store;
static bool is_mounted;

/* ---- The flash region ---- */

static const struct flash_area its_flash = FLASH_AREA_OF(ITS);
static const struct store_config its_config = {
    .area = &its_flash,
    .index = its_index,
    .index_length = ITS_ASSETS,
    .asset_size_max = ITS_ASSET_SIZE,
};

/* A store that cannot be mounted may be so the next time: mounting writes nothing, so trying again
 * can do no harm. */
static psa_status_t mount(void)
{
    if (!is_mounted) {
        is_mounted = store_mount(&its_store, &its_config) == PSA_SUCCESS;
    }
    return is_mounted ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

/* ---- Rules ---- */

static void data_wipe(size_t length)
{
    const struct piece *end = data + PIECES(length);

    for (volatile struct piece *piece = data; piece != end; piece++) {
        piece->words[0] = 0U;
        piece->words[1] = 0U;
        piece->words[2] = 0U;
        piece->words[3] = 0U;
    }
}

static psa_status_t serve_set(const psa_msg_t *message, const struct store_key *key, uint32_t flags)
{
    size_t length = message->in_size[1];
    psa_status_t status;

    if ((flags & ~FLAGS_KNOWN) != 0U) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    if (length > ITS_ASSET_SIZE) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    (void)psa_read(message->handle, 1U, data, length);
    status = store_set(&its_store, key, data, length, flags);
    data_wipe(length);
    return status;
}

static psa_status_t serve_get(const psa_msg_t *message, const struct store_key *key, size_t offset)
{
    size_t length = (message->out_size[0] < ITS_ASSET_SIZE) ? message->out_size[0] : ITS_ASSET_SIZE;
    size_t actual = 0U;
    psa_status_t status = store_get(&its_store, key, offset, data, length, &actual);

    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, data, actual);
    }
    data_wipe(length);
    return status;
}

static psa_status_t serve_get_info(const psa_msg_t *message, const struct store_key *key)
{
    struct store_info stored;
    struct its_info info;
    psa_status_t status = store_get_info(&its_store, key, &stored);

    if (message->out_size[0] != sizeof(info)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (status == PSA_SUCCESS) {
        info = (struct its_info){.size_bytes = stored.size_bytes, .flags = stored.flags};
        psa_write(message->handle, 0U, &info, sizeof(info));
    }
    return status;
}

/* ---- Entry point ---- */

psa_status_t psa_its_sfn(const psa_msg_t *message)
{
    struct its_request request;
    struct store_key key;

    if ((message->in_size[0] != sizeof(request)) ||
        (psa_read(message->handle, 0U, &request, sizeof(request)) != sizeof(request))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    key = (struct store_key){
        .owner = message->client_id,
        .uid = ((uint64_t)request.uid_high << 32) | request.uid_low,
    };
    if (key.uid == 0U) {
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
        return store_remove(&its_store, &key);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}
