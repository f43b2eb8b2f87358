/*
 * The store's log of sectors: what happens when the head takes no more records, collection. Format,
 * invariants and the reasons for them: docs/formats/store.md.
 *
 * Called by store.c and mount.c. Erases only the sector after the head, and only while the head's
 * header says that nothing in it counts.
 */
#include "lib/store/internal.h"

#define NO_SECTOR UINT32_MAX

/* ---- Sectors ---- */

uint32_t store_sector_of(const struct store *store, uint32_t sequence)
{
    uint32_t back = (store->sequence - sequence) * store->area->sector_size;

    return store->head >= back ? store->head - back : store->head + store->area->size - back;
}

static bool entry_is_in(const struct store *store, const struct store_entry *entry, uint32_t sector)
{
    return (entry->place & PLACE_OFFSET & ~(store->area->sector_size - 1U)) == sector;
}

static bool sector_has_live(const struct store *store, uint32_t sector)
{
    for (uint32_t i = 0; i < store->count; i++) {
        if (entry_is_in(store, &store->index[i], sector)) {
            return true;
        }
    }
    return false;
}

uint32_t store_free_sectors(struct store *store)
{
    while (store->tail < store->sequence &&
           !sector_has_live(store, store_sector_of(store, store->tail))) {
        store->tail++;
    }
    return sector_count(store) - (store->sequence - store->tail + 1U);
}

bool store_sector_read(const struct store *store, uint32_t sector, struct sector_header *header)
{
    return store->area->read(store->area, sector, header, sizeof *header) == PSA_SUCCESS &&
           header->magic == SECTOR_MAGIC && header->crc == header_crc(header);
}

/* Makes sector the head, with records up to end, and tail the oldest sector that counts. */
static psa_status_t sector_commit(struct store *store, uint32_t sector, uint32_t tail, uint32_t end,
                                  uint32_t erases)
{
    struct sector_header header = {
        .magic = SECTOR_MAGIC,
        .version = SECTOR_VERSION,
        .program_unit = (uint16_t)store->area->program_unit,
        .sector_size = store->area->sector_size,
        .sequence = store->sequence + 1U,
        .tail = tail,
        .previous_end = store->end,
        .erases = erases,
    };

    header.crc = header_crc(&header);
    if (flash_area_program(store->area, sector, &header, sizeof header) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    store->head = sector;
    store->sequence = header.sequence;
    store->tail = tail;
    store->end = end;
    store->erases = erases;
    store->closed = false;
    return PSA_SUCCESS;
}

/* Takes the first sector of a new region into use. A cut in the header's write must not make an
 * erase necessary: the erase could be cut too, and leave what looks like somebody else's data. */
static psa_status_t start_region(struct store *store)
{
    const struct flash_area *area = store->area;

    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (flash_area_is_erased(area, sector, HEADER_BYTES) &&
            sector_commit(store, sector, 1, HEADER_BYTES, 0) == PSA_SUCCESS) {
            return PSA_SUCCESS;
        }
    }
    if (area->erase(area, 0) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    return sector_commit(store, 0, 1, HEADER_BYTES, 1);
}

/* ---- Copies ---- */

/* Copies the record of an entry to place; returns its size in bytes there, 0 if the flash does not
 * take it. A damaged record becomes a header that says so, and the entry is marked. */
static uint32_t record_copy(const struct store *store, struct store_entry *entry, uint32_t place)
{
    uint32_t from = entry->place & PLACE_OFFSET;
    uint8_t chunk[CHUNK_BYTES];
    struct record record;
    uint32_t bytes;

    if (!store_record_of_entry(store, entry, &record)) {
        entry->place = from | PLACE_LOST;
        entry->size = 0;
        record = (struct record){.kind = KIND_LOST,
                                 .owner = entry->owner,
                                 .uid_low = entry->uid_low,
                                 .uid_high = entry->uid_high,
                                 .flags = entry->flags};
        record.crc = header_crc(&record);
    }
    if (flash_area_program(store->area, place, &record, sizeof record) != PSA_SUCCESS) {
        return 0;
    }
    bytes = record_bytes(store, record.size);
    for (uint32_t done = HEADER_BYTES; done < bytes; done += CHUNK_BYTES) {
        uint32_t part = bytes - done < CHUNK_BYTES ? bytes - done : CHUNK_BYTES;

        if (store->area->read(store->area, from + done, chunk, part) != PSA_SUCCESS ||
            flash_area_program(store->area, place + done, chunk, part) != PSA_SUCCESS) {
            return 0;
        }
    }
    return bytes;
}

/* Points the entry at its copy. */
static void entry_move(struct store_entry *entry, uint32_t place)
{
    entry->place = place | (entry->place & PLACE_LOST);
}

/* ---- Collection ---- */

/* Appends copies of the tail's live records to the head, as far as they fit. */
static void copy_into_head(struct store *store, uint32_t tail_sector)
{
    for (uint32_t i = 0; i < store->count && !store->closed; i++) {
        struct store_entry *entry = &store->index[i];
        uint32_t place = store->head + store->end;
        uint32_t bytes = record_bytes(store, entry->size);

        if (!entry_is_in(store, entry, tail_sector) ||
            bytes > store->area->sector_size - store->end) {
            continue;
        }
        bytes = record_copy(store, entry, place);
        if (bytes == 0U) {
            store->closed = true;
            return;
        }
        entry_move(entry, place);
        store->end += bytes;
    }
}

/* Erases the next sector, copies what is live in carried (a sector, or none) into it, and makes it
 * the head. Its header goes last: until then it does not exist, and the copies' originals count. */
static psa_status_t open_sector(struct store *store, uint32_t carried, uint32_t tail)
{
    uint32_t sector = (store->head + store->area->sector_size) % store->area->size;
    struct sector_header old;
    uint32_t erases = store_sector_read(store, sector, &old)
                          ? old.erases + 1U
                          : store->erases + (store->erases == 0U);
    uint32_t end = HEADER_BYTES;
    psa_status_t status;

    if (store->area->erase(store->area, sector) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    for (uint32_t i = 0; i < store->count; i++) {
        if (entry_is_in(store, &store->index[i], carried)) {
            uint32_t bytes = record_copy(store, &store->index[i], sector + end);

            if (bytes == 0U) {
                return PSA_ERROR_STORAGE_FAILURE;
            }
            end += bytes;
        }
    }
    status = sector_commit(store, sector, tail, end, erases);
    if (status != PSA_SUCCESS) {
        return status;
    }
    end = HEADER_BYTES;
    for (uint32_t i = 0; i < store->count; i++) {
        if (entry_is_in(store, &store->index[i], carried)) {
            entry_move(&store->index[i], sector + end);
            end += record_bytes(store, store->index[i].size);
        }
    }
    return PSA_SUCCESS;
}

/* Moves what is live out of the tail: into the rest of the head, then into the free sector. */
static psa_status_t collect_tail(struct store *store)
{
    uint32_t tail_sector = store_sector_of(store, store->tail);

    if (store->tail != store->sequence && !store->closed) {
        copy_into_head(store, tail_sector);
    }
    if (!sector_has_live(store, tail_sector) && store->tail != store->sequence) {
        store->tail++;
        return PSA_SUCCESS;
    }
    return open_sector(store, tail_sector, store->tail + 1U);
}

/* One sector stays free for the next collection. */
psa_status_t store_make_room(struct store *store, uint32_t bytes)
{
    psa_status_t status = store->sequence == 0U ? start_region(store) : PSA_SUCCESS;

    for (uint32_t steps = 2U * sector_count(store); status == PSA_SUCCESS; steps--) {
        if (head_has_room(store, bytes)) {
            return PSA_SUCCESS;
        }
        if (steps == 0U) {
            return PSA_ERROR_INSUFFICIENT_STORAGE;
        }
        if (store_free_sectors(store) >= 2U) {
            status = open_sector(store, NO_SECTOR, store->tail);
        } else {
            status = collect_tail(store);
        }
    }
    return status;
}
