/*
 * Accesses that may fault, from every world and privilege, without ending the test.
 *
 * Used by the checks; start.c's fault handler steps over the faulting instruction and counts. A
 * probe answers PROBE_FAULT when the access faulted (no register of the board reads as this
 * value).
 */
#ifndef BARTIZAN_TEST_PROBE_H
#define BARTIZAN_TEST_PROBE_H

#include <stdint.h>

#define PROBE_FAULT 0xFA017EDU

/* What the last probe ran into: filled in by the fault handler. */
struct probe_fault {
    volatile uint32_t expected; /* 1: a fault is part of the test */
    volatile uint32_t count;
    volatile uint32_t cfsr;
    volatile uint32_t sfsr;
    volatile uint32_t address; /* MMFAR or BFAR where valid, else 0 */
};
extern struct probe_fault probe_fault;

/* Secure privileged word access. */
uint32_t probe_read(uint32_t address);
uint32_t probe_write(uint32_t address, uint32_t value); /* 0 or PROBE_FAULT */

/* Secure read with the rights of unprivileged code (LDRT). */
uint32_t probe_read_unprivileged(uint32_t address);

/* Puts the non-secure snippets and the gateway in the flash. */
void probe_install_nonsecure(void);

/* Word access by non-secure privileged code. */
uint32_t probe_read_nonsecure(uint32_t address);
uint32_t probe_write_nonsecure(uint32_t address, uint32_t value);

/* The non-secure world calls this address, with value in r0: what comes back in r0. */
uint32_t probe_call_nonsecure(uint32_t address, uint32_t value);

/* The non-secure world adds a float to itself; only on a core with floating point. */
uint32_t probe_add_float_nonsecure(uint32_t value);

/* The gateway that probe_install_nonsecure() programs adds this to r0. It stands in the first
 * and the last place of the gateways' region, and right before and behind the region, where it
 * must not work. */
#define PROBE_GATEWAY_ADDS 3U
#define PROBE_GATEWAY_SIZE 16U

/* Not 0: the NMI handler (start.c) reads this address. */
extern volatile uint32_t nmi_read_address;

/* Called by the fault handler with the exception frame; steps over the instruction. Returns 0
 * if no probe was under way. */
uint32_t probe_handle_fault(uint32_t *frame);

#endif
