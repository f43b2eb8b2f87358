/*
 * The fault record, see record.h.
 */
#include "lib/fault/record.h"

#include <stddef.h>
#include <string.h>

#include "lib/crc/crc.h"
#include "lib/log/log.h"
#include "platform/platform.h"

void fault_record_open(struct fault_record *record)
{
    (void)memset(record, 0, sizeof(*record));
}

void fault_add_letter(struct fault_record *record, char letter)
{
    if (record->text_length < FAULT_TEXT_BYTES) {
        record->text[record->text_length] = letter;
        record->text_length++;
    }
}

void fault_add(struct fault_record *record, const char *text)
{
    while (*text != '\0') {
        fault_add_letter(record, *text++);
    }
}

void fault_add_number(struct fault_record *record, uint32_t value, uint32_t base)
{
    uint32_t unit = 1U;

    if (base == 16U) {
        fault_add(record, "0x");
        unit = 0x10000000U;
    } else {
        while (value / unit >= base) {
            unit *= base;
        }
    }
    for (; unit != 0U; unit /= base) {
        fault_add_letter(record, "0123456789abcdef"[value / unit % base]);
    }
}

static uint32_t record_crc(const struct fault_record *record)
{
    return crc32_update(0U, record, offsetof(struct fault_record, crc32));
}

void fault_record_seal(struct fault_record *record)
{
    record->magic = FAULT_RECORD_MAGIC;
    record->version = FAULT_RECORD_VERSION;
    record->size_bytes = FAULT_RECORD_BYTES;
    record->crc32 = record_crc(record);
}

bool fault_record_is_valid(const struct fault_record *record)
{
    return (record->magic == FAULT_RECORD_MAGIC) && (record->version != 0U) &&
           (record->size_bytes == FAULT_RECORD_BYTES) &&
           (record->text_length <= FAULT_TEXT_BYTES) && (record->crc32 == record_crc(record));
}

void fault_record_print(const struct fault_record *record, const char *prefix)
{
    const char *line = record->text;
    const char *end = line + record->text_length;

    for (const char *next = line; next < end; next++) {
        if ((*next == '\n') || (next + 1 == end)) {
            log_text(prefix);
            platform_log_write(line, (size_t)(next + 1 - line));
            line = next + 1;
        }
    }
    log_newline();
}

uint32_t fault_streak_read(const struct fault_streak *streak)
{
    return (streak->check == (~streak->count ^ FAULT_RECORD_MAGIC)) ? streak->count : 0U;
}

void fault_streak_write(struct fault_streak *streak, uint32_t count)
{
    streak->count = count;
    streak->check = ~count ^ FAULT_RECORD_MAGIC;
}
