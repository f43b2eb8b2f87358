/*
 * The loop that the three partitions have in common, all static: nothing is shared between them.
 */
#ifndef SUITE_PARTITION_H
#define SUITE_PARTITION_H

#include "psa/service.h"
/* As in a suite: each partition sees the headers of all. */
#include "psa_manifest/client_psa.h"
#include "psa_manifest/driver_psa.h"
#include "psa_manifest/pid.h"
#include "psa_manifest/server_psa.h"
#include "psa_manifest/sid.h"
#include "suite.h"

typedef psa_status_t (*suite_work_fn)(int32_t type, uint32_t word, uint32_t *answer);

static inline uint32_t suite_touch(uint32_t address)
{
    return *(volatile uint32_t *)(uintptr_t)address;
}

static inline void suite_serve(psa_signal_t signal, suite_work_fn work)
{
    psa_msg_t message;
    uint32_t word = 0U;
    uint32_t answer = 0U;
    psa_status_t status;

    if (psa_get(signal, &message) != PSA_SUCCESS) {
        return;
    }
    if (message.type < PSA_IPC_CALL) { /* connect and disconnect */
        psa_reply(message.handle, PSA_SUCCESS);
        return;
    }
    (void)psa_read(message.handle, 0U, &word, sizeof(word));
    status = work(message.type, word, &answer);
    psa_write(message.handle, 0U, &answer, sizeof(answer));
    psa_reply(message.handle, status);
}

/* One call on a connection of its own. */
static inline psa_status_t suite_call(uint32_t sid, uint32_t version, int32_t type, uint32_t word,
                                      uint32_t *answer)
{
    psa_invec in = {&word, sizeof(word)};
    psa_outvec out = {answer, sizeof(*answer)};
    psa_handle_t handle = psa_connect(sid, version);
    psa_status_t status;

    if (handle <= 0) {
        return (psa_status_t)handle;
    }
    status = psa_call(handle, type, &in, 1U, &out, 1U);
    psa_close(handle);
    return status;
}

#endif
