/*
 * The bench service of the IPC model, in a PSA RoT partition.
 *
 * Part of the products that `./bz bench` derives, never of one in products/.
 */
#include "psa_manifest/bench_prot_ipc.h"
#include "tests/bench/echo.h"

void bench_prot_ipc_main(void)
{
    psa_msg_t message;

    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if (((signals & BENCH_PROT_IPC_SIGNAL) != 0U) &&
            (psa_get(BENCH_PROT_IPC_SIGNAL, &message) == PSA_SUCCESS)) {
            psa_reply(message.handle, echo(&message));
        }
    }
}
