/*
 * Addresses and bits of the Armv8-M core registers that boot, the manager and the ports use.
 *
 * Source: Armv8-M Architecture Reference Manual (DDI 0553), "System Control Space" and the memory
 * map of the SAU, MPU, NVIC, FPU and SysTick. Included by boot/, spm/ and platform/; never by
 * services or non-secure code. Only names of the architecture: nothing here depends on a device.
 */
#ifndef BARTIZAN_ARMV8M_REGISTERS_H
#define BARTIZAN_ARMV8M_REGISTERS_H

#include <stdint.h>

#define ARMV8M_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* The same register of the non-secure bank, seen from secure code: SCB_VTOR and
 * ARMV8M_NS(SCB_VTOR_AT). */
#define ARMV8M_NS(address) ARMV8M_REGISTER((address) + 0x00020000U)

/* ---- System timer ---- */
#define SYST_CSR           ARMV8M_REGISTER(0xE000E010U)
#define SYST_CSR_ENABLE    (1U << 0)
#define SYST_CSR_TICKINT   (1U << 1)
#define SYST_CSR_CLKSOURCE (1U << 2)
#define SYST_RVR           ARMV8M_REGISTER(0xE000E014U)
#define SYST_CVR           ARMV8M_REGISTER(0xE000E018U)
#define SYST_CALIB         ARMV8M_REGISTER(0xE000E01CU)

/* ---- Interrupt controller: one bit (IPR: one byte) for each interrupt ---- */
#define ICTR                ARMV8M_REGISTER(0xE000E004U)
#define ICTR_INTLINESNUM    0xFU /* number of 32-interrupt words, minus one */
#define NVIC_ISER(word)     ARMV8M_REGISTER(0xE000E100U + 4U * (word))
#define NVIC_ICER(word)     ARMV8M_REGISTER(0xE000E180U + 4U * (word))
#define NVIC_ISPR(word)     ARMV8M_REGISTER(0xE000E200U + 4U * (word))
#define NVIC_ICPR(word)     ARMV8M_REGISTER(0xE000E280U + 4U * (word))
#define NVIC_IABR(word)     ARMV8M_REGISTER(0xE000E300U + 4U * (word))
#define NVIC_ITNS(word)     ARMV8M_REGISTER(0xE000E380U + 4U * (word))
#define NVIC_IPR(interrupt) (*(volatile uint8_t *)(uintptr_t)(0xE000E400U + (interrupt)))

/* ---- System control block ---- */
#define SCB_CPUID              ARMV8M_REGISTER(0xE000ED00U)
#define SCB_ICSR               ARMV8M_REGISTER(0xE000ED04U)
#define SCB_ICSR_NMIPENDSET    (1U << 31)
#define SCB_ICSR_NMIPENDCLR    (1U << 30)
#define SCB_ICSR_PENDSVSET     (1U << 28)
#define SCB_ICSR_PENDSVCLR     (1U << 27)
#define SCB_ICSR_VECTACTIVE    0x1FFU
#define SCB_VTOR_AT            0xE000ED08U
#define SCB_VTOR               ARMV8M_REGISTER(SCB_VTOR_AT)
#define SCB_AIRCR              ARMV8M_REGISTER(0xE000ED0CU)
#define SCB_AIRCR_VECTKEY      (0x05FAU << 16)
#define SCB_AIRCR_PRIS         (1U << 14) /* non-secure priorities in the lower half */
#define SCB_AIRCR_BFHFNMINS    (1U << 13) /* BusFault, HardFault and NMI non-secure */
#define SCB_AIRCR_PRIGROUP     (7U << 8)
#define SCB_AIRCR_SYSRESETREQS (1U << 3) /* only secure code may ask for a reset */
#define SCB_AIRCR_SYSRESETREQ  (1U << 2)
#define SCB_SCR                ARMV8M_REGISTER(0xE000ED10U)
#define SCB_SCR_SLEEPDEEPS     (1U << 3) /* only secure code may choose deep sleep */
#define SCB_CCR                ARMV8M_REGISTER(0xE000ED14U)
#define SCB_CCR_STKOFHFNMIGN   (1U << 10)
#define SCB_CCR_DIV_0_TRP      (1U << 4)
#define SCB_CCR_UNALIGN_TRP    (1U << 3)
#define SCB_SHPR1              ARMV8M_REGISTER(0xE000ED18U) /* the four configurable faults */
#define SCB_SHPR2              ARMV8M_REGISTER(0xE000ED1CU) /* SVCall in bits 31..24 */
#define SCB_SHPR3              ARMV8M_REGISTER(0xE000ED20U) /* PendSV 23..16, SysTick 31..24 */
#define SCB_SHCSR              ARMV8M_REGISTER(0xE000ED24U)
/* Pending: UsageFault, MemManage, BusFault, SVCall, SecureFault. */
#define SCB_SHCSR_PENDED         ((0xFU << 12) | (1U << 20))
#define SCB_SHCSR_MEMFAULTENA    (1U << 16)
#define SCB_SHCSR_BUSFAULTENA    (1U << 17)
#define SCB_SHCSR_USGFAULTENA    (1U << 18)
#define SCB_SHCSR_SECUREFAULTENA (1U << 19)

/* ---- Fault status ---- */
#define SCB_CFSR_AT          0xE000ED28U
#define SCB_CFSR             ARMV8M_REGISTER(SCB_CFSR_AT)
#define SCB_CFSR_IACCVIOL    (1U << 0)
#define SCB_CFSR_DACCVIOL    (1U << 1)
#define SCB_CFSR_MUNSTKERR   (1U << 3)
#define SCB_CFSR_MSTKERR     (1U << 4)
#define SCB_CFSR_MMARVALID   (1U << 7)
#define SCB_CFSR_IBUSERR     (1U << 8)
#define SCB_CFSR_PRECISERR   (1U << 9)
#define SCB_CFSR_IMPRECISERR (1U << 10)
#define SCB_CFSR_STKERR      (1U << 12)
#define SCB_CFSR_BFARVALID   (1U << 15)
#define SCB_CFSR_STKOF       (1U << 20)
#define SCB_CFSR_UNALIGNED   (1U << 24)
#define SCB_HFSR             ARMV8M_REGISTER(0xE000ED2CU)
#define SCB_MMFAR_AT         0xE000ED34U
#define SCB_MMFAR            ARMV8M_REGISTER(SCB_MMFAR_AT)
#define SCB_BFAR             ARMV8M_REGISTER(0xE000ED38U)
#define SAU_SFSR             ARMV8M_REGISTER(0xE000EDE4U)
#define SAU_SFSR_INVEP       (1U << 0)
#define SAU_SFSR_AUVIOL      (1U << 3)
#define SAU_SFSR_SFARVALID   (1U << 6)
#define SAU_SFAR             ARMV8M_REGISTER(0xE000EDE8U)

/* ---- Floating point ---- */
#define SCB_CPACR                ARMV8M_REGISTER(0xE000ED88U)
#define SCB_CPACR_CP10_CP11_FULL (0xFU << 20)
#define SCB_NSACR                ARMV8M_REGISTER(0xE000ED8CU)
#define SCB_NSACR_CP10_CP11      (3U << 10)
#define FPU_FPCCR                ARMV8M_REGISTER(0xE000EF34U)
#define FPU_FPCCR_LSPACT         (1U << 0)
#define FPU_FPCCR_TS             (1U << 26)
#define FPU_FPCAR                ARMV8M_REGISTER(0xE000EF38U)
#define FPU_MVFR0                ARMV8M_REGISTER(0xE000EF40U) /* 0: no floating point */
#define FPU_FPDSCR               ARMV8M_REGISTER(0xE000EF3CU)

/* ---- Memory protection unit ---- */
#define MPU_TYPE                  ARMV8M_REGISTER(0xE000ED90U)
#define MPU_CTRL                  ARMV8M_REGISTER(0xE000ED94U)
#define MPU_CTRL_ENABLE           (1U << 0)
#define MPU_CTRL_HFNMIENA         (1U << 1) /* on in HardFault, NMI and FAULTMASK handlers too */
#define MPU_CTRL_PRIVDEFENA       (1U << 2) /* privileged: default map behind the regions */
#define MPU_RNR                   ARMV8M_REGISTER(0xE000ED98U)
#define MPU_RBAR                  ARMV8M_REGISTER(0xE000ED9CU)
#define MPU_RBAR_XN               (1U << 0)
#define MPU_RBAR_AP_RW_PRIVILEGED (0U << 1)
#define MPU_RBAR_AP_RW_ANY        (1U << 1)
#define MPU_RBAR_AP_RO_PRIVILEGED (2U << 1)
#define MPU_RBAR_AP_RO_ANY        (3U << 1)
#define MPU_RLAR                  ARMV8M_REGISTER(0xE000EDA0U)
#define MPU_RLAR_ENABLE           (1U << 0)
#define MPU_RLAR_ATTRIBUTE(index) ((uint32_t)(index) << 1)
#define MPU_MAIR0                 ARMV8M_REGISTER(0xE000EDC0U)
#define MPU_MAIR1                 ARMV8M_REGISTER(0xE000EDC4U)
#define MPU_MAIR_NORMAL           0xFFU /* write-back, read and write allocate */
#define MPU_MAIR_NON_CACHEABLE    0x44U
#define MPU_MAIR_DEVICE_NGNRE     0x04U

/* ---- Security attribution unit ---- */
#define SAU_CTRL                ARMV8M_REGISTER(0xE000EDD0U)
#define SAU_CTRL_ENABLE         (1U << 0)
#define SAU_CTRL_ALLNS          (1U << 1)
#define SAU_TYPE                ARMV8M_REGISTER(0xE000EDD4U)
#define SAU_RNR                 ARMV8M_REGISTER(0xE000EDD8U)
#define SAU_RBAR                ARMV8M_REGISTER(0xE000EDDCU)
#define SAU_RLAR                ARMV8M_REGISTER(0xE000EDE0U)
#define SAU_RLAR_ENABLE         (1U << 0)
#define SAU_RLAR_NSC            (1U << 1)
#define ARMV8M_REGION_ALIGNMENT 32U /* of MPU and SAU regions, in bytes */

#endif
