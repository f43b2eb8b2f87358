/*
 * The application of the storage tests: makes the calls that the host asks for over the UART, itself
 * or through the vault partition, and checks what hostile vectors are answered.
 *
 * A line is "[vault] VERB NUMBERS..." (hexadecimal), the answer "vault: STATUS WORDS...". "steps"
 * counts without end and tells each value once it is acknowledged.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bartizan/board.h"
#include "bartizan/nv_counters.h"
#include "bartizan/platform_service.h"
#include "layout.h"
#include "psa/client.h"
#include "psa/internal_trusted_storage.h"
#include "psa_manifest/sid.h"
#include "services/its/protocol.h"
#include "services/platform/protocol.h"
#include "tests/qemu/vault/commands.h"

static uint8_t buffer[2U * ITS_ASSET_SIZE];

static const char *const verbs[] = {"set",   "get",   "info", "remove",
                                    "usage", "count", "step", "fill"};

static void run_command(char *rest, uint32_t verb, bool is_vaults)
{
    struct command command = {.verb = verb};
    struct answer answer = {0};
    psa_invec in[] = {{&command, sizeof(command)}};
    psa_outvec out[] = {{&answer, sizeof(answer)}};
    const char *word;

    for (size_t i = 0; (i < 4u) && ((word = strtok(rest, " ")) != NULL); i++) {
        command.arguments[i] = strtoul(word, NULL, 16);
        rest = NULL;
    }
    if (!is_vaults) {
        command_run(&command, buffer, sizeof(buffer), &answer);
    } else if (psa_call(VAULT_HANDLE, PSA_IPC_CALL, in, 1, out, 1) != PSA_SUCCESS) {
        printf("vault: no answer\n");
        return;
    }
    printf("vault: %ld", (long)answer.status);
    for (size_t i = 0; i < ANSWER_WORDS; i++) {
        printf(" %lx", (unsigned long)answer.words[i]);
    }
    printf("\n");
}

static void check(const char *what, psa_status_t got, psa_status_t expected)
{
    printf("vault: %s: %s (%ld)\n", what, (got == expected) ? "ok" : "FAILED", (long)got);
}

/* What a client can do that does not use the stubs, or gives them what is not its own. */
static void check_storage_vectors(void)
{
    struct its_request request = {.uid_low = 1};
    psa_invec in[] = {{&request, sizeof(request)}, {"12345", 5}};
    psa_outvec out[] = {{buffer, 8}};
    size_t length = 77;
    void *secure = (void *)SECURE_RAM_BASE;

    check("set", psa_its_set(1, 5, "abcde", 0), PSA_SUCCESS);
    check("no data", psa_its_set(1, 0, NULL, 0), PSA_SUCCESS);
    check("data of nobody", psa_its_set(1, 5, secure, 0), PSA_ERROR_INVALID_ARGUMENT);
    check("data past the end", psa_its_set(1, SIZE_MAX, buffer, 0), PSA_ERROR_INVALID_ARGUMENT);
    check("into secure memory", psa_its_get(1, 0, 5, secure, &length), PSA_ERROR_INVALID_ARGUMENT);
    check("info there", psa_its_get_info(1, NULL), PSA_ERROR_INVALID_ARGUMENT);
    check("length there", psa_its_get(1, 0, 5, buffer, NULL), PSA_ERROR_INVALID_ARGUMENT);
    check("nothing to nowhere", psa_its_get(1, 0, 0, NULL, &length), PSA_SUCCESS);
    check("its length", (psa_status_t)length, 0);
    check("no vectors", psa_call(PSA_ITS_HANDLE, ITS_SET, NULL, 0, NULL, 0),
          PSA_ERROR_INVALID_ARGUMENT);
    check("no data vector", psa_call(PSA_ITS_HANDLE, ITS_SET, in, 1, NULL, 0), PSA_SUCCESS);
    check("one more", psa_call(PSA_ITS_HANDLE, ITS_SET, in, 2, out, 1), PSA_SUCCESS);
    check("no place", psa_call(PSA_ITS_HANDLE, ITS_GET, in, 1, NULL, 0), PSA_SUCCESS);
    check("no place for info", psa_call(PSA_ITS_HANDLE, ITS_GET_INFO, in, 1, NULL, 0),
          PSA_ERROR_INVALID_ARGUMENT);
    check("no place for usage", psa_call(PSA_ITS_HANDLE, ITS_GET_USAGE, NULL, 0, NULL, 0),
          PSA_SUCCESS);
    check("no such type", psa_call(PSA_ITS_HANDLE, 99, in, 2, out, 1), PSA_ERROR_NOT_SUPPORTED);
    in[0].len = sizeof(request) - 1u;
    check("short request", psa_call(PSA_ITS_HANDLE, ITS_REMOVE, in, 1, NULL, 0),
          PSA_ERROR_INVALID_ARGUMENT);
    in[0].len = sizeof(request) + 1u;
    check("long request", psa_call(PSA_ITS_HANDLE, ITS_REMOVE, in, 1, NULL, 0),
          PSA_ERROR_INVALID_ARGUMENT);
    check("still there", psa_its_get(1, 0, 8, buffer, &length), PSA_SUCCESS);
    check("as it was", memcmp(buffer, "12345", 5) + (int)length, 5);
}

static void check_counter_vectors(void)
{
    uint32_t words[2] = {BARTIZAN_NV_COUNTER_OPEN, 0};
    psa_invec in[] = {{words, 4}};
    psa_outvec out[] = {{words + 1, 4}};

    check("value there", bartizan_nv_counter_read(BARTIZAN_NV_COUNTER_OPEN, NULL),
          PSA_ERROR_INVALID_ARGUMENT);
    check("value of nobody",
          bartizan_nv_counter_read(BARTIZAN_NV_COUNTER_OPEN, (uint32_t *)SECURE_RAM_BASE),
          PSA_ERROR_INVALID_ARGUMENT);
    check("no counter", psa_call(PSA_PLATFORM_HANDLE, PLATFORM_INCREMENT_COUNTER, NULL, 0, NULL, 0),
          PSA_ERROR_INVALID_ARGUMENT);
    check("no place", psa_call(PSA_PLATFORM_HANDLE, PLATFORM_READ_COUNTER, in, 1, NULL, 0),
          PSA_ERROR_INVALID_ARGUMENT);
    in[0].len = 3;
    check("short id", psa_call(PSA_PLATFORM_HANDLE, PLATFORM_READ_COUNTER, in, 1, out, 1),
          PSA_ERROR_INVALID_ARGUMENT);
    check("another's", bartizan_nv_counter_increment(BARTIZAN_NV_COUNTER_HIDDEN),
          PSA_ERROR_NOT_PERMITTED);
    check("nobody's", bartizan_nv_counter_increment(99), PSA_ERROR_DOES_NOT_EXIST);
    check("own", bartizan_nv_counter_increment(BARTIZAN_NV_COUNTER_OPEN), PSA_SUCCESS);
}

static void count_for_ever(uint32_t counter)
{
    uint32_t value;

    for (;;) {
        psa_status_t status = bartizan_nv_counter_increment(counter);

        if (status == PSA_SUCCESS) {
            status = bartizan_nv_counter_read(counter, &value);
        }
        printf("vault: steps %ld %lx\n", (long)status, (unsigned long)value);
    }
}

static void run_line(char *line)
{
    char *word = strtok(line, " ");
    bool is_vaults = (word != NULL) && (strcmp(word, "vault") == 0);

    if (is_vaults) {
        word = strtok(NULL, " ");
    }
    if (word == NULL) {
        return;
    }
    for (uint32_t verb = 0; verb < sizeof(verbs) / sizeof(verbs[0]); verb++) {
        if (strcmp(word, verbs[verb]) == 0) {
            run_command(NULL, verb, is_vaults);
            return;
        }
    }
    if (strcmp(word, "vectors") == 0) {
        check_storage_vectors();
        check_counter_vectors();
    } else if (strcmp(word, "steps") == 0) {
        count_for_ever(BARTIZAN_NV_COUNTER_OPEN);
    } else if (strcmp(word, "reset") == 0) {
        (void)bartizan_reset();
    }
    printf("vault: end of %s\n", word);
}

int main(void)
{
    static char line[80];
    size_t length = 0;

    board_init();
    printf("vault: ready\n");
    for (;;) {
        char next = board_uart_read();

        if (next == '\n') {
            line[length] = '\0';
            run_line(line);
            length = 0;
        } else if (length < sizeof(line) - 1u) {
            line[length++] = next;
        }
    }
}
