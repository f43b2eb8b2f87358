/*
 * The client partition: FF-M 1.0, Application RoT; calls the server for the application.
 */
#include "partition.h"

/* What the server makes of the word, doubled by its other, stateless service. */
static psa_status_t test_work(int32_t type, uint32_t word, uint32_t *answer)
{
    uint32_t half = 0U;
    psa_invec in = {&half, sizeof(half)};
    psa_outvec out = {answer, sizeof(*answer)};
    psa_status_t status;

    if (type == SUITE_TOUCH) {
        *answer = suite_touch(word);
        return PSA_SUCCESS;
    }
    status = suite_call(SERVER_TEST_SID, SERVER_TEST_VERSION, SUITE_WORK, word, &half);
    if (status != PSA_SUCCESS) {
        return status;
    }
    return psa_call(SERVER_SECURE_ONLY_HANDLE, SUITE_WORK, &in, 1U, &out, 1U);
}

void client_main(void)
{
    for (;;) {
        if ((psa_wait(PSA_WAIT_ANY, PSA_BLOCK) & CLIENT_TEST_SIGNAL) != 0U) {
            suite_serve(CLIENT_TEST_SIGNAL, test_work);
        }
    }
}
