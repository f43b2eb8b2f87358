/*
 * The fault log: the last records in a flash region of boot's (docs/formats/fault.md).
 *
 * Called by boot only, once per start at most. An append is one program operation; where a sector
 * is full, the erase of the next one comes before it. Whatever the region holds, the functions end
 * and write nowhere else.
 */
#ifndef BARTIZAN_FAULT_LOG_H
#define BARTIZAN_FAULT_LOG_H

#include "bartizan/fault_record.h"
#include "lib/flash/flash.h"

/* Gives the record the next sequence number, seals it again and appends it.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT: geometry that the format cannot use;
 * PSA_ERROR_STORAGE_FAILURE: the flash did not take it. */
psa_status_t fault_log_append(const struct flash_area *area, struct fault_record *record)
    __attribute__((warn_unused_result));

#endif
