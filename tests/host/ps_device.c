/*
 * See ps_device.h.
 */
#include "ps_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "psa/storage_common.h"
#include "store_model.h"

struct fixture ps_fixture;
struct ps_memory ps_memory;
struct ps_reference ps_reference;
struct ps_nonces ps_nonces;
struct assets_config ps_config;

static uint32_t scratch[96];

psa_status_t __real_seal_encrypt(struct seal_key *key, const struct seal_text *text,
                                 uint8_t tag[SEAL_TAG_BYTES]);
psa_status_t __wrap_seal_encrypt(struct seal_key *key, const struct seal_text *text,
                                 uint8_t tag[SEAL_TAG_BYTES]);

psa_status_t __wrap_seal_encrypt(struct seal_key *key, const struct seal_text *text,
                                 uint8_t tag[SEAL_TAG_BYTES])
{
    for (uint32_t i = 0; i < ps_nonces.count; i++) {
        ps_nonces.repeated |= memcmp(ps_nonces.used[i], text->nonce, SEAL_NONCE_BYTES) == 0;
    }
    if (ps_nonces.count == PS_NONCES_MAX) {
        abort();
    }
    memcpy(ps_nonces.used[ps_nonces.count++], text->nonce, SEAL_NONCE_BYTES);
    return __real_seal_encrypt(key, text, tag);
}

void ps_device_open(const struct ps_part *medium, const struct ps_part *anchor, uint32_t size_max)
{
    fixture_open(&ps_fixture, &medium->geometry, medium->sectors);
    fixture_open_second(&ps_fixture, &anchor->geometry, anchor->sectors);
    memset(&ps_reference, 0, sizeof ps_reference);
    memset(&ps_nonces, 0, sizeof ps_nonces);
    ps_config = (struct assets_config){
        .medium = {.area = &ps_fixture.area,
                   .index = ps_memory.medium_index,
                   .index_length = PS_KEYS,
                   .asset_size_max = ASSETS_OVERHEAD_BYTES + size_max,
                   .scratch = scratch,
                   .scratch_bytes = sizeof scratch,
                   .accept = assets_accept},
        .anchor = {.area = &ps_fixture.second.area,
                   .index = ps_memory.anchor_index,
                   .index_length = PS_KEYS,
                   .asset_size_max = ASSETS_ANCHOR_BYTES,
                   .scratch = scratch,
                   .scratch_bytes = sizeof scratch},
        .assets = &ps_memory.assets,
        .buffer = ps_memory.buffer,
    };
}

psa_status_t ps_device_start(void)
{
    static const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t prefix[ASSETS_NONCE_PREFIX_BYTES] = {0, 0, 0, 0, 0, 0, 0, 1};
    const struct store_key nobody = {-9, 99};
    struct assets_info info;
    psa_status_t status;

    ps_reference.boots++;
    prefix[2] = (uint8_t)(ps_reference.boots >> 8);
    prefix[3] = (uint8_t)ps_reference.boots;
    memset(&ps_memory, 0xEE, sizeof ps_memory);
    status = assets_start(&ps_memory.assets, &ps_config, key, prefix);
    if (status == PSA_SUCCESS) { /* the first operation mounts */
        status = assets_get_info(&ps_memory.assets, &nobody, &info);
    }
    return status == PSA_ERROR_DOES_NOT_EXIST ? PSA_SUCCESS : status;
}

struct store_key ps_key(uint32_t number)
{
    return model_key(number);
}

static uint32_t size_max(void)
{
    return ps_config.medium.asset_size_max - ASSETS_OVERHEAD_BYTES;
}

/* ---- The device ---- */

static psa_status_t extend(const struct ps_step *step, const struct store_key *key)
{
    struct assets *assets = &ps_memory.assets;
    uint8_t *place = NULL;
    psa_status_t status = assets_extend_begin(assets, key, step->offset, step->length, &place);

    if (status != PSA_SUCCESS) {
        assets_wipe(assets);
        return status;
    }
    model_fill(step->content, place, step->length);
    return assets_extend_finish(assets, key, step->offset, step->length);
}

void ps_perform(void *context)
{
    struct ps_step *step = context;
    struct assets *assets = &ps_memory.assets;
    struct store_key key = ps_key(step->key);

    switch (step->operation) {
    case PS_SET:
        if (step->length <= size_max()) {
            model_fill(step->content, assets_buffer(assets), step->length);
        }
        step->status = assets_set(assets, &key, step->length, step->flags);
        break;
    case PS_REMOVE:
        step->status = assets_remove(assets, &key);
        break;
    case PS_CREATE:
        step->status = assets_create(assets, &key, step->length, step->flags);
        break;
    default:
        step->status = extend(step, &key);
        break;
    }
}

/* What one function says the other must not deny. */
static bool answers_agree(psa_status_t of_info, psa_status_t of_get)
{
    return (of_info == PSA_ERROR_DOES_NOT_EXIST) == (of_get == PSA_ERROR_DOES_NOT_EXIST) &&
           (of_info == PSA_SUCCESS || of_get != PSA_SUCCESS);
}

psa_status_t ps_asset_status(uint32_t number, const struct ps_asset *asset)
{
    struct assets *assets = &ps_memory.assets;
    struct store_key key = ps_key(number);
    struct assets_info info;
    const uint8_t *data = NULL;
    size_t actual = 0;
    bool same = false;
    psa_status_t of_info = assets_get_info(assets, &key, &info);
    psa_status_t status = assets_get(assets, &key, 0, PS_SIZE_MAX, &data, &actual);

    if (!answers_agree(of_info, status)) {
        status = PSA_ERROR_GENERIC_ERROR;
    } else if (status == PSA_SUCCESS) {
        same = asset->present && info.size_bytes == asset->size && actual == asset->size &&
               info.capacity_bytes == asset->capacity && info.flags == asset->flags &&
               memcmp(data, asset->data, actual) == 0;
        status = same ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
    } else if (status == PSA_ERROR_DOES_NOT_EXIST && !asset->present) {
        status = PSA_SUCCESS;
    }
    assets_wipe(assets);
    return status;
}

/* ---- The reference ---- */

/* True when both stores must admit a record of the asset with that capacity. */
static bool is_admitted(uint32_t number, uint32_t capacity)
{
    struct store *stores[] = {&ps_memory.assets.medium, &ps_memory.assets.anchor};
    bool admitted = true;

    for (uint32_t i = 0; i < 2U; i++) {
        struct model model = {0};
        struct model_step step = {.store = stores[i], .operation = MODEL_SET, .key = number};

        for (uint32_t key = 0; key < PS_KEYS; key++) {
            const struct ps_asset *asset = &ps_reference.assets[key];

            model.assets[key].present = asset->present != 0U;
            model.assets[key].size =
                i == 0U ? ASSETS_OVERHEAD_BYTES + asset->capacity : ASSETS_ANCHOR_BYTES;
        }
        step.asset.present = true;
        step.asset.size = i == 0U ? ASSETS_OVERHEAD_BYTES + capacity : ASSETS_ANCHOR_BYTES;
        admitted = admitted && model_expect(&model, &step) == PSA_SUCCESS;
    }
    return admitted;
}

static psa_status_t expect_new(const struct ps_step *step)
{
    bool fits = step->length <= size_max() && is_admitted(step->key, step->length);

    return fits ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_STORAGE;
}

psa_status_t ps_expect(const struct ps_step *step)
{
    const struct ps_asset *asset = &ps_reference.assets[step->key];
    bool fixed = asset->present && (asset->flags & PSA_STORAGE_FLAG_WRITE_ONCE) != 0U;

    switch (step->operation) {
    case PS_SET:
        return fixed ? PSA_ERROR_NOT_PERMITTED : expect_new(step);
    case PS_CREATE:
        if ((step->flags & PSA_STORAGE_FLAG_WRITE_ONCE) != 0U) {
            return PSA_ERROR_NOT_SUPPORTED;
        }
        return asset->present ? PSA_ERROR_ALREADY_EXISTS : expect_new(step);
    default:
        break;
    }
    if (!asset->present || fixed) {
        return fixed ? PSA_ERROR_NOT_PERMITTED : PSA_ERROR_DOES_NOT_EXIST;
    }
    return step->operation == PS_REMOVE ||
                   (step->offset <= asset->size && step->offset + step->length <= asset->capacity)
               ? PSA_SUCCESS
               : PSA_ERROR_INVALID_ARGUMENT;
}

void ps_apply(const struct ps_step *step)
{
    struct ps_asset *asset = &ps_reference.assets[step->key];

    switch (step->operation) {
    case PS_SET:
    case PS_CREATE:
        memset(asset, 0, sizeof *asset);
        asset->present = 1;
        asset->capacity = step->length;
        asset->flags = step->flags;
        if (step->operation == PS_SET) {
            asset->size = step->length;
            model_fill(step->content, asset->data, step->length);
        }
        break;
    case PS_REMOVE:
        memset(asset, 0, sizeof *asset);
        break;
    default:
        model_fill(step->content, asset->data + step->offset, step->length);
        if (step->offset + step->length > asset->size) {
            asset->size = step->offset + step->length;
        }
        break;
    }
}

void ps_tell(const struct ps_step *step, char *text, size_t size)
{
    static const char *const names[] = {"set", "remove", "create", "extend"};

    (void)snprintf(text, size, "%s asset %u, offset %u, %u bytes, flags %x, answer %d",
                   names[step->operation], (unsigned)step->key, (unsigned)step->offset,
                   (unsigned)step->length, (unsigned)step->flags, (int)step->status);
}
