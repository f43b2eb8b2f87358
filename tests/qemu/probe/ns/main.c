/*
 * The attacking application: does what the host asks over the application's UART, one command a
 * line.
 *
 * "check NAME" runs a set of checks and ends with "attack: NAME done"; "read A", "write A",
 * "execute A", "access NAME A" (fault.c) and "connect SID V" attack directly; "probe COMMAND A V"
 * lets the probe partition do it. Numbers are hexadecimal.
 */
#include "attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bartizan/board.h"
#include "bartizan/platform_service.h"
#include "layout.h"
#include "psa_manifest/sid.h"

struct check_row {
    const char *name;
    void (*function)(void);
};

static const struct check_row check_rows[] = {
    {"framework", check_framework},
    {"handles", check_handles},
    {"types", check_types},
    {"vectors", check_vectors},
    {"connections", check_connections},
    {"echo", check_echo},
    {"partition", check_partition},
    {"handler", check_handler_mode},
    {"registers", check_registers},
    {"interrupts", check_interrupts},
    {"threads", check_threads},
    {"changed", check_changed},
    {"unprivileged", check_unprivileged},
    {"masked", check_masked},
    {"its", check_its},
    {"crypto", check_crypto},
    {"attestation", check_attestation},
    {"platform", check_platform},
    {"functions", check_functions},
};

void check_equal(const char *what, int32_t got, int32_t expected)
{
    if (got == expected) {
        printf("attack: %s: ok\n", what);
    } else {
        printf("attack: %s: FAILED (got %ld, expected %ld)\n", what, (long)got, (long)expected);
    }
}

psa_status_t probe(int32_t command, uint32_t address, uint32_t value, uint32_t *word)
{
    struct probe_request request = {address, value};
    psa_invec in[] = {{&request, sizeof(request)}, {&request, sizeof(request)}};
    psa_outvec out[] = {{word, sizeof(*word)}};

    return psa_call(PROBE_HANDLE, command, in, 2, out, (word != NULL) ? 1U : 0U);
}

static void run_check(const char *name)
{
    for (size_t i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++) {
        if (strcmp(check_rows[i].name, name) == 0) {
            check_rows[i].function();
            printf("attack: %s done\n", name);
            return;
        }
    }
    printf("attack: no check %s\n", name);
}

static void run_line(char *line)
{
    const char *command = strtok(line, " ");
    const char *first = strtok(NULL, " ");
    const char *second = strtok(NULL, " ");
    const char *third = strtok(NULL, " ");
    uint32_t a = (first != NULL) ? strtoul(first, NULL, 16) : 0U;
    uint32_t b = (second != NULL) ? strtoul(second, NULL, 16) : 0U;
    uint32_t c = (third != NULL) ? strtoul(third, NULL, 16) : 0U;
    uint32_t word = 0U;

    if (command == NULL) {
        return;
    }
    if (strcmp(command, "check") == 0) {
        run_check((first != NULL) ? first : "");
    } else if (strcmp(command, "read") == 0) {
        printf("attack: read %08lx\n", (unsigned long)*(volatile uint32_t *)a);
    } else if (strcmp(command, "write") == 0) {
        *(volatile uint32_t *)a = b;
        printf("attack: wrote\n");
    } else if (strcmp(command, "execute") == 0) {
        ((void (*)(void))(a | 1U))();
        printf("attack: executed\n");
    } else if (strcmp(command, "connect") == 0) {
        printf("attack: handle %08lx\n", (unsigned long)psa_connect(a, b));
    } else if (strcmp(command, "access") == 0) {
        run_access((first != NULL) ? first : "", b);
    } else if (strcmp(command, "handled") == 0) {
        run_handled((first != NULL) ? first : "", b);
    } else if (strcmp(command, "mpu") == 0) {
        run_own_mpu(a, b);
    } else if (strcmp(command, "confirm") == 0) {
        run_confirm();
    } else if (strcmp(command, "handon") == 0) {
        run_hand_on();
    } else if (strcmp(command, "probe") == 0) {
        psa_status_t status = probe((int32_t)a, b, c, &word);

        printf("attack: probe status %ld word %08lx\n", (long)status, (unsigned long)word);
    } else if (strcmp(command, "token") == 0) {
        attest(a, b, c != 0U);
    } else if (strcmp(command, "status") == 0) {
        print_status();
    } else if (strcmp(command, "fault") == 0) {
        print_fault(a);
    } else if (strcmp(command, "reset") == 0) {
        printf("attack: reset %ld\n", (long)bartizan_reset());
    }
}

int main(void)
{
    static char line[80];
    size_t length = 0;

    board_init();
    printf("attack: ready\n");
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
