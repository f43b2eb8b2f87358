/*
 * The driving application: does what the host asks over the application's UART, one command a
 * line, and answers each with one line "ff: ...".
 *
 *   play N SCRIPT, check N NAME, break N NAME   a text to partition N (actor/partitions.h)
 *   do N TYPE A B                               a request; prints the words answered
 *   check 0 NAME                                a check of the application itself
 *   open SID VERSION, call HANDLE TYPE A, close HANDLE
 *   trace                                       what the trace holds
 * Numbers are hexadecimal, N is decimal. Every answer is "ff: answer STATUS WORDS".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bartizan/board.h"
#include "drive.h"
#include "psa_manifest/sid.h"

const int32_t ff_own_id = -1;

static psa_handle_t lent; /* a connection of this application, for partitions to try */

psa_status_t drive(uint32_t number, int32_t type, uint32_t a, uint32_t b, void *out,
                   uint32_t out_size)
{
    struct ff_request request = {a, b};
    psa_invec in[] = {{&request, sizeof(request)}};
    psa_outvec outs[] = {{out, out_size}};

    return actor_call(number, type, in, 1U, outs, (out != NULL) ? 1U : 0U);
}

psa_status_t drive_text(uint32_t number, int32_t type, const char *text)
{
    psa_invec in[] = {{text, strlen(text)}};

    return actor_call(number, type, in, 1U, NULL, 0U);
}

static void answer(psa_status_t status)
{
    printf("ff: answer %ld\n", (long)status);
}

static int32_t run(const struct ff_case *cases, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return cases[i].function();
        }
    }
    return PSA_ERROR_DOES_NOT_EXIST;
}

static void check_own(const char *name)
{
    int32_t result = run(ff_cases, ff_case_count, name);

    if (result == PSA_ERROR_DOES_NOT_EXIST) {
        result = run(drive_checks, drive_check_count, name);
    }
    if (result == PSA_ERROR_DOES_NOT_EXIST) {
        result = run(machine_checks, machine_check_count, name);
    }
    if (result == PSA_ERROR_DOES_NOT_EXIST) {
        result = run(fp_checks, fp_check_count, name);
    }
    answer(result);
}

/* A rule is broken at once, or a trap is set for the calls that follow here. */
static void ask_to_break(uint32_t number, const char *name)
{
    static uint8_t more[64] __attribute__((aligned(32)));
    static uint8_t room[64] __attribute__((aligned(32)));
    psa_invec in[] = {{name, strlen(name)}, {more, sizeof(more)}};
    psa_outvec out[] = {{room, sizeof(room)}};
    psa_status_t status;

    if (lent == PSA_NULL_HANDLE) {
        lent = psa_connect(FF_RELAXED_SID, 5U);
    }
    memcpy(more, &lent, sizeof(lent));
    status = actor_call(number, FF_BREAK, in, 2U, out, 1U);
    if (status == PSA_SUCCESS) {
        psa_handle_t handle = psa_connect(FF_STRICT_SID, 2U);

        if (PSA_HANDLE_IS_VALID(handle)) {
            psa_close(handle);
            status = psa_call(FF_SERVER_HANDLE, SERVER_STATUS, NULL, 0, NULL, 0);
        } else {
            status = PSA_HANDLE_TO_ERROR(handle);
        }
    }
    answer(status);
}

static void print_trace(void)
{
    char letters[257] = {0};
    psa_outvec out[] = {{letters, sizeof(letters) - 1U}};

    (void)psa_call(FF_TRACE_HANDLE, PSA_IPC_CALL, NULL, 0, out, 1);
    printf("ff: trace [%s]\n", letters);
}

static void request(uint32_t number, const uint32_t *argument)
{
    uint32_t words[9] = {0};
    psa_status_t status =
        drive(number, (int32_t)argument[0], argument[1], argument[2], words, sizeof(words));

    printf("ff: answer %ld %08lx %08lx\n", (long)status, (unsigned long)words[0],
           (unsigned long)words[1]);
}

static void call(const uint32_t *argument)
{
    uint32_t word = 0;
    psa_outvec out = {&word, sizeof(word)};
    psa_status_t status = ff_ask((psa_handle_t)argument[0], (int32_t)argument[1],
                                 (struct ff_request){argument[2], 0U}, NULL, &out);

    printf("ff: answer %ld %08lx\n", (long)status, (unsigned long)word);
}

static void run_line(char *line)
{
    const char *command = strtok(line, " ");
    const char *word[4] = {NULL};
    uint32_t hex[4] = {0};
    uint32_t number;

    for (uint32_t i = 0; i < 4U; i++) {
        word[i] = strtok(NULL, " ");
        hex[i] = (word[i] != NULL) ? strtoul(word[i], NULL, 16) : 0U;
        word[i] = (word[i] != NULL) ? word[i] : "";
    }
    number = strtoul(word[0], NULL, 10);
    if (command == NULL) {
        return;
    }
    if (strcmp(command, "play") == 0) {
        answer(drive_text(number, FF_PLAY, word[1]));
    } else if (strcmp(command, "break") == 0) {
        ask_to_break(number, word[1]);
    } else if (strcmp(command, "do") == 0) {
        request(number, &hex[1]);
    } else if ((strcmp(command, "check") == 0) && (number != 0U)) {
        answer(drive_text(number, FF_CHECK, word[1]));
    } else if (strcmp(command, "check") == 0) {
        check_own(word[1]);
    } else if (strcmp(command, "open") == 0) {
        printf("ff: answer 0 %08lx\n", (unsigned long)psa_connect(hex[0], hex[1]));
    } else if (strcmp(command, "call") == 0) {
        call(hex);
    } else if (strcmp(command, "close") == 0) {
        psa_close((psa_handle_t)hex[0]);
        answer(PSA_SUCCESS);
    } else if (strcmp(command, "trace") == 0) {
        print_trace();
    }
}

int main(void)
{
    static char line[200];
    size_t length = 0;

    board_init();
    printf("ff: ready\n");
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
