/*
 * The only code that looks at or touches a caller's memory.
 *
 * Called by the trap functions. For the non-secure side the TT instructions decide, with the
 * caller's own privilege; for a partition its list of MPU regions, the same words that the hardware
 * enforces. A buffer that was checked here is what the rest of the manager works with.
 */
#include "spm/spm.h"

#include "platform/armv8m/core.h"

/* RBAR.AP: read-write, and any access, for unprivileged code. ARM DDI 0553, MPU_RBAR. */
#define RBAR_UNPRIVILEGED 0x2U
#define RBAR_READ_ONLY    0x4U
#define RLAR_ENABLE       0x1U
#define REGION_MASK       0x1FU

static bool region_holds(const struct spm_mpu_region *region, uint32_t first, uint32_t last)
{
    return (first >= (region->rbar & ~REGION_MASK)) && (last <= (region->rlar | REGION_MASK)) &&
           ((region->rlar & RLAR_ENABLE) != 0U);
}

static bool partition_may(const struct spm_thread *thread, uint32_t first, uint32_t last,
                          bool write)
{
    const struct spm_mpu_region *regions = thread->regions;

    for (uint32_t i = 0; i < thread->region_count; i++) {
        if (region_holds(&regions[i], first, last)) {
            return ((regions[i].rbar & RBAR_UNPRIVILEGED) != 0U) &&
                   (!write || ((regions[i].rbar & RBAR_READ_ONLY) == 0U));
        }
    }
    return false;
}

/* What the caller in the non-secure world could do at address. */
static uint32_t nonsecure_test(uint32_t address, bool unprivileged)
{
    return unprivileged ? core_test_target_nonsecure_unprivileged(address)
                        : core_test_target_nonsecure(address);
}

/* Both ends must lie in the same SAU and MPU regions, and be readable (writable) for the caller. A
 * SAU region is asked for because TT calls the system control space non-secure too, where the
 * manager would reach the secure bank. The manager runs in Handler mode, where TTA answers for
 * privileged code: the caller's privilege is in CONTROL_NS. */
static bool nonsecure_may(uint32_t first, uint32_t last, bool write)
{
    bool unprivileged = core_nonsecure_thread_unprivileged();
    uint32_t first_answer = nonsecure_test(first, unprivileged);
    uint32_t needed = write ? TT_NONSECURE_READ_WRITE : TT_NONSECURE_READ;

    return ((first_answer & TT_SREGION_VALID) != 0U) && ((first_answer & needed) != 0U) &&
           (first_answer == nonsecure_test(last, unprivileged));
}

bool memory_may(const struct spm_thread *thread, uint32_t first, uint32_t last, bool write)
{
    if (last < first) { /* around the end of the address space */
        return false;
    }
    return (thread->partition != NULL) ? partition_may(thread, first, last, write)
                                       : nonsecure_may(first, last, write);
}

void memory_copy_long(const struct spm_buffer *to, const struct spm_buffer *from,
                      uint32_t size_bytes)
{
    trap_begin_long();
    spm_copy(to->base, from->base, size_bytes);
    trap_end_long();
}
