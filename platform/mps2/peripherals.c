/*
 * The board's peripherals: one table says which world owns each and where its protection bit is.
 *
 * worlds.c applies it at start; the manager grants secure ones to partitions by
 * platform_grant_peripheral(). What is not in the table stays secure and privileged for ever: the
 * memory protection controllers, and the four DMA controllers, which would read and write the
 * flash for whoever programs them.
 */
#include "platform/mps2/peripherals.h"

#include "platform/armv8m/core.h"
#include "platform/mps2/device.h"
#include "platform/platform.h"

enum world { WORLD_SECURE, WORLD_NON_SECURE };

struct peripheral {
    uint32_t base;      /* non-secure address */
    uint8_t controller; /* offset of its "non-secure" register in the security controller */
    uint8_t port;       /* bit in that register */
    uint8_t world;      /* enum world */
};

static const struct peripheral peripherals[] = {
    {0x40000000U, SECCTL_APB_INTERNAL0, 0, WORLD_SECURE},      /* CMSDK timer 0 */
    {0x40001000U, SECCTL_APB_INTERNAL0, 1, WORLD_NON_SECURE},  /* CMSDK timer 1 */
    {0x40002000U, SECCTL_APB_INTERNAL0, 2, WORLD_NON_SECURE},  /* dual timer */
    {0x4002F000U, SECCTL_APB_INTERNAL1, 0, WORLD_SECURE},      /* 32 kHz timer */
    {0x40205000U, SECCTL_APB_EXPANSION1, 0, WORLD_SECURE},     /* SPI 0 */
    {0x40206000U, SECCTL_APB_EXPANSION1, 1, WORLD_SECURE},     /* SPI 1 */
    {0x40209000U, SECCTL_APB_EXPANSION1, 2, WORLD_SECURE},     /* SPI 2 */
    {0x4020A000U, SECCTL_APB_EXPANSION1, 3, WORLD_SECURE},     /* SPI 3 */
    {0x4020B000U, SECCTL_APB_EXPANSION1, 4, WORLD_SECURE},     /* SPI 4 */
    {0x40200000U, SECCTL_APB_EXPANSION1, 5, WORLD_SECURE},     /* UART 0: secure log */
    {0x40201000U, SECCTL_APB_EXPANSION1, 6, WORLD_NON_SECURE}, /* UART 1 */
    {0x40202000U, SECCTL_APB_EXPANSION1, 7, WORLD_SECURE},     /* UART 2 */
    {0x40203000U, SECCTL_APB_EXPANSION1, 8, WORLD_SECURE},     /* UART 3 */
    {0x40204000U, SECCTL_APB_EXPANSION1, 9, WORLD_SECURE},     /* UART 4 */
    {0x40207000U, SECCTL_APB_EXPANSION1, 10, WORLD_SECURE},    /* I2C 0: touch screen */
    {0x40208000U, SECCTL_APB_EXPANSION1, 11, WORLD_SECURE},    /* I2C 1: audio */
    {0x4020C000U, SECCTL_APB_EXPANSION1, 12, WORLD_SECURE},    /* I2C 2 */
    {0x4020D000U, SECCTL_APB_EXPANSION1, 13, WORLD_SECURE},    /* I2C 3 */
    {0x40300000U, SECCTL_APB_EXPANSION2, 0, WORLD_SECURE},     /* system configuration */
    {0x40301000U, SECCTL_APB_EXPANSION2, 1, WORLD_SECURE},     /* I2S audio */
    {0x40302000U, SECCTL_APB_EXPANSION2, 2, WORLD_NON_SECURE}, /* FPGA I/O: LEDs */
    {0x41000000U, SECCTL_AHB_EXPANSION0, 0, WORLD_SECURE},     /* video */
    {0x40100000U, SECCTL_AHB_EXPANSION0, 1, WORLD_NON_SECURE}, /* GPIO 0 */
    {0x40101000U, SECCTL_AHB_EXPANSION0, 2, WORLD_NON_SECURE}, /* GPIO 1 */
    {0x40102000U, SECCTL_AHB_EXPANSION0, 3, WORLD_NON_SECURE}, /* GPIO 2 */
    {0x40103000U, SECCTL_AHB_EXPANSION0, 4, WORLD_NON_SECURE}, /* GPIO 3 */
    {0x42000000U, SECCTL_AHB_EXPANSION0, 5, WORLD_SECURE},     /* Ethernet */
};

#define PERIPHERAL_COUNT (sizeof(peripherals) / sizeof(peripherals[0]))

/* Interrupts of the non-secure peripherals, and of the non-secure watchdog, which no controller
 * guards. The overflow interrupt (47) is shared by all UARTs and therefore secure. */
static const struct {
    uint8_t first;
    uint8_t count;
} non_secure_interrupts[] = {
    {1, 1},   /* non-secure watchdog */
    {4, 2},   /* CMSDK timer 1, dual timer */
    {34, 2},  /* UART 1 receive, transmit */
    {43, 1},  /* UART 1 combined */
    {68, 56}, /* GPIO 0..3: combined, then single pins */
};

/* 124 interrupts. ICTR of the emulator rounds down and would leave out the last word. */
#define INTERRUPT_WORDS 4U

#define INTERRUPT_RANGES (sizeof(non_secure_interrupts) / sizeof(non_secure_interrupts[0]))

static const uint8_t controllers[] = {
    SECCTL_AHB_EXPANSION0, SECCTL_AHB_EXPANSION1, SECCTL_APB_INTERNAL0,  SECCTL_APB_INTERNAL1,
    SECCTL_APB_EXPANSION0, SECCTL_APB_EXPANSION1, SECCTL_APB_EXPANSION2,
};

static void interrupts_split(void)
{
    for (uint32_t i = 0U; i < INTERRUPT_WORDS; i++) {
        NVIC_ITNS(i) = 0U;
    }
    for (uint32_t i = 0U; i < INTERRUPT_RANGES; i++) {
        uint32_t first = non_secure_interrupts[i].first;

        for (uint32_t n = first; n < first + non_secure_interrupts[i].count; n++) {
            NVIC_ITNS(n / 32U) |= 1U << (n % 32U);
        }
    }
}

void peripherals_split(void)
{
    for (uint32_t i = 0U; i < sizeof(controllers); i++) {
        SECCTL_NONSECURE(controllers[i]) = 0U;
        SECCTL_UNPRIVILEGED(controllers[i]) = 0U;
    }
    for (uint32_t i = 0U; i < PERIPHERAL_COUNT; i++) {
        if (peripherals[i].world == WORLD_NON_SECURE) {
            SECCTL_NONSECURE(peripherals[i].controller) |= 1U << peripherals[i].port;
        }
    }
    interrupts_split();
}

void platform_grant_peripheral(uint32_t base, bool granted)
{
    for (uint32_t i = 0U; i < PERIPHERAL_COUNT; i++) {
        const struct peripheral *peripheral = &peripherals[i];

        if (peripheral->world != WORLD_SECURE ||
            (peripheral->base | MPS2_SECURE_ALIAS) != (base | MPS2_SECURE_ALIAS)) {
            continue;
        }
        if (granted) {
            SECCTL_UNPRIVILEGED(peripheral->controller) |= 1U << peripheral->port;
        } else {
            SECCTL_UNPRIVILEGED(peripheral->controller) &= ~(1U << peripheral->port);
        }
    }
}
