/*
 * The PSA Root of Trust partition of the IPC model: maps vectors, and calls others.
 */
#include "psa_manifest/psa_ipc.h"

#include "layout.h"
#include "tests/qemu/matrix/attempt.h"
#include "tests/qemu/matrix/matrix.h"

static psa_handle_t connection;

static psa_status_t lend(const psa_msg_t *message, psa_handle_t to, int32_t type)
{
    psa_invec in[] = {{&message->handle, sizeof(message->handle)}};

    return psa_call(to, type, in, 1U, NULL, 0U);
}

/* The mapping is still there after other partitions have run, one with a list of regions that may be
 * the same. */
static psa_status_t map(const psa_msg_t *message)
{
    const uint32_t *mapped = psa_map_invec(message->handle, 1U);
    psa_status_t status = psa_call(PSA_SFN_HANDLE, MATRIX_PING, NULL, 0U, NULL, 0U);
    uint32_t word;

    (void)psa_call(PSA_ITS_HANDLE, INT16_MAX, NULL, 0U, NULL, 0U);
    word = *mapped;
    psa_unmap_invec(message->handle, 1U);
    psa_write(message->handle, 0U, &word, sizeof(word));
    return status;
}

/* Tries what in[0] says at that distance from in[1], while that is mapped and afterwards. */
static psa_status_t map_try(const psa_msg_t *message)
{
    struct attempt attempts[2] = {0};

    (void)psa_read(message->handle, 0U, &attempts[0], sizeof(attempts[0]));
    attempts[0].address += (uint32_t)psa_map_invec(message->handle, 1U);
    attempts[1] = attempts[0];
    attempt_run(&attempts[0]);
    psa_unmap_invec(message->handle, 1U);
    attempt_run(&attempts[1]);
    psa_write(message->handle, 0U, attempts, sizeof(attempts));
    return PSA_SUCCESS;
}

static psa_status_t serve(const psa_msg_t *message)
{
    switch (message->type) {
    case MATRIX_LEND:
        return lend(message, (psa_handle_t)APP_SFN_HANDLE, MATRIX_BORROW);
    case MATRIX_LEND_ANSWER:
        return lend(message, (psa_handle_t)APP_IPC_HANDLE, MATRIX_ANSWER);
    case MATRIX_MAP:
        return map(message);
    case MATRIX_MAP_TRY:
        return map_try(message);
    case MATRIX_CONNECT:
        connection = psa_connect(APP_SFN_CONNECTED_SID, 1U);
        psa_write(message->handle, 0U, &connection, sizeof(connection));
        return PSA_SUCCESS;
    case MATRIX_USE:
        return psa_call(connection, MATRIX_PING, NULL, 0U, NULL, 0U);
    default:
        return OWN(serve)(message);
    }
}

/* Where the next message goes, after a request of this type. */
static psa_msg_t *place_next(int32_t type, psa_msg_t *good)
{
    switch (type) {
    case MATRIX_GET_MANAGER:
        return (psa_msg_t *)SECURE_RAM_BASE;
    case MATRIX_GET_ODD:
        return (psa_msg_t *)((uintptr_t)good + 2U);
    default:
        return good;
    }
}

void psa_ipc_main(void)
{
    static psa_msg_t message;
    psa_msg_t *place = &message;

    OWN(plant)();
    for (;;) {
        (void)psa_wait(PSA_IPC_SIGNAL, PSA_BLOCK);
        (void)psa_get(PSA_IPC_SIGNAL, place);
        if (message.type == MATRIX_REPLY_TWICE) {
            psa_reply(message.handle, PSA_SUCCESS);
        }
        psa_reply(message.handle, serve(&message));
        place = place_next(message.type, &message);
    }
}
