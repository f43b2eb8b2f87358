/*
 * The measuring application: makes each call of each group twice, and says how it went.
 *
 * One line for each row, "bench: NAME STATUS VALUE", and "bench: done" in the end. It measures
 * nothing itself: the emulator counts between the labels of BENCH_CALL().
 */
#include "bench.h"

#include <stdio.h>

#include "bartizan/board.h"

uint8_t bench_input[65536];
uint8_t bench_output[8192];
size_t bench_length;

static psa_status_t row_run(const struct bench_row *row)
{
    psa_status_t status = (row->prepare != NULL) ? row->prepare() : PSA_SUCCESS;

    for (int call = 0; (call < BENCH_CALLS) && (status == PSA_SUCCESS); call++) {
        status = row->call();
        if ((status == PSA_SUCCESS) && (row->tidy != NULL)) {
            status = row->tidy();
        }
    }
    return status;
}

static void group_run(const struct bench_row *row)
{
    for (; (row != NULL) && (row->name != NULL); row++) {
        psa_status_t status = row_run(row);

        printf("bench: %s %ld %lu\n", row->name, (long)status,
               (unsigned long)((row->value != NULL) ? *row->value : 0U));
    }
}

int main(void)
{
    board_init();
    for (size_t i = 0; i < sizeof(bench_input); i++) {
        bench_input[i] = (uint8_t)(i * 7U + 1U);
    }
    group_run(bench_start);
    group_run(bench_framework);
    group_run(bench_storage);
    group_run(bench_crypto);
    group_run(bench_aead);
    group_run(bench_agreement);
    group_run(bench_attestation);
    printf("bench: done\n");
    for (;;) {
        __asm volatile("wfi");
    }
}
