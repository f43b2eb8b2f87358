/*
 * Test shim: carries messages between the API stub and the Crypto service inside one host process.
 *
 * Used by the tests of this folder. Both sides are the real code; only the transport is here.
 * Inputs are given to the service in copies that disappear after the call, so that a pointer kept
 * or a byte read outside shows up under AddressSanitizer.
 */
#ifndef CRYPTO_TESTS_SHIM_H
#define CRYPTO_TESTS_SHIM_H

#include <stddef.h>
#include <stdint.h>

/* Client that the next calls come from. */
extern int32_t shim_client;

/* When not 0: the type of the next messages, in place of PSA_IPC_CALL. */
extern int32_t shim_type;

/* When not 0: psa_read() gives one byte less than there is, as if the message were inconsistent. */
extern int shim_short_reads;

/* Calls since the start, and the largest single psa_read() of the service in bytes. */
extern unsigned shim_calls;
extern size_t shim_largest_read;

/* Starts the service as the manager does. 0 on success, as cmocka's group set-up wants. */
int shim_start(void **state);

/* Hexadecimal digits to bytes; returns the number of bytes. */
size_t shim_hex(const char *digits, uint8_t *bytes, size_t size);

#endif
