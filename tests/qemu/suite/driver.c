/*
 * The driver partition: FF-M 1.0, PSA RoT, four windows, one interrupt, a heap.
 */
#include <stdlib.h>

#include "partition.h"

/* Addresses and registers as a suite's platform code has them; the product says whose they are. */
#define UART_DATA      (*(volatile uint32_t *)0x50202000U)
#define UART_CTRL      (*(volatile uint32_t *)0x50202008U)
#define UART_INTERRUPT (*(volatile uint32_t *)0x5020200CU)
#define UART_BAUDDIV   (*(volatile uint32_t *)0x50202010U)
#define UART_SEND      0x5U /* transmitter on, with interrupt */

#define WATCHDOG_LOAD  (*(volatile uint32_t *)0x50081000U)
#define WATCHDOG_VALUE (*(volatile uint32_t *)0x50081004U)
#define WATCHDOG_CTRL  (*(volatile uint32_t *)0x50081008U)
#define WATCHDOG_LOCK  (*(volatile uint32_t *)0x50081C00U)
#define WATCHDOG_KEY   0x1ACCE551U

#define NVMEM         ((volatile uint32_t *)0x38100000U)
#define NVMEM_BYTES   0x400U
#define DRIVER_WINDOW ((volatile uint32_t *)0x38100400U)

static uint32_t sent; /* interrupts in the life of the partition */

static void uart_send(char byte)
{
    UART_BAUDDIV = 16U;
    UART_CTRL = UART_SEND;
    UART_DATA = (uint32_t)(unsigned char)byte;
    (void)psa_wait(DRIVER_UART_INTR_SIG, PSA_BLOCK);
    UART_INTERRUPT = 1U;
    psa_eoi(DRIVER_UART_INTR_SIG);
    sent++;
}

/* Prints the word in hexadecimal, from the heap; answers how many interrupts there were. */
static psa_status_t uart_work(int32_t type, uint32_t word, uint32_t *answer)
{
    char *text = malloc(9U);

    (void)type;
    if (text == NULL) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    for (uint32_t i = 0U; i < 8U; i++) {
        text[i] = "0123456789abcdef"[(word >> (28U - 4U * i)) & 0xFU];
    }
    text[8] = '\n';
    for (uint32_t i = 0U; i < 9U; i++) {
        uart_send(text[i]);
    }
    free(text);
    *answer = sent;
    return PSA_SUCCESS;
}

/* Lets the watchdog count down from word for a moment; answers 1 if it did. */
static psa_status_t watchdog_work(int32_t type, uint32_t word, uint32_t *answer)
{
    (void)type;
    WATCHDOG_LOCK = WATCHDOG_KEY;
    WATCHDOG_LOAD = word;
    WATCHDOG_CTRL = 1U;
    for (volatile uint32_t i = 0U; i < 1000U; i++) {
    }
    *answer = (WATCHDOG_VALUE < word) && (WATCHDOG_VALUE != 0U);
    WATCHDOG_CTRL = 0U;
    WATCHDOG_LOCK = 0U;
    return PSA_SUCCESS;
}

static psa_status_t nvmem_work(int32_t type, uint32_t word, uint32_t *answer)
{
    if (type == SUITE_READ) {
        if ((word >= NVMEM_BYTES) || (word % 4U != 0U)) {
            return PSA_ERROR_INVALID_ARGUMENT;
        }
        *answer = NVMEM[word / 4U];
    } else {
        NVMEM[NVMEM_OFFSET / 4U] = word;
    }
    return PSA_SUCCESS;
}

static psa_status_t test_work(int32_t type, uint32_t word, uint32_t *answer)
{
    if (type == SUITE_TOUCH) {
        *answer = suite_touch(word);
        return PSA_SUCCESS;
    }
    DRIVER_WINDOW[0] = word;
    *answer = DRIVER_WINDOW[0] + 1U;
    return PSA_SUCCESS;
}

void driver_main(void)
{
    for (;;) {
        psa_signal_t signals = psa_wait(DRIVER_UART_SIGNAL | DRIVER_WATCHDOG_SIGNAL |
                                            DRIVER_NVMEM_SIGNAL | DRIVER_TEST_SIGNAL,
                                        PSA_BLOCK);

        if ((signals & DRIVER_UART_SIGNAL) != 0U) {
            suite_serve(DRIVER_UART_SIGNAL, uart_work);
        } else if ((signals & DRIVER_WATCHDOG_SIGNAL) != 0U) {
            suite_serve(DRIVER_WATCHDOG_SIGNAL, watchdog_work);
        } else if ((signals & DRIVER_NVMEM_SIGNAL) != 0U) {
            suite_serve(DRIVER_NVMEM_SIGNAL, nvmem_work);
        } else {
            suite_serve(DRIVER_TEST_SIGNAL, test_work);
        }
    }
}
