/*
 * The non-secure half of the board support: what an application may use of the board.
 *
 * Implemented in ns/board/<platform>.c. Plain C, no RTOS and no interrupt assumed; it leaves
 * SysTick to the application. Nothing here may be called before board_init().
 */
#ifndef BARTIZAN_BOARD_H
#define BARTIZAN_BOARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets up the application's UART (115200 baud, 8N1) and the clock; LEDs off. Call once, before the
 * others. */
void board_init(void);

/* Writes length bytes to the application's UART, waiting for room. */
void board_uart_write(const char *text, size_t length);

/* Waits for one byte from the application's UART. */
char board_uart_read(void);

/* Milliseconds since board_init(); after 2^32 of them it starts again at 0, so compare differences.
 * May be called from interrupt handlers. */
uint32_t board_milliseconds(void);

/* Returns after at least this many milliseconds. */
void board_wait(uint32_t milliseconds);

/* Bits of board_leds_set(): how many LEDs there are. */
#define BOARD_LEDS 2u

/* Lights the LEDs whose bits are set and turns off the others; bits from BOARD_LEDS up are ignored.
 * The emulator has no lamps: there the LEDs are only what board_leds_get() reads back. */
void board_leds_set(uint32_t bits);

/* The LEDs that are lit, read from the board. */
uint32_t board_leds_get(void);

#ifdef __cplusplus
}
#endif

#endif
