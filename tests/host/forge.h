/*
 * The store's format in the hands of an attacker or of chance: finds sector headers and records in
 * the cells of a flash, changes them, and gives them right checksums.
 *
 * A reader of docs/formats/store.md that shares no code with lib/store. Used by the attacks and by
 * the fuzzing of flash images.
 */
#ifndef BARTIZAN_TESTS_FORGE_H
#define BARTIZAN_TESTS_FORGE_H

#include "flash_fixture.h"

#define FORGE_HEADER_BYTES 32U
#define FORGE_RECORDS_MAX  512U

#define FORGE_ASSET      1U
#define FORGE_REMOVED    2U
#define FORGE_CHECKPOINT 0x80U
#define FORGE_NOTHING    0x81U /* passed over by every reader */

/* Words of a record's header. */
enum forge_field {
    FORGE_KIND, /* and the hint above it */
    FORGE_OWNER,
    FORGE_UID_LOW,
    FORGE_UID_HIGH,
    FORGE_FLAGS,
    FORGE_SIZE,
    FORGE_DATA_CRC,
    FORGE_CRC,
};

struct forge_record {
    uint32_t offset;
    uint32_t header[FORGE_HEADER_BYTES / 4U];
};

/* All records, in the order of the log. */
struct forge_log {
    uint32_t count;
    struct forge_record records[FORGE_RECORDS_MAX];
};

/* Reads the first flash of the fixture. */
void forge_list(const struct fixture *fixture, struct forge_log *log);

/* Writes the record's header into the cells, with the right CRC of its data, as far as they lie in
 * the region, and of itself. */
void forge_record_write(struct fixture *fixture, struct forge_record *record);

/* Changes a word of a sector's header and makes its CRC right. */
void forge_sector_write(struct fixture *fixture, uint32_t sector, uint32_t word, uint32_t value);

/* Damages or forges the first flash as the bytes say (how and where is up to this function); false
 * when there were too few. *is_forged is set when a checksum was made right: then what a store says
 * can be anything. */
#define FORGE_DAMAGE_BYTES 8U
bool forge_damage(struct fixture *fixture, const uint8_t *bytes, size_t length, bool *is_forged);

#endif
