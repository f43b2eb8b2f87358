/*
 * Mounting a store: finds the head, the newest checkpoint, and replays the records after it into
 * the index. Steps and their bound: docs/formats/store.md, Reading.
 *
 * Called by the store's owner through store.h. Writes nothing to flash.
 */
#include <string.h>

#include "lib/store/internal.h"

/* ---- Sectors ---- */

static bool geometry_is_ours(const struct store *store, const struct sector_header *header)
{
    return header->version == SECTOR_VERSION && header->program_unit == store->area->program_unit &&
           header->sector_size == store->area->sector_size;
}

/* Looks at all sectors for the head. */
static psa_status_t head_find_in_all(struct store *store, struct sector_header *head)
{
    const struct flash_area *area = store->area;
    struct sector_header header;

    head->sequence = 0;
    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (!store_sector_read(store, sector, &header)) {
            continue;
        }
        if (!geometry_is_ours(store, &header)) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        if (header.sequence > head->sequence) {
            *head = header;
            store->head = sector;
        }
    }
    return PSA_SUCCESS;
}

/* All but the CRC. */
static inline bool header_looks_right(const struct store *store, uint32_t sector,
                                      struct sector_header *header)
{
    return store->area->read(store->area, sector, header, sizeof *header) == PSA_SUCCESS &&
           header->magic == SECTOR_MAGIC && geometry_is_ours(store, header);
}

/* Looks for the head by halving: from the first sector up to the head, sequences grow by one; behind
 * the head they are those of the lap before. Damage cannot hide a newer sector: false, when any
 * header on the way is not one of these two, or when the head's or its successor's has a wrong CRC.
 */
static bool head_find_by_halves(struct store *store, struct sector_header *head)
{
    const struct flash_area *area = store->area;
    uint32_t sectors = sector_count(store);
    uint32_t low = 0;
    uint32_t high = sectors;
    struct sector_header next;
    uint32_t first;

    if (!header_looks_right(store, 0, head)) {
        return false;
    }
    first = head->sequence;
    while (high - low > 1U) {
        uint32_t middle = low + (high - low) / 2U;
        struct sector_header header;

        if (!header_looks_right(store, middle * area->sector_size, &header)) {
            return false;
        }
        if (header.sequence == first + middle) {
            *head = header;
            low = middle;
        } else if (header.sequence == first + middle - sectors) {
            next = header;
            high = middle;
        } else {
            return false;
        }
    }
    store->head = low * area->sector_size;
    return head->crc == header_crc(head) && (high == sectors || next.crc == header_crc(&next));
}

/* Finds the head and checks what its header says. */
static psa_status_t mount_head(struct store *store, struct sector_header *head)
{
    if (!head_find_by_halves(store, head)) {
        psa_status_t status = head_find_in_all(store, head);

        if (status != PSA_SUCCESS) {
            return status;
        }
        if (head->sequence == 0U) {
            return flash_area_is_new(store->area, HEADER_BYTES) ? PSA_SUCCESS
                                                                : PSA_ERROR_DATA_CORRUPT;
        }
    }
    store->sequence = head->sequence;
    store->tail = head->tail;
    store->erases = head->erases;
    /* One sector at least was free when the head was taken into use. */
    return store->tail - 1U < store->sequence &&
                   store->sequence - store->tail < sector_count(store) - 1U
               ? PSA_SUCCESS
               : PSA_ERROR_DATA_CORRUPT;
}

/* ---- Records ---- */

#define WINDOW_BYTES 384U

/* Where a replay is in a sector. All positions are offsets in the region. */
struct replay {
    uint32_t position; /* of the next record */
    uint32_t limit;    /* of the sector's records */
    /* The last record may be unfinished: what it is and how it is taken back. */
    uint32_t last;             /* its position, 0: none */
    struct store_entry *entry; /* that it changed, or NULL */
    uint32_t before;           /* entry's place before it, 0: there was none */
    /* A piece of the sector in RAM. */
    uint32_t window;
    uint32_t window_end;
    uint32_t words[WINDOW_BYTES / sizeof(uint32_t)];
};

/* Reads the header at position, and ahead if it can: a unit with an ECC error may be behind it. */
static bool window_read(const struct store *store, struct replay *replay)
{
    uint32_t left = replay->limit - replay->position;
    uint32_t ahead = left < WINDOW_BYTES ? left : WINDOW_BYTES;

    replay->window = replay->position;
    if (store->area->read(store->area, replay->window, replay->words, ahead) != PSA_SUCCESS) {
        ahead = HEADER_BYTES;
        if (store->area->read(store->area, replay->window, replay->words, ahead) != PSA_SUCCESS) {
            ahead = 0;
        }
    }
    replay->window_end = replay->window + ahead;
    return ahead != 0U;
}

/* The header at position; NULL: it does not read. There is one before the limit. */
static inline const struct record *window_header(const struct store *store, struct replay *replay)
{
    if (replay->position + HEADER_BYTES > replay->window_end && !window_read(store, replay)) {
        return NULL;
    }
    return (const struct record *)&replay
        ->words[(replay->position - replay->window) / sizeof(uint32_t)];
}

/* Passes over records that replace an asset by one of the same size, as far as the window reaches:
 * their headers are confirmed by the index, in which key, place and size are the same. So these are
 * right whatever the CRC says, which is looked at when the asset is. Stops at any other header. */
static void replay_replacements(const struct store *store, struct replay *replay)
{
    struct store_entry *const index = store->index;
    struct store_entry *const index_end = index + store->index_length;
    const uint32_t index_length = store->index_length;
    const uint32_t fill_mask = store->fill_mask;
    const uint32_t end = replay->limit < replay->window_end ? replay->limit : replay->window_end;
    uint32_t position = replay->position;

    while (position + HEADER_BYTES <= end) {
        const struct record *record =
            (const struct record *)&replay->words[(position - replay->window) / sizeof(uint32_t)];
        uint32_t size = HEADER_BYTES + ((record->size + fill_mask) & ~fill_mask);
        uint32_t place = record_replaces(record) | (size << PLACE_SHIFT);
        uint32_t hash = key_hash(record);
        struct store_entry *slot = &index[((uint64_t)hash * index_length) >> 32];

        while (slot->hash != hash && slot->place != 0U) {
            slot = slot + 1 != index_end ? slot + 1 : index;
        }
        if (((slot->place ^ place) & ~PLACE_MARKS) != 0U || slot->hash != hash ||
            record_kind(record) != KIND_ASSET || record_replaces(record) > PLACE_OFFSET ||
            record->size > RECORD_BYTES_MAX || size > replay->limit - position) {
            break;
        }
        replay->last = position;
        replay->entry = slot;
        replay->before = slot->place;
        slot->place = place_of(position, size);
        position += size;
    }
    replay->position = position;
}

/* The entry that a whole record replaces or removes: by its place, or else by its key. */
static struct store_entry *entry_of(const struct store *store, const struct record *record,
                                    uint32_t hash)
{
    struct store_entry *slot = store_slot_of(store, hash);
    struct record found;

    for (uint32_t left = store->index_length; left != 0U && slot->place != 0U; left--) {
        if (slot->hash == hash && (slot->place & PLACE_OFFSET) == record_replaces(record)) {
            return slot;
        }
        slot = store_slot_after(store, slot);
    }
    return record_kind(record) != KIND_LOST_KEY ? store_index_find(store, record, hash, &found)
                                                : NULL;
}

static psa_status_t replay_asset(struct store *store, struct replay *replay,
                                 const struct record *record, uint32_t place)
{
    uint32_t hash = record_hash(record);
    struct store_entry *entry = entry_of(store, record, hash);

    if (entry == NULL && store->count == store->index_length) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    replay->before = entry != NULL ? entry->place : 0U;
    replay->entry = store_index_put(store, entry, hash, place);
    return PSA_SUCCESS;
}

/* Enters a whole record. */
static psa_status_t replay_record(struct store *store, struct replay *replay,
                                  const struct record *record)
{
    uint32_t place = place_of(replay->position, record_bytes(store, record->size));
    struct store_entry *entry;

    switch (record_kind(record)) {
    case KIND_ASSET:
        return record_is_accepted(store, record) ? replay_asset(store, replay, record, place)
                                                 : PSA_SUCCESS;
    case KIND_LOST:
    case KIND_LOST_KEY:
        /* Whoever accepts records one by one misses this one, which is as good. */
        return store->config->accept == NULL
                   ? replay_asset(store, replay, record, place | PLACE_LOST)
                   : PSA_SUCCESS;
    case KIND_REMOVED:
        entry = entry_of(store, record, key_hash(record));
        if (entry != NULL) {
            store_index_drop(store, entry);
        }
        return PSA_SUCCESS;
    default:
        return record_kind(record) >= KIND_OPTIONAL ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
    }
}

/* Enters all records of a sector, from position up to limit or to the first that is not whole. */
static psa_status_t replay_sector(struct store *store, struct replay *replay)
{
    bool is_plain = store->config->accept == NULL && store->count < store->index_length;
    psa_status_t status = PSA_SUCCESS;

    replay->last = 0;
    replay->window_end = 0;
    while (status == PSA_SUCCESS && replay->limit - replay->position >= HEADER_BYTES) {
        const struct record *record = window_header(store, replay);
        uint32_t before = replay->position;
        uint32_t bytes;

        if (record == NULL) {
            break;
        }
        if (is_plain) {
            replay_replacements(store, replay);
        }
        if (replay->position != before) {
            continue;
        }
        if (!store_record_is_whole(record, replay->limit - replay->position)) {
            break;
        }
        bytes = record_bytes(store, record->size);
        if (bytes > replay->limit - replay->position) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        replay->entry = NULL;
        status = replay_record(store, replay, record);
        replay->last = replay->position;
        replay->position += bytes;
        is_plain = is_plain && store->count < store->index_length;
    }
    return status;
}

/* True when nothing was ever written at position. */
static bool rest_is_erased(const struct store *store, struct replay *replay)
{
    uint32_t rest = replay->limit - replay->position;
    const struct record *record;
    const uint8_t *bytes;

    if (rest < HEADER_BYTES) {
        return flash_area_is_erased(store->area, replay->position, rest);
    }
    record = window_header(store, replay);
    bytes = (const uint8_t *)record;
    for (uint32_t i = 0; record != NULL && i < HEADER_BYTES; i++) {
        if (bytes[i] != store->area->erased) {
            return false;
        }
    }
    return record != NULL;
}

/* True when all of the last record was written. Only its header needs to be, when something is
 * behind it. */
static bool last_is_finished(const struct store *store, const struct replay *replay)
{
    uint32_t within = replay->last - replay->window;
    const struct record *record;
    struct record read;

    if (replay->last == 0U) {
        return true;
    }
    if (replay->last >= replay->window && replay->position <= replay->window_end) {
        record = (const struct record *)&replay->words[within / sizeof(uint32_t)];
        return record->crc == header_crc(record) &&
               (store->closed || record->data_crc == crc32_of(0, record + 1, record->size));
    }
    return store_record_read(store, replay->last, replay->limit, &read) &&
           (store->closed || store_record_data_is_right(store, replay->last, &read));
}

/* The head ends where no record is. Only the last one can be unfinished, and it is only when nothing
 * was programmed after it: then it is taken back. */
static psa_status_t replay_head(struct store *store, struct replay *replay)
{
    psa_status_t status = replay_sector(store, replay);

    if (status != PSA_SUCCESS) {
        return status;
    }
    store->closed = !rest_is_erased(store, replay);
    if (!last_is_finished(store, replay)) {
        store->closed = true;
        replay->position = replay->last;
        if (replay->entry != NULL && replay->before != 0U) {
            (void)store_index_put(store, replay->entry, replay->entry->hash, replay->before);
        } else if (replay->entry != NULL) {
            store_index_drop(store, replay->entry);
        }
    }
    store->end = replay->position - store->head;
    return PSA_SUCCESS;
}

/* ---- The log ---- */

/* Goes back from the head, whose header it gets, to the newest checkpoint that can be used, or to the
 * tail. Tells the sector, and where in it the records begin that are not yet in the index. */
static psa_status_t find_start(struct store *store, struct sector_header *header,
                               uint32_t *sequence, uint32_t *position)
{
    *position = HEADER_BYTES;
    *sequence = store->sequence;
    while (!store_checkpoint_read(store, header, position)) {
        if (*sequence == store->tail) {
            return PSA_SUCCESS;
        }
        --*sequence;
        if (!store_sector_read(store, store_sector_of(store, *sequence), header) ||
            header->sequence != *sequence) {
            return PSA_ERROR_DATA_CORRUPT;
        }
    }
    store->checkpoint = *sequence;
    return PSA_SUCCESS;
}

/* Replays the sectors up to the head; each tells where the one before it ends, exactly. Not inlined:
 * the stack has no room for the window beside what reads a checkpoint. */
static __attribute__((noinline)) psa_status_t replay_log(struct store *store, uint32_t sequence,
                                                         uint32_t position)
{
    struct replay replay;

    for (; sequence != store->sequence; sequence++) {
        uint32_t sector = store_sector_of(store, sequence);
        struct sector_header next;
        psa_status_t status;

        if (!store_sector_read(store, store_sector_of(store, sequence + 1U), &next) ||
            next.previous_end < position || next.previous_end > store->area->sector_size) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        replay.position = sector + position;
        replay.limit = sector + next.previous_end;
        position = HEADER_BYTES;
        status = replay_sector(store, &replay);
        if (status != PSA_SUCCESS || replay.position != replay.limit) {
            return status != PSA_SUCCESS ? status : PSA_ERROR_DATA_CORRUPT;
        }
    }
    replay.position = store->head + position;
    replay.limit = store->head + store->area->sector_size;
    return replay_head(store, &replay);
}

/* A place outside of the log that a checkpoint named and nothing after it has replaced is none:
 * what may be there was removed or replaced long ago. */
static void confine_places(struct store *store)
{
    uint32_t log_bytes = (store->sequence - store->tail) * store->area->sector_size;

    for (uint32_t i = 0; i < store->index_length; i++) {
        uint32_t sector = entry_offset(&store->index[i]) & ~(store->area->sector_size - 1U);
        uint32_t back = store->head - sector + (store->head < sector ? store->area->size : 0U);

        if (store->index[i].place != 0U && back > log_bytes) {
            store->index[i].place |= PLACE_LOST;
        }
    }
}

/* One largest asset is admitted, and both of two while one replaces the other. */
static bool geometry_suffices(const struct store *store)
{
    const struct flash_area *area = store->area;

    return flash_area_is_sound(area) && area->size <= AREA_BYTES_MAX &&
           area->sector_size >= 8U * HEADER_BYTES &&
           store->config->asset_size_max <= area->sector_size - 2U * HEADER_BYTES &&
           record_bytes(store, store->config->asset_size_max) <= RECORD_BYTES_MAX &&
           store_space_allows(store, NULL, record_bytes(store, store->config->asset_size_max),
                              area->sector_size - HEADER_BYTES);
}

psa_status_t store_mount(struct store *store, const struct store_config *config)
{
    struct sector_header head;
    uint32_t sequence;
    uint32_t position;
    psa_status_t status;

    *store = (struct store){.config = config, .area = config->area, .index = config->index};
    store->fill_mask =
        (store->area->program_unit > PLACE_UNIT ? store->area->program_unit : PLACE_UNIT) - 1U;
    if (config->index_length == 0U || !geometry_suffices(store)) { /* of an index without length */
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    store->index_length = config->index_length;
    memset(store->index, 0, store->index_length * sizeof store->index[0]);
    status = mount_head(store, &head);
    if (status != PSA_SUCCESS || store->sequence == 0U) {
        return status;
    }
    status = find_start(store, &head, &sequence, &position);
    if (status == PSA_SUCCESS) {
        status = replay_log(store, sequence, position);
    }
    if (status == PSA_SUCCESS && store->checkpoint != store->sequence) {
        confine_places(store);
    }
    return status;
}
