/*
 * The fault log, see log.h.
 */
#include "lib/fault/log.h"

#include "lib/fault/record.h"

struct log_newest {
    uint32_t sequence; /* 0: the log holds no record */
    uint32_t offset;
};

/* The record of the highest number. A place that was cut short or cannot be read holds nothing. */
static struct log_newest log_find(const struct flash_area *area)
{
    struct log_newest newest = {0};
    struct fault_record found;

    for (uint32_t offset = 0; offset < area->size; offset += FAULT_RECORD_BYTES) {
        if ((area->read(area, offset, &found, sizeof(found)) == PSA_SUCCESS) &&
            fault_record_is_valid(&found) && (found.sequence > newest.sequence)) {
            newest = (struct log_newest){found.sequence, offset};
        }
    }
    return newest;
}

/* The first erased place in the sector from offset on; the end of the sector if there is none. */
static uint32_t place_find(const struct flash_area *area, uint32_t offset)
{
    uint32_t end = (offset & ~(area->sector_size - 1U)) + area->sector_size;

    while ((offset < end) && !flash_area_is_erased(area, offset, FAULT_RECORD_BYTES)) {
        offset += FAULT_RECORD_BYTES;
    }
    return offset;
}

psa_status_t fault_log_append(const struct flash_area *area, struct fault_record *record)
{
    struct log_newest newest;
    uint32_t place;

    if (!flash_area_is_sound(area) || (area->sector_size % FAULT_RECORD_BYTES != 0U)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    newest = log_find(area);
    place = place_find(area, newest.offset);
    if (place % area->sector_size == 0U && place != newest.offset) { /* the sector is full */
        place %= area->size;
        if (area->erase(area, place) != PSA_SUCCESS) {
            return PSA_ERROR_STORAGE_FAILURE;
        }
    }
    record->sequence = newest.sequence + 1U;
    fault_record_seal(record);
    return flash_area_program(area, place, record, sizeof(*record));
}
