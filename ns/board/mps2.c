/*
 * Board support of MPS2+ for applications: UART1 and the FPGA's I/O block (clock, LEDs), which the
 * secure world leaves to them.
 */
#include "bartizan/board.h"

#include <stdint.h>

#include "bartizan/product.h"

/* CMSDK APB UART. */
#define UART                ((volatile uint32_t *)BARTIZAN_UART_BASE)
#define UART_DATA           0
#define UART_STATE          1
#define UART_CTRL           2
#define UART_BAUDDIV        4
#define UART_STATE_TX_FULL  1U
#define UART_STATE_RX_FULL  2U
#define UART_CTRL_TX_ENABLE 1U
#define UART_CTRL_RX_ENABLE 2U
#define BAUD                115200U

/* FPGA I/O, non-secure alias: its counter counts up each time that the prescaler has run down. */
#define FPGAIO          ((volatile uint32_t *)0x40302000U)
#define FPGAIO_LEDS     0
#define FPGAIO_PRESCALE 7
#define FPGAIO_COUNTER  6
#define LEDS_MASK       ((1U << BOARD_LEDS) - 1U)

/* Vectors of the interrupts that the secure world leaves to the application, behind those of the
 * core (ns/start/startup_ns.c). A handler of the application takes the place of the weak one. */
void ns_unexpected(void);
#define HANDLER(name) void name(void) __attribute__((weak, alias("board_unexpected")))
HANDLER(WATCHDOG_Handler);
HANDLER(TIMER1_Handler);
HANDLER(DUALTIMER_Handler);
HANDLER(UART1_RX_Handler);
HANDLER(UART1_TX_Handler);
HANDLER(UART1_Handler);
HANDLER(GPIO0_Handler);
HANDLER(GPIO1_Handler);
HANDLER(GPIO2_Handler);
HANDLER(GPIO3_Handler);

extern void (*const board_vectors[])(void);
void (*const board_vectors[])(void) __attribute__((section(".vectors.board"), used)) = {
    [0] = ns_unexpected,     [1] = WATCHDOG_Handler,      [2 ... 3] = ns_unexpected,
    [4] = TIMER1_Handler,    [5] = DUALTIMER_Handler,     [6 ... 33] = ns_unexpected,
    [34] = UART1_RX_Handler, [35] = UART1_TX_Handler,     [36 ... 42] = ns_unexpected,
    [43] = UART1_Handler,    [44 ... 67] = ns_unexpected, [68] = GPIO0_Handler,
    [69] = GPIO1_Handler,    [70] = GPIO2_Handler,        [71] = GPIO3_Handler,
};

static uint32_t counter_at_start;

static void board_unexpected(void) __attribute__((used));
static void board_unexpected(void)
{
    ns_unexpected();
}

void board_init(void)
{
    UART[UART_BAUDDIV] = BARTIZAN_CLOCK_HZ / BAUD;
    UART[UART_CTRL] = UART_CTRL_TX_ENABLE | UART_CTRL_RX_ENABLE;
    (void)UART[UART_DATA]; /* drop what came before */
    FPGAIO[FPGAIO_LEDS] = 0U;
    FPGAIO[FPGAIO_PRESCALE] = BARTIZAN_CLOCK_HZ / 1000U - 1U;
    counter_at_start = FPGAIO[FPGAIO_COUNTER];
}

void board_uart_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        while ((UART[UART_STATE] & UART_STATE_TX_FULL) != 0U) {
        }
        UART[UART_DATA] = (uint8_t)text[i];
    }
}

char board_uart_read(void)
{
    while ((UART[UART_STATE] & UART_STATE_RX_FULL) == 0U) {
    }
    return (char)UART[UART_DATA];
}

uint32_t board_milliseconds(void)
{
    return FPGAIO[FPGAIO_COUNTER] - counter_at_start;
}

void board_wait(uint32_t milliseconds)
{
    uint32_t start = board_milliseconds();

    while (board_milliseconds() - start <= milliseconds) {
    }
}

void board_leds_set(uint32_t bits)
{
    FPGAIO[FPGAIO_LEDS] = bits & LEDS_MASK;
}

uint32_t board_leds_get(void)
{
    return FPGAIO[FPGAIO_LEDS] & LEDS_MASK;
}
