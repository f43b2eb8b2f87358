/*
 * A non-secure application that lets the service ticker count, and prints what it logged.
 */
#include "../ticker.h"

#include <stdio.h>

#include "bartizan/board.h"

#define PERIOD_CLOCKS 20000U /* 1 ms */
#define TICKS         100U   /* more than the log has room for */
#define READS_MAX     1000000U
#define ENTRIES       4U

static struct ticker_count count;
static struct ticker_entry entries[ENTRIES];

static psa_status_t read_ticker(size_t *length)
{
    *length = ENTRIES;
    return ticker_read(&count, entries, length);
}

static void print_entries(size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf("ticker: entry of tick %lu, %lu clocks late\n", (unsigned long)entries[i].tick,
               (unsigned long)entries[i].late_clocks);
    }
}

int main(void)
{
    size_t length = 0;
    uint32_t reads = 0;

    board_init();
    printf("ticker: too fast: status %ld\n", (long)ticker_start(10));
    printf("ticker: start: status %ld\n", (long)ticker_start(PERIOD_CLOCKS));
    while ((read_ticker(&length) == PSA_SUCCESS) && (length < ENTRIES) && (reads < READS_MAX)) {
        reads++;
    }
    print_entries(length);
    while ((read_ticker(&length) == PSA_SUCCESS) && (count.ticks < TICKS) && (reads < READS_MAX)) {
        reads++;
    }
    printf("ticker: stop: status %ld\n", (long)ticker_stop());
    (void)read_ticker(&length);
    printf("ticker: starts %lu, ticks %lu, entries %lu\n", (unsigned long)count.starts,
           (unsigned long)count.ticks, (unsigned long)count.entries);
    print_entries(length);
    printf("ticker: done\n");
    for (;;) {
        __asm volatile("wfi");
    }
}
