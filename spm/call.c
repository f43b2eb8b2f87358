/*
 * The client's half of a call: version, connect, call, close, and the way back with the answer.
 *
 * Each trap decodes untrusted words into typed values, then checks what the caller may do, then
 * acts; the acting half (deliver) cannot fail any more. The caller's vectors are copied once,
 * before they are checked, and never read again.
 */
#include "spm/spm.h"

#include "bartizan/call.h"

/* Static handle of a stateless service: FF-M 1.1, 3.4.2; the encoding is ours. */
#define HANDLE_STATELESS       0x40000000U
#define HANDLE_FIELDS          0xFF1FU /* version and index; every other bit is HANDLE_STATELESS */
#define HANDLE_VERSION(handle) (((handle) >> 8) & 0xFFU)
#define HANDLE_INDEX(handle)   ((handle)&0x1FU)

/* Message handles: a number that changes with every message. */
static uint32_t message_serial;

static const struct spm_service *service_find(uint32_t sid)
{
    for (uint32_t i = 0; i < spm_service_count; i++) {
        if (spm_services[i].sid == sid) {
            return &spm_services[i];
        }
    }
    return NULL;
}

/* FF-M 1.0, 3.3.2: non-secure clients by the service's flag, partitions by their declared
 * dependencies. */
static bool service_allows(const struct spm_service *service, const struct spm_thread *client)
{
    const struct spm_partition *partition = client->partition;

    if (partition == NULL) {
        return service->non_secure_clients != 0U;
    }
    for (uint32_t i = 0; i < partition->dependency_count; i++) {
        if (partition->dependencies[i] == service->sid) {
            return true;
        }
    }
    return false;
}

/* FF-M 1.0, 3.3.3 */
static bool service_accepts_version(const struct spm_service *service, uint32_t version)
{
    if (service->version_policy == SPM_VERSION_STRICT) {
        return version == service->version;
    }
    return (version != PSA_VERSION_NONE) && (version <= service->version);
}

static bool handle_decode(uint32_t handle, const struct spm_thread *client,
                          const struct spm_service **service, struct spm_connection **connection,
                          enum spm_rule *rule)
{
    *rule = RULE_HANDLE;
    *connection = NULL;
    if ((handle & HANDLE_STATELESS) == 0U) {
        *connection = connection_find((psa_handle_t)handle, thread_client_id(client));
        *service = (*connection != NULL) ? (*connection)->service : NULL;
        return (*connection != NULL) && !(*connection)->dead;
    }
    *service = spm_stateless_services[HANDLE_INDEX(handle)];
    if (((handle & ~HANDLE_FIELDS) != HANDLE_STATELESS) || (*service == NULL)) {
        return false;
    }
    *rule = RULE_SERVICE;
    if (!service_allows(*service, client)) {
        return false;
    }
    *rule = RULE_VERSION;
    return service_accepts_version(*service, HANDLE_VERSION(handle));
}

/* The input vectors of a call: the array, copied once, then each of its buffers. */
static bool vectors_take_in(const struct spm_thread *client, struct spm_message *message,
                            uint32_t address)
{
    psa_invec vectors[PSA_MAX_IOVEC];
    struct spm_buffer copy = {(uint8_t *)vectors, sizeof(vectors)};
    struct spm_buffer array;
    uint32_t size_bytes = message->in_count * sizeof(psa_invec);

    if (!memory_check_read(client, address, size_bytes, &array)) {
        return false;
    }
    memory_copy(&copy, &array, size_bytes);
    for (uint32_t i = 0; i < message->in_count; i++) {
        if (!memory_check_read(client, (uint32_t)vectors[i].base, vectors[i].len,
                               &message->in[i])) {
            return false;
        }
    }
    return true;
}

/* The output vectors; the array is kept in mind, for the lengths. */
static bool vectors_take_out(const struct spm_thread *client, struct spm_message *message,
                             uint32_t address)
{
    psa_outvec vectors[PSA_MAX_IOVEC];
    struct spm_buffer copy = {(uint8_t *)vectors, sizeof(vectors)};
    struct spm_buffer array;
    uint32_t size_bytes = message->out_count * sizeof(psa_outvec);

    if (!memory_check_write(client, address, size_bytes, &array)) {
        return false;
    }
    memory_copy(&copy, &array, size_bytes);
    message->out_vectors = (psa_outvec *)(void *)array.base;
    for (uint32_t i = 0; i < message->out_count; i++) {
        if (!memory_check_write(client, (uint32_t)vectors[i].base, vectors[i].len,
                                &message->out[i])) {
            return false;
        }
        message->out_capacity_bytes[i] = vectors[i].len;
    }
    return true;
}

/* Decodes and checks the vectors of a call into the client's message. */
static bool vectors_take(struct spm_thread *client, const struct spm_frame *frame,
                         enum spm_rule *rule)
{
    struct spm_message *message = &client->message;

    message->in_count = CALL_CONTROL_IN_LEN(frame->r1);
    message->out_count = CALL_CONTROL_OUT_LEN(frame->r1);
    *rule = RULE_VECTOR_COUNT;
    if (message->in_count + message->out_count > PSA_MAX_IOVEC) {
        return false;
    }
    *rule = RULE_VECTOR_MEMORY;
    return ((message->in_count == 0U) || vectors_take_in(client, message, frame->r2)) &&
           ((message->out_count == 0U) || vectors_take_out(client, message, frame->r3));
}

/* What the server is told of the message. */
static void message_show(const struct spm_message *message, psa_msg_t *view)
{
    view->type = message->type;
    view->handle = message->handle;
    view->client_id = message->client_id;
    view->rhandle = (message->connection != NULL) ? message->connection->rhandle : NULL;
#pragma GCC unroll 4
    for (uint32_t i = 0; i < PSA_MAX_IOVEC; i++) {
        view->in_size[i] = 0U;
        view->out_size[i] = 0U;
    }
    for (uint32_t i = 0; i < message->in_count; i++) {
        view->in_size[i] = message->in[i].size_bytes;
    }
    for (uint32_t i = 0; i < message->out_count; i++) {
        view->out_size[i] = message->out[i].size_bytes;
    }
}

/* Hands the client's message to the service's partition and switches to it. The caller has checked
 * that the server is idle. */
static void deliver(struct spm_thread *client, struct spm_thread *server,
                    const struct spm_service *service, struct spm_connection *connection,
                    int32_t type)
{
    struct spm_message *message = &client->message;

    message_serial = (message_serial + 1U) & 0x3FFFFFFFU;
    message->handle = (psa_handle_t)(message_serial + 1U);
    message->type = type;
    message->client_id = thread_client_id(client);
    message->connection = connection;
    message_show(message, thread_message_place(server));
    server->state = SPM_THREAD_RUNNING;
    server->client = client;
    thread_enter(server, (uintptr_t)service->sfn);
}

void call_trap_version(struct spm_frame *frame)
{
    const struct spm_service *service = service_find(frame->r0);

    frame->r0 = ((service != NULL) && service_allows(service, spm_current)) ? service->version
                                                                            : PSA_VERSION_NONE;
}

void call_trap_connect(struct spm_frame *frame)
{
    struct spm_thread *client = spm_current;
    const struct spm_service *service = service_find(frame->r0);
    struct spm_thread *server;
    struct spm_connection *connection;

    if ((service == NULL) || !service_allows(service, client) ||
        (service->connection_based == 0U)) {
        panic_programmer_error(frame, RULE_SERVICE);
        return;
    }
    if (!service_accepts_version(service, frame->r1)) {
        panic_programmer_error(frame, RULE_VERSION);
        return;
    }
    server = thread_of_partition(service->partition);
    connection = (server->state == SPM_THREAD_IDLE)
                     ? connection_open(thread_client_id(client), service)
                     : NULL;
    if (connection == NULL) {
        frame->r0 = (uint32_t)PSA_ERROR_CONNECTION_BUSY;
        return;
    }
    client->message.in_count = 0;
    client->message.out_count = 0;
    deliver(client, server, service, connection, PSA_IPC_CONNECT);
}

void call_trap_call(struct spm_frame *frame)
{
    struct spm_thread *client = spm_current;
    const struct spm_service *service;
    struct spm_connection *connection;
    struct spm_thread *server;
    int32_t type = CALL_CONTROL_TYPE(frame->r1);
    enum spm_rule rule;

    if (!handle_decode(frame->r0, client, &service, &connection, &rule)) {
        panic_programmer_error(frame, rule);
        return;
    }
    if (type < 0) {
        panic_programmer_error(frame, RULE_TYPE);
        return;
    }
    server = thread_of_partition(service->partition);
    if (server->state != SPM_THREAD_IDLE) {
        frame->r0 = (uint32_t)PSA_ERROR_CONNECTION_BUSY;
        return;
    }
    if (!vectors_take(client, frame, &rule)) {
        panic_programmer_error(frame, rule);
        return;
    }
    deliver(client, server, service, connection, type);
}

void call_trap_close(struct spm_frame *frame)
{
    struct spm_thread *client = spm_current;
    struct spm_connection *connection;
    struct spm_thread *server;

    if (frame->r0 == (uint32_t)PSA_NULL_HANDLE) {
        return;
    }
    connection = connection_find((psa_handle_t)frame->r0, thread_client_id(client));
    if (connection == NULL) {
        panic_programmer_error(frame, RULE_HANDLE);
        return;
    }
    server = thread_of_partition(connection->service->partition);
    if (server->state != SPM_THREAD_IDLE) {
        frame->r0 = (uint32_t)PSA_ERROR_CONNECTION_BUSY;
        return;
    }
    client->message.in_count = 0;
    client->message.out_count = 0;
    deliver(client, server, connection->service, connection, PSA_IPC_DISCONNECT);
}

/* FF-M 1.0, 4.4.2: the connection is of no more use, and a partition that misused a service ends.
 */
static void request_refused(struct spm_thread *client)
{
    if (client->message.connection != NULL) {
        client->message.connection->dead = true;
    }
    if (client->partition != NULL) {
        panic_partition(client->partition, RULE_REQUEST);
    }
}

/* What a service's answer to a message means for its client: the word for the client's r0. */
static uint32_t answer_take(struct spm_thread *client, psa_status_t status,
                            const struct spm_partition *server)
{
    struct spm_message *message = &client->message;

    switch (message->type) {
    case PSA_IPC_CONNECT: /* FF-M 1.0, 4.4.2, psa_reply() */
        if (status == PSA_SUCCESS) {
            return (uint32_t)message->connection->handle;
        }
        connection_close(message->connection);
        if ((status != PSA_ERROR_CONNECTION_REFUSED) && (status != PSA_ERROR_CONNECTION_BUSY)) {
            panic_partition(server, RULE_STATUS);
        }
        return (uint32_t)status;
    case PSA_IPC_DISCONNECT:
        connection_close(message->connection);
        return (uint32_t)PSA_SUCCESS;
    default:
        if (status == PSA_ERROR_PROGRAMMER_ERROR) {
            request_refused(client);
        }
        for (uint32_t i = 0; i < message->out_count; i++) {
            message->out_vectors[i].len =
                message->out_capacity_bytes[i] - message->out[i].size_bytes;
        }
        return (uint32_t)status;
    }
}

void call_trap_return(struct spm_frame *frame)
{
    struct spm_thread *server = spm_current;
    struct spm_thread *client = server->client;
    psa_status_t status = (psa_status_t)frame->r0;

    if (server->state == SPM_THREAD_NEW) {
        start_init_done(server->partition, status);
        server->state = SPM_THREAD_IDLE;
        thread_start_next();
        return;
    }
    client->frame->r0 = answer_take(client, status, server->partition);
    client->message.handle = PSA_NULL_HANDLE;
    server->state = SPM_THREAD_IDLE;
    server->client = NULL;
    thread_switch(client);
}
