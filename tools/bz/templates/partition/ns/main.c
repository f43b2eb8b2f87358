/*
 * A non-secure application that calls the service template and prints what it answers.
 */
#include "../template.h"

#include <stdio.h>

#include "bartizan/board.h"
#include "psa/client.h"
#include "psa_manifest/sid.h"

static void add(uint32_t number)
{
    uint32_t sum = 0U;
    psa_status_t status = template_add(number, &sum);

    printf("test: add %lu: status %ld, sum %lu\n", (unsigned long)number, (long)status,
           (unsigned long)sum);
}

int main(void)
{
    board_init();
    printf("test: version %lu\n", (unsigned long)psa_version(TEMPLATE_SID));
    add(30);
    add(12);
    printf("test: empty request: status %ld\n",
           (long)psa_call(TEMPLATE_HANDLE, TEMPLATE_ADD, NULL, 0, NULL, 0));
    printf("test: unknown request: status %ld\n",
           (long)psa_call(TEMPLATE_HANDLE, TEMPLATE_ADD + 1, NULL, 0, NULL, 0));
    printf("test: done\n");
    for (;;) {
        __asm volatile("wfi");
    }
}
