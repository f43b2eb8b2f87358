/*
 * Numbers of the traps (SVC) into the manager, and what entry.S knows of a thread.
 *
 * Shared by the assembly on both sides of the boundary: entry.S raises and takes them, trap.c has
 * one row for each. Arguments are in r0..r3, the result in r0. Numbers are internal: secure code is
 * built as one image.
 */
#ifndef BARTIZAN_SPM_TRAP_H
#define BARTIZAN_SPM_TRAP_H

#define TRAP_START         0  /* the manager's own first step; never from a thread */
#define TRAP_VERSION       1  /* sid */
#define TRAP_CONNECT       2  /* sid, version */
#define TRAP_CALL          3  /* handle, control word (bartizan/call.h), in vectors, out vectors */
#define TRAP_CLOSE         4  /* handle */
#define TRAP_NEXT          5  /* status of a service or init function; back: message, function */
#define TRAP_WAIT          6  /* signals, timeout */
#define TRAP_GET           7  /* signal, message */
#define TRAP_REPLY         8  /* message handle, status */
#define TRAP_READ          9  /* message handle, vector, buffer, length */
#define TRAP_SKIP          10 /* message handle, vector, length */
#define TRAP_WRITE         11 /* message handle, vector, buffer, length */
#define TRAP_SET_RHANDLE   12 /* message handle, value */
#define TRAP_MAP_IN        13 /* message handle, vector */
#define TRAP_UNMAP_IN      14 /* message handle, vector */
#define TRAP_MAP_OUT       15 /* message handle, vector */
#define TRAP_UNMAP_OUT     16 /* message handle, vector, length */
#define TRAP_NOTIFY        17 /* partition id */
#define TRAP_CLEAR         18
#define TRAP_EOI           19 /* signal */
#define TRAP_IRQ_ENABLE    20 /* signal */
#define TRAP_IRQ_DISABLE   21 /* signal */
#define TRAP_RESET_SIGNAL  22 /* signal */
#define TRAP_FLIH_RETURN   23 /* psa_flih_result_t: a first-level handler has returned */
#define TRAP_PANIC         24
#define TRAP_LIFECYCLE     25
#define TRAP_FLASH_READ    26 /* region, offset, buffer, length */
#define TRAP_FLASH_PROGRAM 27 /* region, offset, data, length */
#define TRAP_FLASH_ERASE   28 /* region, offset */
#define TRAP_TAKE_SECRET   29 /* secret, buffer, length */
#define TRAP_READ_HANDOFF  30 /* buffer */
#define TRAP_READ_FAULT    31 /* buffer */
#define TRAP_RESET         32 /* no argument; does not return */
#define TRAP_HEAP          33 /* back: base, size */
#define TRAP_CONFIRM       34 /* no argument */
#define TRAP_STARTED       35 /* the agent is about to enter the non-secure world */
#define TRAP_REQUEST       36 /* its last request was a programmer error; pc of that */
#define TRAP_INIT_DONE     37 /* status of an init function; back as TRAP_NEXT */
#define TRAP_MAX           64 /* of the tables: a power of two above all */

/* Offsets in struct spm_thread, for entry.S. */
#define THREAD_PSP        32
#define THREAD_PSPLIM     40
#define THREAD_STACK_LAST 44 /* and, behind it, the table of traps */

/* In place of an EXC_RETURN: a handler of the application hands a fault on. Non-secure, nothing but
 * the frame stacked. */
#define FAULT_HANDED_ON 0x20

/* Word at the top of every secure stack: no valid exception frame or return address, so that a
 * forged return into the secure world faults instead of unstacking what lies above the stack. */
#define STACK_SEAL 0xFEF5EDA5

/* Priorities (SHPR2.PRI_11 and others). Non-secure exceptions are in 0x80..0xFF (AIRCR.PRIS). A trap
 * runs above them, but for what may take long: there it is lowered. Secure interrupts come before
 * the non-secure ones; what they cannot do in a handler's middle is left to PendSV. */
#define TRAP_PRIORITY_HIGH 0x60
#define TRAP_PRIORITY_LOW  0xFF
#define INTERRUPT_PRIORITY 0x70

#endif
