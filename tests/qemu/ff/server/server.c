/*
 * The server: answers as its client asks, on direct services and on connections.
 */
#include "tests/qemu/ff/server/server.h"

#include <stdlib.h>
#include <string.h>

#include "psa_manifest/server.h"

struct server_traps server_traps;

static uint32_t word_of_mine = 0x600DF00DU;
static psa_status_t connect_status;
static uint32_t closed_count;
static void *closed_rhandle;

static psa_status_t echo(const psa_msg_t *message, uint32_t piece)
{
    static uint8_t bytes[4096];
    size_t length;

    if ((piece == 0U) || (piece > sizeof(bytes))) {
        piece = sizeof(bytes);
    }
    while ((length = psa_read(message->handle, 1U, bytes, piece)) != 0U) {
        psa_write(message->handle, 0U, bytes, length);
    }
    return PSA_SUCCESS;
}

static psa_status_t skip(const psa_msg_t *message, const struct ff_request *request)
{
    uint8_t bytes[64];
    size_t skipped = psa_skip(message->handle, 1U, request->a);
    size_t length = psa_read(message->handle, 1U, bytes, request->b);

    psa_write(message->handle, 0U, bytes, length);
    return (psa_status_t)skipped;
}

static void write_word(const psa_msg_t *message, uint32_t word)
{
    psa_write(message->handle, 0U, &word, sizeof(word));
}

static psa_status_t shape(const psa_msg_t *message)
{
    struct ff_shape answer = {.type = message->type, .rhandle = message->rhandle};

    for (uint32_t i = 0U; i < PSA_MAX_IOVEC; i++) {
        answer.in_size[i] = message->in_size[i];
        answer.out_size[i] = message->out_size[i];
    }
    psa_write(message->handle, 0U, &answer, sizeof(answer));
    return PSA_SUCCESS;
}

static psa_status_t count(const psa_msg_t *message)
{
    uint32_t calls = (uint32_t)(uintptr_t)message->rhandle + 1U;

    psa_set_rhandle(message->handle, (void *)(uintptr_t)calls);
    write_word(message, calls);
    return PSA_SUCCESS;
}

static psa_status_t tell(const psa_msg_t *message, const struct ff_request *request)
{
    switch (message->type) {
    case SERVER_CLIENT:
        write_word(message, (uint32_t)message->client_id);
        return PSA_SUCCESS;
    case SERVER_CLOSED:
        write_word(message, closed_count);
        return (psa_status_t)(uintptr_t)closed_rhandle;
    case SERVER_ADDRESS:
        write_word(message, (uint32_t)&word_of_mine);
        return PSA_SUCCESS;
    case SERVER_TOUCH:
        write_word(message, *(volatile uint32_t *)request->a);
        return PSA_SUCCESS;
    case SERVER_HANDLE:
        write_word(message, (uint32_t)message->handle);
        return PSA_SUCCESS;
    case SERVER_MALLOC: /* its manifest has no heap */
        return (malloc(8U) == NULL) ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

static psa_status_t serve_request(const psa_msg_t *message)
{
    struct ff_request request = {0};

    if (message->type == FF_BREAK) {
        return actor_do(server_breaches, server_breach_count, message);
    }
    (void)psa_read(message->handle, 0U, &request, sizeof(request));
    switch (message->type) {
    case SERVER_ECHO:
        return echo(message, request.a);
    case SERVER_SHAPE:
        return shape(message);
    case SERVER_STATUS:
        return (psa_status_t)request.a;
    case SERVER_SKIP:
        return skip(message, &request);
    case SERVER_CONNECT:
        connect_status = (psa_status_t)request.a;
        return PSA_SUCCESS;
    case SERVER_COUNT:
        return count(message);
    default:
        return tell(message, &request);
    }
}

static psa_status_t serve_connect(const psa_msg_t *message)
{
    psa_status_t status = connect_status;

    connect_status = PSA_SUCCESS;
    if (server_traps.connect != NULL) {
        server_traps.connect(message);
    }
    return status;
}

static psa_status_t serve_disconnect(const psa_msg_t *message)
{
    if (server_traps.disconnect != NULL) {
        server_traps.disconnect(message);
    }
    closed_count++;
    closed_rhandle = message->rhandle;
    return PSA_SUCCESS;
}

static void serve(psa_signal_t signal)
{
    static psa_msg_t message;
    psa_msg_t *to = server_traps.get_elsewhere ? (psa_msg_t *)0x38000000U : &message;
    psa_status_t status;

    if (psa_get(signal, to) != PSA_SUCCESS) {
        return;
    }
    if (message.type == PSA_IPC_CONNECT) {
        status = serve_connect(&message);
    } else if (message.type == PSA_IPC_DISCONNECT) {
        status = serve_disconnect(&message);
    } else {
        status = serve_request(&message);
    }
    psa_reply(message.handle, status);
}

void server_main(void)
{
    while (!server_traps.leaves) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        serve(signals & (~signals + 1U)); /* the lowest */
    }
}
