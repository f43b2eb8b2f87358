/*
 * Numbers of the traps (SVC) into the manager, and what travels in their registers.
 *
 * Shared by the assembly on both sides of the boundary: entry.S and the partition API raise them,
 * trap.c has one row for each. Arguments are in r0..r3, the result in r0. Numbers are internal:
 * secure code is built as one image.
 */
#ifndef BARTIZAN_SPM_TRAP_H
#define BARTIZAN_SPM_TRAP_H

#define TRAP_START         0 /* the manager's own first step; never from a thread */
#define TRAP_VERSION       1 /* sid */
#define TRAP_CONNECT       2 /* sid, version */
#define TRAP_CALL          3 /* handle, control word (bartizan/call.h), in vectors, out vectors */
#define TRAP_CLOSE         4 /* handle */
#define TRAP_RETURN        5 /* status: a service function or init function has returned */
#define TRAP_READ          6 /* message, vector, buffer, length */
#define TRAP_SKIP          7 /* message, vector, length */
#define TRAP_WRITE         8 /* message, vector, buffer, length */
#define TRAP_SET_RHANDLE   9 /* message, value */
#define TRAP_PANIC         10
#define TRAP_LIFECYCLE     11
#define TRAP_FLASH_READ    12 /* region, offset, buffer, length */
#define TRAP_FLASH_PROGRAM 13 /* region, offset, data, length */
#define TRAP_FLASH_ERASE   14 /* region, offset */
#define TRAP_TAKE_SECRET   15 /* secret, buffer, length */
#define TRAP_READ_HANDOFF  16 /* buffer */
#define TRAP_RESET         17 /* no argument; does not return */
#define TRAP_CONFIRM       18 /* no argument */
#define TRAP_READ_FAULT    19 /* buffer */
#define TRAP_COUNT         20

/* In place of an EXC_RETURN: a handler of the application hands a fault on. Non-secure, nothing but
 * the frame stacked. */
#define FAULT_HANDED_ON 0x20

/* Word at the top of every secure stack: no valid exception frame or return address, so that a
 * forged return into the secure world faults instead of unstacking what lies above the stack. */
#define STACK_SEAL 0xFEF5EDA5

/* Priority of the trap (SHPR2.PRI_11). Non-secure exceptions are in 0x80..0xFF (AIRCR.PRIS). */
#define TRAP_PRIORITY_HIGH 0x60
#define TRAP_PRIORITY_LOW  0xFF

#endif
