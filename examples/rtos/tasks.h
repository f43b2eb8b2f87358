/*
 * What the tasks of the example share: the memory of each, and the few words that all may read.
 *
 * A task may read and write its own space and read `shared`; the MPU refuses everything else. The
 * supervisor is privileged and reads all of it.
 */
#ifndef RTOS_TASKS_H
#define RTOS_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "FreeRTOS.h"
#include "psa/client.h"
#include "semphr.h"
#include "task.h"

#define MPU_GRANULE   32u
#define STACK_WORDS   512u
#define SECRET_BYTES  32u
#define WORKER_ROUNDS 60u
#define HASH_BYTES    32u /* SHA-256 */

/* What a task tells the supervisor, and what another task would like to have. */
struct task_data {
    uint8_t secret[SECRET_BYTES];
    psa_invec vectors[1]; /* a good vector array, for whoever may read it */
    uint32_t rounds;
    uint32_t calls;   /* into the secure world */
    uint32_t wrong;   /* results that were not what they must be */
    uint32_t busy;    /* of these: PSA_ERROR_CONNECTION_BUSY */
    uint32_t refused; /* intruder: attempts that were refused as they must be */
    bool has_read;    /* intruder: the read of another task's memory came back */
} __attribute__((aligned(MPU_GRANULE)));

/* Stack and data of a task: two MPU regions. The stack comes first: the kernel's port saves and
 * writes back a hundred bytes above a task's stack pointer, which may be above its stack when the
 * task is inside a secure call; there they are still the task's own. */
struct task_space {
    StackType_t stack[STACK_WORDS];
    struct task_data data;
} __attribute__((aligned(MPU_GRANULE)));

/* Readable for all tasks, written by main() before the scheduler starts. */
struct shared {
    SemaphoreHandle_t lock;
    TaskHandle_t supervisor;
    uint8_t code_hash[HASH_BYTES]; /* SHA-256 of the code that tasks may read */
} __attribute__((aligned(MPU_GRANULE)));

extern struct shared shared;

/* The code that tasks may execute and read, from rtos.ld. */
extern const uint8_t __unprivileged_flash_start__[];
extern const uint8_t __unprivileged_flash_end__[]; /* the last byte */
#define CODE_BYTES ((size_t)(__unprivileged_flash_end__ + 1 - __unprivileged_flash_start__))

extern struct task_space high_space;
extern struct task_space low_space;
extern struct task_space intruder_space;

/* Entry points; the argument is the task's own struct task_data. Unprivileged. */
void worker_high(void *own);
void worker_low(void *own);
void intruder(void *own);

/* The end of every task: tells the supervisor and never runs again. */
void task_finish(void) __attribute__((noreturn));

/* Counted by the handlers, privileged. */
struct rtos_counts {
    uint32_t ticks_in_calls;    /* SysTick came while a secure call was under way */
    uint32_t switches_in_calls; /* and the scheduler switched to another task there */
    uint32_t stopped_stack;     /* stack pointer of the task that the MemManage handler ended, */
    uint32_t stopped_address;   /* for reaching for this */
};
extern struct rtos_counts rtos_counts;

#endif
