/*
 * What a non-secure application can tell the secure world about its own faults.
 *
 * Faults against the secure world, bus faults, and faults that the application has not enabled a
 * handler for (SHCSR) are the secure world's anyway: it records them and resets the device. Faults
 * that the application's handlers take are its own business, until it hands one on.
 */
#ifndef BARTIZAN_FAULT_H
#define BARTIZAN_FAULT_H

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A fault handler that hands the fault on: the secure world records it as if it had taken it, and
 * resets the device. Put it into the vector table, or branch to it from a handler that has left r4
 * to r11, lr and both stack pointers as they were. Returns, with PSA_ERROR_NOT_PERMITTED in r0,
 * only when it is called in Thread mode. */
void bartizan_hand_on_fault(void);

/* Says that this start is a good one. The device counts starts in a row that ended in a fault, and
 * holds the application after too many; this sets the count to 0, as a power-on and a requested
 * reset do. PSA_SUCCESS; as any call, PSA_ERROR_NOT_PERMITTED from a handler and
 * PSA_ERROR_CONNECTION_BUSY in the middle of another call. */
psa_status_t bartizan_confirm_start(void);

#ifdef __cplusplus
}
#endif

#endif
