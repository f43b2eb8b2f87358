/*
 * Secure log: the first CMSDK UART, transmit only, polled.
 *
 * Called by boot's and the manager's log through platform_log_write(). The second UART belongs to
 * the non-secure world and is never touched from here.
 */
#include "layout.h"
#include "platform/mps2/device.h"
#include "platform/mps2/port.h"

#define LOG_BAUD_HZ 115200U

void uart_start(void)
{
    UART0_BAUDDIV = CLOCK_HZ / LOG_BAUD_HZ;
    UART0_CTRL = UART_CTRL_TX_ENABLE;
}

void platform_log_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        while ((UART0_STATE & UART_STATE_TX_FULL) != 0U) {
        }
        UART0_DATA = (uint8_t)text[i];
    }
}
