/*
 * The non-secure half of the board support: what an application may use of the board.
 *
 * Implemented in ns/board/<platform>.c. Plain C, no RTOS assumed.
 */
#ifndef BARTIZAN_NS_BOARD_H
#define BARTIZAN_NS_BOARD_H

#include <stddef.h>

/* Sets up the application's UART (115200 baud, 8N1). Call once, before the others. */
void board_init(void);

/* Writes length bytes to the application's UART, waiting for room. */
void board_uart_write(const char *text, size_t length);

/* Waits for one byte from the application's UART. */
char board_uart_read(void);

#endif
