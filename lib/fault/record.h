/*
 * The fault record in retained RAM: fill, seal, check, print.
 *
 * Called by the fault handlers of boot and the manager and by boot's start. Works with any state of
 * the device: no static data, no allocation. Text that does not fit is cut off.
 */
#ifndef BARTIZAN_FAULT_RECORD_LIB_H
#define BARTIZAN_FAULT_RECORD_LIB_H

#include <stdbool.h>

#include "bartizan/fault_record.h"

/* Empties the record: no magic, no text, all zero. */
void fault_record_open(struct fault_record *record);

/* Appends to the text: a letter; words; a number of base 10 or 16 (0x and eight digits). */
void fault_add_letter(struct fault_record *record, char letter);
void fault_add(struct fault_record *record, const char *text);
void fault_add_number(struct fault_record *record, uint32_t value, uint32_t base);

/* Sets magic, version, size and CRC: the record is valid from here on. */
void fault_record_seal(struct fault_record *record);
bool fault_record_is_valid(const struct fault_record *record);

/* Writes the text to the log, each of its lines behind prefix. */
void fault_record_print(const struct fault_record *record, const char *prefix);

/* Starts in a row that ended in a fault. Anything that is no count reads as 0. */
uint32_t fault_streak_read(const struct fault_streak *streak);
void fault_streak_write(struct fault_streak *streak, uint32_t count);

#endif
