/*
 * What boot does about a start that ended in a fault: tell it, keep it in flash, hold the
 * application after too many in a row. Called by main.c once, before anything that can refuse;
 * boot_faults_record() by fault.c.
 */
#ifndef BARTIZAN_BOOT_FAULTS_H
#define BARTIZAN_BOOT_FAULTS_H

#include <stdbool.h>

#include "bartizan/fault_record.h"

/* Prints the record of the last start and appends it to the fault log, if it ended in a fault or
 * panic. True if the application must be held; the line that says so is printed. */
bool boot_faults_tell(void);

/* The place of the record in retained RAM. */
struct fault_record *boot_faults_record(void);

#endif
