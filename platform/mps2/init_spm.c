/*
 * platform_init() of the partition manager: takes over a device that boot has set up.
 *
 * Linked into the manager only. It leaves the reset reason as boot settled it.
 */
#include "platform/mps2/port.h"

void platform_init(void)
{
    uart_start();
}
