/*
 * The store's operations, its index, and records. Format, invariants and the reasons for them:
 * docs/formats/store.md.
 *
 * Called through store.h. While the head takes records, an operation is all in here; log.c makes
 * room when it does not.
 */
#include "lib/store/store.h"

#include "lib/crc/crc32.h"
#include "lib/store/internal.h"

#define WRITE_TRIES 3U

/* ---- Records ---- */

__attribute__((noinline)) uint32_t store_crc(uint32_t crc, const void *data, size_t length)
{
    return crc32_of(crc, data, length);
}

bool store_record_is_whole(const struct record *record, uint32_t room)
{
    return record->crc == header_crc(record) && record->size <= room - HEADER_BYTES &&
           (record->size <= DATA_BYTES_MAX || record_kind(record) >= KIND_OPTIONAL);
}

bool store_record_read(const struct store *store, uint32_t offset, uint32_t limit,
                       struct record *record)
{
    return limit - offset >= HEADER_BYTES &&
           store->area->read(store->area, offset, record, sizeof *record) == PSA_SUCCESS &&
           store_record_is_whole(record, limit - offset);
}

bool store_record_data_is_right(const struct store *store, uint32_t offset,
                                const struct record *record)
{
    uint8_t chunk[CHUNK_BYTES];
    uint32_t crc = 0;

    for (uint32_t done = 0; done < record->size;) {
        uint32_t part = record->size - done < CHUNK_BYTES ? record->size - done : CHUNK_BYTES;

        if (store->area->read(store->area, offset + HEADER_BYTES + done, chunk, part) !=
            PSA_SUCCESS) {
            return false;
        }
        crc = store_crc(crc, chunk, part);
        done += part;
    }
    return crc == record->data_crc;
}

/* Of a record, what its key needs. */
static inline void record_begin(struct record *record, uint32_t kind, const struct store_key *key)
{
    record->kind_replaces = kind;
    record->owner = (uint32_t)key->owner;
    record->uid_low = (uint32_t)key->uid;
    record->uid_high = (uint32_t)(key->uid >> 32);
}

/* Completes the record with its checksums, appends it with its data, and tells its place. Header
 * first: if it is torn, no data were written, and if it is whole, it tells where the data end. */
static psa_status_t record_append(struct store *store, struct record *record,
                                  const struct store_entry *replaced, const void *data,
                                  uint32_t *place)
{
    uint32_t bytes = record_bytes(store, record->size);

    record->data_crc = store_crc(0, data, record->size);
    for (uint32_t tries = 0; tries < WRITE_TRIES; tries++) {
        psa_status_t status =
            head_has_room(store, bytes) ? PSA_SUCCESS : store_make_room(store, bytes);
        uint32_t offset = store->head + store->end;

        if (status != PSA_SUCCESS) {
            return status;
        }
        record->kind_replaces = record_kind(record);
        if (replaced != NULL) {
            record->kind_replaces |= (replaced->place & PLACE_OFFSET) << 8;
        }
        record->crc = header_crc(record);
        if (flash_area_program(store->area, offset, record, sizeof *record) == PSA_SUCCESS &&
            flash_area_program(store->area, offset + HEADER_BYTES, data, record->size) ==
                PSA_SUCCESS) {
            store->end += bytes;
            *place = place_of(offset, bytes);
            return PSA_SUCCESS;
        }
        store->closed = true;
    }
    return PSA_ERROR_STORAGE_FAILURE;
}

/* ---- Index ---- */

/* How many slots after from one comes to slot. */
static inline uint32_t slot_distance(const struct store *store, const struct store_entry *from,
                                     const struct store_entry *slot)
{
    return (uint32_t)(slot - from) + (slot < from ? store->index_length : 0U);
}

/* True when the header that was read is of the kind and size that the entry says. */
static inline bool header_fits(const struct store *store, const struct store_entry *entry,
                               const struct record *record)
{
    return record_kind(record) == ((entry->place & PLACE_LOST) != 0U ? KIND_LOST : KIND_ASSET) &&
           record_bytes(store, record->size) == entry_bytes(entry);
}

/* Bytes from the record of an entry to the end of the sector. */
static inline uint32_t entry_room(const struct store *store, const struct store_entry *entry)
{
    return store->area->sector_size - (entry_offset(entry) & (store->area->sector_size - 1U));
}

bool store_record_of_entry(const struct store *store, const struct store_entry *entry,
                           struct record *record)
{
    uint32_t offset = entry_offset(entry);

    return store_record_read(store, offset, offset + entry_room(store, entry), record) &&
           header_fits(store, entry, record) && record_hash(record) == entry->hash;
}

enum match { MATCH_NO, MATCH_YES, MATCH_DAMAGED };

static inline bool keys_are_equal(const struct record *one, const struct record *other)
{
    return ((one->owner ^ other->owner) | (one->uid_low ^ other->uid_low) |
            (one->uid_high ^ other->uid_high)) == 0U;
}

/* What entry_match() says of a header that was read, by all that is in it. Not inlined: entry_match()
 * is quick because it needs few registers. */
static __attribute__((noinline)) enum match entry_examine(const struct store *store,
                                                          const struct store_entry *entry,
                                                          const struct record *record,
                                                          const struct record *found)
{
    if (!store_record_is_whole(found, entry_room(store, entry)) ||
        !header_fits(store, entry, found)) {
        return MATCH_DAMAGED;
    }
    if (keys_are_equal(record, found)) {
        return MATCH_YES;
    }
    return key_hash(found) == entry->hash ? MATCH_NO : MATCH_DAMAGED;
}

/* Whether an entry with the record's hash is that of its key. The CRC is not needed for a yes if it
 * was right before, but always for a no. */
static inline enum match entry_match(const struct store *store, const struct store_entry *entry,
                                     const struct record *record, struct record *found)
{
    if (store->area->read(store->area, entry_offset(entry), found, sizeof *found) != PSA_SUCCESS) {
        return MATCH_DAMAGED;
    }
    if ((entry->place & PLACE_VERIFIED) != 0U && keys_are_equal(record, found) &&
        record_kind(found) == KIND_ASSET &&
        record_bytes(store, found->size) == entry_bytes(entry)) {
        return MATCH_YES;
    }
    return entry_examine(store, entry, record, found);
}

struct store_entry *store_index_find(const struct store *store, const struct record *record,
                                     uint32_t hash, struct record *found)
{
    struct store_entry *first = store_slot_of(store, hash);
    struct store_entry *slot = first;
    struct store_entry *damaged = NULL;

    while (slot->place != 0U) {
        if (slot->hash == hash) {
            enum match match = entry_match(store, slot, record, found);

            if (match == MATCH_YES) {
                return slot;
            }
            damaged = match == MATCH_DAMAGED ? slot : damaged;
        }
        slot = store_slot_after(store, slot);
        if (slot == first) {
            break;
        }
    }
    found->kind_replaces = KIND_LOST;
    return damaged;
}

struct store_entry *store_index_put(struct store *store, struct store_entry *entry, uint32_t hash,
                                    uint32_t place)
{
    if (entry == NULL) {
        entry = store_slot_of(store, hash);
        while (entry->place != 0U) {
            entry = store_slot_after(store, entry);
        }
        store->count++;
    }
    entry->hash = hash;
    entry->place = place;
    return entry;
}

/* Moves those back that would no longer be found behind the free slot. */
void store_index_drop(struct store *store, struct store_entry *entry)
{
    struct store_entry *next = store_slot_after(store, entry);

    store->count--;
    for (uint32_t left = store->index_length; left != 1U && next->place != 0U; left--) {
        if (slot_distance(store, store_slot_of(store, next->hash), next) >=
            slot_distance(store, entry, next)) {
            *entry = *next;
            entry = next;
        }
        next = store_slot_after(store, next);
    }
    *entry = (struct store_entry){0};
}

/* ---- Operations ---- */

/* True when the data are right, looked at once per mount. */
static bool entry_verify(const struct store *store, struct store_entry *entry,
                         const struct record *record)
{
    if ((entry->place & PLACE_VERIFIED) == 0U) {
        if (!store_record_data_is_right(store, entry_offset(entry), record)) {
            return false;
        }
        entry->place |= PLACE_VERIFIED;
    }
    return true;
}

/* True when the asset may not change. A damaged one may: nothing is left to protect. */
static inline bool entry_is_fixed(const struct store *store, struct store_entry *entry,
                                  const struct record *record)
{
    return record_kind(record) == KIND_ASSET && (record->flags & STORE_WRITE_ONCE) != 0U &&
           entry_verify(store, entry, record);
}

psa_status_t store_prepare(struct store *store, const struct store_key *key, const void *data,
                           size_t length, uint32_t flags, struct store_pending *pending)
{
    struct record record;
    struct record old;
    struct store_entry *entry;
    psa_status_t status;
    uint32_t bytes;
    uint32_t hash;

    record_begin(&record, KIND_ASSET, key);
    record.flags = flags;
    record.size = (uint32_t)length;
    hash = key_hash(&record);
    entry = store_index_find(store, &record, hash, &old);
    if (entry != NULL && entry_is_fixed(store, entry, &old)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    if (length > store->config->asset_size_max ||
        (entry == NULL && store->count == store->index_length)) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    bytes = record_bytes(store, record.size);
    if ((entry == NULL || bytes > entry_bytes(entry)) &&
        !store_space_allows(store, entry, bytes, store->area->sector_size - HEADER_BYTES)) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    pending->entry = entry;
    pending->made.hash = hash;
    status = record_append(store, &record, entry, data, &pending->made.place);
    pending->made.place |= PLACE_VERIFIED;
    return status;
}

void store_commit(struct store *store, const struct store_pending *pending)
{
    (void)store_index_put(store, pending->entry, pending->made.hash, pending->made.place);
    if (store->end > store->collect_from) {
        store_collect(store, entry_bytes(&pending->made));
    }
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
    struct store_entry *entry;
    struct record record;
    struct record asked;
    size_t left;

    record_begin(&asked, 0U, key);
    entry = store_index_find(store, &asked, key_hash(&asked), &record);
    if (entry == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if (record_kind(&record) != KIND_ASSET || record.crc != header_crc(&record) ||
        !entry_verify(store, entry, &record)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    if (offset > record.size) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    info->size_bytes = record.size;
    info->flags = record.flags;
    left = record.size - offset;
    return store->area->read(store->area, entry_offset(entry) + HEADER_BYTES + (uint32_t)offset,
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
    struct record record;
    struct record asked;

    record_begin(&asked, 0U, key);
    if (store_index_find(store, &asked, key_hash(&asked), &record) == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if (record_kind(&record) != KIND_ASSET) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    info->size_bytes = record.size;
    info->flags = record.flags;
    return PSA_SUCCESS;
}

psa_status_t store_remove(struct store *store, const struct store_key *key)
{
    struct store_entry *entry;
    struct record record;
    struct record old;
    psa_status_t status;
    uint32_t place;

    record_begin(&record, KIND_REMOVED, key);
    record.flags = 0;
    record.size = 0;
    entry = store_index_find(store, &record, key_hash(&record), &old);
    if (entry == NULL) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    if (entry_is_fixed(store, entry, &old)) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    status = record_append(store, &record, entry, NULL, &place);
    if (status == PSA_SUCCESS) {
        store_index_drop(store, entry);
        if (store->end > store->collect_from) {
            store_collect(store, HEADER_BYTES);
        }
    }
    return status;
}

psa_status_t store_list(const struct store *store, uint32_t position, struct store_key *key)
{
    const struct store_entry *slot = store->index;
    struct record record;

    if (position >= store->count) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    for (uint32_t before = position;; slot++) {
        if (slot->place != 0U && before-- == 0U) {
            break;
        }
    }
    if (!store_record_of_entry(store, slot, &record)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    key->owner = (int32_t)record.owner;
    key->uid = record.uid_low | ((uint64_t)record.uid_high << 32);
    return PSA_SUCCESS;
}

/* Found by halving: what is admitted for one size is for smaller ones. */
static uint32_t admitted_size(const struct store *store)
{
    uint32_t sector_bytes = store->area->sector_size - HEADER_BYTES;
    uint32_t low = 0;
    uint32_t high = store->config->asset_size_max;

    if (store->count == store->index_length) {
        return 0;
    }
    while (low != high) {
        uint32_t middle = low + (high - low + 1U) / 2U;

        if (store_space_allows(store, NULL, record_bytes(store, middle), sector_bytes)) {
            low = middle;
        } else {
            high = middle - 1U;
        }
    }
    return low;
}

void store_get_usage(struct store *store, struct store_usage *usage)
{
    *usage = (struct store_usage){
        .assets = store->count,
        .assets_max = store->index_length,
        .record_bytes = store_load_of(store, NULL, 0).total,
        .capacity_bytes = (sector_count(store) - 1U) * (store->area->sector_size - HEADER_BYTES),
        .admitted_size = admitted_size(store),
        .erases = store->erases,
    };
}
