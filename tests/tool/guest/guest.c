/*
 * A guest of a few lines for the tests of the emulator driver (test_bz_emulator.py): it greets on
 * both UARTs, then obeys one-letter commands on the application UART. It is no part of the product
 * and checks nothing.
 */
#include <stdint.h>

#define UART(n) ((volatile uint32_t *)(0x50200000U + (0x1000U * (n))))
#define DATA 0
#define STATE 1
#define CTRL 2
#define BAUDDIV 4
#define FLASH_WORD (*(volatile uint32_t *)0x80050000U)

void reset(void);

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[2] = {
    0x30004000U,
    (uintptr_t)reset,
};

static void print(unsigned uart, const char *text)
{
    for (; *text != '\0'; text++) {
        while ((UART(uart)[STATE] & 1U) != 0U) {
        }
        UART(uart)[DATA] = (uint32_t)*text;
    }
}

static char receive(void)
{
    while ((UART(1)[STATE] & 2U) == 0U) {
    }
    return (char)UART(1)[DATA];
}

void reset(void)
{
    for (unsigned uart = 0; uart < 2U; uart++) {
        UART(uart)[BAUDDIV] = 16U;
        UART(uart)[CTRL] = 3U;
    }
    print(0, "guest: secure line\n");
    print(1, FLASH_WORD == 0x12345678U ? "guest: flash kept\r\n" : "guest: flash new\r\n");
    for (;;) {
        switch (receive()) {
        case 'w': /* write to flash, say so */
            FLASH_WORD = 0x12345678U;
            print(1, "guest: written\n");
            break;
        case 'l': /* fault with no handler: lockup */
            print(1, "guest: no end of line");
            *(volatile uint32_t *)0xFFFFFFF0U = 0U;
            __asm volatile("udf #0");
            break;
        default:
            print(1, "guest: what?\n");
            break;
        }
    }
}
