/*
 * The bench services of the IPC model in an Application RoT partition: one without connections, one
 * with.
 *
 * Part of the products that `./bz bench` derives, never of one in products/.
 */
#include "psa_manifest/bench_arot_ipc.h"
#include "tests/bench/echo.h"

static psa_status_t connection_serve(const psa_msg_t *message)
{
    switch (message->type) {
    case PSA_IPC_CONNECT:
    case PSA_IPC_DISCONNECT:
        return PSA_SUCCESS;
    default:
        return echo(message);
    }
}

void bench_arot_ipc_main(void)
{
    psa_msg_t message;

    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if (((signals & BENCH_AROT_IPC_SIGNAL) != 0U) &&
            (psa_get(BENCH_AROT_IPC_SIGNAL, &message) == PSA_SUCCESS)) {
            psa_reply(message.handle, echo(&message));
        }
        if (((signals & BENCH_AROT_CONNECTION_SIGNAL) != 0U) &&
            (psa_get(BENCH_AROT_CONNECTION_SIGNAL, &message) == PSA_SUCCESS)) {
            psa_reply(message.handle, connection_serve(&message));
        }
    }
}
