/*
 * The assets of Protected Storage on two stores: sealed records on the medium, which is hostile,
 * and one small record for each in the anchor, which is trusted. The anchors are the live set.
 *
 * Called through assets.h. Whatever changes an asset is one append to each store, and counts with
 * the one to the anchor. What the medium says is believed only after its tag, which is in the
 * anchor, was checked.
 */
#include "services/ps/assets.h"

#include <string.h>

#include "psa/storage_common.h"

#define FLAGS_KNOWN                                                                                \
    (PSA_STORAGE_FLAG_WRITE_ONCE | PSA_STORAGE_FLAG_NO_CONFIDENTIALITY |                           \
     PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION)
#define VERSION_SHIFT 3U

_Static_assert(STORE_WRITE_ONCE == PSA_STORAGE_FLAG_WRITE_ONCE,
               "the anchor's store keeps the rule");
_Static_assert(FLAGS_KNOWN < 1U << VERSION_SHIFT, "flags lie below the version");

/* Data of a record in the anchor; the store's own flags are `marks`: flags of the asset, and its
 * version above them. Little-endian, as everything here. */
struct anchor {
    uint32_t size_bytes;
    uint32_t capacity_bytes;
    uint8_t tag[SEAL_TAG_BYTES];
};

/* What the tag covers besides the data. */
struct bound {
    uint32_t owner;
    uint32_t uid_low;
    uint32_t uid_high;
    uint32_t marks;
    uint32_t size_bytes;
    uint32_t capacity_bytes;
};

_Static_assert(sizeof(struct anchor) == ASSETS_ANCHOR_BYTES, "no padding");
_Static_assert(sizeof(struct bound) == 24, "no padding");

/* ---- The stores ---- */

/* Flags of a record on the medium: the version. Bit 0 stays 0: write-once is the anchor's. */
static uint32_t medium_flags(uint32_t marks)
{
    return marks >> VERSION_SHIFT << 1;
}

/* The length too, so that a medium cannot claim more room than its assets were admitted with. */
bool assets_accept(const struct store_config *config, const struct store_key *key,
                   const struct store_info *info)
{
    const struct assets_config *whole = (const struct assets_config *)(const void *)config;
    struct store_info of_anchor;
    struct anchor anchor;

    return (store_get_with_info(&whole->assets->anchor, key, 0U, &anchor, sizeof(anchor),
                                &of_anchor) == PSA_SUCCESS) &&
           (of_anchor.size_bytes == sizeof(anchor)) &&
           (medium_flags(of_anchor.flags) == info->flags) &&
           (info->size_bytes - ASSETS_OVERHEAD_BYTES == anchor.capacity_bytes);
}

/* Nothing on the medium counts when there is no anchor: what cannot be mounted is made new. */
static psa_status_t medium_renew(struct assets *assets)
{
    const struct flash_area *area = assets->config->medium.area;
    struct store_key key;

    if (store_list(&assets->anchor, 0U, &key) != PSA_ERROR_DOES_NOT_EXIST) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    for (uint32_t sector = 0U; sector < area->size; sector += area->sector_size) {
        if (area->erase(area, sector) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    assets->has_medium = store_mount(&assets->medium, &assets->config->medium) == PSA_SUCCESS;
    return assets->has_medium ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

/* A store that cannot be mounted may be so the next time: mounting writes nothing. The anchor comes
 * first: it says which records of the medium are accepted. */
static psa_status_t anchor_mount(struct assets *assets)
{
    if (!assets->has_anchor) {
        assets->has_anchor = store_mount(&assets->anchor, &assets->config->anchor) == PSA_SUCCESS;
        assets->has_medium = false;
    }
    if (!assets->has_anchor) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    if (!assets->has_medium) {
        assets->has_medium = store_mount(&assets->medium, &assets->config->medium) == PSA_SUCCESS;
    }
    return PSA_SUCCESS;
}

/* The flash has failed in the middle of a change: only a mount can tell what became of it. */
static psa_status_t doubt(struct assets *assets, psa_status_t status)
{
    if (status == PSA_ERROR_STORAGE_FAILURE) {
        assets->has_anchor = false;
    }
    return status;
}

/* ---- Anchors ---- */

static size_t largest(const struct assets *assets)
{
    return assets->config->medium.asset_size_max - ASSETS_OVERHEAD_BYTES;
}

static bool anchor_is_sound(const struct assets *assets, const struct anchor *anchor)
{
    return (anchor->size_bytes <= anchor->capacity_bytes) &&
           (anchor->capacity_bytes <= largest(assets));
}

/* What the anchor says of an asset. *marks is 0 where it says nothing. */
static psa_status_t anchor_find(struct assets *assets, const struct store_key *key, uint32_t *marks,
                                struct anchor *anchor)
{
    psa_status_t status = anchor_mount(assets);
    struct store_info info;

    *marks = 0U;
    if (status == PSA_SUCCESS) {
        status = store_get_with_info(&assets->anchor, key, 0U, anchor, sizeof(*anchor), &info);
    }
    if (status != PSA_SUCCESS) {
        return status;
    }
    *marks = info.flags;
    /* Another size is a later version's (docs/formats/ps.md). */
    return (info.size_bytes == sizeof(*anchor)) && anchor_is_sound(assets, anchor)
               ? PSA_SUCCESS
               : PSA_ERROR_DATA_CORRUPT;
}

/* ---- Records on the medium ---- */

uint8_t *assets_buffer(const struct assets *assets)
{
    return assets->config->buffer + ASSETS_OVERHEAD_BYTES;
}

void assets_wipe(struct assets *assets)
{
    seal_wipe(assets_buffer(assets), assets->plain_bytes);
    assets->plain_bytes = 0U;
}

static struct bound bound_of(const struct store_key *key, uint32_t marks,
                             const struct anchor *anchor)
{
    return (struct bound){
        .owner = (uint32_t)key->owner,
        .uid_low = (uint32_t)key->uid,
        .uid_high = (uint32_t)(key->uid >> 32),
        .marks = marks,
        .size_bytes = anchor->size_bytes,
        .capacity_bytes = anchor->capacity_bytes,
    };
}

/* The record in the buffer: its nonce, then all of the asset's capacity. */
static struct seal_text text_of(const struct assets *assets, const struct bound *bound)
{
    return (struct seal_text){
        .nonce = assets->config->buffer,
        .ad = bound,
        .ad_bytes = sizeof(*bound),
        .data = assets_buffer(assets),
        .length = bound->capacity_bytes,
    };
}

/* Consumed before it is used: whatever happens to the record, its nonce is gone. */
static psa_status_t nonce_next(struct assets *assets, uint8_t nonce[SEAL_NONCE_BYTES])
{
    if (assets->nonces_used == UINT32_MAX) {
        return PSA_ERROR_GENERIC_ERROR;
    }
    assets->nonces_used++;
    (void)memcpy(nonce, assets->nonce_prefix, ASSETS_NONCE_PREFIX_BYTES);
    for (uint32_t i = 0U; i < 4U; i++) {
        nonce[ASSETS_NONCE_PREFIX_BYTES + i] = (uint8_t)(assets->nonces_used >> (24U - 8U * i));
    }
    return PSA_SUCCESS;
}

/* Seals what is in the buffer; the tag goes to the anchor. */
static psa_status_t record_seal(struct assets *assets, const struct store_key *key, uint32_t marks,
                                struct anchor *anchor)
{
    const struct bound bound = bound_of(key, marks, anchor);
    const struct seal_text text = text_of(assets, &bound);
    psa_status_t status = nonce_next(assets, assets->config->buffer);

    return (status == PSA_SUCCESS) ? seal_encrypt(&assets->key, &text, anchor->tag) : status;
}

static size_t record_length(const struct anchor *anchor)
{
    return ASSETS_OVERHEAD_BYTES + (size_t)anchor->capacity_bytes;
}

/* What the medium's store said of a record, as what it means for the asset. */
static psa_status_t record_check(psa_status_t status, const struct store_info *info, uint32_t marks,
                                 const struct anchor *anchor)
{
    if (status == PSA_ERROR_DOES_NOT_EXIST) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    if (status != PSA_SUCCESS) {
        return status;
    }
    if (info->flags != medium_flags(marks)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    return (info->size_bytes == record_length(anchor)) ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE;
}

/* Brings the asset's plain text, all of its capacity, into the buffer. */
static psa_status_t record_open(struct assets *assets, const struct store_key *key, uint32_t marks,
                                const struct anchor *anchor)
{
    const struct bound bound = bound_of(key, marks, anchor);
    const struct seal_text text = text_of(assets, &bound);
    psa_status_t status = PSA_ERROR_DOES_NOT_EXIST;
    struct store_info info;

    if (assets->has_medium) {
        status = store_get_with_info(&assets->medium, key, 0U, assets->config->buffer,
                                     record_length(anchor), &info);
    }
    status = record_check(status, &info, marks, anchor);
    if (status != PSA_SUCCESS) {
        return status;
    }
    assets->plain_bytes = anchor->capacity_bytes;
    return seal_decrypt(&assets->key, &text, anchor->tag);
}

/* Makes what is in the buffer the asset: seals it with the next version, appends it to the medium,
 * where it does not count yet, and has the anchor name it. */
static psa_status_t record_write(struct assets *assets, const struct store_key *key,
                                 uint32_t old_marks, uint32_t flags, struct anchor *anchor)
{
    uint32_t version = (old_marks >> VERSION_SHIFT) + 1U;
    uint32_t marks = (version << VERSION_SHIFT) | flags;
    struct store_pending pending;
    psa_status_t status = assets->has_medium ? PSA_SUCCESS : medium_renew(assets);

    if (status == PSA_SUCCESS) {
        status = record_seal(assets, key, marks, anchor);
    }
    if (status != PSA_SUCCESS) {
        return status;
    }
    assets->plain_bytes = 0U;
    status = store_prepare(&assets->medium, key, assets->config->buffer, record_length(anchor),
                           medium_flags(marks), &pending);
    if (status != PSA_SUCCESS) {
        return status;
    }
    status = store_set(&assets->anchor, key, anchor, sizeof(*anchor), marks);
    if (status == PSA_SUCCESS) {
        store_commit(&assets->medium, &pending);
    }
    return doubt(assets, status);
}

/* ---- Operations ---- */

psa_status_t assets_start(struct assets *assets, const struct assets_config *config,
                          const uint8_t key[SEAL_KEY_BYTES],
                          const uint8_t nonce_prefix[ASSETS_NONCE_PREFIX_BYTES])
{
    assets->config = config;
    assets->has_anchor = false;
    assets->has_medium = false;
    assets->nonces_used = 0U;
    assets->plain_bytes = 0U;
    (void)memcpy(assets->nonce_prefix, nonce_prefix, ASSETS_NONCE_PREFIX_BYTES);
    return seal_key_set(&assets->key, key);
}

/* What a new asset, or new contents of one, must keep to. *marks: of the one that is there, or 0.
 * Whether one that is damaged in the anchor may be replaced is left to its store. */
static psa_status_t check_new(struct assets *assets, const struct store_key *key, size_t capacity,
                              uint32_t flags, bool replaces, uint32_t *marks)
{
    struct anchor old;
    psa_status_t status;
    bool exists;

    if ((flags & ~FLAGS_KNOWN) != 0U) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    status = anchor_find(assets, key, marks, &old);
    exists = (status == PSA_SUCCESS) || (status == PSA_ERROR_DATA_CORRUPT);
    if (!exists && (status != PSA_ERROR_DOES_NOT_EXIST)) {
        return status;
    }
    if (exists && !replaces) {
        return PSA_ERROR_ALREADY_EXISTS;
    }
    if ((status == PSA_SUCCESS) && ((*marks & PSA_STORAGE_FLAG_WRITE_ONCE) != 0U)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    return (capacity <= largest(assets)) ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_STORAGE;
}

psa_status_t assets_set(struct assets *assets, const struct store_key *key, size_t length,
                        uint32_t flags)
{
    struct anchor anchor = {.size_bytes = (uint32_t)length, .capacity_bytes = (uint32_t)length};
    uint32_t marks = 0U;
    psa_status_t status = check_new(assets, key, length, flags, true, &marks);

    assets->plain_bytes = (uint32_t)((length < largest(assets)) ? length : largest(assets));
    if (status == PSA_SUCCESS) {
        status = record_write(assets, key, marks, flags, &anchor);
    }
    assets_wipe(assets);
    return status;
}

psa_status_t assets_get(struct assets *assets, const struct store_key *key, size_t offset,
                        size_t length, const uint8_t **data, size_t *actual)
{
    struct anchor anchor;
    uint32_t marks;
    psa_status_t status = anchor_find(assets, key, &marks, &anchor);

    if (status != PSA_SUCCESS) {
        return status;
    }
    if (offset > anchor.size_bytes) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = record_open(assets, key, marks, &anchor);
    if (status == PSA_SUCCESS) {
        *data = assets_buffer(assets) + offset;
        *actual = (length < anchor.size_bytes - offset) ? length : anchor.size_bytes - offset;
    }
    return status;
}

psa_status_t assets_get_info(struct assets *assets, const struct store_key *key,
                             struct assets_info *info)
{
    struct anchor anchor;
    struct store_info stored;
    uint32_t marks;
    psa_status_t status = anchor_find(assets, key, &marks, &anchor);

    if (status != PSA_SUCCESS) {
        return status;
    }
    status = assets->has_medium ? store_get_info(&assets->medium, key, &stored)
                                : PSA_ERROR_DOES_NOT_EXIST;
    status = record_check(status, &stored, marks, &anchor);
    if (status != PSA_SUCCESS) {
        return status;
    }
    *info = (struct assets_info){
        .size_bytes = anchor.size_bytes,
        .capacity_bytes = anchor.capacity_bytes,
        .flags = marks & FLAGS_KNOWN,
    };
    return PSA_SUCCESS;
}

psa_status_t assets_remove(struct assets *assets, const struct store_key *key)
{
    psa_status_t status = anchor_mount(assets);

    if (status == PSA_SUCCESS) {
        status = doubt(assets, store_remove(&assets->anchor, key));
    }
    if ((status == PSA_SUCCESS) && assets->has_medium) {
        psa_status_t left = store_remove(&assets->medium, key);

        /* The asset is removed: mounted again, what is left of it is passed over. */
        assets->has_medium = (left == PSA_SUCCESS) || (left == PSA_ERROR_DOES_NOT_EXIST);
    }
    return status;
}

psa_status_t assets_create(struct assets *assets, const struct store_key *key, size_t capacity,
                           uint32_t flags)
{
    struct anchor anchor = {.size_bytes = 0U, .capacity_bytes = (uint32_t)capacity};
    uint32_t marks = 0U;
    psa_status_t status;

    if ((flags & PSA_STORAGE_FLAG_WRITE_ONCE) != 0U) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    status = check_new(assets, key, capacity, flags, false, &marks);
    if (status != PSA_SUCCESS) {
        return status;
    }
    seal_wipe(assets_buffer(assets), capacity);
    return record_write(assets, key, marks, flags, &anchor);
}

/* Finds the asset, which must allow length bytes at offset. */
static psa_status_t check_extend(struct assets *assets, const struct store_key *key, size_t offset,
                                 size_t length, uint32_t *marks, struct anchor *anchor)
{
    psa_status_t status = anchor_find(assets, key, marks, anchor);

    if ((*marks & PSA_STORAGE_FLAG_WRITE_ONCE) != 0U) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    if (status != PSA_SUCCESS) {
        return status;
    }
    return (offset <= anchor->size_bytes) && (length <= anchor->capacity_bytes - offset)
               ? PSA_SUCCESS
               : PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t assets_extend_begin(struct assets *assets, const struct store_key *key, size_t offset,
                                 size_t length, uint8_t **place)
{
    struct anchor anchor;
    uint32_t marks;
    psa_status_t status = check_extend(assets, key, offset, length, &marks, &anchor);

    if (status == PSA_SUCCESS) {
        status = record_open(assets, key, marks, &anchor);
    }
    if (status == PSA_SUCCESS) {
        *place = assets_buffer(assets) + offset;
    }
    return status;
}

psa_status_t assets_extend_finish(struct assets *assets, const struct store_key *key, size_t offset,
                                  size_t length)
{
    struct anchor anchor;
    uint32_t marks;
    psa_status_t status = check_extend(assets, key, offset, length, &marks, &anchor);

    if ((status == PSA_SUCCESS) && (length != 0U)) {
        if (offset + length > anchor.size_bytes) {
            anchor.size_bytes = (uint32_t)(offset + length);
        }
        status = record_write(assets, key, marks, marks & FLAGS_KNOWN, &anchor);
    }
    assets_wipe(assets);
    return status;
}
