/*
 * What the files of the store share: on-flash structures, and the functions that cross files.
 *
 * Included by them only. store.c: index, records, operations; space.c: what is admitted; log.c:
 * sectors, collection; checkpoint.c: the index in flash; mount.c: from flash to index.
 */
#ifndef BARTIZAN_STORE_INTERNAL_H
#define BARTIZAN_STORE_INTERNAL_H

#include "lib/store/store.h"

#define SECTOR_MAGIC   0x53545A42U
#define SECTOR_VERSION 1U
#define CHUNK_BYTES    64U /* read at once */
#define HEADER_BYTES   32U /* of a sector and of a record: whole units for every program unit */
#define PLACE_UNIT     8U  /* places and sizes of records are multiples of it */

/* Record kinds. Unknown ones from KIND_OPTIONAL on are skipped. */
#define KIND_ASSET      1U
#define KIND_REMOVED    2U
#define KIND_LOST       3U
#define KIND_LOST_KEY   4U
#define KIND_OPTIONAL   0x80U
#define KIND_CHECKPOINT 0x80U

/* Fields of store_entry.place, the same as in a checkpoint except PLACE_VERIFIED. */
#define PLACE_OFFSET     0x0007FFFFU /* offset in the region / PLACE_UNIT, never 0 */
#define PLACE_SIZE_SHIFT 19U
#define PLACE_SHIFT      16U         /* the same for bytes: PLACE_UNIT is 2^3 */
#define PLACE_SIZE       0x3FF80000U /* bytes of the record / PLACE_UNIT */
#define PLACE_LOST       0x40000000U /* the data are known to be damaged */
#define PLACE_VERIFIED   0x80000000U /* data CRC was right since the mount */
#define PLACE_MARKS      (PLACE_LOST | PLACE_VERIFIED)
#define AREA_BYTES_MAX   ((PLACE_OFFSET + 1U) * PLACE_UNIT)
#define RECORD_BYTES_MAX (PLACE_SIZE >> PLACE_SHIFT)
#define DATA_BYTES_MAX   (RECORD_BYTES_MAX - 2U * HEADER_BYTES) /* for every program unit */
#define SEQUENCE_END     0x80000000U /* no store gets there; a forged one would wrap */

/* Sectors from which on collection is paced. Fewer are gone round soon, and would lose too much of
 * their room to what the pace needs (docs/formats/store.md, Space). */
#define PACED_SECTORS_MIN 8U

/* What every operation needs, and is too small to be a call: the images are built for size. */
#define STORE_INLINE static inline __attribute__((always_inline))

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
    uint32_t kind_replaces; /* kind, and from bit 8 on the place that it replaces, or 0 */
    uint32_t owner;
    uint32_t uid_low;
    uint32_t uid_high;
    uint32_t flags;
    uint32_t size;
    uint32_t data_crc;
    uint32_t crc;
};
_Static_assert(sizeof(struct record) == HEADER_BYTES, "format");

static inline uint32_t record_kind(const struct record *record)
{
    return record->kind_replaces & 0xFFU;
}

static inline uint32_t record_replaces(const struct record *record)
{
    return record->kind_replaces >> 8;
}

/* CRC-32 of some bytes, continued; one function for all, because it is large. */
uint32_t store_crc(uint32_t crc, const void *data, size_t length);

static inline uint32_t header_crc(const void *header)
{
    return store_crc(0, header, HEADER_BYTES - sizeof(uint32_t));
}

/* Of a key, see docs/formats/store.md. */
STORE_INLINE uint32_t key_hash(const struct record *record)
{
    uint32_t h = (record->owner * 0x9E3779B1U) ^ (record->uid_low * 0x85EBCA6BU) ^
                 (record->uid_high * 0xC2B2AE35U);

    return h ^ (h >> 15);
}

/* The same of any record: of KIND_LOST_KEY only the hash is known. */
STORE_INLINE uint32_t record_hash(const struct record *record)
{
    return record_kind(record) == KIND_LOST_KEY ? record->uid_low : key_hash(record);
}

static inline uint32_t sector_count(const struct store *store)
{
    return store->area->size / store->area->sector_size;
}

/* Bytes of the record of an asset of that size, filled up. */
STORE_INLINE uint32_t record_bytes(const struct store *store, uint32_t size)
{
    return HEADER_BYTES + ((size + store->fill_mask) & ~store->fill_mask);
}

STORE_INLINE uint32_t entry_offset(const struct store_entry *entry)
{
    return (entry->place & PLACE_OFFSET) * PLACE_UNIT;
}

STORE_INLINE uint32_t entry_bytes(const struct store_entry *entry)
{
    return (entry->place & PLACE_SIZE) >> PLACE_SHIFT;
}

STORE_INLINE uint32_t place_of(uint32_t offset, uint32_t bytes)
{
    return (offset / PLACE_UNIT) | (bytes << PLACE_SHIFT);
}

/* The first slot that a hash is looked for in; the next one after that. Up to the first free slot. */
STORE_INLINE struct store_entry *store_slot_of(const struct store *store, uint32_t hash)
{
    return &store->index[((uint64_t)hash * store->index_length) >> 32];
}

STORE_INLINE struct store_entry *store_slot_after(const struct store *store,
                                                  struct store_entry *slot)
{
    return slot + 1 != store->index + store->index_length ? slot + 1 : store->index;
}

/* Whether the record of an asset counts for the store's user. */
static inline bool record_is_accepted(const struct store *store, const struct record *record)
{
    const struct store_key key = {(int32_t)record->owner,
                                  record->uid_low | ((uint64_t)record->uid_high << 32)};

    const struct store_info info = {.size_bytes = record->size, .flags = record->flags};

    return store->config->accept == NULL || store->config->accept(store->config, &key, &info);
}

/* True when the head takes a record of that size. */
STORE_INLINE bool head_has_room(const struct store *store, uint32_t bytes)
{
    return store->sequence != 0U && !store->closed &&
           bytes <= store->area->sector_size - store->end;
}

/* ---- store.c ---- */

/* The entry of the record's key, which has that hash, or NULL. The header that it points to is in
 * *found; when that is damaged, found's kind is KIND_LOST. An entry without a readable header answers
 * for every key of its hash. */
struct store_entry *store_index_find(const struct store *store, const struct record *record,
                                     uint32_t hash, struct record *found);

/* Enters hash and place: in entry, which has that hash, or in a free slot, which there must be.
 * Returns the entry. */
struct store_entry *store_index_put(struct store *store, struct store_entry *entry, uint32_t hash,
                                    uint32_t place);

void store_index_drop(struct store *store, struct store_entry *entry);

/* Reads the record header at offset. True when it is whole, and its data fit before limit. */
bool store_record_read(const struct store *store, uint32_t offset, uint32_t limit,
                       struct record *record);

/* True when a header that was read is whole and its data fit in room, what there is from the header
 * on. */
bool store_record_is_whole(const struct record *record, uint32_t room);

/* True when the data of the record at offset read without error and have its CRC. */
bool store_record_data_is_right(const struct store *store, uint32_t offset,
                                const struct record *record);

/* Reads the header that an entry points to; false when it is not that of such an entry. */
bool store_record_of_entry(const struct store *store, const struct store_entry *entry,
                           struct record *record);

/* ---- space.c ---- */

/* The records of all assets, or what they will be. */
struct store_load {
    uint32_t count;
    uint32_t total;   /* bytes */
    uint32_t largest; /* bytes */
};

/* With a record of added bytes (0: none) instead of replaced's. */
struct store_load store_load_of(const struct store *store, const struct store_entry *replaced,
                                uint32_t added);

/* Most bytes that one operation copies, when no record is larger than largest. */
uint32_t store_copies_max(const struct store *store, uint32_t largest);

/* True when a record of added bytes instead of replaced's leaves the store able to replace any
 * asset, with sectors that have so many bytes for records. The rule: docs/formats/store.md. */
bool store_space_allows(const struct store *store, const struct store_entry *replaced,
                        uint32_t added, uint32_t sector_bytes);

/* ---- log.c ---- */

/* Offset of the sector with that sequence number, one of the last sector_count(). */
uint32_t store_sector_of(const struct store *store, uint32_t sequence);

/* True when the sector has a header with right magic and CRC, of any version. */
bool store_sector_read(const struct store *store, uint32_t sector, struct sector_header *header);

/* Lets the tail pass sectors in which nothing is live; returns the number of free sectors. */
uint32_t store_free_sectors(struct store *store);

/* Does the part of an operation that appended so many bytes in a collection that is under way. */
void store_collect(struct store *store, uint32_t bytes);

/* Makes the head take a record of that size, one way or another. */
psa_status_t store_make_room(struct store *store, uint32_t bytes);

/* ---- mount.c ---- */

/* A piece of a sector that is in the scratch memory, while a mount lasts. Offsets in the region. */
struct window {
    uint32_t begin;
    uint32_t end;
};

/* Reads the header at position, of which there is one before limit, and ahead if it can. */
bool store_window_read(const struct store *store, struct window *window, uint32_t position,
                       uint32_t limit);

/* What the window has at position. */
STORE_INLINE const void *window_at(const struct store *store, const struct window *window,
                                   uint32_t position)
{
    return &store->config->scratch[(position - window->begin) / sizeof(uint32_t)];
}

/* Frees all slots: of a free one, nobody looks at the hash. */
void store_index_clear(struct store *store);

/* ---- checkpoint.c ---- */

/* True when the sector that is opened next shall begin with a checkpoint. */
bool store_checkpoint_is_due(const struct store *store);

/* Writes one to the erased sector. *end: offset in the sector behind it. */
psa_status_t store_checkpoint_write(const struct store *store, uint32_t sector, uint32_t *end);

/* Fills the index from the checkpoint that the sector of this header begins with. False, and an
 * empty index, when there is none that can be used. *end: offset in the sector behind it. Leaves in
 * the window what it read, perhaps the records behind the checkpoint. */
bool store_checkpoint_read(struct store *store, const struct sector_header *header,
                           struct window *window, uint32_t *end);

#endif
