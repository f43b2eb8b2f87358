/*
 * Small inline helpers for the Armv8-M core: barriers, interrupt masking, MPU and SAU regions, TT.
 *
 * Called by boot/, spm/ and the ports. Each is a few instructions and keeps no state. They never
 * decide what a region may be: callers pass base and size, taken from layout.h or from the
 * generated tables.
 */
#ifndef BARTIZAN_ARMV8M_CORE_H
#define BARTIZAN_ARMV8M_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/armv8m/registers.h"

/* ---- Barriers and masking ---- */

static inline void core_barrier_data(void)
{
    __asm volatile("dsb" ::: "memory");
}

static inline void core_barrier_instruction(void)
{
    __asm volatile("isb" ::: "memory");
}

/* After a write to a register that changes how memory or instructions behave. */
static inline void core_barrier_context(void)
{
    __asm volatile("dsb\n\tisb" ::: "memory");
}

/* Masks interrupts of configurable priority; returns the previous mask for
 * core_interrupts_restore(). */
static inline uint32_t core_interrupts_mask(void)
{
    uint32_t previous;

    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(previous) : : "memory");
    return previous;
}

static inline void core_interrupts_restore(uint32_t previous)
{
    __asm volatile("msr primask, %0" : : "r"(previous) : "memory");
}

/* Masks everything but NMI. */
static inline void core_faults_mask(void)
{
    __asm volatile("cpsid f" ::: "memory");
}

static inline void core_wait_for_interrupt(void)
{
    __asm volatile("dsb\n\twfi" ::: "memory");
}

/* Asks for a system reset; returns only until the reset takes effect. */
static inline void core_request_reset(void)
{
    core_barrier_data();
    SCB_AIRCR = SCB_AIRCR_VECTKEY |
                (SCB_AIRCR & (SCB_AIRCR_PRIGROUP | SCB_AIRCR_PRIS | SCB_AIRCR_BFHFNMINS |
                              SCB_AIRCR_SYSRESETREQS)) |
                SCB_AIRCR_SYSRESETREQ;
    core_barrier_data();
}

/* ---- Memory protection unit (secure bank) ---- */

static inline uint32_t mpu_count_regions(void)
{
    return (MPU_TYPE >> 8) & 0xFFU;
}

/* The register values of a region: base and size are multiples of 32, size is not 0. */
static inline uint32_t mpu_encode_rbar(uint32_t base, uint32_t access)
{
    return base | access;
}

static inline uint32_t mpu_encode_rlar(uint32_t base, uint32_t size_bytes, uint32_t attribute_index)
{
    return ((base + size_bytes - 1U) & ~(ARMV8M_REGION_ALIGNMENT - 1U)) |
           MPU_RLAR_ATTRIBUTE(attribute_index) | MPU_RLAR_ENABLE;
}

static inline void mpu_set_region(uint32_t number, uint32_t rbar, uint32_t rlar)
{
    MPU_RNR = number;
    MPU_RBAR = rbar;
    MPU_RLAR = rlar;
}

/* Base and limit registers of three regions, from const words to the registers behind one another. */
static inline void mpu_copy_three(volatile uint32_t *registers, const uint32_t *words)
{
    __asm volatile("ldmia %1, {r2, r3, r4, r5, r8, r9}\n\tstmia %0, {r2, r3, r4, r5, r8, r9}"
                   :
                   : "r"(registers), "r"(words)
                   : "r2", "r3", "r4", "r5", "r8", "r9", "memory");
}

/* ---- Security attribution unit ---- */

static inline uint32_t sau_count_regions(void)
{
    return SAU_TYPE & 0xFFU;
}

/* Regions: base and size multiples of 32; callable selects non-secure callable instead of non-
 * secure. */
static inline void sau_set_region(uint32_t number, uint32_t base, uint32_t size_bytes,
                                  bool callable)
{
    SAU_RNR = number;
    SAU_RBAR = base;
    SAU_RLAR = ((base + size_bytes - 1U) & ~(ARMV8M_REGION_ALIGNMENT - 1U)) |
               (callable ? SAU_RLAR_NSC : 0U) | SAU_RLAR_ENABLE;
}

static inline void sau_clear_region(uint32_t number)
{
    SAU_RNR = number;
    SAU_RLAR = 0U;
    SAU_RBAR = 0U;
}

/* ---- The non-secure world's own registers ---- */

/* True if its Thread mode is unprivileged. */
static inline bool core_nonsecure_thread_unprivileged(void)
{
    uint32_t control;

    __asm volatile("mrs %0, control_ns" : "=r"(control));
    return (control & 1U) != 0U;
}

/* True if its Thread mode uses the process stack. */
static inline bool core_nonsecure_thread_uses_psp(void)
{
    uint32_t control;

    __asm volatile("mrs %0, control_ns" : "=r"(control));
    return (control & 2U) != 0U;
}

/* Main stack at top, process stack empty, no limits, privileged on the main stack. */
static inline void core_set_nonsecure_stacks(uint32_t top)
{
    __asm volatile("msr msplim_ns, %1\n\tmsr psplim_ns, %1\n\tmsr msp_ns, %0\n\tmsr psp_ns, %1\n\t"
                   "msr control_ns, %1\n\tisb"
                   :
                   : "r"(top), "r"(0U)
                   : "memory");
}

/* ---- Test target: what the core says about one address ---- */

#define TT_MREGION              0xFFU
#define TT_MREGION_VALID        (1U << 16)
#define TT_SREGION_VALID        (1U << 17)
#define TT_READ                 (1U << 18) /* readable with the privilege that was asked for */
#define TT_READ_WRITE           (1U << 19)
#define TT_NONSECURE_READ       (1U << 20) /* readable, and non-secure */
#define TT_NONSECURE_READ_WRITE (1U << 21)
#define TT_SECURE               (1U << 22)

/* The current world and privilege. */
static inline uint32_t core_test_target(uint32_t address)
{
    uint32_t answer;

    __asm volatile("tt %0, %1" : "=r"(answer) : "r"(address));
    return answer;
}

/* The current world, unprivileged. */
static inline uint32_t core_test_target_unprivileged(uint32_t address)
{
    uint32_t answer;

    __asm volatile("ttt %0, %1" : "=r"(answer) : "r"(address));
    return answer;
}

/* The non-secure world with its current privilege. */
static inline uint32_t core_test_target_nonsecure(uint32_t address)
{
    uint32_t answer;

    __asm volatile("tta %0, %1" : "=r"(answer) : "r"(address));
    return answer;
}

/* The non-secure world, unprivileged. */
static inline uint32_t core_test_target_nonsecure_unprivileged(uint32_t address)
{
    uint32_t answer;

    __asm volatile("ttat %0, %1" : "=r"(answer) : "r"(address));
    return answer;
}

#endif
