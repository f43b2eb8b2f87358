/*
 * Registers of the MPS2+ FPGA images AN505 and AN521 that the port uses: UART, watchdog, security
 * controller, memory protection controllers, system information.
 *
 * Private to platform/mps2/. Secure aliases (bit 28 set) wherever there are two. Sources:
 * application notes AN505 and AN521, the IoT Kit and SSE-200 reference manuals, the CMSDK manual;
 * checked on QEMU.
 */
#ifndef BARTIZAN_MPS2_DEVICE_H
#define BARTIZAN_MPS2_DEVICE_H

#include <stdint.h>

#define MPS2_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* A peripheral or memory has a non-secure address and a secure one, which differ in this bit. */
#define MPS2_SECURE_ALIAS 0x10000000U

/* ---- CMSDK UART 0, the secure log ---- */
#define UART0_DATA          MPS2_REGISTER(0x50200000U)
#define UART0_STATE         MPS2_REGISTER(0x50200004U)
#define UART0_CTRL          MPS2_REGISTER(0x50200008U)
#define UART0_BAUDDIV       MPS2_REGISTER(0x50200010U) /* at least 16 */
#define UART_STATE_TX_FULL  (1U << 0)
#define UART_CTRL_TX_ENABLE (1U << 0)

/* ---- CMSDK watchdog, secure: counts CLOCK_HZ (the one with 32 kHz is at 0x5002E000) ---- */
#define WATCHDOG_LOAD           MPS2_REGISTER(0x50081000U)
#define WATCHDOG_VALUE          MPS2_REGISTER(0x50081004U)
#define WATCHDOG_CTRL           MPS2_REGISTER(0x50081008U)
#define WATCHDOG_INTCLR         MPS2_REGISTER(0x5008100CU)
#define WATCHDOG_RIS            MPS2_REGISTER(0x50081010U)
#define WATCHDOG_LOCK           MPS2_REGISTER(0x50081C00U)
#define WATCHDOG_CTRL_INTERRUPT (1U << 0) /* counter runs, first expiry raises NMI */
#define WATCHDOG_CTRL_RESET     (1U << 1) /* second expiry resets */
#define WATCHDOG_UNLOCK_KEY     0x1ACCE551U

/* ---- Security controller, secure privilege control block ---- */
#define SECCTL_BASE 0x50080000U
#define SECCTL_SECRESPCFG                                                                          \
    MPS2_REGISTER(SECCTL_BASE + 0x10U)                     /* 1: blocked accesses are bus errors */
#define SECCTL_NSCCFG   MPS2_REGISTER(SECCTL_BASE + 0x14U) /* callable: bit 0 code, bit 1 RAM */
#define SECCTL_NSMSCEXP MPS2_REGISTER(SECCTL_BASE + 0xD0U) /* bus masters: bits 16.. non-secure */
/* Peripheral protection controllers: one "non-secure" register each at these offsets; the
 * register that allows unprivileged secure access is 0x40 further. */
#define SECCTL_AHB_EXPANSION0           0x60U
#define SECCTL_AHB_EXPANSION1           0x64U
#define SECCTL_APB_INTERNAL0            0x70U
#define SECCTL_APB_INTERNAL1            0x74U
#define SECCTL_APB_EXPANSION0           0x80U
#define SECCTL_APB_EXPANSION1           0x84U
#define SECCTL_APB_EXPANSION2           0x88U
#define SECCTL_NONSECURE(controller)    MPS2_REGISTER(SECCTL_BASE + (controller))
#define SECCTL_UNPRIVILEGED(controller) MPS2_REGISTER(SECCTL_BASE + 0x40U + (controller))

/* ---- Memory protection controllers ---- */
#define MPC_SSRAM1              0x58007000U /* 0x00000000, 4 MiB: boot code */
#define MPC_SSRAM2              0x58008000U /* 0x28000000, 2 MiB */
#define MPC_SSRAM3              0x58009000U /* 0x28200000, 2 MiB */
#define MPC_INTERNAL            0x50083000U /* 0x20000000: every 0x1000 one for a bank of RAM */
#define MPC_CTRL                0x00U
#define MPC_CTRL_BUS_ERROR      (1U << 4)
#define MPC_CTRL_AUTO_INCREMENT (1U << 8)
#define MPC_CTRL_LOCK           (1U << 31)
#define MPC_BLOCK_MAX           0x10U /* index of the last table word */
#define MPC_BLOCK_CONFIG        0x14U /* bits 3..0: block size is 1 << (value + 5) bytes */
#define MPC_BLOCK_INDEX         0x18U
#define MPC_BLOCK_TABLE         0x1CU /* one bit for each block, 1: non-secure */

/* ---- System information: bits 3..0 are the number of internal RAM banks ---- */
#define SYSINFO_CONFIG MPS2_REGISTER(0x50020004U)

#endif
