/*
 * platform_init() of boot: the first code after reset that touches the device.
 *
 * Linked into boot only. It settles the reset reason, which must happen exactly once for each
 * reset.
 */
#include "platform/mps2/port.h"

void platform_init(void)
{
    reset_latch_reason();
    uart_start();
}
