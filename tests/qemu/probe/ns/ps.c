/*
 * The application that keeps protected assets as the host says: one command a line, numbers in
 * hexadecimal, one line of answer.
 *
 * set UID SIZE FLAGS SEED; get UID OFFSET SIZE; info UID; remove UID; create UID CAPACITY FLAGS;
 * extend UID OFFSET SIZE SEED; support; partition VALUE (the probe partition sets its own asset 1
 * to VALUE and reads it back). Byte n of data of a seed is seed + 7 * n.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bartizan/board.h"
#include "psa/client.h"
#include "psa/protected_storage.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/probe/commands.h"

#define ARGUMENTS  4U
#define DATA_BYTES 4096U
#define UNTOUCHED  0x5AU

static uint8_t data[DATA_BYTES];

static void data_fill(uint32_t seed)
{
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(seed + 7U * i);
    }
}

static void tell(const char *command, psa_status_t status)
{
    printf("ps: %s %ld\n", command, (long)status);
}

/* Bytes behind what was read must be as they were. */
static void run_get(const uint32_t arguments[ARGUMENTS])
{
    size_t length = UNTOUCHED;
    psa_status_t status;

    (void)memset(data, UNTOUCHED, sizeof(data));
    status = psa_ps_get(arguments[0], arguments[1], arguments[2], data, &length);
    printf("ps: get %ld %lu ", (long)status, (unsigned long)length);
    for (size_t i = 0; (status == PSA_SUCCESS) && (i < length); i++) {
        printf("%02x", data[i]);
    }
    for (size_t i = (status == PSA_SUCCESS) ? length : 0U; i < sizeof(data); i++) {
        if (data[i] != UNTOUCHED) {
            printf(" and byte %lu", (unsigned long)i);
            break;
        }
    }
    printf("\n");
}

static void run_info(const uint32_t arguments[ARGUMENTS])
{
    struct psa_storage_info_t info = {0};
    psa_status_t status = psa_ps_get_info(arguments[0], &info);

    printf("ps: info %ld size %lu capacity %lu flags %lu\n", (long)status, (unsigned long)info.size,
           (unsigned long)info.capacity, (unsigned long)info.flags);
}

static void run_partition(const uint32_t arguments[ARGUMENTS])
{
    struct probe_request request = {0U, arguments[0]};
    uint32_t word = 0U;
    psa_invec in[] = {{&request, sizeof(request)}};
    psa_outvec out[] = {{&word, sizeof(word)}};
    psa_status_t status = psa_call(PROBE_HANDLE, PROBE_PS, in, 1U, out, 1U);

    printf("ps: partition %ld %lx\n", (long)status, (unsigned long)word);
}

static void run_command(const char *command, const uint32_t arguments[ARGUMENTS])
{
    if (strcmp(command, "set") == 0) {
        data_fill(arguments[3]);
        tell(command, psa_ps_set(arguments[0], arguments[1], data, arguments[2]));
    } else if (strcmp(command, "get") == 0) {
        run_get(arguments);
    } else if (strcmp(command, "info") == 0) {
        run_info(arguments);
    } else if (strcmp(command, "remove") == 0) {
        tell(command, psa_ps_remove(arguments[0]));
    } else if (strcmp(command, "create") == 0) {
        tell(command, psa_ps_create(arguments[0], arguments[1], arguments[2]));
    } else if (strcmp(command, "extend") == 0) {
        data_fill(arguments[3]);
        tell(command, psa_ps_set_extended(arguments[0], arguments[1], arguments[2], data));
    } else if (strcmp(command, "support") == 0) {
        printf("ps: support %lu\n", (unsigned long)psa_ps_get_support());
    } else if (strcmp(command, "partition") == 0) {
        run_partition(arguments);
    } else {
        printf("ps: no command %s\n", command);
    }
}

static void line_read(char *line, size_t size)
{
    size_t length = 0;

    for (;;) {
        char character = board_uart_read();

        if (character == '\n') {
            line[length] = '\0';
            return;
        }
        if (length < size - 1U) {
            line[length++] = character;
        }
    }
}

int main(void)
{
    char line[80];

    board_init();
    printf("ps: ready\n");
    for (;;) {
        uint32_t arguments[ARGUMENTS] = {0};
        const char *command;

        line_read(line, sizeof(line));
        command = strtok(line, " ");
        for (size_t i = 0; i < ARGUMENTS; i++) {
            const char *word = strtok(NULL, " ");

            arguments[i] = (word != NULL) ? strtoul(word, NULL, 16) : 0U;
        }
        run_command((command != NULL) ? command : "", arguments);
    }
}
