/*
 * The fault record of the manager: between fault.c, which finds out what happened, fault_story.c,
 * which finds the words, and panic.c. Private to these three.
 */
#ifndef BARTIZAN_SPM_FAULT_H
#define BARTIZAN_SPM_FAULT_H

#include "lib/fault/record.h"
#include "spm/spm.h"

/* Writes the story of a fault as the record's text. partition is NULL where none is at fault; cfsr
 * and sfsr are the bits of the two registers that this exception is about. */
void fault_tell(struct fault_record *record, const struct spm_partition *partition, uint32_t cfsr,
                uint32_t sfsr);

/* The same of the end of a partition that broke rule, whose words are text. */
void fault_tell_panic(struct fault_record *record, const struct spm_partition *partition,
                      enum spm_rule rule, const char *text);

/* Leaves a record of such an end, and logs it. */
void fault_record_panic(const struct spm_thread *thread, enum spm_rule rule, const char *text);

#endif
