/*
 * The devices whose interrupts the partitions of the product ff handle: CMSDK APB timers and UARTs.
 *
 * A UART needs no wire: its transmit interrupt comes when a byte has left.
 */
#ifndef FF_DEVICES_H
#define FF_DEVICES_H

#include <stdint.h>

struct timer {
    uint32_t ctrl;
    uint32_t value;
    uint32_t reload;
    uint32_t interrupt; /* read: pending; write 1: clear */
};
#define TIMER_RUN 9U /* enabled, with interrupt */

#define TIMER0   ((volatile struct timer *)0x50000000U)
#define TIMER32K ((volatile struct timer *)0x5002F000U)

struct uart {
    uint32_t data;
    uint32_t state;
    uint32_t ctrl;
    uint32_t interrupt; /* read: pending; write 1: clear */
    uint32_t bauddiv;
};
#define UART_SENT   1U /* interrupt: a byte has left */
#define UART_CTRL_I 5U /* transmitter on, with interrupt */

#define UART2 ((volatile struct uart *)0x50202000U)
#define UART3 ((volatile struct uart *)0x50203000U)
#define UART4 ((volatile struct uart *)0x50204000U)

static inline void timer_start(volatile struct timer *timer, uint32_t cycles)
{
    timer->ctrl = 0U;
    timer->interrupt = 1U;
    timer->reload = cycles;
    timer->value = cycles;
    timer->ctrl = TIMER_RUN;
}

static inline void timer_stop(volatile struct timer *timer)
{
    timer->ctrl = 0U;
    timer->interrupt = 1U;
}

static inline void uart_send(volatile struct uart *uart)
{
    uart->bauddiv = 16U;
    uart->ctrl = UART_CTRL_I;
    uart->data = '.';
}

static inline void uart_quiet(volatile struct uart *uart)
{
    uart->interrupt = UART_SENT;
}

#endif
