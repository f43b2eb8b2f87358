/*
 * What the PSA API says should happen: an own, plain account of threads, messages, connections,
 * vectors and signals. It shares the product's tables with the manager and nothing else.
 *
 * The test lets the manager serve a trap, tells the model of the same one, and compares. Memory is
 * compared too: the model writes what the manager should have written into a copy of it.
 */
#ifndef HOST_SPM_MODEL_H
#define HOST_SPM_MODEL_H

#include "machine.h"

#define NOBODY (-1)

enum answer_kind {
    ANSWER_VALUE,      /* r0 is `value` */
    ANSWER_ANY,        /* nobody promises anything */
    ANSWER_CONNECTION, /* r0 is a new handle: of connection `value` */
    ANSWER_MESSAGE,    /* r0 is where an SFN thread finds its message, r1 the function for it */
    ANSWER_FRESH,      /* it has not run yet */
};

struct model_vector {
    uint32_t base, size, done;
    bool out, touched, used, mapped, in_region;
};

struct model_thread {
    enum answer_kind kind; /* of what it finds when it runs */
    uint32_t value;
    /* As a client */
    bool calling, taken, refused;
    int server, service, connection;
    int32_t type;
    psa_handle_t handle, last_handle;
    struct model_vector vectors[PSA_MAX_IOVEC];
    uint32_t in_count, out_count, out_array;
    void *rhandle;
    /* As a server */
    int queue[SPM_THREADS];
    int queue_count;
    uint32_t signals; /* but those of messages */
    uint32_t wait_mask;
    int serving;
    bool started, closing;
};

struct model_connection {
    bool live;
    psa_handle_t handle; /* 0: not told yet */
    int client, service;
    enum spm_connection_state state;
    void *rhandle;
};

struct model_view { /* a message that was handed to a server */
    int server, client;
    uint32_t address;
};

#define MODEL_VIEWS 16U

struct model {
    struct model_thread threads[SPM_THREADS];
    struct model_connection connections[SPM_CONNECTIONS];
    uint32_t opened, pending; /* bits of spm_irqs */
    uint64_t enabled;         /* by number */
    int flih;                 /* the interrupt whose handler runs */
    enum machine_end end;
    int ended; /* the thread that broke a rule, or NOBODY */
    struct machine_copy copies[MACHINE_COPIES];
    uint32_t copy_count;
    struct model_view views[MODEL_VIEWS];
    uint32_t view_count;
};
extern struct model model;

/* Copies of the memory of the machine as it should be. */
extern uint8_t model_secure_ram[SECURE_RAM_SIZE];
extern uint8_t model_nonsecure_ram[NS_RAM_SIZE];
extern uint8_t model_peripheral[PERIPHERAL_SIZE];

void model_boot(void);
void model_trap(int thread, uint32_t number, const uint32_t arguments[4]);
void model_fault(int thread);
void model_arrive(uint32_t irq); /* the line is masked */
void model_deliver(void);        /* what has arrived gets to its partition */
int model_running(void);         /* who is to run */
uint32_t model_signals(int thread);
int model_client_of(int server, uint32_t handle); /* the request or connection message, or NOBODY */

/* True if thread may itself read (write) all of the range. */
bool model_may(int thread, uint32_t base, uint32_t size_bytes, bool write);

/* Where the copy of an address is; NULL: nowhere. */
uint8_t *model_byte(uint32_t address);

#endif
