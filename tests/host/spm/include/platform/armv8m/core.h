/*
 * platform/armv8m/core.h for the native proof of the manager: the same names, answered by the test's
 * machine. Registers are plain memory at their address, but for those whose writes mean something.
 */
#ifndef HOST_ARMV8M_CORE_H
#define HOST_ARMV8M_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/armv8m/registers.h"

#undef NVIC_ISER
#undef NVIC_ICER
#undef NVIC_ICPR
#define NVIC_ISER(word) (*machine_nvic(MACHINE_SET_ENABLE, (word)))
#define NVIC_ICER(word) (*machine_nvic(MACHINE_CLEAR_ENABLE, (word)))
#define NVIC_ICPR(word) (*machine_nvic(MACHINE_CLEAR_PENDING, (word)))

enum machine_nvic_register { MACHINE_SET_ENABLE, MACHINE_CLEAR_ENABLE, MACHINE_CLEAR_PENDING };

/* Where the manager writes the register; what it wrote counts from the next use of any. */
volatile uint32_t *machine_nvic(enum machine_nvic_register kind, uint32_t word);

#define TT_SREGION_VALID        (1U << 17)
#define TT_NONSECURE_READ       (1U << 20)
#define TT_NONSECURE_READ_WRITE (1U << 21)
#define TT_SECURE               (1U << 22)

uint32_t machine_test_target(uint32_t address, bool unprivileged);
bool machine_nonsecure_unprivileged(void);
void mpu_set_region(uint32_t number, uint32_t rbar, uint32_t rlar);

static inline uint32_t core_test_target_nonsecure(uint32_t address)
{
    return machine_test_target(address, false);
}

static inline uint32_t core_test_target_nonsecure_unprivileged(uint32_t address)
{
    return machine_test_target(address, true);
}

static inline bool core_nonsecure_thread_unprivileged(void)
{
    return machine_nonsecure_unprivileged();
}

static inline void core_barrier_data(void)
{
}

static inline void core_barrier_context(void)
{
}

static inline void core_interrupts_restore(uint32_t previous)
{
    (void)previous;
}

static inline void core_set_nonsecure_stacks(uint32_t top)
{
    (void)top;
}

static inline void mpu_copy_three(volatile uint32_t *registers, const uint32_t *words)
{
    for (uint32_t i = 0; i < 6U; i++) {
        registers[i] = words[i];
    }
}

static inline uint32_t mpu_count_regions(void)
{
    return 8U;
}

#endif
