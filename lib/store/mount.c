/*
 * Mounting a store: finds the head, the end of the log, and replays all records into the index.
 *
 * Called by the store's owner through store.h. Writes nothing to flash.
 */
#include <string.h>

#include "lib/store/internal.h"

/* Finds the head and checks what all sector headers say. */
static psa_status_t mount_sectors(struct store *store)
{
    const struct flash_area *area = store->area;
    struct sector_header header;

    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (!store_sector_read(store, sector, &header)) {
            continue;
        }
        if (header.version != SECTOR_VERSION || header.program_unit != area->program_unit ||
            header.sector_size != area->sector_size) {
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

/* Finds the end of the head's records. Only the last one can be unfinished, and it is only when
 * nothing was programmed after it. */
static void mount_head(struct store *store)
{
    uint32_t sector_size = store->area->sector_size;
    uint32_t last = 0;
    struct record record;

    store->end = HEADER_BYTES;
    while (store_record_read(store, store->head, store->end, sector_size, &record)) {
        last = store->end;
        store->end += record_bytes(store, record.size);
    }
    uint32_t rest = sector_size - store->end;

    store->closed = !flash_area_is_erased(store->area, store->head + store->end,
                                          rest < HEADER_BYTES ? rest : HEADER_BYTES);
    if (last != 0U && !store->closed &&
        store_record_read(store, store->head, last, sector_size, &record) &&
        !store_record_data_is_right(store, store->head + last, &record)) {
        store->end = last;
        store->closed = true;
    }
}

static psa_status_t replay_record(struct store *store, const struct record *record, uint32_t place)
{
    struct store_key key = {(int32_t)record->owner,
                            record->uid_low | ((uint64_t)record->uid_high << 32)};
    struct store_entry *entry = store_index_find(store, &key);

    switch (record->kind) {
    case KIND_ASSET:
        if (store->config->accept != NULL &&
            !store->config->accept(store->config, &key, record->flags)) {
            return PSA_SUCCESS;
        }
        return store_index_put(store, entry, record, place);
    case KIND_LOST:
        return store_index_put(store, entry, record, place | PLACE_LOST);
    case KIND_REMOVED:
        if (entry != NULL) {
            store_index_drop(store, entry);
        }
        return PSA_SUCCESS;
    default:
        return record->kind >= KIND_OPTIONAL ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
    }
}

/* Enters all records of a sector up to end, which must be the end of one. */
static psa_status_t replay_sector(struct store *store, uint32_t sector, uint32_t end)
{
    uint32_t position = HEADER_BYTES;
    psa_status_t status = end <= store->area->sector_size ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;

    while (status == PSA_SUCCESS && position != end) {
        struct record record;

        if (position > end || !store_record_read(store, sector, position, end, &record)) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        status = replay_record(store, &record, sector + position);
        position += record_bytes(store, record.size);
    }
    return status;
}

/* Replays the sectors from the tail to the head; each tells where the one before it ends. */
static psa_status_t mount_log(struct store *store)
{
    psa_status_t status = PSA_SUCCESS;

    for (uint32_t sequence = store->tail; status == PSA_SUCCESS && sequence <= store->sequence;
         sequence++) {
        struct sector_header header;

        if (!store_sector_read(store, store_sector_of(store, sequence), &header) ||
            header.sequence != sequence) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        if (sequence != store->tail) {
            status =
                replay_sector(store, store_sector_of(store, sequence - 1U), header.previous_end);
        }
    }
    return status == PSA_SUCCESS ? replay_sector(store, store->head, store->end) : status;
}

psa_status_t store_mount(struct store *store, const struct store_config *config)
{
    const struct flash_area *area = config->area;
    psa_status_t status;

    memset(store, 0, sizeof *store);
    store->config = config;
    store->area = area;
    store->index = config->index;
    if (!flash_area_is_sound(area) || area->size > PLACE_OFFSET ||
        area->sector_size < 8U * HEADER_BYTES ||
        config->asset_size_max > area->sector_size - 2U * HEADER_BYTES ||
        !store_space_allows(store, NULL, record_bytes(store, config->asset_size_max))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = mount_sectors(store);
    if (status != PSA_SUCCESS || store->sequence == 0U) {
        return status;
    }
    mount_head(store);
    return mount_log(store);
}
