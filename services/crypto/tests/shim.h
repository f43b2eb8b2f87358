/*
 * Test shim: carries messages between the API stub and the Crypto service inside one host process.
 *
 * Used by the tests of this folder. Both sides are the real code; only the transport is here.
 * Inputs are given to the service in copies that disappear after the call, so that a pointer kept
 * or a byte read outside shows up under AddressSanitizer.
 */
#ifndef CRYPTO_TESTS_SHIM_H
#define CRYPTO_TESTS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

/* Client that the next calls come from. */
extern int32_t shim_client;

/* When not 0: the type of the next messages, in place of PSA_IPC_CALL. */
extern int32_t shim_type;

/* When not 0: psa_read() gives one byte less than there is, as if the message were inconsistent. */
extern int shim_short_reads;

/* Calls since the start, and the largest single psa_read() of the service in bytes. */
extern unsigned shim_calls;
extern size_t shim_largest_read;

/* Bytes at length bytes, found in all static data of the program: how many copies there are. What
 * storage holds is not among them. */
size_t shim_copies_of(const uint8_t *bytes, size_t length);

/* ---- Internal Trusted Storage, in memory ---- */

enum shim_storage_call { SHIM_GET, SHIM_GET_INFO, SHIM_SET, SHIM_REMOVE, SHIM_STORAGE_CALLS };

/* When not 0: what this function of the storage answers, without doing anything. */
extern psa_status_t shim_storage_answer[SHIM_STORAGE_CALLS];

/* Largest number of assets that there is room for, and how many there are. */
extern size_t shim_storage_room;
size_t shim_storage_count(void);

/* Data of the asset that key of owner must be, *length bytes that may be changed (*length too);
 * NULL if there is none. */
uint8_t *shim_storage_of(int32_t owner, uint32_t key, size_t **length);

/* Cuts the power at the n-th change of storage that follows (0: the next), just before or just
 * after it happened, while work runs; then the device starts anew. False: work ended before that.
 */
bool shim_cut(unsigned change, bool after, void (*work)(void));

/* Starts the device anew: only storage is left. */
void shim_restart(void);

/* ---- */

/* A new boot: the service is as new, and the manager has another seed for it. */
void shim_start_again(void);

/* The manager has no seed to give; how often it was asked since the start; each byte of the seed. */
extern bool shim_seed_missing;
extern unsigned shim_seed_requests;
extern uint8_t shim_boot_number;

/* Hexadecimal digits to bytes; returns the number of bytes. */
size_t shim_hex(const char *digits, uint8_t *bytes, size_t size);

#endif
