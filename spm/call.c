/*
 * A call from the client to the server and back: connect, call, close; wait, get, read, write,
 * reply; and who runs meanwhile.
 *
 * Each trap decodes untrusted words into typed values, then checks what the caller may do, then
 * acts. Each word of the vectors is read once, before it is checked, and never again. The
 * fast path is a direct switch to a server that waits for the message; otherwise the message rests
 * in the client's thread, in the server's queue, and call_run_next() says who runs. SFN and IPC
 * partitions differ in message_post() and the traps behind it: an SFN thread waits in
 * TRAP_NEXT, which is psa_reply(), psa_wait() and psa_get() in one.
 */
#include "spm/spm.h"

#include "bartizan/call.h"

/* Static handle of a stateless service: FF-M 1.1, 3.4.2; the encoding is ours. */
#define HANDLE_STATELESS       0x40000000U
#define HANDLE_FIELDS          0xFF1FU /* version and index; every other bit is HANDLE_STATELESS */
#define HANDLE_VERSION(handle) (((handle) >> 8) & 0xFFU)
#define HANDLE_INDEX(handle)   ((handle)&0x1FU)

/* A message handle: the client's place among the threads, from 1, and a number that changes. */
#define MESSAGE_PLACE_MASK  0x3FU
#define MESSAGE_SERIAL_STEP 0x40U
#define MESSAGE_HANDLE_MASK 0x7FFFFFFFU

_Static_assert(SPM_THREADS <= 32U, "one bit of a word for each thread");

/* ---- Who runs ---- */

/* A client lends its rank to whom it waits for, and so on: no priority inversion. The chain ends,
 * because a call that closes a circle is refused. The idle thread is always ready. */
static inline struct spm_thread *run_next(void)
{
    for (uint32_t left = spm_state.active;;) {
        uint32_t rank = (uint32_t)__builtin_clz(left);
        struct spm_thread *thread = &spm_threads[rank];

        while (thread->server != NULL) {
            thread = thread->server;
        }
        if (thread->wait_mask == 0U) {
            return isolate_run(thread);
        }
        left &= ~(0x80000000U >> rank);
    }
}

struct spm_thread *call_run_next(void)
{
    return run_next();
}

static void thread_wait(struct spm_thread *thread, struct spm_frame *frame, psa_signal_t mask)
{
    thread->frame = frame;
    thread->wait_mask = mask;
    spm_state.active &= ~thread->active_bit;
}

static void thread_wake(struct spm_thread *thread)
{
    thread->wait_mask = 0U;
    spm_state.active |= thread->active_bit;
}

/* True if that wakes the thread. */
static inline bool signals_assert(struct spm_thread *thread, psa_signal_t signals)
{
    thread->signals |= signals;
    signals = thread->wait_mask & thread->signals;
    if (signals == 0U) {
        return false;
    }
    thread->frame->r0 = signals;
    thread_wake(thread);
    return true;
}

void call_assert(struct spm_thread *thread, psa_signal_t signals)
{
    (void)signals_assert(thread, signals);
}

/* Something has happened that may let others run: the thread goes on if nobody comes before it. */
static inline struct spm_thread *yield(struct spm_thread *thread)
{
    return (thread->active_bit > (spm_state.active >> 1)) ? thread : call_run_next();
}

/* The same as call_run_next(), where other is ready: quicker if nobody comes before it. */
static inline struct spm_thread *run_or_next(struct spm_thread *other)
{
    return (other->active_bit > (spm_state.active >> 1)) ? isolate_run(other) : call_run_next();
}

/* ---- The client's half: decode and check ---- */

#define SERVICES_HALF_MAX 256U /* the most services that a product has */

/* The service of a SID, by halving the sorted table: first to a length that is a power of two, so
 * that all that follows are constants. */
static const struct spm_service *service_find(uint32_t sid)
{
    const uint32_t length = 0x80000000U >> __builtin_clz(SPM_SERVICES);
    const struct spm_service *service = spm_services;

    if (service[SPM_SERVICES - length].sid <= sid) {
        service += SPM_SERVICES - length;
    }
#pragma GCC unroll 9
    for (uint32_t half = SERVICES_HALF_MAX; half != 0U; half /= 2U) {
        if ((half < length) && (service[half].sid <= sid)) {
            service += half;
        }
    }
    return (service->sid == sid) ? service : NULL;
}

/* FF-M 1.0, 3.3.2: non-secure clients by the service's flag, partitions by their declared
 * dependencies; both are bits of the client. */
static bool service_allows(const struct spm_service *service, const struct spm_thread *client)
{
    return (client->services[service->word] & service->mask) != 0U;
}

/* FF-M 1.0, 3.3.3 */
static bool service_accepts_version(const struct spm_service *service, uint32_t version)
{
    if (service->version_policy == SPM_VERSION_STRICT) {
        return version == service->version;
    }
    return (version != PSA_VERSION_NONE) && (version <= service->version);
}

/* A handle that is not the static one of a service in its present version: the connection that it
 * names, or an older version. */
static __attribute__((noinline)) enum spm_rule handle_decode_other(
    uint32_t handle, struct spm_thread *client, const struct spm_service *service)
{
    struct spm_message *message = &client->message;
    struct spm_connection *connection;

    if ((SPM_HAS_CONNECTIONS != 0U) && ((handle & HANDLE_STATELESS) == 0U)) {
        connection = connection_find((psa_handle_t)handle, message->view.client_id);
        if (connection == NULL) {
            return RULE_HANDLE;
        }
        message->connection = connection;
        message->service = connection->service;
        message->view.rhandle = connection->rhandle;
        return (connection->state == SPM_CONNECTION_OPEN)   ? RULE_NONE
               : (connection->state == SPM_CONNECTION_LOST) ? RULE_LOST
                                                            : RULE_HANDLE;
    }
    if (((handle & ~HANDLE_FIELDS) != HANDLE_STATELESS) || (service == NULL)) {
        return RULE_HANDLE;
    }
    if (!service_allows(service, client)) {
        return RULE_SERVICE;
    }
    return service_accepts_version(service, HANDLE_VERSION(handle)) ? RULE_NONE : RULE_VERSION;
}

/* What a handle stands for, as far as this client may use it. */
static inline enum spm_rule handle_decode(uint32_t handle, struct spm_thread *client)
{
    const struct spm_service *service = spm_stateless_services[HANDLE_INDEX(handle)];
    struct spm_message *message = &client->message;

    message->service = service;
    message->connection = NULL;
    message->view.rhandle = NULL;
    if ((service != NULL) && (service->handle == handle)) {
        return service_allows(service, client) ? RULE_NONE : RULE_SERVICE;
    }
    return handle_decode_other(handle, client, service);
}

/* The input vectors of a call: each word of the array is read once, then its buffer is checked. */
static bool vectors_take_in(const struct spm_thread *client, struct spm_message *message,
                            uint32_t address)
{
    const volatile psa_invec *array = (const volatile psa_invec *)(uintptr_t)address;
    uint32_t count = message->in_count;

    if ((address % _Alignof(psa_invec) != 0U) ||
        !memory_may(client, address, address + count * (uint32_t)sizeof(psa_invec) - 1U, false)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t base = (uint32_t)(uintptr_t)array[i].base;
        uint32_t size_bytes = (uint32_t)array[i].len;

        if (!memory_check(client, base, size_bytes, false, &message->vectors[i])) {
            return false;
        }
        message->view.in_size[i] = size_bytes;
    }
    return true;
}

/* The output vectors; the array is kept in mind, for the lengths. */
static bool vectors_take_out(const struct spm_thread *client, struct spm_message *message,
                             uint32_t address)
{
    volatile psa_outvec *array = (volatile psa_outvec *)(uintptr_t)address;
    struct spm_buffer *out = &message->vectors[message->in_count];
    uint32_t count = message->out_count;

    if ((address % _Alignof(psa_outvec) != 0U) ||
        !memory_may(client, address, address + count * (uint32_t)sizeof(psa_outvec) - 1U, true)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t base = (uint32_t)(uintptr_t)array[i].base;
        uint32_t size_bytes = (uint32_t)array[i].len;

        if (!memory_check(client, base, size_bytes, true, &out[i])) {
            return false;
        }
        message->view.out_size[i] = size_bytes;
    }
    message->out_vectors = (psa_outvec *)(uintptr_t)address;
    return true;
}

static void vectors_none(struct spm_message *message)
{
    if ((message->in_count | message->out_count) != 0U) { /* of the message before */
        message->in_count = 0U;
        message->out_count = 0U;
#pragma GCC unroll 4
        for (uint32_t i = 0; i < PSA_MAX_IOVEC; i++) {
            message->view.in_size[i] = 0U;
            message->view.out_size[i] = 0U;
        }
    }
}

/* Decodes and checks the vectors of a call into the client's message. */
static enum spm_rule vectors_take(struct spm_thread *client, const struct spm_frame *frame)
{
    struct spm_message *message = &client->message;
    uint32_t in_count = CALL_CONTROL_IN_LEN(frame->r1);
    uint32_t out_count = CALL_CONTROL_OUT_LEN(frame->r1);
    bool good;

    if (in_count + out_count > PSA_MAX_IOVEC) {
        return RULE_VECTOR_COUNT;
    }
    if ((message->in_count != in_count) || (message->out_count != out_count)) {
        vectors_none(message); /* as many are filled again below otherwise */
        message->in_count = in_count;
        message->out_count = out_count;
    }
    message->after = out_count;
    trap_begin_long();
    good = ((in_count == 0U) || vectors_take_in(client, message, frame->r2)) &&
           ((out_count == 0U) || vectors_take_out(client, message, frame->r3));
    trap_end_long();
    if (!good) {
        return RULE_VECTOR_MEMORY;
    }
    return ((SPM_HAS_MM_IOVEC == 0U) || (message->service->mm_iovec == 0U) ||
            map_is_possible(client, message->service->thread, message))
               ? RULE_NONE
               : RULE_VECTOR_BLOCK;
}

/* Type and vectors of a call. */
static __attribute__((noinline)) enum spm_rule control_decode_all(struct spm_thread *client,
                                                                  const struct spm_frame *frame)
{
    int32_t type = CALL_CONTROL_TYPE(frame->r1);

    client->message.view.type = type;
    if (type < 0) {
        return RULE_TYPE;
    }
    if ((frame->r1 & CALL_CONTROL_VECTORS) != 0U) {
        return vectors_take(client, frame);
    }
    vectors_none(&client->message);
    return RULE_NONE;
}

/* The same; the shortest case first. */
static inline enum spm_rule control_decode(struct spm_thread *client, const struct spm_frame *frame)
{
    struct spm_message *message = &client->message;

    message->after = 0U;
    if ((frame->r1 <= (uint32_t)INT16_MAX) && ((message->in_count | message->out_count) == 0U)) {
        message->view.type = (int32_t)frame->r1;
        return RULE_NONE;
    }
    return control_decode_all(client, frame);
}

/* ---- The message on its way to the server ---- */

/* The server has the message from now on, under a new handle. */
static inline void message_take(struct spm_thread *client, psa_msg_t *view)
{
    struct spm_message *message = &client->message;

    message->serial = (message->serial + MESSAGE_SERIAL_STEP) & MESSAGE_HANDLE_MASK;
    message->view.handle = (psa_handle_t)message->serial;
    message->access = 0U;
    *view = message->view;
}

/* An SFN thread, in TRAP_NEXT, gets the message of client. */
static inline void sfn_serve(struct spm_thread *server, struct spm_thread *client)
{
    server->serving = client;
    server->frame->r0 = (uint32_t)(uintptr_t)server->place;
    server->frame->r1 = (uint32_t)(uintptr_t)client->message.service->sfn;
    message_take(client, server->place);
}

static inline void queue_append(struct spm_thread *server, struct spm_thread *client)
{
    struct spm_thread **end = &server->queue;

    client->next = NULL;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = client;
}

static __attribute__((noinline)) bool leads_to(const struct spm_thread *server,
                                               const struct spm_thread *client)
{
    while ((server->server != NULL) && (server != client)) {
        server = server->server;
    }
    return server == client;
}

/* A server that waits works for nobody. */
static inline bool closes_circle(const struct spm_thread *client, const struct spm_thread *server)
{
    return (server->wait_mask == 0U) && leads_to(server, client);
}

/* The client's message is complete and checked: the server gets it. True if it waited for that. */
static inline bool message_post(struct spm_thread *client, struct spm_thread *server)
{
    psa_signal_t signal = client->message.service->signal;

    client->server = server;
    if (signal != SPM_SIGNAL_SFN) {
        queue_append(server, client);
        return signals_assert(server, signal);
    }
    if (server->wait_mask == 0U) {
        queue_append(server, client);
        return false;
    }
    thread_wake(server);
    sfn_serve(server, client);
    return true;
}

/* The same, and somebody runs. The client ran, so nobody comes before the server that it waits
 * for. */
static inline struct spm_thread *message_send(struct spm_thread *client)
{
    struct spm_thread *server = client->message.service->thread;

    return message_post(client, server) ? isolate_run(server) : call_run_next();
}

/* The same for the opening and closing of connections. */
static __attribute__((noinline)) struct spm_thread *message_send_event(struct spm_thread *client,
                                                                       int32_t type)
{
    client->message.view.type = type;
    client->message.after = 1U;
    vectors_none(&client->message);
    return message_send(client);
}

/* ---- Traps of clients ---- */

struct spm_thread *call_trap_version(struct spm_frame *frame, struct spm_thread *client)
{
    const struct spm_service *service = service_find(frame->r0);

    frame->r0 = ((service != NULL) && service_allows(service, client)) ? service->version
                                                                       : PSA_VERSION_NONE;
    return client;
}

/* A service that this client cannot have is a programmer error of a partition. The non-secure side
 * is told, as by a service that refuses: what a product has is not known when it is built. */
static struct spm_thread *connect_refuse(struct spm_frame *frame, struct spm_thread *client,
                                         enum spm_rule rule)
{
    struct spm_thread *next = panic_programmer_error(frame, client, rule);

    frame->r0 = (uint32_t)PSA_ERROR_CONNECTION_REFUSED;
    return next;
}

struct spm_thread *call_trap_connect(struct spm_frame *frame, struct spm_thread *client)
{
    const struct spm_service *service = service_find(frame->r0);
    struct spm_message *message = &client->message;

    if ((service == NULL) || !service_allows(service, client)) {
        return connect_refuse(frame, client, RULE_SERVICE);
    }
    if ((SPM_HAS_CONNECTIONS == 0U) || (service->connection_based == 0U)) {
        return panic_programmer_error(frame, client, RULE_SERVICE);
    }
    if (!service_accepts_version(service, frame->r1)) {
        return connect_refuse(frame, client, RULE_VERSION);
    }
    message->connection = closes_circle(client, service->thread)
                              ? NULL
                              : connection_open(message->view.client_id, service);
    if (message->connection == NULL) {
        frame->r0 = (uint32_t)PSA_ERROR_CONNECTION_BUSY;
        return client;
    }
    client->frame = frame;
    message->service = service;
    message->view.rhandle = NULL;
    return message_send_event(client, PSA_IPC_CONNECT);
}

/* A call that goes no further. */
static __attribute__((noinline)) struct spm_thread *call_refuse(struct spm_frame *frame,
                                                                struct spm_thread *client,
                                                                enum spm_rule rule)
{
    if (rule == RULE_LOST) {
        frame->r0 = (uint32_t)PSA_ERROR_COMMUNICATION_FAILURE;
        return client;
    }
    return panic_programmer_error(frame, client, rule);
}

struct spm_thread *call_trap_call(struct spm_frame *frame, struct spm_thread *client)
{
    enum spm_rule rule = handle_decode(frame->r0, client);

    if (rule == RULE_NONE) {
        rule = control_decode(client, frame);
    }
    if (rule != RULE_NONE) {
        return call_refuse(frame, client, rule);
    }
    if (closes_circle(client, client->message.service->thread)) {
        frame->r0 = (uint32_t)PSA_ERROR_CONNECTION_BUSY;
        return client;
    }
    client->frame = frame;
    return message_send(client);
}

/* What a message that closes a connection needs; false: there is nobody to tell. */
static bool close_prepare(struct spm_thread *client, struct spm_connection *connection)
{
    struct spm_message *message = &client->message;

    if (connection->state == SPM_CONNECTION_LOST) {
        connection_close(connection);
        return false;
    }
    message->connection = connection;
    message->service = connection->service;
    message->view.rhandle = connection->rhandle;
    return true;
}

struct spm_thread *call_trap_close(struct spm_frame *frame, struct spm_thread *client)
{
    struct spm_connection *connection;

    if (frame->r0 == (uint32_t)PSA_NULL_HANDLE) {
        return client;
    }
    connection = (SPM_HAS_CONNECTIONS != 0U)
                     ? connection_find((psa_handle_t)frame->r0, client->message.view.client_id)
                     : NULL;
    if (connection == NULL) {
        return panic_programmer_error(frame, client, RULE_HANDLE);
    }
    if (closes_circle(client, connection->service->thread)) {
        return panic_programmer_error(frame, client, RULE_CIRCLE);
    }
    client->frame = frame;
    frame->r0 = (uint32_t)PSA_SUCCESS;
    return close_prepare(client, connection) ? message_send_event(client, PSA_IPC_DISCONNECT)
                                             : client;
}

/* The thread of the client does not run: who does is none of this function's business. */
bool call_close_for(struct spm_thread *client, struct spm_connection *connection)
{
    struct spm_thread *running = spm_state.current;

    if (closes_circle(client, connection->service->thread)) {
        connection_close(connection);
        return false;
    }
    if (!close_prepare(client, connection)) {
        return false;
    }
    (void)message_send_event(client, PSA_IPC_DISCONNECT);
    (void)isolate_run(running);
    return true;
}

/* ---- The answer ---- */

/* FF-M 1.0, 4.4.2: the connection is of no more use, and a partition that misused a service ends:
 * as soon as it runs. */
static __attribute__((noinline)) void request_refused(struct spm_thread *client)
{
    if (client->message.connection != NULL) {
        client->message.connection->state = SPM_CONNECTION_MISUSED;
    }
    if (client->partition != NULL) {
        client->frame->r0 = client->frame->pc;
        client->frame->pc = (uint32_t)(uintptr_t)spm_refused & ~1U;
    }
}

/* Takes mappings away, and tells the client how much was written. */
static __attribute__((noinline)) void vectors_end(struct spm_thread *server,
                                                  const struct spm_message *message)
{
    const struct spm_buffer *out = &message->vectors[message->in_count];

    if ((SPM_HAS_MM_IOVEC != 0U) && (message->access >= MESSAGE_USED)) {
        map_end(server, message);
    }
    for (uint32_t i = 0; i < message->out_count; i++) {
        message->out_vectors[i].len = message->view.out_size[i] - out[i].size_bytes;
    }
}

/* The client of a message goes on with the answer. */
static inline void client_release(struct spm_thread *client, uint32_t answer)
{
    client->message.view.handle = PSA_NULL_HANDLE;
    client->server = NULL;
    client->frame->r0 = answer;
}

/* The answer to the opening of a connection. */
static void connect_answer(struct spm_thread *client, psa_status_t status)
{
    struct spm_connection *connection = client->message.connection;
    uint32_t answer = (uint32_t)status;

    if (status == PSA_SUCCESS) {
        answer = (uint32_t)connection->handle;
    } else {
        connection_close(connection);
    }
    client_release(client, answer);
}

/* A closed connection: its client may be a partition that ends, with more of them to close. */
static void close_answer(struct spm_thread *client)
{
    connection_close(client->message.connection);
    client->message.view.handle = PSA_NULL_HANDLE;
    client->server = NULL;
    if (client->closing) {
        thread_restart_continue(client);
    }
}

/* The answer to the opening or closing of a connection. FF-M 1.0, 4.4.2, psa_reply(). */
static __attribute__((noinline)) void connection_answer(struct spm_thread *server,
                                                        struct spm_thread *client,
                                                        psa_status_t status)
{
    if (client->message.view.type == PSA_IPC_DISCONNECT) {
        close_answer(client);
        return;
    }
    if ((status != PSA_SUCCESS) && (status != PSA_ERROR_CONNECTION_REFUSED) &&
        (status != PSA_ERROR_CONNECTION_BUSY)) {
        panic_partition(server, RULE_STATUS);
    }
    connect_answer(client, status);
}

/* The server answers the message of client. */
static inline void message_answer(struct spm_thread *server, struct spm_thread *client,
                                  psa_status_t status)
{
    if (client->message.after != 0U) {
        if ((SPM_HAS_CONNECTIONS != 0U) && (client->message.view.type < 0)) {
            connection_answer(server, client, status);
            return;
        }
        vectors_end(server, &client->message);
    }
    client_release(client, (uint32_t)status);
    if (status == PSA_ERROR_PROGRAMMER_ERROR) {
        request_refused(client);
    }
}

void call_end_all(struct spm_thread *server)
{
    server->queue = NULL;
    server->serving = NULL;
    for (uint32_t i = 0; i < SPM_THREADS; i++) {
        struct spm_thread *client = &spm_threads[i];

        if (client->server != server) {
            continue;
        }
        if (client->message.view.type == PSA_IPC_CONNECT) {
            connect_answer(client, PSA_ERROR_CONNECTION_REFUSED);
        } else if (client->message.view.type == PSA_IPC_DISCONNECT) {
            close_answer(client);
        } else {
            client_release(client, (uint32_t)PSA_ERROR_COMMUNICATION_FAILURE);
        }
    }
}

/* ---- Traps of servers ---- */

/* The client whose message the server has under the handle in r0. */
static inline struct spm_thread *client_find(const struct spm_frame *frame,
                                             struct spm_thread *server)
{
    uint32_t place = (frame->r0 & MESSAGE_PLACE_MASK) - 1U;
    struct spm_thread *client;

    if (place >= SPM_THREADS) {
        panic_partition(server, RULE_MESSAGE);
    }
    client = &spm_threads[place];
    if ((client->message.view.handle != (psa_handle_t)frame->r0) || (client->server != server)) {
        panic_partition(server, RULE_MESSAGE);
    }
    return client;
}

static inline struct spm_message *request_find(const struct spm_frame *frame,
                                               struct spm_thread *server)
{
    struct spm_message *message = &client_find(frame, server)->message;

    if (message->view.type < 0) {
        panic_partition(server, RULE_MESSAGE);
    }
    return message;
}

struct spm_message *call_find_request(const struct spm_frame *frame, struct spm_thread *server)
{
    return request_find(frame, server);
}

/* An SFN thread has answered: the next message, or it waits for one. */
static inline void sfn_next(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_thread *client = server->queue;

    if (client != NULL) {
        server->frame = frame;
        server->queue = client->next;
        sfn_serve(server, client);
    } else {
        thread_wait(server, frame, SPM_SIGNAL_SFN);
    }
}

struct spm_thread *call_trap_init_done(struct spm_frame *frame, struct spm_thread *server)
{
    if (server->started) { /* its own code raised the trap */
        panic_partition(server, RULE_TRAP);
    }
    start_init_done(server->partition, (psa_status_t)frame->r0);
    server->started = true;
    sfn_next(frame, server);
    return call_run_next();
}

struct spm_thread *call_trap_next(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_thread *client = server->serving;

    if (client == NULL) { /* its own code raised the trap */
        panic_partition(server, RULE_TRAP);
    }
    message_answer(server, client, (psa_status_t)frame->r0);
    server->serving = NULL;
    sfn_next(frame, server);
    return (client->server == NULL) ? run_or_next(client) : call_run_next();
}

/* FF-M 1.0, 4.4.2, psa_wait() */
struct spm_thread *call_trap_wait(struct spm_frame *frame, struct spm_thread *server)
{
    psa_signal_t mask = frame->r0 & server->partition->signals;
    psa_signal_t ready = mask & server->signals;

    if (mask == 0U) {
        panic_partition(server, RULE_SIGNAL);
    }
    server->started = true;
    if ((ready != 0U) || ((frame->r1 & PSA_BLOCK) == 0U)) {
        frame->r0 = ready;
        return server;
    }
    thread_wait(server, frame, mask);
    return run_next();
}

/* The first of a queue with this signal. */
static inline struct spm_thread **queue_find(struct spm_thread **place, psa_signal_t signal)
{
    while ((*place != NULL) && ((*place)->message.service->signal != signal)) {
        place = &(*place)->next;
    }
    return place;
}

/* FF-M 1.0, 4.4.2, psa_get(): the oldest message with this signal leaves the queue. */
struct spm_thread *call_trap_get(struct spm_frame *frame, struct spm_thread *server)
{
    psa_signal_t signal = frame->r0;
    struct spm_thread **place = queue_find(&server->queue, signal);
    struct spm_thread *client = *place;
    struct spm_buffer view;

    if (client == NULL) {
        panic_partition(server, RULE_SIGNAL);
    }
    if ((frame->r1 % _Alignof(psa_msg_t) != 0U) ||
        !memory_check_own(server, frame->r1, sizeof(psa_msg_t), true, &view)) {
        panic_partition(server, RULE_BUFFER);
    }
    *place = client->next;
    if ((client->next == NULL) || (*queue_find(place, signal) == NULL)) {
        server->signals &= ~signal;
    }
    message_take(client, (psa_msg_t *)(void *)view.base);
    frame->r0 = (uint32_t)PSA_SUCCESS;
    return server;
}

struct spm_thread *call_trap_reply(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_thread *client = client_find(frame, server);

    message_answer(server, client, (psa_status_t)frame->r1);
    return yield(server);
}

struct spm_thread *call_trap_notify(struct spm_frame *frame, struct spm_thread *thread)
{
    for (uint32_t i = 0; i < spm_partition_count; i++) {
        struct spm_thread *other = &spm_threads[i];

        if ((other->message.view.client_id == (int32_t)frame->r0) &&
            (other->partition->entry != NULL)) {
            call_assert(other, PSA_DOORBELL);
            return yield(thread);
        }
    }
    panic_partition(thread, RULE_NOTIFY);
}

struct spm_thread *call_trap_clear(struct spm_frame *frame, struct spm_thread *thread)
{
    (void)frame;
    if ((thread->signals & PSA_DOORBELL) == 0U) {
        panic_partition(thread, RULE_SIGNAL);
    }
    thread->signals &= ~PSA_DOORBELL;
    return thread;
}

/* ---- Vectors ---- */

/* A vector that may be mapped cannot be read or written any more once it was. */
static __attribute__((noinline)) void vector_touch(struct spm_thread *server,
                                                   struct spm_message *message, uint32_t place)
{
    if ((message->access & (MESSAGE_USED << place)) != 0U) {
        panic_partition(server, RULE_MAP);
    }
    message->access |= MESSAGE_TOUCHED << place;
}

/* Vector r1 of the request under the handle in r0; one that it lacks is empty. */
static __attribute__((noinline)) struct spm_buffer *vector_find(const struct spm_frame *frame,
                                                                struct spm_thread *server, bool out)
{
    static struct spm_buffer empty;
    struct spm_message *message = request_find(frame, server);
    uint32_t place = frame->r1;

    if (place >= PSA_MAX_IOVEC) {
        panic_partition(server, RULE_VECTOR_INDEX);
    }
    if (place >= (out ? message->out_count : message->in_count)) {
        empty = (struct spm_buffer){0};
        return &empty;
    }
    if (out) {
        place += message->in_count;
    }
    if ((SPM_HAS_MM_IOVEC != 0U) && (message->service->mm_iovec != 0U)) {
        vector_touch(server, message, place);
    }
    return &message->vectors[place];
}

static void vector_advance(struct spm_buffer *vector, uint32_t size_bytes)
{
    vector->base += size_bytes;
    vector->size_bytes -= size_bytes;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return (a < b) ? a : b;
}

struct spm_thread *call_trap_read(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_buffer *vector = vector_find(frame, server, false);
    uint32_t size_bytes = smaller(frame->r3, vector->size_bytes);
    struct spm_buffer to;

    if (!memory_check_own(server, frame->r2, size_bytes, true, &to)) {
        panic_partition(server, RULE_BUFFER);
    }
    memory_copy(&to, vector, size_bytes);
    vector_advance(vector, size_bytes);
    frame->r0 = size_bytes;
    return server;
}

struct spm_thread *call_trap_skip(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_buffer *vector = vector_find(frame, server, false);
    uint32_t size_bytes = smaller(frame->r2, vector->size_bytes);

    vector_advance(vector, size_bytes);
    frame->r0 = size_bytes;
    return server;
}

struct spm_thread *call_trap_write(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_buffer *vector = vector_find(frame, server, true);
    struct spm_buffer from;

    if (frame->r3 > vector->size_bytes) {
        panic_partition(server, RULE_OVERFLOW);
    }
    if (!memory_check_own(server, frame->r2, frame->r3, false, &from)) {
        panic_partition(server, RULE_BUFFER);
    }
    memory_copy(vector, &from, frame->r3);
    vector_advance(vector, frame->r3);
    return server;
}

struct spm_thread *call_trap_set_rhandle(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_message *message = &client_find(frame, server)->message;

    if (message->connection == NULL) { /* FF-M 1.1: stateless services have none */
        panic_partition(server, RULE_MESSAGE);
    }
    message->connection->rhandle = (void *)(uintptr_t)frame->r1;
    return server;
}
