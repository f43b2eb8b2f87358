/*
 * Calls the partitions of this folder from the non-secure side, as its UART says: a letter for the
 * service, a digit for the type, eight hexadecimal digits for the word. Answers status and word.
 */
#include "../suite.h"

#include <stdio.h>

#include "bartizan/board.h"
#include "psa/client.h"
#include "psa_manifest/sid.h"

struct service {
    char letter;
    uint32_t sid;
    uint32_t version;
};

static const struct service services[] = {
    {'u', DRIVER_UART_SID, DRIVER_UART_VERSION},
    {'w', DRIVER_WATCHDOG_SID, DRIVER_WATCHDOG_VERSION},
    {'n', DRIVER_NVMEM_SID, DRIVER_NVMEM_VERSION},
    {'d', DRIVER_TEST_SID, DRIVER_TEST_VERSION},
    {'s', SERVER_TEST_SID, SERVER_TEST_VERSION},
    {'o', SERVER_SECURE_ONLY_SID, SERVER_SECURE_ONLY_VERSION},
    {'c', CLIENT_TEST_SID, CLIENT_TEST_VERSION},
};

static psa_status_t call(const struct service *service, int32_t type, uint32_t word,
                         uint32_t *answer)
{
    psa_invec in = {&word, sizeof(word)};
    psa_outvec out = {answer, sizeof(*answer)};
    psa_handle_t handle = psa_connect(service->sid, service->version);
    psa_status_t status;

    if (handle <= 0) {
        return (psa_status_t)handle;
    }
    status = psa_call(handle, type, &in, 1U, &out, 1U);
    psa_close(handle);
    return status;
}

static uint32_t read_hex(int digits)
{
    uint32_t word = 0U;

    for (int i = 0; i < digits; i++) {
        char digit = board_uart_read();

        word = word << 4 | (uint32_t)((digit <= '9') ? digit - '0' : digit - 'a' + 10);
    }
    return word;
}

int main(void)
{
    board_init();
    printf("suite: ready\n");
    for (;;) {
        char letter = board_uart_read();

        for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
            if (services[i].letter == letter) {
                uint32_t answer = 0U;
                int32_t type = (int32_t)read_hex(1);
                psa_status_t status = call(&services[i], type, read_hex(8), &answer);

                printf("suite: %c %ld 0x%08lx\n", letter, (long)status, (unsigned long)answer);
            }
        }
        if (letter == '!') { /* reads secure memory itself */
            printf("suite: 0x%08lx\n", (unsigned long)*(volatile uint32_t *)read_hex(8));
        }
    }
}
