/*
 * The attacking application: checks that return, and how they report.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdbool.h>
#include <stdint.h>

#include "psa/client.h"
#include "tests/qemu/probe/commands.h"

/* Prints "attack: <what>: ok" or "attack: <what>: FAILED (got ...)". */
void check_equal(const char *what, int32_t got, int32_t expected);

/* One request to the probe partition: status of the call, and the word that it answered in *word if
 * not NULL. */
psa_status_t probe(int32_t command, uint32_t address, uint32_t value, uint32_t *word);

/* Asks the probe partition to copy one vector to the other. */
psa_status_t call_echo(const void *in_base, size_t in_len, void *out_base, size_t out_len);

void check_framework(void);
void check_handles(void);
void check_types(void);
void check_vectors(void);
void check_connections(void);
void check_echo(void);
void check_partition(void);
void check_handler_mode(void);
void check_registers(void);
void check_interrupts(void);
void check_threads(void);
void check_changed(void);
void check_unprivileged(void);
void check_masked(void);
void check_its(void);
void check_crypto(void);
void check_attestation(void);
void check_platform(void);
void check_functions(void);

/* Prints an attestation token in lines "attack: bytes ...", then how it was got. */
void attest(size_t challenge_size, size_t capacity, bool by_partition);

/* Prints what the Platform service tells of the device; of its last fault, into size bytes. */
void print_status(void);
void print_fault(size_t size);

/* fault.c: one access by name; the same with fault handlers of its own, which hand the fault on; a
 * fault against its own MPU, handed on with a frame of its choice; the two calls of
 * bartizan/fault.h from a thread. */
void run_access(const char *name, uint32_t address);
void run_handled(const char *name, uint32_t address);
void run_own_mpu(uint32_t frame, uint32_t pc);
void run_confirm(void);
void run_hand_on(void);

#endif
