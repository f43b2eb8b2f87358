/*
 * Mounting a store: finds the head, the newest checkpoint, and replays the records after it into
 * the index. Steps and their bound: docs/formats/store.md, Reading.
 *
 * Called by the store's owner through store.h. Writes nothing to flash.
 */
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
    return store->tail - 1U < store->sequence && store->sequence < SEQUENCE_END &&
                   store->sequence - store->tail < sector_count(store) - 1U
               ? PSA_SUCCESS
               : PSA_ERROR_DATA_CORRUPT;
}

/* ---- Records ---- */

/* Where a replay is in a sector. All positions are offsets in the region. */
struct replay {
    uint32_t position; /* of the next record */
    uint32_t limit;    /* of the sector's records */
    uint32_t end;      /* behind the last record */
    /* The last record may be unfinished: what it is and how it is taken back. */
    uint32_t last;             /* its position, 0: none */
    struct store_entry *entry; /* that it changed, or NULL */
    uint32_t before;           /* entry's place before it, 0: there was none */
    struct window window;
};

/* A unit with an ECC error may be behind the header. */
bool store_window_read(const struct store *store, struct window *window, uint32_t position,
                       uint32_t limit)
{
    uint32_t *scratch = store->config->scratch;
    uint32_t room = store->config->scratch_bytes;
    uint32_t ahead = limit - position < room ? limit - position : room;

    window->begin = position;
    if (store->area->read(store->area, position, scratch, ahead) != PSA_SUCCESS) {
        ahead = HEADER_BYTES;
        if (store->area->read(store->area, position, scratch, ahead) != PSA_SUCCESS) {
            ahead = 0;
        }
    }
    window->end = position + ahead;
    return ahead != 0U;
}

/* The header at position; NULL: it does not read. There is one before the limit. */
static inline const struct record *window_header(const struct store *store, struct replay *replay)
{
    if (replay->position + HEADER_BYTES > replay->window.end &&
        !store_window_read(store, &replay->window, replay->position, replay->limit)) {
        return NULL;
    }
    return window_at(store, &replay->window, replay->position);
}

/* The first word of a record that replaces what the entry has. */
static inline uint32_t replacement_of(const struct store_entry *entry)
{
    return ((entry->place & PLACE_OFFSET) << 8) | KIND_ASSET;
}

/* Passes over records that replace an asset by one of the same size, as far as the window reaches:
 * their headers are confirmed by the index, in which key, place and size are the same. So these are
 * right whatever the CRC says, which is looked at when the asset is. Stops at any other header. */
static __attribute__((noinline)) void replay_replacements(const struct store *store,
                                                          struct replay *replay)
{
    struct store_entry *const index = store->index;
    const uint32_t index_length = store->index_length;
    const uint32_t fill_mask = store->fill_mask;
    const uint32_t limit = replay->limit;
    const uint32_t end = limit < replay->window.end ? limit : replay->window.end;
    const uint32_t last = end - HEADER_BYTES; /* there is a header at position */
    uint32_t position = replay->position;
    const uint8_t *at = window_at(store, &replay->window, position);

    while (position <= last) {
        const struct record *record = (const struct record *)(const void *)at;
        uint32_t data = (record->size + fill_mask) & ~fill_mask;
        uint32_t hash = key_hash(record);
        struct store_entry *slot = &index[((uint64_t)hash * index_length) >> 32];
        uint32_t bytes;

        while (slot->hash != hash && slot->place != 0U) {
            slot = slot + 1 != index + index_length ? slot + 1 : index;
        }
        bytes = entry_bytes(slot);
        if (slot->hash != hash || record->kind_replaces != replacement_of(slot) ||
            data + HEADER_BYTES != bytes || record->size > bytes || bytes > limit - position) {
            break;
        }
        replay->last = position;
        replay->entry = slot;
        replay->before = slot->place;
        slot->place = place_of(position, bytes);
        position += bytes;
        at += bytes;
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
                                  const struct record *record, uint32_t position)
{
    uint32_t place = place_of(position, record_bytes(store, record->size));
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
    bool is_plain = store->config->accept == NULL && store->count < store->index_length;
    psa_status_t status = PSA_SUCCESS;

    replay->last = 0;
    replay->end = replay->position;
    if (replay->position < replay->window.begin || replay->position > replay->window.end) {
        replay->window.end = 0; /* it is of another sector */
    }
    while (status == PSA_SUCCESS && replay->limit - replay->position >= HEADER_BYTES) {
        const struct record *record = window_header(store, replay);
        uint32_t before = replay->position;
        uint32_t room;

        if (record != NULL && is_plain) {
            replay_replacements(store, replay);
        }
        room = replay->limit - replay->position;
        if (replay->position != before) {
            replay->end = replay->position;
        } else if (record != NULL && store_record_is_whole(record, room) &&
                   record_bytes(store, record->size) <= room) {
            replay->entry = NULL;
            replay->last = before;
            replay->position += record_bytes(store, record->size);
            replay->end = replay->position;
            status = replay_record(store, replay, record, before);
            is_plain = is_plain && store->count < store->index_length;
        } else if (!damage_pass(store, replay)) {
            break;
        }
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
    const struct record *record;
    struct record read;

    if (replay->last == 0U) {
        return true;
    }
    if (replay->last >= replay->window.begin && replay->position <= replay->window.end) {
        record = window_at(store, &replay->window, replay->last);
        return record->crc == header_crc(record) &&
               (store->closed || record->data_crc == store_crc(0, record + 1, record->size));
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

void store_index_clear(struct store *store)
{
    const uint32_t length = store->index_length;
    struct store_entry *index = store->index;

    store->count = 0;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < length; i++) {
        index[i].place = 0;
    }
}

/* Goes back from the head, whose header it gets, to the newest checkpoint that can be used, or to the
 * tail. Tells the sector, and where in it the records begin that are not yet in the index. */
static psa_status_t find_start(struct store *store, struct sector_header *header,
                               struct window *window, uint32_t *sequence, uint32_t *position)
{
    bool is_there = true;

    *position = HEADER_BYTES;
    *sequence = store->sequence;
    while (!is_there || !store_checkpoint_read(store, header, window, position)) {
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
static psa_status_t replay_log(struct store *store, const struct window *window, uint32_t sequence,
                               uint32_t position)
{
    bool asks = store->config->accept != NULL;
    struct replay replay = {.window = *window};

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
    struct window window = {0};
    struct sector_header head;
    uint32_t sequence;
    uint32_t position;
    psa_status_t status;

    *store = (struct store){.config = config, .area = config->area, .index = config->index};
    store->fill_mask =
        (store->area->program_unit > PLACE_UNIT ? store->area->program_unit : PLACE_UNIT) - 1U;
    if (config->index_length == 0U || config->scratch_bytes < STORE_SCRATCH_MIN ||
        !geometry_suffices(store)) { /* of an index without length */
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    store->index_length = config->index_length;
    store_index_clear(store);
    status = mount_head(store, &head);
    if (status != PSA_SUCCESS || store->sequence == 0U) {
        return status;
    }
    status = find_start(store, &head, &window, &sequence, &position);
    if (status == PSA_SUCCESS) {
        status = replay_log(store, &window, sequence, position);
    }
    if (status == PSA_SUCCESS && store->checkpoint != store->sequence) {
        confine_places(store);
    }
    return status;
}
