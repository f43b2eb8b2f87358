/*
 * See forge.h.
 */
#include "forge.h"

#include <string.h>

#define WORDS (FORGE_HEADER_BYTES / 4U)

static uint32_t crc_of(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (uint32_t bit = 0; bit < 8U; bit++) {
            crc = crc >> 1 ^ ((crc & 1U) != 0U ? 0xEDB88320U : 0U);
        }
    }
    return ~crc;
}

static bool header_read(const struct fixture *fixture, uint32_t offset, uint32_t header[WORDS])
{
    memcpy(header, fixture->image.cells + offset, FORGE_HEADER_BYTES);
    return crc_of(header, FORGE_HEADER_BYTES - 4U) == header[WORDS - 1U];
}

static void header_write(struct fixture *fixture, uint32_t offset, uint32_t header[WORDS])
{
    header[WORDS - 1U] = crc_of(header, FORGE_HEADER_BYTES - 4U);
    memcpy(fixture->image.cells + offset, header, FORGE_HEADER_BYTES);
}

static uint32_t record_bytes(const struct fixture *fixture, uint32_t size)
{
    uint32_t unit = fixture->nor.program_unit > 8U ? fixture->nor.program_unit : 8U;

    return FORGE_HEADER_BYTES + (size + unit - 1U) / unit * unit;
}

/* All records of one sector, in their order. */
static void list_sector(const struct fixture *fixture, uint32_t sector, struct forge_log *log)
{
    uint32_t end = sector + fixture->nor.sector_size;
    uint32_t at = sector + FORGE_HEADER_BYTES;

    while (at + FORGE_HEADER_BYTES <= end && log->count < FORGE_RECORDS_MAX) {
        struct forge_record *record = &log->records[log->count];

        if (!header_read(fixture, at, record->header) ||
            record->header[FORGE_SIZE] > end - at - FORGE_HEADER_BYTES) {
            return;
        }
        record->offset = at;
        at += record_bytes(fixture, record->header[FORGE_SIZE]);
        log->count++;
    }
}

void forge_list(const struct fixture *fixture, struct forge_log *log)
{
    uint32_t sectors = fixture->nor.size / fixture->nor.sector_size;
    uint32_t after = 0;

    log->count = 0;
    for (uint32_t round = 0; round < sectors; round++) {
        uint32_t next = UINT32_MAX;
        uint32_t sector = 0;

        for (uint32_t i = 0; i < sectors; i++) {
            uint32_t header[WORDS];

            if (header_read(fixture, i * fixture->nor.sector_size, header) && header[3] > after &&
                header[3] < next) {
                next = header[3];
                sector = i * fixture->nor.sector_size;
            }
        }
        if (next != UINT32_MAX) {
            list_sector(fixture, sector, log);
            after = next;
        }
    }
}

/* A checkpoint has sums of its words in place of a uid. */
static void sum_up(const struct fixture *fixture, struct forge_record *record)
{
    uint32_t plain = 0;
    uint32_t weighted = 0;
    uint32_t word;

    for (uint32_t at = 0; at + 4U <= record->header[FORGE_SIZE]; at += 4U) {
        memcpy(&word, fixture->image.cells + record->offset + FORGE_HEADER_BYTES + at, 4);
        plain += word;
        weighted += plain;
    }
    record->header[FORGE_UID_LOW] = plain;
    record->header[FORGE_UID_HIGH] = weighted;
}

void forge_record_write(struct fixture *fixture, struct forge_record *record)
{
    uint32_t data = record->offset + FORGE_HEADER_BYTES;
    uint32_t size = record->header[FORGE_SIZE];

    if (size <= fixture->nor.size - data) {
        record->header[FORGE_DATA_CRC] =
            size != 0U ? crc_of(fixture->image.cells + data, size) : 0U;
        if (record->header[FORGE_KIND] == FORGE_CHECKPOINT) {
            sum_up(fixture, record);
        }
    }
    header_write(fixture, record->offset, record->header);
}

void forge_sector_write(struct fixture *fixture, uint32_t sector, uint32_t word, uint32_t value)
{
    uint32_t header[WORDS];

    (void)header_read(fixture, sector, header);
    header[word % (WORDS - 1U)] = value;
    header_write(fixture, sector, header);
}

/* ---- Damage ---- */

/* A value of a field: small, large, or near the one that is there. */
static uint32_t hostile(uint32_t old, uint8_t how, uint32_t value)
{
    switch (how % 6U) {
    case 0:
        return old + 1U;
    case 1:
        return old - 1U;
    case 2:
        return UINT32_MAX - value % 4U;
    case 3:
        return old ^ 1U << value % 32U;
    case 4:
        return value % 64U;
    default:
        return value;
    }
}

static void forge_some_record(struct fixture *fixture, const uint8_t *bytes, uint32_t value)
{
    static struct forge_log log;
    struct forge_record *record;
    uint32_t field = bytes[1] % 6U;

    forge_list(fixture, &log);
    if (log.count == 0U) {
        return;
    }
    record = &log.records[(bytes[2] | (uint32_t)bytes[3] << 8) % log.count];
    if ((bytes[1] & 0x40U) != 0U) { /* a word of the data: of a checkpoint, say */
        uint32_t at = record->offset + FORGE_HEADER_BYTES + value % 32U * 4U;
        uint32_t word = 0;

        if (at + 4U <= fixture->nor.size) {
            memcpy(&word, fixture->image.cells + at, 4);
            word = hostile(word, bytes[1], value);
            memcpy(fixture->image.cells + at, &word, 4);
        }
    } else {
        record->header[field] = hostile(record->header[field], bytes[7], value);
    }
    forge_record_write(fixture, record);
}

static void swap_sectors(struct fixture *fixture, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < fixture->nor.sector_size; i++) {
        uint8_t byte = fixture->image.cells[a + i];

        fixture->image.cells[a + i] = fixture->image.cells[b + i];
        fixture->image.cells[b + i] = byte;
    }
}

bool forge_damage(struct fixture *fixture, const uint8_t *bytes, size_t length, bool *is_forged)
{
    uint32_t sector_size = fixture->nor.sector_size;
    uint32_t sectors = fixture->nor.size / sector_size;
    uint32_t offset;
    uint32_t value;
    uint32_t old;

    if (length < FORGE_DAMAGE_BYTES) {
        return false;
    }
    memcpy(&value, bytes + 4, 4);
    offset = (bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16) % fixture->nor.size;
    switch (bytes[0] % 8U) {
    case 0:
        fixture->image.cells[offset] ^= (uint8_t)(1U << value % 8U);
        break;
    case 1:
        nor_hooks_break_unit(&fixture->nor, offset);
        break;
    case 2:
        for (uint32_t i = 0; i < 16U && offset + i < fixture->nor.size; i++) {
            fixture->image.cells[offset + i] = (uint8_t)(value >> 8U * (i % 4U));
        }
        break;
    case 3:
        swap_sectors(fixture, bytes[1] % sectors * sector_size, bytes[2] % sectors * sector_size);
        break;
    case 4:
        memmove(fixture->image.cells + bytes[1] % sectors * sector_size,
                fixture->image.cells + bytes[2] % sectors * sector_size, sector_size);
        break;
    case 5:
        *is_forged = true;
        offset = bytes[1] % sectors * sector_size;
        memcpy(&old, fixture->image.cells + offset + bytes[2] % 7U * 4U, 4);
        forge_sector_write(fixture, offset, bytes[2] % 7U, hostile(old, bytes[3], value));
        break;
    default:
        *is_forged = true;
        forge_some_record(fixture, bytes, value);
        break;
    }
    return true;
}
