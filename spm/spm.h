/*
 * The manager's own types: threads, messages, connections, and the functions between its files.
 *
 * Private to spm/. Everything is static and bounded: one thread for each partition and one for the
 * non-secure side, and in each thread the one message that it can have under way as a client.
 */
#ifndef BARTIZAN_SPM_SPM_H
#define BARTIZAN_SPM_SPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/service.h"
#include "spm/tables.h"
#include "spm/trap.h"

/* What the trap saves of a thread beyond its exception frame; entry.S knows the offsets. */
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

/* Memory of a thread that has been checked: only spm/memory.c makes one of a size above 0. */
struct spm_buffer {
    uint8_t *base;
    uint32_t size_bytes;
};

struct spm_thread;

struct spm_connection {
    psa_handle_t handle; /* 0: free */
    int32_t client_id;
    bool dead; /* the service found a programmer error in it: it can only be closed */
    const struct spm_service *service;
    void *rhandle;
};

/* A request on its way: lives in the client's thread from the call to the reply. */
struct spm_message {
    psa_handle_t handle; /* 0: none; changes with each message: an old one is not found */
    int32_t type;
    int32_t client_id;
    struct spm_connection *connection;    /* NULL: stateless */
    struct spm_buffer in[PSA_MAX_IOVEC];  /* what is left to read */
    struct spm_buffer out[PSA_MAX_IOVEC]; /* room that is left */
    psa_outvec *out_vectors;              /* the client's own array, for the written lengths */
    uint32_t in_count;
    uint32_t out_count;
    uint32_t out_capacity_bytes[PSA_MAX_IOVEC];
};

enum spm_thread_state {
    SPM_THREAD_NEW,     /* its init function has not returned yet */
    SPM_THREAD_IDLE,    /* a server without a request */
    SPM_THREAD_RUNNING, /* serves a request, or is the agent */
};

struct spm_thread {
    struct spm_context context;            /* first: entry.S */
    const struct spm_partition *partition; /* NULL: the agent of the non-secure side */
    const struct spm_mpu_region *regions;
    uint32_t region_count;
    enum spm_thread_state state;
    struct spm_frame *frame;    /* of the trap that it waits in, as a client */
    struct spm_thread *client;  /* whom the request being served belongs to */
    struct spm_message message; /* own request as a client */
};

/* ---- thread.c: who runs ---- */

/* The thread whose registers the trap saves and whose regions are loaded. */
extern struct spm_thread *spm_current;

/* Makes every partition a new thread and the agent one that will start the non-secure world. */
void thread_init_all(uint32_t nonsecure_reset_handler);
struct spm_thread *thread_of_partition(uint32_t index);

/* The client id of everything that runs in this thread: partition id, or -1 for the non-secure
 * side. */
int32_t thread_client_id(const struct spm_thread *thread);

/* Makes thread the running one and loads its regions. */
void thread_switch(struct spm_thread *thread);

/* Where a server finds the message that it is entered with: the top of its stack, which is its own
 * memory. */
psa_msg_t *thread_message_place(const struct spm_thread *server);

/* Gives an idle server a fresh context that runs function(message place) on its own stack, and
 * switches to it. */
void thread_enter(struct spm_thread *server, uintptr_t function);

/* After the init function of a partition returned: the next one, or the agent. */
void thread_start_next(void);

/* ---- isolate.c: what the running thread may touch ---- */
void isolate_start(void);

/* Loads a thread's list of regions (at least SPM_MPU_GROUP) if it is not the one in force. */
void isolate_load(const struct spm_mpu_region *regions, uint32_t count);

/* ---- call.c, connection.c, message.c: client and server half of a call ---- */
void call_trap_version(struct spm_frame *frame);
void call_trap_connect(struct spm_frame *frame);
void call_trap_call(struct spm_frame *frame);
void call_trap_close(struct spm_frame *frame);
void call_trap_return(struct spm_frame *frame);

struct spm_connection *connection_open(int32_t client_id, const struct spm_service *service);
struct spm_connection *connection_find(psa_handle_t handle, int32_t client_id);
void connection_close(struct spm_connection *connection);

void message_trap_read(struct spm_frame *frame);
void message_trap_skip(struct spm_frame *frame);
void message_trap_write(struct spm_frame *frame);
void message_trap_set_rhandle(struct spm_frame *frame);

/* ---- memory.c: the only code that looks at or touches a caller's memory ---- */

/* True if thread may itself read (write) all of the range; then *buffer describes it. A range of
 * length 0 is always good and its address is not looked at. */
bool memory_check_read(const struct spm_thread *thread, uint32_t base, uint32_t size_bytes,
                       struct spm_buffer *buffer) __attribute__((warn_unused_result));
bool memory_check_write(const struct spm_thread *thread, uint32_t base, uint32_t size_bytes,
                        struct spm_buffer *buffer) __attribute__((warn_unused_result));

/* Copies between checked buffers; size_bytes is at most the size of both. */
void memory_copy(const struct spm_buffer *to, const struct spm_buffer *from, uint32_t size_bytes);

/* ---- grant.c: flash regions and secrets of the hand-off ---- */
void grant_trap_flash_read(struct spm_frame *frame);
void grant_trap_flash_program(struct spm_frame *frame);
void grant_trap_flash_erase(struct spm_frame *frame);
void grant_trap_take_secret(struct spm_frame *frame);
void grant_trap_lifecycle(struct spm_frame *frame);
void grant_trap_read_handoff(struct spm_frame *frame);
void grant_trap_reset(struct spm_frame *frame);
void grant_trap_read_fault(struct spm_frame *frame);

/* Reads the hand-off of boot once and wipes it where it was. False if it is not valid. */
bool grant_take_handoff(void) __attribute__((warn_unused_result));

/* Wipes the secrets that no partition of the product has a grant for. */
void grant_wipe_unclaimed(void);

/* Address of the vector table of the non-secure image that boot verified; 0 if there is none. */
uint32_t grant_nonsecure_vectors(void);

/* ---- panic.c: every rule whose violation ends the caller ---- */

enum spm_rule {
    RULE_HANDLE,        /* FF-M 1.0, 4.3.3: no such connection or static handle of this client */
    RULE_SERVICE,       /* no such service, or this client may not use it */
    RULE_VERSION,       /* the version policy refuses the version asked for */
    RULE_TYPE,          /* the type of a call is negative or too large */
    RULE_VECTOR_COUNT,  /* more than PSA_MAX_IOVEC vectors */
    RULE_VECTOR_MEMORY, /* a vector or the array of vectors is not the caller's memory */
    RULE_MESSAGE,       /* FF-M 1.0, 4.4.2: the handle names no message of this partition */
    RULE_VECTOR_INDEX,  /* no such vector of the message */
    RULE_BUFFER,        /* the partition's own buffer is not its memory */
    RULE_OVERFLOW,      /* psa_write() past the end of the output vector */
    RULE_STATUS,        /* a service answered a connection with something else than it may */
    RULE_FLASH,         /* no grant for this flash region */
    RULE_SECRET,        /* no grant for this secret, or a wrong size */
    RULE_REQUEST,       /* FF-M 1.0, 4.4.2: its service answered PSA_ERROR_PROGRAMMER_ERROR */
    RULE_STACK,         /* its stack pointer was outside its stack */
    RULE_RIGHT,         /* no such right in the product */
    RULE_TRAP,          /* a trap that this thread may not raise */
    RULE_PANIC,         /* psa_panic() */
};

/* Ends a call of the current thread that broke rule: a non-secure caller gets
 * PSA_ERROR_PROGRAMMER_ERROR in r0, a partition panics and this does not return. */
void panic_programmer_error(struct spm_frame *frame, enum spm_rule rule);
void panic_partition(const struct spm_partition *partition, enum spm_rule rule)
    __attribute__((noreturn));
void panic_trap(struct spm_frame *frame);

/* ---- fault.c ---- */

/* The application says that its start is good: faults before this one do not count any more. */
void fault_trap_confirm(struct spm_frame *frame);

/* ---- start.c ---- */

/* Looks at what a partition's init function returned; all but success stops the device. */
void start_init_done(const struct spm_partition *partition, psa_status_t status);

/* Every init function has returned: the non-secure world is next. */
void start_all_done(void);

/* ---- start.c, trap.c, fault.c: reached from entry.S ---- */
void spm_start(void);
struct spm_thread *spm_first_thread(void);
struct spm_thread *spm_trap(struct spm_frame *frame);
void spm_fault(uint32_t exc_return, uint32_t stack, const uint32_t *r4_to_r11)
    __attribute__((noreturn));

/* In entry.S: never called from C, only put into frames. */
void spm_agent_start(void);
void spm_partition_return(void);

#endif
