/*
 * Checkpoints of the index in flash, so that a mount reads little: docs/formats/store.md,
 * Checkpoint.
 *
 * Called by log.c when it opens a sector and by mount.c. What is read is hostile until it was
 * checked here; a place that passes is still confirmed by the record there before it is believed.
 */
#include <string.h>

#include "lib/store/internal.h"

#define SHARE       8U  /* at most one byte of so many is a checkpoint's */
#define SECTORS_MAX 16U /* that are looked back: no checkpoint is larger than one sector */

static uint32_t checkpoint_bytes(const struct store *store)
{
    return record_bytes(store, store->count * (uint32_t)sizeof(struct store_entry));
}

/* ---- Writing ---- */

bool store_checkpoint_is_due(const struct store *store)
{
    uint32_t bytes = checkpoint_bytes(store);
    uint32_t sectors = store->sequence + 1U - store->checkpoint;
    uint32_t since = (sectors < SECTORS_MAX ? sectors : SECTORS_MAX) * store->area->sector_size;
    uint32_t sector_bytes = store->area->sector_size - HEADER_BYTES;

    return SHARE * (bytes - HEADER_BYTES) <= since && bytes < sector_bytes &&
           store_space_allows(store, NULL, 0, sector_bytes - bytes);
}

/* Gathers pairs and programs them by the chunk. */
struct writer {
    const struct store *store;
    struct store_entry pairs[CHUNK_BYTES / sizeof(struct store_entry)];
    uint32_t used;
    uint32_t position;
    uint32_t crc;
};

static psa_status_t writer_flush(struct writer *writer)
{
    uint32_t bytes = writer->used * (uint32_t)sizeof(struct store_entry);
    uint32_t position = writer->position;

    writer->crc = crc32_of(writer->crc, writer->pairs, bytes);
    writer->position += bytes;
    writer->used = 0;
    return flash_area_program(writer->store->area, position, writer->pairs, bytes);
}

/* The pairs first, because the header needs their CRC; nothing counts before the sector's header. */
psa_status_t store_checkpoint_write(const struct store *store, uint32_t sector, uint32_t *end)
{
    struct record record = {.kind_replaces = KIND_CHECKPOINT};
    struct writer writer = {.store = store, .position = sector + 2U * HEADER_BYTES};

    for (uint32_t i = 0; i < store->index_length; i++) {
        struct store_entry entry = store->index[i];

        if (entry.place == 0U) {
            continue;
        }
        entry.place &= ~PLACE_VERIFIED;
        writer.pairs[writer.used++] = entry;
        record.size += (uint32_t)sizeof entry;
        if (writer.used == sizeof writer.pairs / sizeof writer.pairs[0] &&
            writer_flush(&writer) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    if (writer_flush(&writer) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    record.data_crc = writer.crc;
    record.crc = header_crc(&record);
    *end = HEADER_BYTES + record_bytes(store, record.size);
    return flash_area_program(store->area, sector + HEADER_BYTES, &record, sizeof record);
}

/* ---- Reading ---- */

/* True when the place is that of a record in a sector of the log before the one at sector, whose
 * header says where the log began. */
static bool place_is_possible(const struct store *store, uint32_t place, uint32_t sector,
                              uint32_t log_bytes)
{
    struct store_entry entry = {0, place};
    uint32_t offset = entry_offset(&entry);
    uint32_t bytes = entry_bytes(&entry);
    uint32_t within = offset & (store->area->sector_size - 1U);
    uint32_t from = offset - within;
    uint32_t back = sector - from + (sector < from ? store->area->size : 0U);

    return (place & PLACE_VERIFIED) == 0U && offset < store->area->size && back != 0U &&
           back <= log_bytes && within >= HEADER_BYTES && bytes >= HEADER_BYTES &&
           bytes <= store->area->sector_size - within &&
           ((offset | bytes) & (record_alignment(store) - 1U)) == 0U;
}

/* Enters the pairs and checks them and their CRC. */
static bool pairs_read(struct store *store, const struct sector_header *header, uint32_t sector,
                       const struct record *record)
{
    struct store_entry pairs[CHUNK_BYTES / sizeof(struct store_entry)];
    uint32_t log_bytes = (header->sequence - header->tail) * store->area->sector_size;
    uint32_t crc = 0;

    for (uint32_t done = 0; done < record->size;) {
        uint32_t part = record->size - done < CHUNK_BYTES ? record->size - done : CHUNK_BYTES;

        if (store->area->read(store->area, sector + 2U * HEADER_BYTES + done, pairs, part) !=
            PSA_SUCCESS) {
            return false;
        }
        crc = crc32_of(crc, pairs, part);
        for (uint32_t i = 0; i < part / sizeof pairs[0]; i++) {
            if (!place_is_possible(store, pairs[i].place, sector, log_bytes)) {
                return false;
            }
            store_index_put(store, NULL, pairs[i].hash, pairs[i].place);
        }
        done += part;
    }
    return crc == record->data_crc;
}

bool store_checkpoint_read(struct store *store, const struct sector_header *header, uint32_t *end)
{
    uint32_t sector = store_sector_of(store, header->sequence);
    struct record record;

    if (!store_record_read(store, sector + HEADER_BYTES, sector + store->area->sector_size,
                           &record) ||
        record.kind_replaces != KIND_CHECKPOINT || record.size % sizeof(struct store_entry) != 0U ||
        record.size / sizeof(struct store_entry) > store->index_length) {
        return false;
    }
    if (!pairs_read(store, header, sector, &record)) {
        memset(store->index, 0, store->index_length * sizeof store->index[0]);
        store->count = 0;
        store->live = 0;
        return false;
    }
    *end = HEADER_BYTES + record_bytes(store, record.size);
    return true;
}
