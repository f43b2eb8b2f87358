/*
 * The only code that looks at or touches a caller's memory.
 *
 * Called by the trap functions. For the non-secure side the TT instructions decide, with the
 * caller's own privilege; for a partition its list of MPU regions, the same words that the hardware
 * enforces. A buffer that was checked here is what the rest of the manager works with.
 */
#include "spm/spm.h"

#include <string.h>

#include "platform/armv8m/core.h"

/* RBAR.AP: read-write, and any access, for unprivileged code. ARM DDI 0553, MPU_RBAR. */
#define RBAR_UNPRIVILEGED 0x2U
#define RBAR_READ_ONLY    0x4U
#define RLAR_ENABLE       0x1U
#define REGION_MASK       0x1FU

static bool range_end(uint32_t base, uint32_t size_bytes, uint32_t *last)
{
    *last = base + size_bytes - 1U;
    return *last >= base;
}

static bool partition_may(const struct spm_thread *thread, uint32_t first, uint32_t last,
                          bool write)
{
    for (uint32_t i = 0; i < thread->region_count; i++) {
        const struct spm_mpu_region *region = &thread->regions[i];

        if (((region->rlar & RLAR_ENABLE) != 0U) && (first >= (region->rbar & ~REGION_MASK)) &&
            (last <= (region->rlar | REGION_MASK))) {
            return ((region->rbar & RBAR_UNPRIVILEGED) != 0U) &&
                   (!write || ((region->rbar & RBAR_READ_ONLY) == 0U));
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

static bool memory_check(const struct spm_thread *thread, uint32_t base, uint32_t size_bytes,
                         bool write, struct spm_buffer *buffer)
{
    uint32_t last;

    *buffer = (struct spm_buffer){0};
    if (size_bytes == 0U) {
        return true;
    }
    if (!range_end(base, size_bytes, &last)) {
        return false;
    }
    if (!((thread->partition != NULL) ? partition_may(thread, base, last, write)
                                      : nonsecure_may(base, last, write))) {
        return false;
    }
    *buffer = (struct spm_buffer){(uint8_t *)base, size_bytes};
    return true;
}

bool memory_check_read(const struct spm_thread *thread, uint32_t base, uint32_t size_bytes,
                       struct spm_buffer *buffer)
{
    return memory_check(thread, base, size_bytes, false, buffer);
}

bool memory_check_write(const struct spm_thread *thread, uint32_t base, uint32_t size_bytes,
                        struct spm_buffer *buffer)
{
    return memory_check(thread, base, size_bytes, true, buffer);
}

void memory_copy(const struct spm_buffer *to, const struct spm_buffer *from, uint32_t size_bytes)
{
    (void)memcpy(to->base, from->base, size_bytes);
}
