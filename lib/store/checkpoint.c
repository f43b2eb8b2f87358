/*
 * Checkpoints of the index in flash, so that a mount reads little: docs/formats/store.md,
 * Checkpoint.
 *
 * Called by log.c when it opens a sector and by mount.c. What is read is hostile until it was
 * checked here; a place that passes is still confirmed by the record there before it is believed.
 */
#include "lib/store/internal.h"

#define SHARE_ONE 8U  /* every sector has one that takes at most this part of it */
#define SHARE     24U /* larger ones are this part of all that is written */

static uint32_t checkpoint_bytes(const struct store *store)
{
    return record_bytes(store, store->count * (uint32_t)sizeof(struct store_entry));
}

bool store_checkpoint_is_due(const struct store *store)
{
    uint32_t bytes = checkpoint_bytes(store);
    uint32_t pairs = bytes - HEADER_BYTES;
    uint32_t sectors = store->sequence + 1U - store->checkpoint;
    uint32_t sector_size = store->area->sector_size;

    sectors = sectors < SHARE ? sectors : SHARE;
    return (SHARE_ONE * pairs <= sector_size || SHARE * pairs <= sectors * sector_size) &&
           HEADER_BYTES + bytes + record_bytes(store, store->config->asset_size_max) <=
               sector_size &&
           store_space_allows(store, NULL, 0, sector_size - HEADER_BYTES - bytes);
}

/* A sum of the pairs that is quick to check: a mount looks at all of them. */
struct sums {
    uint32_t plain;
    uint32_t weighted; /* the sum of all values that plain had */
};

static inline void sums_add(struct sums *sums, const struct store_entry *pair)
{
    sums->plain += pair->hash;
    sums->weighted += sums->plain;
    sums->plain += pair->place;
    sums->weighted += sums->plain;
}

/* ---- Writing ---- */

/* Gathers pairs and programs them by the chunk. */
struct writer {
    const struct store *store;
    uint32_t position;
    uint32_t used; /* pairs in the chunk */
    uint32_t crc;
    struct sums sums;
    struct store_entry pairs[CHUNK_BYTES / sizeof(struct store_entry)];
};

static psa_status_t writer_flush(struct writer *writer)
{
    uint32_t bytes = writer->used * (uint32_t)sizeof(struct store_entry);
    uint32_t position = writer->position;

    writer->crc = store_crc(writer->crc, writer->pairs, bytes);
    writer->position += bytes;
    writer->used = 0;
    return flash_area_program(writer->store->area, position, writer->pairs, bytes);
}

static psa_status_t writer_add(struct writer *writer, const struct store_entry *entry)
{
    struct store_entry *pair = &writer->pairs[writer->used++];

    *pair = *entry;
    pair->place &= ~PLACE_VERIFIED;
    sums_add(&writer->sums, pair);
    return writer->used == sizeof writer->pairs / sizeof writer->pairs[0] ? writer_flush(writer)
                                                                          : PSA_SUCCESS;
}

/* The pairs first, because the header needs their sums; nothing counts before the sector's header. */
psa_status_t store_checkpoint_write(const struct store *store, uint32_t sector, uint32_t *end)
{
    struct writer writer = {.store = store, .position = sector + 2U * HEADER_BYTES};
    psa_status_t status = PSA_SUCCESS;
    struct record record;

    for (uint32_t i = 0; i < store->index_length && status == PSA_SUCCESS; i++) {
        if (store->index[i].place != 0U) {
            status = writer_add(&writer, &store->index[i]);
        }
    }
    if (status != PSA_SUCCESS || writer_flush(&writer) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    record = (struct record){
        .kind_replaces = KIND_CHECKPOINT,
        .uid_low = writer.sums.plain,
        .uid_high = writer.sums.weighted,
        .size = store->count * (uint32_t)sizeof(struct store_entry),
        .data_crc = writer.crc,
    };
    record.crc = header_crc(&record);
    *end = HEADER_BYTES + record_bytes(store, record.size);
    return flash_area_program(store->area, sector + HEADER_BYTES, &record, sizeof record);
}

/* ---- Reading ---- */

/* What the places of a checkpoint must be in, in PLACE_UNITs. */
struct bounds {
    uint32_t sector_size;
    /* The sectors before it that counted: from begin to end, and from 0 to lap_end. */
    uint32_t begin;
    uint32_t end;
    uint32_t lap_end;
    uint32_t alignment; /* bits that are 0 in a place and a size */
};

static struct bounds bounds_of(const struct store *store, const struct sector_header *header)
{
    uint32_t sector_size = store->area->sector_size / PLACE_UNIT;
    uint32_t region_size = store->area->size / PLACE_UNIT;
    uint32_t sector = store_sector_of(store, header->sequence) / PLACE_UNIT;
    uint32_t others = sector_count(store) - 1U;
    uint32_t before = header->sequence - header->tail;
    uint32_t log_size = (before < others ? before : others) * sector_size;
    bool laps = log_size > sector; /* it goes round the end of the region */

    return (struct bounds){
        .sector_size = sector_size,
        .begin = sector + (laps ? region_size : 0U) - log_size,
        .end = laps ? region_size : sector,
        .lap_end = laps ? sector : 0U,
        .alignment = store->fill_mask / PLACE_UNIT,
    };
}

/* Bit 31 of the result is 0 when a record at this place is within a sector, behind its header, and in
 * the log before the checkpoint. No number here has 20 bits, so a bit 31 is that of a difference
 * below 0. */
static inline uint32_t place_excess(const struct bounds *bounds, uint32_t place)
{
    const uint32_t header = HEADER_BYTES / PLACE_UNIT;
    uint32_t at = place & PLACE_OFFSET;
    uint32_t size = (place & PLACE_SIZE) >> PLACE_SIZE_SHIFT;
    uint32_t within = (at - header) & (bounds->sector_size - 1U); /* a header's place is the last */
    uint32_t outside = (at - bounds->begin) & ~(at - bounds->lap_end);

    return (size - header) | (bounds->sector_size - header - within - size) | outside |
           ~(at - bounds->end);
}

/* True when all places are possible. Looks at all of them before it decides, and is not inlined:
 * what it needs just fits in the registers. */
static __attribute__((noinline)) bool pairs_are_possible(const struct bounds *limits,
                                                         const struct store_entry *pair,
                                                         const struct store_entry *end)
{
    const struct bounds bounds = *limits;
    uint32_t excess = 0;
    uint32_t places = 0;

    for (; pair != end; pair++) {
        excess |= place_excess(&bounds, pair->place);
        places |= pair->place;
    }
    return ((excess | places) >> 31) == 0U &&
           ((places | (places >> PLACE_SIZE_SHIFT)) & bounds.alignment) == 0U;
}

/* Enters pairs, for which there are free slots, and sums them up. */
static __attribute__((noinline)) void pairs_enter(const struct store *store,
                                                  const struct store_entry *pair,
                                                  const struct store_entry *end, struct sums *sums)
{
    struct store_entry *const index = store->index;
    const uint32_t index_length = store->index_length;
    struct store_entry *const index_end = index + index_length;
    struct sums sum = *sums;

    for (; pair != end; pair++) {
        const struct store_entry entry = *pair;
        struct store_entry *slot = &index[((uint64_t)entry.hash * index_length) >> 32];

        sums_add(&sum, &entry);
        while (slot->place != 0U) {
            slot = slot + 1 != index_end ? slot + 1 : index;
        }
        slot->hash = entry.hash;
        slot->place = entry.place;
    }
    *sums = sum;
}

/* The pairs at position, as many of those up to end as the window has or takes. Their bytes; 0: they
 * do not read. */
static uint32_t window_pairs(const struct store *store, struct window *window, uint32_t position,
                             uint32_t end)
{
    const uint32_t mask = ~((uint32_t)sizeof(struct store_entry) - 1U);
    uint32_t part = end - position;

    if (position + sizeof(struct store_entry) > window->end) {
        uint32_t room = store->config->scratch_bytes & mask;

        part = part < room ? part : room;
        window->begin = position;
        window->end = position;
        if (store->area->read(store->area, position, store->config->scratch, part) == PSA_SUCCESS) {
            window->end += part;
        }
    }
    return end < window->end ? end - position : (window->end - position) & mask;
}

/* Enters all pairs, which are no more than the index has slots; checks their sums. */
static bool pairs_read(struct store *store, const struct bounds *bounds, struct window *window,
                       uint32_t position, const struct record *record)
{
    const uint32_t end = position + record->size;
    struct sums sums = {0};

    while (position != end) {
        uint32_t part = window_pairs(store, window, position, end);
        const struct store_entry *pairs = window_at(store, window, position);
        const struct store_entry *pairs_end = pairs + part / sizeof pairs[0];

        if (part == 0U || !pairs_are_possible(bounds, pairs, pairs_end)) {
            return false;
        }
        pairs_enter(store, pairs, pairs_end, &sums);
        position += part;
    }
    store->count = record->size / (uint32_t)sizeof(struct store_entry);
    return sums.plain == record->uid_low && sums.weighted == record->uid_high;
}

/* Where records are accepted one by one, those that a checkpoint names are too: each is read. What
 * takes the place of one that is dropped is looked at next. */
static void index_confirm(struct store *store)
{
    struct store_entry *entry = store->index;
    struct record record;
    struct record found;

    while (entry != store->index + store->index_length) {
        if (entry->place != 0U &&
            (!store_record_of_entry(store, entry, &record) || record_kind(&record) != KIND_ASSET ||
             !record_is_accepted(store, &record) ||
             store_index_find(store, &record, key_hash(&record), &found) != entry)) {
            store_index_drop(store, entry);
        } else {
            entry++;
        }
    }
}

bool store_checkpoint_read(struct store *store, const struct sector_header *header,
                           struct window *window, uint32_t *end)
{
    uint32_t sector = store_sector_of(store, header->sequence);
    uint32_t position = sector + HEADER_BYTES;
    uint32_t limit = sector + store->area->sector_size;
    struct bounds bounds = bounds_of(store, header);
    struct record record;

    if (!store_window_read(store, window, position, limit)) {
        return false;
    }
    record = *(const struct record *)window_at(store, window, position);
    if (record.kind_replaces != KIND_CHECKPOINT ||
        !store_record_is_whole(&record, limit - position) ||
        record.size % sizeof(struct store_entry) != 0U ||
        record.size / sizeof(struct store_entry) > store->index_length) {
        return false;
    }
    if (!pairs_read(store, &bounds, window, position + HEADER_BYTES, &record)) {
        store_index_clear(store);
        return false;
    }
    if (store->config->accept != NULL) {
        index_confirm(store);
    }
    *end = HEADER_BYTES + record_bytes(store, record.size);
    return true;
}
