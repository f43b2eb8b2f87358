/*
 * The processor that the native proof runs the manager on: memory at fixed addresses, exception
 * frames, traps and interrupts as entry.S takes them, MPU, SAU, interrupt controller.
 *
 * It knows the architecture and nothing of PSA. What is wrong with the manager's use of it ends the
 * process (machine_fail).
 */
#ifndef HOST_SPM_MACHINE_H
#define HOST_SPM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spm/spm.h"

/* The non-secure world: code, and RAM in three parts for its own MPU. */
#define NS_CODE_BASE      0x28000000U
#define NS_CODE_SIZE      0x400U
#define PERIPHERAL_BASE   0x50000000U
#define PERIPHERAL_SIZE   0x1000U
#define NS_RAM_READABLE   0x28200800U /* from here on unprivileged code may only read, */
#define NS_RAM_PRIVILEGED 0x28200C00U /* and from here on not even that */

enum machine_end { MACHINE_RUNS, MACHINE_RESET, MACHINE_HALTED };

struct machine_copy {
    uint32_t to, from, size_bytes; /* from 0: cleared */
};

#define MACHINE_COPIES 32U

struct machine {
    struct spm_frame registers; /* of the running thread */
    uint32_t high[8];           /* r4 to r11 */
    uint32_t sp;
    bool pendsv;
    bool lowered;           /* interrupts may come in the middle of a trap */
    bool unprivileged;      /* the non-secure world */
    uint64_t enabled;       /* interrupts by number */
    uint64_t latched;       /* that came while they were not enabled */
    uint32_t noted;         /* exception that came in the middle of the last trap; 0: none */
    uint32_t comes_in_trap; /* exception that shall */
    uint32_t hostile;       /* vectors change when an address is looked at for the n-th time */
    bool changed;           /* and did */
    uint32_t array;         /* of the vectors that change */
    struct machine_copy copies[MACHINE_COPIES];
    uint32_t copy_count;
    struct spm_thread *panicked; /* by the last trap */
    enum spm_rule rule;
};
extern struct machine machine;

/* Maps the memory; once. */
void machine_start(void);

/* Power-on: to the first instruction of the first thread. */
enum machine_end machine_boot(void);

/* An SVC of the running thread. */
enum machine_end machine_trap(uint32_t number, const uint32_t arguments[4]);

/* The running thread faults. */
enum machine_end machine_fault(void);

/* An exception comes while a thread runs. */
enum machine_end machine_interrupt(uint32_t exception);

/* An exception comes while the non-secure world runs and has put a call aside. */
void machine_put_off(uint32_t exception);

/* True if the timer runs that tries again. */
bool machine_tries_again(void);

/* True if the MPU lets the running thread read (write) the byte. */
bool machine_may(uint32_t address, bool write);

/* Ends the process. */
void machine_fail(const char *what) __attribute__((noreturn));

#define require(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            machine_fail(#condition);                                                              \
        }                                                                                          \
    } while (0)

#endif
