/*
 * The store's log of sectors: what happens when the head takes no more records, collection. Format,
 * invariants and the reasons for them: docs/formats/store.md.
 *
 * Called by store.c and mount.c. Erases only the sector after the head, and only while the head's
 * header says that nothing in it counts.
 */
#include "lib/store/internal.h"

#define NO_SECTOR UINT32_MAX
#define PACE_UNIT 16U

/* ---- Sectors ---- */

uint32_t store_sector_of(const struct store *store, uint32_t sequence)
{
    uint32_t back = (store->sequence - sequence) * store->area->sector_size;

    return store->head >= back ? store->head - back : store->head + store->area->size - back;
}

static bool entry_is_in(const struct store *store, const struct store_entry *entry, uint32_t sector)
{
    return entry->place != 0U && (entry_offset(entry) & ~(store->area->sector_size - 1U)) == sector;
}

static bool sector_has_live(const struct store *store, uint32_t sector)
{
    for (uint32_t i = 0; i < store->index_length; i++) {
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

/* What is left of an asset that cannot be copied: its key, or if that is unreadable too, its hash. */
static void record_give_up(const struct store_entry *entry, struct record *record, bool has_key)
{
    *record = has_key ? (struct record){.kind_replaces = KIND_LOST,
                                        .owner = record->owner,
                                        .uid_low = record->uid_low,
                                        .uid_high = record->uid_high}
                      : (struct record){.kind_replaces = KIND_LOST_KEY, .uid_low = entry->hash};
}

/* Copies the record of an entry to the erased bytes at offset. *place: that of the copy. The flash
 * may not take it. */
static psa_status_t record_copy(const struct store *store, const struct store_entry *entry,
                                uint32_t offset, uint32_t *place)
{
    uint32_t from = entry_offset(entry);
    uint8_t chunk[CHUNK_BYTES];
    struct record record;
    bool has_key = store_record_of_entry(store, entry, &record);
    bool is_right = has_key && store_record_data_is_right(store, from, &record);
    uint32_t bytes;

    if (!is_right) {
        record_give_up(entry, &record, has_key);
    }
    bytes = record_bytes(store, record.size);
    *place = place_of(offset, bytes) | (entry->place & PLACE_LOST) | (is_right ? 0U : PLACE_LOST);
    record.kind_replaces = record_kind(&record) | (entry->place & PLACE_OFFSET) << 8;
    record.crc = header_crc(&record);
    if (flash_area_program(store->area, offset, &record, sizeof record) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    for (uint32_t done = HEADER_BYTES; done < HEADER_BYTES + record.size; done += CHUNK_BYTES) {
        uint32_t left = HEADER_BYTES + record.size - done;
        uint32_t part = left < CHUNK_BYTES ? left : CHUNK_BYTES;

        if (store->area->read(store->area, from + done, chunk, part) != PSA_SUCCESS ||
            flash_area_program(store->area, offset + done, chunk, part) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    return PSA_SUCCESS;
}

/* ---- Pace ---- */

/* Before the store runs out of room, collection must have gone once round all that is live. While
 * there is much room it need not begin; once it has begun, each operation does its part, in
 * proportion to the bytes that it appends. docs/formats/store.md, Pace. */

/* Bytes of live records in the tail, unless that is the head. */
static uint32_t tail_live(const struct store *store)
{
    uint32_t sector = store_sector_of(store, store->tail);
    uint32_t live = 0;

    for (uint32_t i = 0; i < store->index_length && store->tail != store->sequence; i++) {
        live += entry_is_in(store, &store->index[i], sector) ? entry_bytes(&store->index[i]) : 0U;
    }
    return live;
}

/* How many bytes must be copied for PACE_UNIT appended ones, as things are now: 0 before collection
 * must begin. Notes how far the head may be filled until then. */
static uint32_t pace_update(struct store *store)
{
    struct store_load load = store_load_of(store, NULL, 0);
    uint32_t sector_bytes = store->area->sector_size - HEADER_BYTES;
    uint32_t most = store_copies_max(store, load.largest);
    uint32_t gap =
        sector_bytes - load.largest < load.largest ? sector_bytes - load.largest : load.largest;
    uint32_t behind = (store_free_sectors(store) - 1U) * sector_bytes;
    uint32_t reserve = tail_live(store) + load.largest;
    uint32_t begin = (load.total / most + 1U) * (load.largest + gap) * 9U / 8U + reserve;
    uint32_t rest = store->closed ? 0U : store->area->sector_size - store->end;
    uint32_t left;

    store->collect_from = UINT32_MAX;
    if (sector_count(store) < PACED_SECTORS_MIN || load.count < 2U || begin <= behind) {
        return 0;
    }
    store->collect_from =
        store->area->sector_size - (begin - behind < sector_bytes ? begin - behind : sector_bytes);
    if (rest > begin - behind) {
        return 0;
    }
    left = behind + rest > reserve ? behind + rest - reserve : 0U;
    left = left / sector_bytes * (sector_bytes - gap) +
           left % sector_bytes * (sector_bytes - gap) / sector_bytes;
    left -= left / 8U;
    return left * (most / load.largest) <= load.total ? most * PACE_UNIT / load.largest
                                                      : load.total * PACE_UNIT / left + 1U;
}

/* ---- Collection ---- */

/* Appends a copy to the head, which has room for it, and points the entry to it. If the flash does
 * not take it, the head is closed. */
static void copy_to_head(struct store *store, struct store_entry *entry)
{
    uint32_t place;

    if (record_copy(store, entry, store->head + store->end, &place) == PSA_SUCCESS) {
        entry->place = place;
        store->end += entry_bytes(entry);
    } else {
        store->closed = true;
    }
}

/* Appends copies of the tail's live records to the head, as far as they fit. */
static void copy_into_head(struct store *store, uint32_t tail_sector)
{
    for (uint32_t i = 0; i < store->index_length; i++) {
        struct store_entry *entry = &store->index[i];

        if (entry_is_in(store, entry, tail_sector) && head_has_room(store, entry_bytes(entry))) {
            copy_to_head(store, entry);
        }
    }
}

/* Begins an erased sector with a checkpoint if one is due. *end: where records go on. A cell that
 * does not take it must not stop the store: then the sector is erased again, and has none. */
static psa_status_t begin_sector(struct store *store, uint32_t sector, uint32_t *end)
{
    if (!store_checkpoint_is_due(store)) {
        return PSA_SUCCESS;
    }
    if (store_checkpoint_write(store, sector, end) == PSA_SUCCESS) {
        store->checkpoint = store->sequence + 1U;
        return PSA_SUCCESS;
    }
    *end = HEADER_BYTES;
    return store->area->erase(store->area, sector);
}

/* Copies what is live in carried (a sector, or none) into a sector that is being opened, from *end
 * on. The originals count until its header is there; only a damaged one is marked at once, because
 * its copy is shorter. */
static psa_status_t carry(struct store *store, uint32_t carried, uint32_t sector, uint32_t *end)
{
    for (uint32_t i = 0; i < store->index_length; i++) {
        struct store_entry *entry = &store->index[i];
        uint32_t place;

        if (!entry_is_in(store, entry, carried)) {
            continue;
        }
        if (entry_bytes(entry) > store->area->sector_size - *end ||
            record_copy(store, entry, sector + *end, &place) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
        if ((place & PLACE_LOST) != 0U) {
            (void)store_index_put(store, entry, entry->hash,
                                  place_of(entry_offset(entry), HEADER_BYTES) | PLACE_LOST);
        }
        *end += entry_bytes(entry);
    }
    return PSA_SUCCESS;
}

/* Points the entries of what was carried to the copies, in the same order. */
static void carry_commit(struct store *store, uint32_t carried, uint32_t place)
{
    for (uint32_t i = 0; i < store->index_length; i++) {
        struct store_entry *entry = &store->index[i];

        if (entry_is_in(store, entry, carried)) {
            entry->place = place_of(place, entry_bytes(entry)) | (entry->place & PLACE_MARKS);
            place += entry_bytes(entry);
        }
    }
}

/* Erases the next sector, copies what is live in carried (a sector, or none) into it, and makes it
 * the head. Its header goes last: until then it does not exist, and the copies' originals count.
 * What is carried may fill the sector, so that only another has room for a checkpoint. */
static psa_status_t open_sector(struct store *store, uint32_t carried, uint32_t tail)
{
    uint32_t sector = (store->head + store->area->sector_size) % store->area->size;
    uint32_t checkpoint = store->checkpoint;
    uint32_t end = HEADER_BYTES;
    struct sector_header old;
    uint32_t erases = store_sector_read(store, sector, &old)
                          ? old.erases + 1U
                          : store->erases + (store->erases == 0U);
    psa_status_t status = store->area->erase(store->area, sector);

    if (status == PSA_SUCCESS) {
        status = carried == NO_SECTOR ? begin_sector(store, sector, &end)
                                      : carry(store, carried, sector, &end);
    }
    if (status == PSA_SUCCESS) {
        status = sector_commit(store, sector, tail, end, erases);
    }
    if (status != PSA_SUCCESS) {
        store->checkpoint = checkpoint;
        return PSA_ERROR_STORAGE_FAILURE;
    }
    carry_commit(store, carried, sector + HEADER_BYTES);
    (void)pace_update(store);
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

/* An entry whose record is in the tail: one that the head has room for, or else any. */
static struct store_entry *entry_to_copy(const struct store *store)
{
    uint32_t sector = store_sector_of(store, store->tail);
    struct store_entry *other = NULL;

    for (uint32_t i = 0; i < store->index_length; i++) {
        struct store_entry *entry = &store->index[i];

        if (entry_is_in(store, entry, sector)) {
            if (head_has_room(store, entry_bytes(entry))) {
                return entry;
            }
            other = entry;
        }
    }
    return other;
}

/* Copies records of the tail, so many bytes in all and one at least, into the head and one more
 * sector if may_open. */
static psa_status_t collect_some(struct store *store, uint32_t bytes, bool may_open)
{
    psa_status_t status = PSA_SUCCESS;

    while (status == PSA_SUCCESS && bytes != 0U && store->tail != store->sequence) {
        struct store_entry *entry = entry_to_copy(store);
        uint32_t size = entry != NULL ? entry_bytes(entry) : 0U;

        if (entry == NULL) {
            store->tail++;
            if (pace_update(store) == 0U) {
                break;
            }
        } else if (head_has_room(store, size)) {
            copy_to_head(store, entry);
            bytes -= size < bytes ? size : bytes;
        } else if (may_open && store_free_sectors(store) >= 2U) {
            status = open_sector(store, NO_SECTOR, store->tail);
            may_open = false;
        } else {
            break;
        }
    }
    return status;
}

void store_collect(struct store *store, uint32_t bytes)
{
    uint32_t pace = pace_update(store);

    if (pace != 0U) {
        /* What fails here is tried again by the next operation, when it must be. */
        (void)collect_some(store, bytes * pace / PACE_UNIT + 1U, true);
    }
}

/* One sector stays free for the next collection. */
psa_status_t store_make_room(struct store *store, uint32_t bytes)
{
    psa_status_t status = store->sequence == 0U ? start_region(store) : PSA_SUCCESS;

    if (status == PSA_SUCCESS && !head_has_room(store, bytes) && pace_update(store) != 0U) {
        status = collect_some(store, bytes, false);
    }
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
