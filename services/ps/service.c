/*
 * Protected Storage as a partition: decodes messages, hands them to assets.c, answers. PSA Secure
 * Storage 1.0, section 5.3.
 *
 * Called by the manager for each message on PSA_PS. The first one brings the partition's key and
 * mounts the stores. Every byte of the client is copied once, into the one buffer, which holds
 * plain text for no longer than one call.
 */
#include "psa/service.h"
#include "psa/storage_common.h"
#include "services/ps/assets.h"
#include "services/ps/protocol.h"
#include "spm/flash_area.h"

psa_status_t psa_ps_sfn(const psa_msg_t *message);

_Static_assert(sizeof(((struct spm_partition_key *)0)->nonce_prefix) == ASSETS_NONCE_PREFIX_BYTES,
               "the manager's prefix is that of the nonces");

#define RECORD_BYTES  (ASSETS_OVERHEAD_BYTES + PS_ASSET_SIZE)
#define SCRATCH_BYTES 384U

static struct assets assets;
static struct store_entry medium_index[PS_ASSETS];
static struct store_entry anchor_index[PS_ASSETS];
static uint32_t buffer[(RECORD_BYTES + 3U) / 4U];
static uint32_t scratch[SCRATCH_BYTES / sizeof(uint32_t)]; /* the buffer may be in use already */
static bool is_started;

/* ---- The flash regions ---- */

static const struct flash_area medium_flash = FLASH_AREA_OF(PS);
static const struct flash_area anchor_flash = FLASH_AREA_OF(PS_ANCHOR);
static const struct assets_config config = {
    .medium =
        {
            .area = &medium_flash,
            .index = medium_index,
            .index_length = PS_ASSETS,
            .asset_size_max = RECORD_BYTES,
            .scratch = scratch,
            .scratch_bytes = sizeof(scratch),
            .accept = assets_accept,
        },
    .anchor =
        {
            .area = &anchor_flash,
            .index = anchor_index,
            .index_length = PS_ASSETS,
            .asset_size_max = ASSETS_ANCHOR_BYTES,
            .scratch = scratch,
            .scratch_bytes = sizeof(scratch),
        },
    .assets = &assets,
    .buffer = (uint8_t *)buffer,
};

/* Each start of the partition has a prefix of its own, so that no nonce is used twice. */
static psa_status_t start(void)
{
    struct spm_partition_key key;
    psa_status_t status;

    if (is_started) {
        return PSA_SUCCESS;
    }
    status = spm_take_secret(SPM_SECRET_PARTITION_KEY, &key, sizeof(key));
    if (status == PSA_SUCCESS) {
        status = assets_start(&assets, &config, key.key, key.nonce_prefix);
    }
    seal_wipe(&key, sizeof(key));
    is_started = status == PSA_SUCCESS;
    return is_started ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

/* ---- One function of the API each ---- */

/* What is too long is left to assets_set(), which says so and does not look at the buffer. */
static psa_status_t serve_set(const psa_msg_t *message, const struct store_key *key,
                              const struct ps_request *request)
{
    size_t length = message->in_size[1];

    if (length <= PS_ASSET_SIZE) {
        (void)psa_read(message->handle, 1U, assets_buffer(&assets), length);
    }
    return assets_set(&assets, key, length, request->flags);
}

static psa_status_t serve_get(const psa_msg_t *message, const struct store_key *key,
                              const struct ps_request *request)
{
    const uint8_t *data = NULL;
    size_t actual = 0U;
    psa_status_t status =
        assets_get(&assets, key, request->offset_bytes, message->out_size[0], &data, &actual);

    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, data, actual);
    }
    assets_wipe(&assets);
    return status;
}

static psa_status_t serve_get_info(const psa_msg_t *message, const struct store_key *key)
{
    struct assets_info found;
    struct ps_info info;
    psa_status_t status = assets_get_info(&assets, key, &found);

    if (message->out_size[0] != sizeof(info)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (status == PSA_SUCCESS) {
        info = (struct ps_info){
            .capacity_bytes = found.capacity_bytes,
            .size_bytes = found.size_bytes,
            .flags = found.flags,
        };
        psa_write(message->handle, 0U, &info, sizeof(info));
    }
    return status;
}

static psa_status_t serve_set_extended(const psa_msg_t *message, const struct store_key *key,
                                       const struct ps_request *request)
{
    size_t length = message->in_size[1];
    uint8_t *place = NULL;
    psa_status_t status = assets_extend_begin(&assets, key, request->offset_bytes, length, &place);

    if (status != PSA_SUCCESS) {
        assets_wipe(&assets);
        return status;
    }
    (void)psa_read(message->handle, 1U, place, length);
    return assets_extend_finish(&assets, key, request->offset_bytes, length);
}

static psa_status_t serve_get_support(const psa_msg_t *message)
{
    uint32_t support = PSA_STORAGE_SUPPORT_SET_EXTENDED;

    if (message->out_size[0] != sizeof(support)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    psa_write(message->handle, 0U, &support, sizeof(support));
    return PSA_SUCCESS;
}

/* ---- Entry point ---- */

static psa_status_t serve_asset(const psa_msg_t *message, const struct store_key *key,
                                const struct ps_request *request)
{
    switch (message->type) {
    case PS_NUMBER_psa_ps_set:
        return serve_set(message, key, request);
    case PS_NUMBER_psa_ps_get:
        return serve_get(message, key, request);
    case PS_NUMBER_psa_ps_get_info:
        return serve_get_info(message, key);
    case PS_NUMBER_psa_ps_remove:
        return assets_remove(&assets, key);
    case PS_NUMBER_psa_ps_create:
        return assets_create(&assets, key, request->capacity_bytes, request->flags);
    case PS_NUMBER_psa_ps_set_extended:
        return serve_set_extended(message, key, request);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

psa_status_t psa_ps_sfn(const psa_msg_t *message)
{
    struct ps_request request;
    struct store_key key;
    psa_status_t status;

    if ((message->in_size[0] != sizeof(request)) ||
        (psa_read(message->handle, 0U, &request, sizeof(request)) != sizeof(request))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (message->type == PS_NUMBER_psa_ps_get_support) {
        return serve_get_support(message);
    }
    key = (struct store_key){
        .owner = message->client_id,
        .uid = ((uint64_t)request.uid_high << 32) | request.uid_low,
    };
    if (key.uid == 0U) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = start();
    return (status == PSA_SUCCESS) ? serve_asset(message, &key, &request) : status;
}
