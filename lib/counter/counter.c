/*
 * The counter log: mount, read, step, rotate. Format and the reasons for it:
 * docs/formats/counters.md.
 *
 * Called by boot through counter.h. Reaches flash only through the area it was given; never erases
 * the sector that holds the current values, and believes any valid entry, wherever it stands.
 */
#include "lib/counter/counter.h"

#include <string.h>

#include "lib/crc/crc.h"

#define HEADER_MAGIC    0x434E5A42U
#define HEADER_VERSION  1U
#define HEADER_BYTES    16U
#define SEQUENCE_LAST   0xFFFFFFFEU
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

/* What one sector says. */
struct sector_view {
    uint32_t sequence; /* 0: no valid header */
    uint32_t next;     /* after the last place that was touched */
    uint32_t values[COUNTER_COUNT];
};

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

/* Reads one sector by itself. A sequence that no writer gives is content of somebody else. */
static psa_status_t view_read(const struct flash_area *area, uint32_t sector,
                              struct sector_view *view)
{
    uint32_t size = entry_size(area);
    struct sector_header header;
    struct entry entry;

    memset(view, 0, sizeof *view);
    view->next = header_size(area);
    if (header_read(area, sector, &header)) {
        if (header.version != HEADER_VERSION || header.sequence == 0U ||
            header.sequence > SEQUENCE_LAST) {
            return PSA_ERROR_DATA_CORRUPT;
        }
        view->sequence = header.sequence;
    }
    for (uint32_t place = view->next; place + size <= area->sector_size; place += size) {
        if (flash_area_is_erased(area, sector + place, size)) {
            continue;
        }
        view->next = place + size;
        if (area->read(area, sector + place, &entry, sizeof entry) == PSA_SUCCESS &&
            entry_is_valid(&entry) && entry.value > view->values[entry.kind_id - ENTRY_KIND]) {
            view->values[entry.kind_id - ENTRY_KIND] = entry.value;
        }
    }
    return PSA_SUCCESS;
}

/* Has a counter a higher value in a than in b? */
static bool any_above(const uint32_t a[COUNTER_COUNT], const uint32_t b[COUNTER_COUNT])
{
    for (uint32_t id = 0; id < COUNTER_COUNT; id++) {
        if (a[id] > b[id]) {
            return true;
        }
    }
    return false;
}

/* Was a taken into use after b? A sector starts with the values of the one before it, so what
 * stands above them was written after a rotation that was complete: then a is the later one though
 * its header is lost. */
static bool view_is_later(const struct sector_view *a, const struct sector_view *b)
{
    if (a->sequence != 0U && b->sequence != 0U) {
        return a->sequence > b->sequence;
    }
    return a->sequence != 0U ? !any_above(b->values, a->values) : any_above(a->values, b->values);
}

/* Reads all sectors: each counter gets its highest value, wherever it stands; the latest sector
 * becomes the current one. */
static psa_status_t read_region(struct counter_log *log, struct sector_view *current)
{
    const struct flash_area *area = log->area;
    struct sector_view view;

    memset(current, 0, sizeof *current);
    for (uint32_t sector = 0; sector < area->size; sector += area->sector_size) {
        psa_status_t status = view_read(area, sector, &view);

        if (status != PSA_SUCCESS) {
            return status;
        }
        for (uint32_t id = 0; id < COUNTER_COUNT; id++) {
            log->values[id] = view.values[id] > log->values[id] ? view.values[id] : log->values[id];
        }
        log->sequence = view.sequence > log->sequence ? view.sequence : log->sequence;
        if (view_is_later(&view, current)) {
            *current = view;
            log->sector = sector;
        }
    }
    return PSA_SUCCESS;
}

psa_status_t counter_mount(struct counter_log *log, const struct flash_area *area)
{
    struct sector_view current;
    psa_status_t status;

    if (!flash_area_is_sound(area) ||
        header_size(area) + 2U * COUNTER_COUNT * entry_size(area) > area->sector_size) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    memset(log, 0, sizeof *log);
    log->area = area;
    status = read_region(log, &current);
    if (status != PSA_SUCCESS) {
        return status;
    }
    log->is_behind = any_above(log->values, current.values);
    log->next = current.next;
    if (current.next == 0U) { /* no sector says anything */
        log->next = header_size(area);
        return flash_area_is_new(area, log->next) ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
    }
    if (current.sequence == 0U) {
        log->sequence++;
        log->next = area->sector_size; /* without a header it gets no more entries */
    }
    return PSA_SUCCESS;
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

/* Writes an entry to the first place from *next on that takes it; *next goes behind it. */
static psa_status_t entry_place(const struct flash_area *area, uint32_t sector, uint32_t *next,
                                uint32_t id, uint32_t value)
{
    uint32_t size = entry_size(area);

    for (uint32_t tries = 0; tries < STEP_TRIES && *next + size <= area->sector_size; tries++) {
        uint32_t place = sector + *next;

        *next += size;
        if (entry_write(area, place, id, value) == PSA_SUCCESS) {
            return PSA_SUCCESS;
        }
    }
    return PSA_ERROR_STORAGE_FAILURE;
}

/* Carries all counters over to the next sector. The header goes last: until then the old sector
 * counts. */
static psa_status_t rotate(struct counter_log *log)
{
    const struct flash_area *area = log->area;
    uint32_t sector = (log->sector + area->sector_size) % area->size;
    uint32_t next = header_size(area);
    psa_status_t status;

    if (log->sequence >= SEQUENCE_LAST || area->erase(area, sector) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    for (uint32_t id = 0; id < COUNTER_COUNT; id++) {
        if (log->values[id] != 0U &&
            entry_place(area, sector, &next, id, log->values[id]) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    status = header_write(log, sector);
    if (status == PSA_SUCCESS) {
        log->next = next;
        log->is_behind = false;
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

/* Appends an entry to the current sector, or to the next one when it is full. */
static psa_status_t append(struct counter_log *log, uint32_t id, uint32_t value)
{
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

/* Copies into the current sector what only another one holds (an entry went bad), before that one
 * is erased. */
static psa_status_t catch_up(struct counter_log *log)
{
    for (uint32_t id = 0; log->is_behind && id < COUNTER_COUNT; id++) {
        if (log->values[id] != 0U && append(log, id, log->values[id]) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    log->is_behind = false;
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
    if (catch_up(log) != PSA_SUCCESS) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    return append(log, id, value);
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
