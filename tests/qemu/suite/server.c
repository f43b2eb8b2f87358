/*
 * The server partition: FF-M 1.1, Application RoT, one window; a client of the driver.
 */
#include "partition.h"

#define SERVER_WINDOW ((volatile uint32_t *)0x38100420U)

/* Keeps the word in its window, has the driver print it and add one. */
static psa_status_t test_work(int32_t type, uint32_t word, uint32_t *answer)
{
    psa_status_t status;

    if (type == SUITE_TOUCH) {
        *answer = suite_touch(word);
        return PSA_SUCCESS;
    }
    SERVER_WINDOW[7] = word;
    status = suite_call(DRIVER_UART_SID, DRIVER_UART_VERSION, SUITE_WORK, word, answer);
    if (status != PSA_SUCCESS) {
        return status;
    }
    return suite_call(DRIVER_TEST_SID, DRIVER_TEST_VERSION, SUITE_WORK, SERVER_WINDOW[7], answer);
}

static psa_status_t secure_only_work(int32_t type, uint32_t word, uint32_t *answer)
{
    (void)type;
    *answer = word * 2U;
    return PSA_SUCCESS;
}

void server_main(void)
{
    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if ((signals & SERVER_TEST_SIGNAL) != 0U) {
            suite_serve(SERVER_TEST_SIGNAL, test_work);
        } else if ((signals & SERVER_SECURE_ONLY_SIGNAL) != 0U) {
            suite_serve(SERVER_SECURE_ONLY_SIGNAL, secure_only_work);
        }
    }
}
