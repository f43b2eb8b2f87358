/*
 * What the three files of the store share: on-flash structures, and the functions that cross files.
 *
 * Included by the three files only. store.c: index, space, records, operations; log.c: sectors,
 * collection; mount.c: from flash to index.
 */
#ifndef BARTIZAN_STORE_INTERNAL_H
#define BARTIZAN_STORE_INTERNAL_H

#include "lib/crc/crc.h"
#include "lib/store/store.h"

#define SECTOR_MAGIC   0x53545A42U
#define SECTOR_VERSION 1U
#define CHUNK_BYTES    64U /* read at once */
#define HEADER_BYTES   32U /* of a sector and of a record: whole units for every program unit */

/* Record kinds. Unknown ones from KIND_OPTIONAL on are skipped. */
#define KIND_ASSET    1U
#define KIND_REMOVED  2U
#define KIND_LOST     3U
#define KIND_OPTIONAL 0x80U

/* Marks in store_entry.place, above the offset in the region. */
#define PLACE_VERIFIED 0x80000000U /* data CRC was right since the mount */
#define PLACE_LOST     0x40000000U /* the data are known to be damaged */
#define PLACE_OFFSET   0x3FFFFFFFU

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

static inline uint32_t header_crc(const void *header)
{
    return crc32_update(0, header, HEADER_BYTES - sizeof(uint32_t));
}

static inline uint32_t sector_count(const struct store *store)
{
    return store->area->size / store->area->sector_size;
}

static inline uint32_t record_bytes(const struct store *store, uint32_t size)
{
    return HEADER_BYTES + flash_area_round_up(store->area, size);
}

/* True when the head takes a record of that size. */
static inline bool head_has_room(const struct store *store, uint32_t bytes)
{
    return store->sequence != 0U && !store->closed &&
           bytes <= store->area->sector_size - store->end;
}

/* ---- store.c ---- */

struct store_entry *store_index_find(const struct store *store, const struct store_key *key);

/* Enters the record, in the slot that its key has (entry) or in a new one. */
psa_status_t store_index_put(struct store *store, struct store_entry *entry,
                             const struct record *record, uint32_t place);

void store_index_drop(struct store *store, struct store_entry *entry);

/* True when a record of added bytes instead of replaced's leaves the store able to replace any
 * asset: that set and one more record as large as its largest fit into all sectors but one,
 * whatever their order. */
bool store_space_allows(const struct store *store, const struct store_entry *replaced,
                        uint32_t added);

/* True when there is a whole record header at position in the sector, and room for its data before
 * limit. */
bool store_record_read(const struct store *store, uint32_t sector, uint32_t position,
                       uint32_t limit, struct record *record);

/* True when the data of the record at place read without error and have its CRC. */
bool store_record_data_is_right(const struct store *store, uint32_t place,
                                const struct record *record);

/* Reads the record of an entry and checks all of it. */
bool store_record_of_entry(const struct store *store, const struct store_entry *entry,
                           struct record *record);

/* ---- log.c ---- */

/* Offset of the sector with that sequence number, one of the last sector_count(). */
uint32_t store_sector_of(const struct store *store, uint32_t sequence);

/* True when the sector has a header with right magic and CRC, of any version. */
bool store_sector_read(const struct store *store, uint32_t sector, struct sector_header *header);

/* Lets the tail pass sectors in which nothing is live; returns the number of free sectors. */
uint32_t store_free_sectors(struct store *store);

/* Makes the head take a record of that size, one way or another. */
psa_status_t store_make_room(struct store *store, uint32_t bytes);

#endif
