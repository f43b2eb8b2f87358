/*
 * The manager's own types: threads, messages, connections, and the functions between its files.
 *
 * Private to spm/. Everything is static and bounded: one thread for each partition, one for the
 * non-secure side, one that idles; and in each thread the one message that it can have under way as
 * a client.
 */
#ifndef BARTIZAN_SPM_SPM_H
#define BARTIZAN_SPM_SPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/service.h"
#include "spm/tables.h"
#include "spm/trap.h"

/* What is kept of a thread that does not run, beyond its exception frame; entry.S knows the
 * offsets. */
struct spm_context {
    uint32_t r4_to_r11[8];
    uint32_t psp;
    uint32_t exc_return;
    uint32_t psplim;
};

/* An exception frame as the processor stacks it. */
struct spm_frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

struct spm_thread;

/* Serves one trap of a thread: returns the thread that runs next. */
typedef struct spm_thread *spm_trap(struct spm_frame *frame, struct spm_thread *thread);

/* Memory of a thread that has been checked: good only behind memory_check(). */
struct spm_buffer {
    uint8_t *base;
    uint32_t size_bytes;
};

enum spm_connection_state {
    SPM_CONNECTION_OPEN,
    SPM_CONNECTION_MISUSED, /* the service found a programmer error in it: it can only be closed */
    SPM_CONNECTION_LOST,    /* its service has started afresh: the same */
};

struct spm_connection {
    psa_handle_t handle; /* 0: free */
    int32_t client_id;
    enum spm_connection_state state;
    const struct spm_service *service;
    void *rhandle;
};

/* Of spm_message.access, shifted by the vector's place. */
#define MESSAGE_TOUCHED 0x1U   /* read, skipped or written */
#define MESSAGE_USED    0x100U /* mapped at some time */
#define MESSAGE_MAPPED  0x10000U

/* A request on its way: lives in the client's thread from the call to the reply. */
struct spm_message {
    psa_msg_t view; /* what the server is told; handle 0: not taken by it yet */
    const struct spm_service *service;
    struct spm_connection *connection; /* NULL: stateless */
    uint32_t in_count;
    uint32_t out_count;
    struct spm_buffer vectors[PSA_MAX_IOVEC]; /* input, then output: what is left of each */
    psa_outvec *out_vectors;                  /* the client's own array, for the written lengths */
    uint32_t access; /* what the server did to vectors[n]: MESSAGE_... << n */
    uint32_t after;  /* not 0: the answer takes more than to tell it */
    uint32_t serial; /* of the next handle: its low bits are the client's place among the threads */
};

/* Client memory that a server reaches in place. */
struct spm_map {
    const struct spm_buffer *vector; /* of the message; NULL: unused */
    uint32_t first;                  /* of the granule that the vector starts in */
    uint32_t last;                   /* byte of the vector */
    bool writable;
};

/* A thread calls while it has a server, waits while it has a wait mask, and is ready otherwise. */
struct spm_thread {
    struct spm_context context; /* first: entry.S */
    uint32_t stack_last;        /* highest address that the frame of a trap may have */
    spm_trap *const *traps;     /* what it may ask for, by trap number */
    uint32_t rank;              /* own index in spm_threads: lower runs first */
    uint32_t active_bit;        /* 0x80000000 >> rank */
    const struct spm_mpu_region *regions;
    uint32_t region_count;
    const void *regions_key; /* equal where the regions are: the list; own while it maps vectors */
    uint32_t ram_base;       /* its own RAM, which is one of the regions; a partition's */
    uint32_t ram_size;
    const uint32_t *services;              /* that it may call, one bit each */
    const struct spm_partition *partition; /* NULL: the agent of the non-secure side, and idle */
    struct spm_frame *frame;               /* of the trap that it calls or waits in */
    /* As a client */
    struct spm_thread *server;  /* that is to answer the message; NULL: none */
    struct spm_thread *next;    /* in the server's queue */
    struct spm_message message; /* own request */
    /* As a server */
    struct spm_thread *queue;          /* clients whose messages are not taken, oldest first */
    psa_signal_t wait_mask;            /* any of these wakes it; 0: it does not wait */
    psa_signal_t signals;              /* asserted ones */
    psa_msg_t *place;                  /* SFN: where it finds the message; in its own memory */
    struct spm_thread *serving;        /* SFN: whom the message being served belongs to */
    struct spm_map maps[SPM_MAPS_MAX]; /* client memory that it has mapped */
    bool started;                      /* it has come to its first wait */
    bool closing; /* it has ended, and its connections are being closed before it starts afresh */
};

_Static_assert(offsetof(struct spm_thread, context.psp) == THREAD_PSP, "entry.S");
_Static_assert(offsetof(struct spm_thread, context.psplim) == THREAD_PSPLIM, "entry.S");
_Static_assert(offsetof(struct spm_thread, stack_last) == THREAD_STACK_LAST, "entry.S");

/* ---- thread.c: the threads, how they start and start afresh ---- */

#define SPM_AGENT   SPM_PARTITIONS
#define SPM_IDLE    (SPM_PARTITIONS + 1U)
#define SPM_THREADS (SPM_PARTITIONS + 2U)

/* Partitions in the order of the table, which is that of their priorities; then the agent; then the
 * one that idles. */
extern struct spm_thread spm_threads[SPM_THREADS];

/* Who runs; one structure, so that one address leads to all of it. */
struct spm_state {
    struct spm_thread *current; /* first: entry.S; whose registers are the processor's */
    const void *regions_key;    /* of the regions in force; NULL: load in any case */
    uint32_t region_count;      /* of that list, at least SPM_MPU_GROUP */
    uint32_t active; /* bits of the threads that want to run, or to have their call answered */
    struct spm_thread *flih; /* in which a first-level handler runs, before all; NULL: none */
};
extern struct spm_state spm_state;

/* Makes every partition a new thread and the agent one that will start the non-secure world. */
void thread_init_all(uint32_t nonsecure_reset_handler);

/* Ends what the thread of a partition does and makes it start afresh; the caller resumes. */
void thread_restart(struct spm_thread *thread);

/* One more of an ended partition's connections is closed: the next one, or the new start. */
void thread_restart_continue(struct spm_thread *thread);

/* A frame for function(argument) below sp, every other register zero, as the thread's context. */
void thread_build_context(struct spm_thread *thread, uint32_t sp, uintptr_t function,
                          uintptr_t back, uint32_t argument);

/* ---- isolate.c: what the running thread may touch ---- */
void isolate_start(void);

/* Loads a thread's regions, whatever is in force. */
void isolate_load(const struct spm_thread *thread);

/* Makes thread the running one and loads its regions, if they are not the ones in force. */
static inline struct spm_thread *isolate_run(struct spm_thread *thread)
{
    spm_state.current = thread;
    if (thread->regions_key != spm_state.regions_key) {
        isolate_load(thread);
    }
    return thread;
}

spm_trap isolate_trap_flash_read;
spm_trap isolate_trap_flash_program;
spm_trap isolate_trap_flash_erase;

/* ---- call.c: a call from the client to the server and back, and who runs meanwhile ---- */
spm_trap call_trap_version;
spm_trap call_trap_connect;
spm_trap call_trap_call;
spm_trap call_trap_close;
spm_trap call_trap_init_done;
spm_trap call_trap_next;
spm_trap call_trap_wait;
spm_trap call_trap_get;
spm_trap call_trap_reply;
spm_trap call_trap_read;
spm_trap call_trap_skip;
spm_trap call_trap_write;
spm_trap call_trap_set_rhandle;
spm_trap call_trap_notify;
spm_trap call_trap_clear;

/* The thread that is to run: of those that want to, the one of the highest rank; where it waits for
 * an answer, the thread that works on it. Made the running one. */
struct spm_thread *call_run_next(void);

/* Asserts signals of a partition; wakes it if it waits for one of them. */
void call_assert(struct spm_thread *thread, psa_signal_t signals);

/* Closes a connection in the name of a partition that has ended; false: it is closed already. */
bool call_close_for(struct spm_thread *client, struct spm_connection *connection);

/* Every call that waits for the partition of thread ends unanswered. */
void call_end_all(struct spm_thread *server);

/* The request, not the opening or closing of a connection, that the server has under the handle in
 * r0. A partition that has none such panics. */
struct spm_message *call_find_request(const struct spm_frame *frame, struct spm_thread *server);

/* ---- map.c: vectors that the server reaches in place (FF-M 1.1, MM-IOVEC) ---- */
spm_trap map_trap_in;
spm_trap map_trap_out;
spm_trap map_trap_unmap_in;
spm_trap map_trap_unmap_out;

/* True if every vector of the message can be mapped for the server. */
bool map_is_possible(const struct spm_thread *client, const struct spm_thread *server,
                     const struct spm_message *message);

/* The message is answered: takes its mappings away. */
void map_end(struct spm_thread *server, const struct spm_message *message);

/* ---- connection.c ---- */
struct spm_connection *connection_open(int32_t client_id, const struct spm_service *service);
struct spm_connection *connection_find(psa_handle_t handle, int32_t client_id);
void connection_close(struct spm_connection *connection);

/* Any connection that the client has opened, or NULL. */
struct spm_connection *connection_of_client(int32_t client_id);

/* Every connection to a service of the partition is lost. */
void connection_lose_all(const struct spm_thread *server);

/* ---- entry.S: memory in bulk ---- */

/* As memcpy(), a few bytes each instruction. */
void spm_copy(void *to, const void *from, uint32_t size_bytes);

/* Zeroes; both are multiples of 8. */
void spm_clear(void *memory, uint32_t size_bytes);

/* ---- memory.c: the only code that looks at or touches a caller's memory ---- */

/* True if thread may itself read (write: write too) every byte from first to last. */
bool memory_may(const struct spm_thread *thread, uint32_t first, uint32_t last, bool write)
    __attribute__((warn_unused_result));

/* The same for a range, which *buffer describes then. One of length 0 is always good and its address
 * is not looked at. */
static inline bool memory_check(const struct spm_thread *thread, uint32_t base, uint32_t size_bytes,
                                bool write, struct spm_buffer *buffer)
{
    buffer->base = (uint8_t *)(uintptr_t)base;
    buffer->size_bytes = size_bytes;
    return (size_bytes == 0U) || memory_may(thread, base, base + size_bytes - 1U, write);
}

/* memory_check() of a partition's buffer, which most often lies in its RAM. */
static inline bool memory_check_own(const struct spm_thread *thread, uint32_t base,
                                    uint32_t size_bytes, bool write, struct spm_buffer *buffer)
{
    uint32_t offset = base - thread->ram_base;

    if ((offset < thread->ram_size) && (size_bytes <= thread->ram_size - offset)) {
        buffer->base = (uint8_t *)(uintptr_t)base;
        buffer->size_bytes = size_bytes;
        return true;
    }
    return memory_check(thread, base, size_bytes, write, buffer);
}

/* Copies between checked buffers, at most the size of both. */
void memory_copy_long(const struct spm_buffer *to, const struct spm_buffer *from,
                      uint32_t size_bytes);

#define MEMORY_LONG_BYTES 128U

static inline void memory_copy(const struct spm_buffer *to, const struct spm_buffer *from,
                               uint32_t size_bytes)
{
    if (size_bytes < MEMORY_LONG_BYTES) {
        spm_copy(to->base, from->base, size_bytes);
    } else {
        memory_copy_long(to, from, size_bytes);
    }
}

/* ---- interrupt.c: interrupts of the device, for partitions ---- */
void interrupt_start(void);
spm_trap interrupt_trap_eoi;
spm_trap interrupt_trap_enable;
spm_trap interrupt_trap_disable;
spm_trap interrupt_trap_reset_signal;
spm_trap interrupt_trap_flih_return;

/* Opens the interrupts that a partition has from its start (FF-M 1.0). */
void interrupt_open(const struct spm_thread *thread);

/* Masks all interrupts of a partition and forgets what came of them. */
void interrupt_close(const struct spm_thread *thread);

/* Serves an exception that came while a thread ran: the thread that runs next. */
struct spm_thread *interrupt_take(uint32_t exception);

/* Notes an interrupt that came in the middle of a handler: PendSV will deal with it. */
void interrupt_note(uint32_t exception);

/* The same where the non-secure world has put a call aside and runs something else: SysTick will try
 * again. */
void interrupt_put_off(uint32_t exception);

/* ---- grant.c: hand-off, secrets and rights ---- */
spm_trap grant_trap_take_secret;
spm_trap grant_trap_lifecycle;
spm_trap grant_trap_read_handoff;
spm_trap grant_trap_reset;
spm_trap grant_trap_read_fault;
spm_trap grant_trap_heap;

/* Reads the hand-off of boot once and wipes it where it was. False if it is not valid. */
bool grant_take_handoff(void) __attribute__((warn_unused_result));

/* Wipes the secrets that no partition of the product has a grant for. */
void grant_wipe_unclaimed(void);

/* Address of the vector table of the non-secure image that boot verified; 0 if there is none. */
uint32_t grant_nonsecure_vectors(void);

/* ---- panic.c: every rule whose violation ends the caller ---- */

enum spm_rule {
    RULE_NONE,          /* kept */
    RULE_LOST,          /* kept, but the service of the connection has started afresh */
    RULE_HANDLE,        /* FF-M 1.0, 4.3.3: no such connection or static handle of this client */
    RULE_SERVICE,       /* no such service, or this client may not use it */
    RULE_VERSION,       /* the version policy refuses the version asked for */
    RULE_TYPE,          /* the type of a call is negative or too large */
    RULE_VECTOR_COUNT,  /* more than PSA_MAX_IOVEC vectors */
    RULE_VECTOR_MEMORY, /* a vector or the array of vectors is not the caller's memory */
    RULE_VECTOR_BLOCK,  /* a vector of a partition that cannot be mapped for the service */
    RULE_CIRCLE,        /* psa_close() towards a partition that waits for the caller */
    RULE_MESSAGE,       /* FF-M 1.0, 4.4.2: the handle names no message of this partition */
    RULE_VECTOR_INDEX,  /* no such vector of the message */
    RULE_BUFFER,        /* the partition's own buffer is not its memory */
    RULE_OVERFLOW,      /* psa_write() past the end of the output vector */
    RULE_STATUS,        /* a service answered a connection with something else than it may */
    RULE_MAP,           /* FF-M 1.1: a vector is mapped, unmapped or used out of order */
    RULE_SIGNAL,        /* not one of its signals, or not in the state that this needs */
    RULE_NOTIFY,        /* psa_notify() of no partition that has a doorbell */
    RULE_FLASH,         /* no grant for this flash region */
    RULE_SECRET,        /* no grant for this secret, or a wrong size */
    RULE_REQUEST,       /* FF-M 1.0, 4.4.2: its service answered PSA_ERROR_PROGRAMMER_ERROR */
    RULE_STACK,         /* its stack pointer was outside its stack */
    RULE_RIGHT,         /* no such right in the product */
    RULE_TRAP,          /* a trap that this thread may not raise, or not now */
    RULE_PANIC,         /* psa_panic() */
};

/* Ends a call of a thread that broke rule: a non-secure caller gets PSA_ERROR_PROGRAMMER_ERROR in r0
 * and runs on, a partition panics and this does not return. */
struct spm_thread *panic_programmer_error(struct spm_frame *frame, struct spm_thread *thread,
                                          enum spm_rule rule);

/* The end of a partition: resets the device, or starts it afresh and resumes what runs next. */
void panic_partition(struct spm_thread *thread, enum spm_rule rule) __attribute__((noreturn));

/* The same after a fault, of which the record is written already. */
void panic_after_fault(struct spm_thread *thread) __attribute__((noreturn));
spm_trap panic_trap;
spm_trap panic_trap_request;
spm_trap panic_trap_refused;

/* ---- fault.c ---- */

/* The application says that its start is good: faults before this one do not count any more. */
spm_trap fault_trap_confirm;

/* ---- start.c ---- */

/* Looks at what a partition's init function returned; all but success stops the device. */
void start_init_done(const struct spm_partition *partition, psa_status_t status);

/* Fills a partition's data and clears its bss, stack, and the head of its heap. */
void start_memory_init(const struct spm_partition *partition);

/* The agent is about to enter the non-secure world: every partition has come to its first wait. */
spm_trap start_trap_started;

/* ---- trap.c ---- */
extern spm_trap *const spm_traps_of_ipc[TRAP_MAX];
extern spm_trap *const spm_traps_of_sfn[TRAP_MAX];
extern spm_trap *const spm_traps_of_agent[TRAP_MAX];
extern spm_trap *const spm_traps_of_flih[TRAP_MAX]; /* while a first-level handler runs */

/* Between the two, non-secure interrupts come through: for what takes long. ARM DDI 0553, SHPR2:
 * the top byte is the priority of SVCall. The labels behind the stores are for `./bz bench`, which
 * counts how long they wait. */
#define TRAP_PRIORITY (*(volatile uint8_t *)0xE000ED1FU)

static inline void trap_begin_long(void)
{
    __asm volatile("strb %1, %0\nspm_priority_lowered_%=:"
                   : "=m"(TRAP_PRIORITY)
                   : "r"(TRAP_PRIORITY_LOW)
                   : "memory");
}

static inline void trap_end_long(void)
{
    __asm volatile("strb %1, %0\nspm_priority_raised_%=:"
                   : "=m"(TRAP_PRIORITY)
                   : "r"(TRAP_PRIORITY_HIGH)
                   : "memory");
}

/* ---- start.c, panic.c, fault.c: reached from entry.S ---- */
void spm_start(void);
struct spm_thread *spm_first_thread(void);
void spm_bad_stack(struct spm_frame *frame, struct spm_thread *thread) __attribute__((noreturn));
struct spm_thread *spm_fault(uint32_t exc_return, uint32_t stack, const uint32_t *r4_to_r11);

/* ---- entry.S ---- */

/* Leaves the handler for the thread, whatever was on the main stack. */
void spm_resume(struct spm_thread *thread) __attribute__((noreturn));

/* s16 to s31 of the non-secure world, where it was interrupted with live FP registers. */
extern uint32_t spm_nonsecure_fp[16];

/* Never called from C, only put into frames. */
void spm_agent_start(void);
void spm_idle(void);
void spm_sfn_main(void);
void spm_ended(void);
void spm_refused(void);
void spm_flih_return(void);

#endif
