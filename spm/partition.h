/*
 * What the manager offers to partitions beyond PSA: flash and secrets of the hand-off.
 *
 * Called by the services of this tree (never by clients). Each is one trap into the manager, which
 * checks the caller's right in the product's tables. A call without the right ends the partition.
 */
#ifndef BARTIZAN_SPM_PARTITION_H
#define BARTIZAN_SPM_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include "bartizan/fault_record.h"
#include "bartizan/handoff.h"
#include "psa/error.h"

/* Flash access by region number (FLASH_REGION_<NAME> of layout.h); offset in bytes from the
 * region's start. Bounds, alignment and errors as platform_flash_read / _program / _erase
 * (platform/platform.h). */
psa_status_t spm_flash_read(uint32_t region, uint32_t offset, void *buffer, size_t length)
    __attribute__((warn_unused_result));
psa_status_t spm_flash_program(uint32_t region, uint32_t offset, const void *data, size_t length)
    __attribute__((warn_unused_result));
psa_status_t spm_flash_erase(uint32_t region, uint32_t offset) __attribute__((warn_unused_result));

/* What a partition may fetch, where the product says so: secrets of the hand-off, once, and a key
 * of its own, as often as it starts. */
enum spm_secret {
    SPM_SECRET_GENERATOR_SEED,
    SPM_SECRET_RUNTIME_ROOT,
    SPM_SECRET_ATTESTATION_KEY,
    SPM_SECRET_BOOT_SEED,
    SPM_SECRET_PARTITION_KEY, /* struct spm_partition_key */
};

/* The key depends on the device and on the partition's id, and is the same at each start. The
 * prefix is never given twice on a device: boot count and number of this taking, big-endian. What
 * a partition appends to it, it may use once (docs/decisions/008-partition-keys.md). */
struct spm_partition_key {
    uint8_t key[16];
    uint8_t nonce_prefix[8];
};

/* Fetches a secret (enum spm_secret) into buffer; length must be its exact size.
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST: it was fetched before, and the manager has wiped its copy
 * (never for the partition's key, unless 2^32 - 1 were given out since the device started). */
psa_status_t spm_take_secret(uint32_t secret, void *buffer, size_t length)
    __attribute__((warn_unused_result));

/* Copies the hand-off of boot into *handoff, with every secret in it zero (those are taken with
 * spm_take_secret()). Needs the right "handoff" in the product file. */
void spm_read_handoff(struct handoff *handoff);

/* Copies the record of the last fault or panic since power-on into *record. PSA_SUCCESS;
 * PSA_ERROR_DOES_NOT_EXIST (there was none). Needs the right "handoff". */
psa_status_t spm_read_fault(struct fault_record *record) __attribute__((warn_unused_result));

/* The calling partition's heap: base in the low word, size in bytes in the high one; 0 without one.
 * The first 16 bytes are zero when the partition starts; malloc() and free() use it. */
uint64_t spm_heap(void);

/* Resets the device, reason PLATFORM_RESET_REQUESTED. Needs the right "reset" in the product. */
void spm_reset(void) __attribute__((noreturn));

#endif
