/*
 * Board support of MPS2+ for applications: UART1, the one that the secure world leaves to them.
 */
#include "ns/board/board.h"

#include <stdint.h>

#include "layout.h"

/* CMSDK APB UART, non-secure alias. */
#define UART                ((volatile uint32_t *)0x40201000U)
#define UART_DATA           0
#define UART_STATE          1
#define UART_CTRL           2
#define UART_BAUDDIV        4
#define UART_STATE_TX_FULL  1U
#define UART_STATE_RX_FULL  2U
#define UART_CTRL_TX_ENABLE 1U
#define UART_CTRL_RX_ENABLE 2U
#define BAUD                115200U

void board_init(void)
{
    UART[UART_BAUDDIV] = CLOCK_HZ / BAUD;
    UART[UART_CTRL] = UART_CTRL_TX_ENABLE | UART_CTRL_RX_ENABLE;
    (void)UART[UART_DATA]; /* drop what came before */
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
