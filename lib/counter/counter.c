/*
 * The counter log: mount, read, step, rotate. Format and the reasons for it:
 * docs/formats/counters.md.
 *
 * Called by boot through counter.h. Reaches flash only through the area it was given; never erases
 * the sector that holds the current values.
 */
#include "lib/counter/counter.h"

#include <string.h>

#include "lib/crc/crc.h"

#define HEADER_MAGIC    0x434E5A42U
#define HEADER_VERSION  1U
#define HEADER_BYTES    16U
#define ENTRY_BYTES     8U
#define ENTRY_KIND      0x40U
#define ENTRY_KIND_MASK 0xF0U
#define STEP_TRIES      4U

struct sector_header {
    uint32_t magic;
    uint32_t version;
    uint32_t sequence;
    uint32_t crc;
};
_Static_assert(sizeof(struct sector_header) == HEADER_BYTES, "format");

struct entry {
    uint8_t kind_id;
    uint8_t zeros;
    uint16_t crc;
    uint32_t value;
};
_Static_assert(sizeof(struct entry) == ENTRY_BYTES, "format");

static uint32_t header_size(const struct flash_area *area)
{
    return flash_area_round_up(area, HEADER_BYTES);
}

static uint32_t entry_size(const struct flash_area *area)
{
    return flash_area_round_up(area, ENTRY_BYTES);
}

static uint32_t count_zeros(const struct entry *entry)
{
    uint32_t bits = entry->kind_id | ((uint32_t)entry->crc << 16);
    uint32_t value = entry->value;
    uint32_t ones = 0;

    for (; bits != 0U; bits &= bits - 1U) {
        ones++;
    }
    for (; value != 0U; value &= value - 1U) {
        ones++;
    }
    return 56U - ones;
}

static uint16_t entry_crc(const struct entry *entry)
{
    uint8_t covered[5] = {entry->kind_id};

    memcpy(covered + 1, &entry->value, sizeof entry->value);
    return crc16(covered, sizeof covered);
}

static psa_status_t entry_write(const struct flash_area *area, uint32_t offset, uint32_t id,
                                uint32_t value)
{
    struct entry entry = {.kind_id = (uint8_t)(ENTRY_KIND | id), .value = value};

    entry.crc = entry_crc(&entry);
    entry.zeros = (uint8_t)count_zeros(&entry);
    return flash_area_program(area, offset, &entry, sizeof entry);
}

static bool entry_is_valid(const struct entry *entry)
{
    return (entry->kind_id & ENTRY_KIND_MASK) == ENTRY_KIND && entry->zeros == count_zeros(entry) &&
           entry->crc == entry_crc(entry);
}

/* True when the sector has a header with right magic and CRC, of any version. */
static bool header_read(const struct flash_area *area, uint32_t sector,
                        struct sector_header *header)
{
    return area->read(area, sector, header, sizeof *header) == PSA_SUCCESS &&
           header->magic == HEADER_MAGIC &&
           header->crc == crc32_update(0, header, HEADER_BYTES - sizeof header->crc);
}

static psa_status_t header_write(struct counter_log *log, uint32_t sector)
{
    struct sector_header header = {HEADER_MAGIC, HEADER_VERSION, log->sequence + 1U, 0};
    psa_status_t status;

    header.crc = crc32_update(0, &header, HEADER_BYTES - sizeof header.crc);
    status = flash_area_program(log->area, sector, &header, sizeof header);
    if (status == PSA_SUCCESS) {
        log->sector = sector;
        log->sequence = header.sequence;
    }
    return status;
}

/* Finds the current sector, if there is one. */
static psa_status_t find_current(struct counter_log *log)
{
    const struct flash_area *area = log->area;
    struct sector_header header;

    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (!header_read(area, sector, &header)) {
            continue;
        }
        if (header.version != HEADER_VERSION) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        if (header.sequence > log->sequence) {
            log->sequence = header.sequence;
            log->sector = sector;
        }
    }
    if (log->sequence == 0U && !flash_area_is_new(area, header_size(area))) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    return PSA_SUCCESS;
}

/* Reads all entries of the current sector; leaves log->next after the last place that was touched.
 */
static void read_entries(struct counter_log *log)
{
    const struct flash_area *area = log->area;
    uint32_t size = entry_size(area);
    struct entry entry;

    for (uint32_t place = log->next; place + size <= area->sector_size; place += size) {
        if (flash_area_is_erased(area, log->sector + place, size)) {
            continue;
        }
        log->next = place + size;
        if (area->read(area, log->sector + place, &entry, sizeof entry) == PSA_SUCCESS &&
            entry_is_valid(&entry) && entry.value > log->values[entry.kind_id - ENTRY_KIND]) {
            log->values[entry.kind_id - ENTRY_KIND] = entry.value;
        }
    }
}

psa_status_t counter_mount(struct counter_log *log, const struct flash_area *area)
{
    psa_status_t status;

    if (!flash_area_is_sound(area) ||
        header_size(area) + 2U * COUNTER_COUNT * entry_size(area) > area->sector_size) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    memset(log, 0, sizeof *log);
    log->area = area;
    log->next = header_size(area);
    status = find_current(log);
    if (status == PSA_SUCCESS && log->sequence != 0U) {
        read_entries(log);
    }
    return status;
}

/* Takes the first sector of a new region into use. A cut in the header's write must not make an
 * erase necessary: the erase could be cut too, and leave what looks like somebody else's data. */
static psa_status_t start_region(struct counter_log *log)
{
    const struct flash_area *area = log->area;

    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        if (flash_area_is_erased(area, sector, header_size(area)) &&
            header_write(log, sector) == PSA_SUCCESS) {
            return PSA_SUCCESS;
        }
    }
    if (area->erase(area, 0) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    return header_write(log, 0);
}

/* Carries all counters over to the next sector. The header goes last: until then the old sector
 * counts. */
static psa_status_t rotate(struct counter_log *log)
{
    const struct flash_area *area = log->area;
    uint32_t sector = (log->sector + area->sector_size) % area->size;
    uint32_t next = header_size(area);
    psa_status_t status;

    if (area->erase(area, sector) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    for (uint32_t id = 0; id < COUNTER_COUNT; id++) {
        if (log->values[id] == 0U) {
            continue;
        }
        if (entry_write(area, sector + next, id, log->values[id]) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
        next += entry_size(area);
    }
    status = header_write(log, sector);
    if (status == PSA_SUCCESS) {
        log->next = next;
    }
    return status;
}

/* Makes sure that there is a current sector with a place for one entry. */
static psa_status_t make_place(struct counter_log *log)
{
    if (log->sequence == 0U) {
        return start_region(log);
    }
    if (log->next + entry_size(log->area) > log->area->sector_size) {
        return rotate(log);
    }
    return PSA_SUCCESS;
}

psa_status_t counter_read(const struct counter_log *log, uint32_t id, uint32_t *value)
{
    if (id >= COUNTER_COUNT) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    *value = log->values[id];
    return PSA_SUCCESS;
}

psa_status_t counter_advance(struct counter_log *log, uint32_t id, uint32_t value)
{
    if (id >= COUNTER_COUNT) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (value <= log->values[id]) {
        return PSA_SUCCESS;
    }
    for (uint32_t tries = 0; tries < STEP_TRIES; tries++) {
        psa_status_t status = make_place(log);
        uint32_t place = log->sector + log->next;

        if (status != PSA_SUCCESS) {
            return status;
        }
        log->next += entry_size(log->area);
        if (entry_write(log->area, place, id, value) == PSA_SUCCESS) {
            log->values[id] = value;
            return PSA_SUCCESS;
        }
    }
    return PSA_ERROR_STORAGE_FAILURE;
}

psa_status_t counter_increment(struct counter_log *log, uint32_t id, uint32_t *value)
{
    psa_status_t status;

    if (id >= COUNTER_COUNT) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (log->values[id] == UINT32_MAX) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    status = counter_advance(log, id, log->values[id] + 1U);
    *value = log->values[id];
    return status;
}
