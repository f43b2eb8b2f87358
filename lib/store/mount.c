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
    uint32_t end;      /* behind the last record */
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

/* The entry of the asset that a record replaces by one of the same size, if the header tells so: key,
 * place and size are all as in the index, so that these fields are right whatever the CRC says. */
static inline struct store_entry *entry_replaced(const struct store *store,
                                                 const struct record *record)
{
    uint32_t replaces = record_replaces(record);
    uint32_t place = replaces | (record_bytes(store, record->size) << PLACE_SHIFT);
    uint32_t hash = key_hash(record);
    struct store_entry *slot = store_slot_of(store, hash);

    if (record_kind(record) != KIND_ASSET || replaces > PLACE_OFFSET ||
        record->size > RECORD_BYTES_MAX) {
        return NULL;
    }
    for (uint32_t left = store->index_length; left != 0U && slot->place != 0U; left--) {
        if (slot->hash == hash && (slot->place & ~PLACE_MARKS) == place) {
            return slot;
        }
        slot = store_slot_after(store, slot);
    }
    return NULL;
}

static psa_status_t replay_asset(struct store *store, struct replay *replay,
                                 const struct record *record, uint32_t place)
{
    struct record found;
    uint32_t hash = record_hash(record);
    struct store_entry *entry = store_index_find(store, record, hash, &found);

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
    struct record found;

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
        entry = store_index_find(store, record, key_hash(record), &found);
        if (entry != NULL) {
            store_index_drop(store, entry);
        }
        return PSA_SUCCESS;
    default:
        return record_kind(record) >= KIND_OPTIONAL ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
    }
}

/* Steps over damage. Where the store's user accepts records one by one, those behind it are looked
 * for too: what is damaged is missing to him, so nothing older is taken for it. False at the end,
 * behind which everything is erased; that is looked at once. */
static bool damage_pass(const struct store *store, struct replay *replay)
{
    if (store->config->accept == NULL ||
        (replay->end == replay->position &&
         flash_area_is_erased(store->area, replay->position, replay->limit - replay->position))) {
        return false;
    }
    replay->position += store->fill_mask + 1U;
    return true;
}

/* Enters all records of a sector, from position up to limit or to the first that is not whole. */
static psa_status_t replay_sector(struct store *store, struct replay *replay)
{
    bool asks = store->config->accept != NULL;
    psa_status_t status = PSA_SUCCESS;

    replay->last = 0;
    replay->end = replay->position;
    replay->window_end = 0;
    while (replay->limit - replay->position >= HEADER_BYTES && status == PSA_SUCCESS) {
        const struct record *record = window_header(store, replay);
        struct store_entry *entry = record != NULL && !asks ? entry_replaced(store, record) : NULL;
        uint32_t room = replay->limit - replay->position;
        uint32_t bytes;

        if (entry != NULL && entry_bytes(entry) <= room) {
            bytes = entry_bytes(entry);
            replay->entry = entry;
            replay->before = entry->place;
            entry->place = place_of(replay->position, bytes);
        } else if (record != NULL && store_record_is_whole(record, room) &&
                   record_bytes(store, record->size) <= room) {
            bytes = record_bytes(store, record->size);
            replay->entry = NULL;
            status = replay_record(store, replay, record);
        } else if (damage_pass(store, replay)) {
            continue;
        } else {
            break;
        }
        replay->last = replay->position;
        replay->position += bytes;
        replay->end = replay->position;
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
    struct record record;

    return replay->last == 0U ||
           (store_record_read(store, replay->last, replay->limit, &record) &&
            (store->closed || store_record_data_is_right(store, replay->last, &record)));
}

/* The head ends where no record is. Only the last one can be unfinished, and it is only when nothing
 * was programmed after it: then it is taken back. */
static psa_status_t replay_head(struct store *store, struct replay *replay)
{
    psa_status_t status = replay_sector(store, replay);

    if (status != PSA_SUCCESS) {
        return status;
    }
    store->closed = replay->end != replay->position || !rest_is_erased(store, replay);
    if (!last_is_finished(store, replay)) {
        store->closed = true;
        replay->end = replay->last;
        if (replay->entry != NULL && replay->before != 0U) {
            (void)store_index_put(store, replay->entry, replay->entry->hash, replay->before);
        } else if (replay->entry != NULL) {
            store_index_drop(store, replay->entry);
        }
    }
    store->end = replay->end - store->head;
    return PSA_SUCCESS;
}

/* ---- The log ---- */

/* Goes back from the head, whose header it gets, to the newest checkpoint that can be used, or to the
 * tail. Tells the sector, and where in it the records begin that are not yet in the index. */
static psa_status_t find_start(struct store *store, struct sector_header *header,
                               uint32_t *sequence, uint32_t *position)
{
    bool is_there = true;

    *position = HEADER_BYTES;
    *sequence = store->sequence;
    while (!is_there || !store_checkpoint_read(store, header, position)) {
        if (*sequence == store->tail) {
            return PSA_SUCCESS;
        }
        --*sequence;
        is_there = store_sector_read(store, store_sector_of(store, *sequence), header) &&
                   header->sequence == *sequence;
        if (!is_there && store->config->accept == NULL) {
            return PSA_ERROR_DATA_CORRUPT;
        }
    }
    store->checkpoint = *sequence;
    return PSA_SUCCESS;
}

/* Where the records of a sector end, as its successor tells: in the sector, not before position.
 * False: that is damaged. */
static bool end_of_records(const struct store *store, uint32_t sequence, uint32_t position,
                           uint32_t *end)
{
    struct sector_header next;
    bool is_right = store_sector_read(store, store_sector_of(store, sequence + 1U), &next) &&
                    next.previous_end >= position && next.previous_end <= store->area->sector_size;

    *end = is_right ? next.previous_end : store->area->sector_size;
    return is_right;
}

/* Replays the sectors up to the head; each tells where the one before it ends, exactly. */
static psa_status_t replay_log(struct store *store, uint32_t sequence, uint32_t position)
{
    bool asks = store->config->accept != NULL;
    struct replay replay;

    for (; sequence != store->sequence; sequence++) {
        uint32_t sector = store_sector_of(store, sequence);
        psa_status_t status;
        uint32_t end;

        if (!end_of_records(store, sequence, position, &end) && !asks) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        replay.position = sector + position;
        replay.limit = sector + end;
        position = HEADER_BYTES;
        status = replay_sector(store, &replay);
        if (status != PSA_SUCCESS || (replay.position != replay.limit && !asks)) {
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
    if (!geometry_suffices(store)) { /* with an index of no length yet */
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
