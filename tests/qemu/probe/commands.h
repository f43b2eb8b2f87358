/*
 * What a client can ask of the probe partition: types of psa_call() on PROBE_HANDLE.
 *
 * in[0]: struct probe_request. Commands that break a rule are expected not to return.
 */
#ifndef PROBE_COMMANDS_H
#define PROBE_COMMANDS_H

#include <stdint.h>

#define PROBE_ECHO          1  /* in[1] to out[0], in pieces, the rest of in[1] skipped */
#define PROBE_READ          2  /* reads the word at address; out[0]: the word */
#define PROBE_WRITE         3  /* writes value to address */
#define PROBE_EXECUTE       4  /* branches to address */
#define PROBE_STALE_MESSAGE 5  /* psa_read() on a handle that is not the message's */
#define PROBE_VECTOR_INDEX  6  /* psa_read() of vector 4 */
#define PROBE_OVERFLOW      7  /* psa_write() of one byte more than out[0] holds */
#define PROBE_READ_INTO     8  /* psa_read() into address */
#define PROBE_WRITE_FROM    9  /* psa_write() from address */
#define PROBE_FLASH         10 /* reads flash region value */
#define PROBE_SECRET        11 /* takes secret value */
#define PROBE_STACK         12 /* recursion without end */
#define PROBE_PANIC         13
#define PROBE_ITS           14 /* sets and gets an asset of its own in ITS; out[0]: what it got */
#define PROBE_UNDECLARED    15 /* calls a service that its manifest does not name */
#define PROBE_CLIENT_ID     16 /* out[0]: the client id that the message carries */
#define PROBE_TRAP          17 /* raises a trap that is the manager's own */
#define PROBE_LIFECYCLE     18 /* out[0]: psa_rot_lifecycle_state() */
#define PROBE_PRIVILEGE     19 /* out[0]: CONTROL.nPRIV */
#define PROBE_UNDEFINED     21 /* executes an undefined instruction */
#define PROBE_BREAKPOINT    22 /* executes BKPT without a debugger */
#define PROBE_UNALIGNED     23 /* LDRD from address, which is not aligned */
#define PROBE_BYTE          24 /* writes the byte value to address */
#define PROBE_TOKEN         30 /* an attestation token for challenge in[1] to out[0] */
#define PROBE_TOKEN_SIZE    31 /* out[0]: its size for a challenge of value bytes */
#define PROBE_BOOT_COUNT    32 /* out[0]: the boot count, from the Platform service */
#define PROBE_RIGHT         33 /* reads the hand-off (value 0), a fault record (1), or resets (2) */
#define PROBE_ABSENT        34 /* out[0]: version of Firmware Update; value not 0: uses it */
#define PROBE_PS            35 /* sets its own protected asset 1 to value; out[0]: what it got */
#define PROBE_REFUSE        20 /* the next psa_connect() to PROBE_CONNECTED is refused */
#define PROBE_OUTER_STACK   40 /* traps with its stack pointer in its data */
#define PROBE_GREEDY        41 /* the next psa_connect() is answered after a psa_read() */
#define PROBE_MISUSED       42 /* answers PSA_ERROR_PROGRAMMER_ERROR; on a connection too */

/* On a connection: out[0]: number of this call on it, kept in its rhandle. */
#define PROBE_COUNT 1

struct probe_request {
    uint32_t address;
    uint32_t value;
};

#endif
