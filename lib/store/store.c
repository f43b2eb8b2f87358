/*
 * The store's operations, its index and its account of space. Format, invariants and the reasons
 * for them: docs/formats/store.md.
 *
 * Called through store.h. Touches flash only through log.c, but for reading an asset's data.
 */
#include "lib/store/store.h"

#include "lib/store/internal.h"

/* ---- Index ---- */

struct store_entry *store_index_find(const struct store *store, const struct store_key *key)
{
    uint32_t low = (uint32_t)key->uid;
    uint32_t high = (uint32_t)(key->uid >> 32);

    for (uint32_t i = 0; i < store->count; i++) {
        struct store_entry *entry = &store->index[i];

        if (entry->uid_low == low && entry->uid_high == high &&
            entry->owner == (uint32_t)key->owner) {
            return entry;
        }
    }
    return NULL;
}

psa_status_t store_index_put(struct store *store, struct store_entry *entry,
                             const struct record *record, uint32_t place)
{
    if (entry == NULL) {
        if (store->count == store->index_length) {
            return PSA_ERROR_INSUFFICIENT_MEMORY;
        }
        entry = &store->index[store->count++];
    }
    *entry = (struct store_entry){record->owner, record->uid_low, record->uid_high,
                                  place,         record->size,    record->flags};
    return PSA_SUCCESS;
}

void store_index_drop(struct store *store, struct store_entry *entry)
{
    *entry = store->index[--store->count];
}

/* ---- Space ---- */

/* Record size of asset number i of the set that there will be: replaced is gone and added has the
 * last number. */
static uint32_t planned_bytes(const struct store *store, const struct store_entry *replaced,
                              uint32_t added, uint32_t i)
{
    if (i == store->count) {
        return added;
    }
    return &store->index[i] == replaced ? 0U : record_bytes(store, store->index[i].size);
}

/* Most bytes that can be lost at the ends of sectors: one per closed sector, each smaller than a
 * record of its own, so the sum over the largest ones. largest is counted once more for the spare
 * record. */
static uint32_t waste_bytes(const struct store *store, const struct store_entry *replaced,
                            uint32_t added, uint32_t largest)
{
    uint32_t ranks = sector_count(store) - 2U;
    uint32_t rank_bytes = largest;
    uint32_t same = 1U;
    uint32_t waste = 0;

    while (ranks != 0U && rank_bytes != 0U) {
        uint32_t next = 0;

        for (uint32_t i = 0; i <= store->count; i++) {
            uint32_t bytes = planned_bytes(store, replaced, added, i);

            same += bytes == rank_bytes;
            next = bytes < rank_bytes && bytes > next ? bytes : next;
        }
        same = same < ranks ? same : ranks;
        waste += same * (rank_bytes - store->area->program_unit);
        ranks -= same;
        rank_bytes = next;
        same = 0;
    }
    return waste;
}

bool store_space_allows(const struct store *store, const struct store_entry *replaced,
                        uint32_t added)
{
    uint32_t others = sector_count(store) - 1U;
    uint32_t capacity = others * (store->area->sector_size - HEADER_BYTES);
    uint32_t largest = 0;
    uint32_t total = 0;

    for (uint32_t i = 0; i <= store->count; i++) {
        uint32_t bytes = planned_bytes(store, replaced, added, i);

        total += bytes;
        largest = bytes > largest ? bytes : largest;
    }
    total += largest;
    if (total > capacity) {
        return false;
    }
    return (others - 1U) * largest <= capacity - total ||
           waste_bytes(store, replaced, added, largest) <= capacity - total;
}

/* ---- Operations ---- */

psa_status_t store_set(struct store *store, const struct store_key *key, const void *data,
                       size_t length, uint32_t flags)
{
    struct store_entry *entry = store_index_find(store, key);
    struct record record = {
        .kind = KIND_ASSET,
        .owner = (uint32_t)key->owner,
        .uid_low = (uint32_t)key->uid,
        .uid_high = (uint32_t)(key->uid >> 32),
        .flags = flags,
        .size = (uint32_t)length,
    };
    psa_status_t status;
    uint32_t place;

    if (length > store->asset_size_max || (entry == NULL && store->count == store->index_length)) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    if ((entry == NULL || record_bytes(store, record.size) > record_bytes(store, entry->size)) &&
        !store_space_allows(store, entry, record_bytes(store, record.size))) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    status = store_append(store, &record, data, &place);
    if (status != PSA_SUCCESS) {
        return status;
    }
    return store_index_put(store, entry, &record, place | PLACE_VERIFIED);
}

psa_status_t store_get(struct store *store, const struct store_key *key, size_t offset,
                       void *buffer, size_t length, size_t *actual)
{
    struct store_entry *entry = store_index_find(store, key);
    struct record record;

    *actual = 0;
    if (entry == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if ((entry->place & PLACE_VERIFIED) == 0U) {
        if (!store_record_of_entry(store, entry, &record)) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        entry->place |= PLACE_VERIFIED;
    }
    if (offset > entry->size) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    *actual = length < entry->size - offset ? length : entry->size - offset;
    return store->area->read(store->area,
                             (entry->place & PLACE_OFFSET) + HEADER_BYTES + (uint32_t)offset,
                             buffer, *actual);
}

psa_status_t store_get_info(const struct store *store, const struct store_key *key,
                            struct store_info *info)
{
    const struct store_entry *entry = store_index_find(store, key);

    if (entry == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if ((entry->place & PLACE_LOST) != 0U) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    info->size_bytes = entry->size;
    info->flags = entry->flags;
    return PSA_SUCCESS;
}

psa_status_t store_remove(struct store *store, const struct store_key *key)
{
    struct store_entry *entry = store_index_find(store, key);
    struct record record = {.kind = KIND_REMOVED,
                            .owner = (uint32_t)key->owner,
                            .uid_low = (uint32_t)key->uid,
                            .uid_high = (uint32_t)(key->uid >> 32)};
    psa_status_t status;
    uint32_t place;

    if (entry == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    status = store_append(store, &record, NULL, &place);
    if (status == PSA_SUCCESS) {
        store_index_drop(store, entry);
    }
    return status;
}

psa_status_t store_list(const struct store *store, uint32_t position, struct store_key *key)
{
    const struct store_entry *entry = &store->index[position];

    if (position >= store->count) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    key->owner = (int32_t)entry->owner;
    key->uid = entry->uid_low | ((uint64_t)entry->uid_high << 32);
    return PSA_SUCCESS;
}

void store_get_usage(struct store *store, struct store_usage *usage)
{
    uint32_t sectors = sector_count(store);

    *usage = (struct store_usage){
        .assets = store->count,
        .assets_max = store->index_length,
        .capacity_bytes = (sectors - 1U) * (store->area->sector_size - HEADER_BYTES),
        .sectors = sectors,
        .sectors_free = store->sequence == 0U ? sectors : store_free_sectors(store),
        .erases = store->erases,
    };
    for (uint32_t i = 0; i < store->count; i++) {
        usage->record_bytes += record_bytes(store, store->index[i].size);
    }
}
