/*
 * Mounting a store: finds the head, the newest checkpoint, and replays the records after it into
 * the index. Steps and their bound: docs/formats/store.md, Reading.
 *
 * Called by the store's owner through store.h. Writes nothing to flash.
 */
#include <string.h>

#include "lib/store/internal.h"

/* ---- Sectors ---- */

static psa_status_t geometry_check(const struct store *store, const struct sector_header *header)
{
    return header->version == SECTOR_VERSION && header->program_unit == store->area->program_unit &&
                   header->sector_size == store->area->sector_size
               ? PSA_SUCCESS
               : PSA_ERROR_DATA_CORRUPT;
}

/* Finds the head and checks what all sector headers say. */
static psa_status_t mount_sectors(struct store *store)
{
    const struct flash_area *area = store->area;
    struct sector_header header;

    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (!store_sector_read(store, sector, &header)) {
            continue;
        }
        if (geometry_check(store, &header) != PSA_SUCCESS) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        if (header.sequence > store->sequence) {
            store->sequence = header.sequence;
            store->head = sector;
            store->tail = header.tail;
            store->erases = header.erases;
        }
    }
    if (store->sequence == 0U) {
        return flash_area_is_new(area, HEADER_BYTES) ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
    }
    /* One sector at least was free when the head was taken into use. */
    return store->tail - 1U < store->sequence &&
                   store->sequence - store->tail < sector_count(store) - 1U
               ? PSA_SUCCESS
               : PSA_ERROR_DATA_CORRUPT;
}

/* ---- Records ---- */

#define WINDOW_BYTES 256U

/* A piece of the sector that is replayed. */
struct window {
    uint32_t offset; /* in the region */
    uint32_t length; /* 0: nothing read */
    uint32_t words[WINDOW_BYTES / sizeof(uint32_t)];
};

/* The 32 bytes at offset, which lie in the sector up to limit; NULL: they do not read. Reads ahead
 * if it can: a unit with an ECC error may be behind the header. */
static const struct record *window_at(const struct store *store, struct window *window,
                                      uint32_t offset, uint32_t limit)
{
    uint32_t ahead = limit - offset < WINDOW_BYTES ? limit - offset : WINDOW_BYTES;

    if (offset - window->offset + HEADER_BYTES > window->length || offset < window->offset) {
        window->offset = offset;
        window->length = ahead;
        if (store->area->read(store->area, offset, window->words, ahead) != PSA_SUCCESS) {
            window->length = HEADER_BYTES;
            if (store->area->read(store->area, offset, window->words, HEADER_BYTES) !=
                PSA_SUCCESS) {
                window->length = 0;
                return NULL;
            }
        }
    }
    return (const struct record *)&window->words[(offset - window->offset) / sizeof(uint32_t)];
}

static psa_status_t replay_asset(struct store *store, const struct record *record, uint32_t place)
{
    struct record found;
    struct store_entry *entry = store_index_find(store, record, &found);

    if (entry == NULL && store->count == store->index_length) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    store_index_put(store, entry, record_hash(record), place);
    return PSA_SUCCESS;
}

static psa_status_t replay_record(struct store *store, const struct record *record, uint32_t offset)
{
    uint32_t place = place_of(offset, record_bytes(store, record->size));
    struct store_entry *entry;
    struct store_key key;
    struct record found;

    switch (record_kind(record)) {
    case KIND_ASSET:
        key = (struct store_key){(int32_t)record->owner,
                                 record->uid_low | ((uint64_t)record->uid_high << 32)};
        if (store->config->accept != NULL &&
            !store->config->accept(store->config, &key, record->flags)) {
            return PSA_SUCCESS;
        }
        return replay_asset(store, record, place);
    case KIND_LOST:
    case KIND_LOST_KEY:
        return replay_asset(store, record, place | PLACE_LOST);
    case KIND_REMOVED:
        entry = store_index_find(store, record, &found);
        if (entry != NULL) {
            store_index_drop(store, entry);
        }
        return PSA_SUCCESS;
    default:
        return record_kind(record) >= KIND_OPTIONAL ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
    }
}

/* Where a replay is in a sector. The last record waits until it is known to be finished. */
struct replay {
    uint32_t position;      /* of the next record, as offset in the region, like all here */
    uint32_t limit;         /* of the sector's records */
    uint32_t last_position; /* 0: none */
    struct record last;
};

/* Replays all whole records up to limit, except that the last one waits. */
static psa_status_t replay_run(struct store *store, struct replay *replay)
{
    psa_status_t status = PSA_SUCCESS;
    struct window window;

    window.offset = 0;
    window.length = 0;
    replay->last_position = 0;
    while (replay->limit - replay->position >= HEADER_BYTES) {
        const struct record *record = window_at(store, &window, replay->position, replay->limit);

        if (record == NULL || !store_record_is_whole(record, replay->limit - replay->position)) {
            break;
        }
        if (replay->last_position != 0U) {
            status = replay_record(store, &replay->last, replay->last_position);
            if (status != PSA_SUCCESS) {
                break;
            }
        }
        replay->last = *record;
        replay->last_position = replay->position;
        replay->position += record_bytes(store, record->size);
        if (replay->position > replay->limit) {
            return PSA_ERROR_DATA_CORRUPT;
        }
    }
    return status;
}

/* A sector before the head ends exactly where its successor says. */
static psa_status_t replay_closed_sector(struct store *store, struct replay *replay)
{
    psa_status_t status = replay_run(store, replay);

    if (status == PSA_SUCCESS && replay->position != replay->limit) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    return status == PSA_SUCCESS && replay->last_position != 0U
               ? replay_record(store, &replay->last, replay->last_position)
               : status;
}

/* The head ends where no record is. Only the last one can be unfinished, and it is only when nothing
 * was programmed after it. */
static psa_status_t replay_head(struct store *store, struct replay *replay)
{
    psa_status_t status = replay_run(store, replay);
    uint32_t rest = replay->limit - replay->position;

    store->end = replay->position - store->head;
    store->closed = !flash_area_is_erased(store->area, replay->position,
                                          rest < HEADER_BYTES ? rest : HEADER_BYTES);
    if (status != PSA_SUCCESS || replay->last_position == 0U) {
        return status;
    }
    if (!store->closed &&
        !store_record_data_is_right(store, replay->last_position, &replay->last)) {
        store->end = replay->last_position - store->head;
        store->closed = true;
        return PSA_SUCCESS;
    }
    return replay_record(store, &replay->last, replay->last_position);
}

/* ---- The log ---- */

/* Goes back from the head to the newest checkpoint that can be used, or to the tail. Tells the
 * sector, and where in it the records begin that are not yet in the index. */
static psa_status_t find_start(struct store *store, uint32_t *sequence, uint32_t *position)
{
    struct sector_header header;

    *position = HEADER_BYTES;
    for (*sequence = store->sequence;; --*sequence) {
        if (!store_sector_read(store, store_sector_of(store, *sequence), &header) ||
            header.sequence != *sequence) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        if (store_checkpoint_read(store, &header, position)) {
            store->checkpoint = *sequence;
            return PSA_SUCCESS;
        }
        if (*sequence == store->tail) {
            return PSA_SUCCESS;
        }
    }
}

/* Replays the sectors up to the head; each tells where the one before it ends. */
static psa_status_t replay_log(struct store *store, uint32_t sequence, uint32_t position)
{
    psa_status_t status = PSA_SUCCESS;
    struct replay replay;

    for (; status == PSA_SUCCESS && sequence != store->sequence; sequence++) {
        uint32_t sector = store_sector_of(store, sequence);
        struct sector_header next;

        if (!store_sector_read(store, store_sector_of(store, sequence + 1U), &next) ||
            next.previous_end < position || next.previous_end > store->area->sector_size) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        replay.position = sector + position;
        replay.limit = sector + next.previous_end;
        position = HEADER_BYTES;
        status = replay_closed_sector(store, &replay);
    }
    if (status != PSA_SUCCESS) {
        return status;
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

psa_status_t store_mount(struct store *store, const struct store_config *config)
{
    const struct flash_area *area = config->area;
    uint32_t sequence;
    uint32_t position;
    psa_status_t status;

    memset(store, 0, sizeof *store);
    store->config = config;
    store->area = area;
    store->index = config->index;
    store->index_length = config->index_length;
    memset(store->index, 0, store->index_length * sizeof store->index[0]);
    if (!flash_area_is_sound(area) || area->size > AREA_BYTES_MAX ||
        area->sector_size < 8U * HEADER_BYTES ||
        config->asset_size_max > area->sector_size - 2U * HEADER_BYTES ||
        record_bytes(store, config->asset_size_max) > RECORD_BYTES_MAX ||
        !store_space_allows(store, NULL, record_bytes(store, config->asset_size_max),
                            area->sector_size - HEADER_BYTES)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = mount_sectors(store);
    if (status != PSA_SUCCESS || store->sequence == 0U) {
        return status;
    }
    status = find_start(store, &sequence, &position);
    if (status == PSA_SUCCESS) {
        status = replay_log(store, sequence, position);
    }
    if (status == PSA_SUCCESS && store->checkpoint != store->sequence) {
        confine_places(store);
    }
    return status;
}
