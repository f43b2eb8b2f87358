/*
 * The application of the matrix product: does what the host asks over the application's UART, one
 * command a line.
 *
 * "WHO ACCESS ADDRESS VALUE" is one attempt (attempt.h): WHO is 0 for this side or the number of a
 * partition below; "ask WHO TYPE" a request; "attack NAME" a set of checks of attacks.c. Numbers
 * are hexadecimal.
 */
#include "matrix_ns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bartizan/board.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/matrix/attempt.h"
#include "tests/qemu/matrix/commands.h"

static const uint32_t partitions[] = {0, PSA_SFN_HANDLE, PSA_IPC_HANDLE, APP_SFN_HANDLE,
                                      APP_IPC_HANDLE};

uint32_t ns_data;

__attribute__((naked, noinline)) void ns_return(void)
{
    __asm volatile("bx lr\n\tbx lr");
}

psa_status_t ask(psa_handle_t partition, int32_t type)
{
    return psa_call(partition, type, NULL, 0, NULL, 0);
}

psa_status_t ask_word(psa_handle_t partition, int32_t type, uint32_t *word)
{
    psa_outvec out[] = {{word, sizeof(*word)}};

    return psa_call(partition, type, NULL, 0, out, 1);
}

static psa_handle_t partition_of(const char *text)
{
    uint32_t who = strtoul(text, NULL, 16);

    return (psa_handle_t)partitions[who % (sizeof(partitions) / sizeof(partitions[0]))];
}

static void run_attempt(const char *who, const char *rest)
{
    struct attempt attempt = {0};
    psa_invec in[] = {{&attempt, sizeof(attempt)}};
    psa_outvec out[] = {{&attempt, sizeof(attempt)}};
    psa_handle_t partition = partition_of(who);
    psa_status_t status = PSA_SUCCESS;
    char *end;

    attempt.access = strtoul(rest, &end, 16);
    attempt.address = strtoul(end, &end, 16);
    attempt.value = strtoul(end, &end, 16);
    if (partition == 0) {
        attempt_run(&attempt);
    } else {
        status = psa_call(partition, MATRIX_ATTEMPT, in, 1, out, 1);
    }
    printf("matrix: %ld %lx %lx %lx %lx %lx\n", (long)status, (unsigned long)attempt.value,
           (unsigned long)attempt.cfsr, (unsigned long)attempt.sfsr, (unsigned long)attempt.where,
           (unsigned long)attempt.pc);
}

static void run_line(char *line)
{
    const char *first = strtok(line, " ");
    char *rest = strtok(NULL, "");
    char *type;

    if ((first == NULL) || (rest == NULL)) {
        return;
    }
    if (strcmp(first, "attack") == 0) {
        attack(rest);
        printf("matrix: %s done\n", rest);
    } else if (strcmp(first, "ask") == 0) {
        type = strchr(rest, ' ');
        printf("matrix: status %ld\n",
               (long)ask(partition_of(rest), (type != NULL) ? strtol(type, NULL, 16) : 0));
    } else {
        run_attempt(first, rest);
    }
}

int main(void)
{
    static char line[80];
    size_t length = 0;

    board_init();
    ns_data = ATTEMPT_PLANT;
    ns_return();
    printf("matrix: ready\n");
    for (;;) {
        char next = board_uart_read();

        if (next == '\n') {
            line[length] = '\0';
            run_line(line);
            length = 0;
        } else if (length < sizeof(line) - 1U) {
            line[length++] = next;
        }
    }
}
