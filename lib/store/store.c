/*
 * The store's operations, its index, its account of space, and records. Format, invariants and the
 * reasons for them: docs/formats/store.md.
 *
 * Called through store.h. While the head takes records, an operation is all in here; log.c makes
 * room when it does not.
 */
#include "lib/store/store.h"

#include "lib/store/internal.h"

#define WRITE_TRIES 3U

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
        if (store->count == store->config->index_length) {
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

/* ---- Records ---- */

bool store_record_read(const struct store *store, uint32_t sector, uint32_t position,
                       uint32_t limit, struct record *record)
{
    uint32_t room = limit - position;

    return room >= HEADER_BYTES &&
           store->area->read(store->area, sector + position, record, sizeof *record) ==
               PSA_SUCCESS &&
           record->crc == header_crc(record) && record->size <= room - HEADER_BYTES;
}

bool store_record_data_is_right(const struct store *store, uint32_t place,
                                const struct record *record)
{
    uint8_t chunk[CHUNK_BYTES];
    uint32_t crc = 0;

    for (uint32_t done = 0; done < record->size;) {
        uint32_t part = record->size - done < CHUNK_BYTES ? record->size - done : CHUNK_BYTES;

        if (store->area->read(store->area, place + HEADER_BYTES + done, chunk, part) !=
            PSA_SUCCESS) {
            return false;
        }
        crc = crc32_update(crc, chunk, part);
        done += part;
    }
    return crc == record->data_crc;
}

bool store_record_of_entry(const struct store *store, const struct store_entry *entry,
                           struct record *record)
{
    uint32_t place = entry->place & PLACE_OFFSET;
    uint32_t sector = place & ~(store->area->sector_size - 1U);

    return (entry->place & PLACE_LOST) == 0U &&
           store_record_read(store, sector, place - sector, store->area->sector_size, record) &&
           record->size == entry->size && store_record_data_is_right(store, place, record);
}

/* Header first: if it is torn, no data were written, and if it is whole, it tells where the data
 * end. */
static psa_status_t record_write(const struct store *store, uint32_t place,
                                 const struct record *record, const void *data)
{
    if (flash_area_program(store->area, place, record, sizeof *record) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    return flash_area_program(store->area, place + HEADER_BYTES, data, record->size);
}

/* All but the checksums. */
static inline void record_begin(struct record *record, uint8_t kind, const struct store_key *key,
                                uint32_t flags, uint32_t size)
{
    record->kind = kind;
    record->zero[0] = record->zero[1] = record->zero[2] = 0U;
    record->owner = (uint32_t)key->owner;
    record->uid_low = (uint32_t)key->uid;
    record->uid_high = (uint32_t)(key->uid >> 32);
    record->flags = flags;
    record->size = size;
}

/* Completes the record with its checksums, appends it with its data, and tells its place. */
static psa_status_t record_append(struct store *store, struct record *record, const void *data,
                                  uint32_t *place)
{
    uint32_t bytes = record_bytes(store, record->size);

    record->data_crc = crc32_update(0, data, record->size);
    record->crc = header_crc(record);
    for (uint32_t tries = 0; tries < WRITE_TRIES; tries++) {
        psa_status_t status =
            head_has_room(store, bytes) ? PSA_SUCCESS : store_make_room(store, bytes);

        if (status != PSA_SUCCESS) {
            return status;
        }
        *place = store->head + store->end;
        if (record_write(store, *place, record, data) == PSA_SUCCESS) {
            store->end += bytes;
            return PSA_SUCCESS;
        }
        store->closed = true;
    }
    return PSA_ERROR_STORAGE_FAILURE;
}

/* ---- Operations ---- */

/* True when the asset may not change. A lost one may: nothing is left to protect. */
static bool entry_is_fixed(const struct store_entry *entry)
{
    return (entry->flags & STORE_WRITE_ONCE) != 0U && (entry->place & PLACE_LOST) == 0U;
}

psa_status_t store_prepare(struct store *store, const struct store_key *key, const void *data,
                           size_t length, uint32_t flags, struct store_pending *pending)
{
    struct store_entry *entry = store_index_find(store, key);
    struct record record;
    psa_status_t status;
    uint32_t place;

    if (entry != NULL && entry_is_fixed(entry)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    if (length > store->config->asset_size_max ||
        (entry == NULL && store->count == store->config->index_length)) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    record_begin(&record, KIND_ASSET, key, flags, (uint32_t)length);
    if ((entry == NULL || record_bytes(store, record.size) > record_bytes(store, entry->size)) &&
        !store_space_allows(store, entry, record_bytes(store, record.size))) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    status = record_append(store, &record, data, &place);
    *pending = (struct store_pending){
        .entry = entry,
        .made = {record.owner, record.uid_low, record.uid_high, place | PLACE_VERIFIED, record.size,
                 record.flags},
    };
    return status;
}

void store_commit(struct store *store, const struct store_pending *pending)
{
    struct store_entry *entry =
        pending->entry != NULL ? pending->entry : &store->index[store->count++];

    *entry = pending->made;
}

psa_status_t store_set(struct store *store, const struct store_key *key, const void *data,
                       size_t length, uint32_t flags)
{
    struct store_pending pending;
    psa_status_t status = store_prepare(store, key, data, length, flags, &pending);

    if (status == PSA_SUCCESS) {
        store_commit(store, &pending);
    }
    return status;
}

psa_status_t store_get_with_info(struct store *store, const struct store_key *key, size_t offset,
                                 void *buffer, size_t length, struct store_info *info)
{
    struct store_entry *entry = store_index_find(store, key);
    struct record record;
    size_t left;

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
    info->size_bytes = entry->size;
    info->flags = entry->flags;
    left = entry->size - offset;
    return store->area->read(store->area,
                             (entry->place & PLACE_OFFSET) + HEADER_BYTES + (uint32_t)offset,
                             buffer, length < left ? length : left);
}

psa_status_t store_get(struct store *store, const struct store_key *key, size_t offset,
                       void *buffer, size_t length, size_t *actual)
{
    struct store_info info = {0};
    psa_status_t status = store_get_with_info(store, key, offset, buffer, length, &info);
    size_t left = status == PSA_SUCCESS ? info.size_bytes - offset : 0U;

    *actual = length < left ? length : left;
    return status;
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
    struct record record;
    psa_status_t status;
    uint32_t place;

    if (entry == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if (entry_is_fixed(entry)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    record_begin(&record, KIND_REMOVED, key, 0U, 0U);
    status = record_append(store, &record, NULL, &place);
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
        .assets_max = store->config->index_length,
        .capacity_bytes = (sectors - 1U) * (store->area->sector_size - HEADER_BYTES),
        .sectors = sectors,
        .sectors_free = store->sequence == 0U ? sectors : store_free_sectors(store),
        .erases = store->erases,
    };
    for (uint32_t i = 0; i < store->count; i++) {
        usage->record_bytes += record_bytes(store, store->index[i].size);
    }
}
