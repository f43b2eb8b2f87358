/*
 * What the running thread may touch: the secure MPU, and its regions of the flash.
 *
 * Region registers, from 0: code that every list begins with (the gateways are in it), the rest of
 * the running thread's list, then memory of clients that it has mapped, then disabled ones, then the
 * manager's own data, then what the platform keeps. Manager code runs privileged with the default
 * map behind it. The isolation level is nowhere in here: it is which regions the product's tables
 * hold. Flash is programmed and erased here, privileged, after a look into the product's table; no
 * partition maps it.
 */
#include "platform/armv8m/core.h"
#include "platform/platform.h"
#include "spm/spm.h"

/* RNR selects a group of four: RBAR, RLAR and their aliases A1..A3. ARM DDI 0553, MPU_RBAR_A<n>. */
#define MPU_GROUP_WORDS ((volatile uint32_t *)0xE000ED9CU)
#define MPU_REGION_MASK (ARMV8M_REGION_ALIGNMENT - 1U)

void isolate_start(void)
{
    uint32_t manager_region = mpu_count_regions() - platform_reserved_mpu_regions() - 1U;

    MPU_MAIR0 = MPU_MAIR_NORMAL | (MPU_MAIR_DEVICE_NGNRE << 8);
    mpu_set_region(0U, spm_agent_regions[0].rbar, spm_agent_regions[0].rlar);
    for (uint32_t i = 1; i < manager_region; i++) {
        mpu_set_region(i, 0U, 0U);
    }
    mpu_set_region(manager_region, spm_manager_region.rbar, spm_manager_region.rlar);
    core_barrier_data();
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_PRIVDEFENA | MPU_CTRL_HFNMIENA;
    core_barrier_context();
    spm_state.region_count = SPM_MPU_GROUP;
}

/* ---- Regions of the running thread ---- */

static void map_load(uint32_t number, uint32_t first, uint32_t last, bool writable)
{
    mpu_set_region(number, 0U, 0U);
    mpu_set_region(number,
                   first | MPU_RBAR_XN | (writable ? MPU_RBAR_AP_RW_ANY : MPU_RBAR_AP_RO_ANY),
                   (last & ~MPU_REGION_MASK) | MPU_RLAR_ENABLE);
}

/* Mapped memory of clients, behind the list. Two that share a granule become one region: an address
 * in two regions would fault. */
static void maps_load(const struct spm_thread *thread)
{
    const struct spm_map *one = &thread->maps[0];
    const struct spm_map *two = &thread->maps[1];
    uint32_t number = thread->region_count;

    while ((thread->regions[number - 1U].rlar & MPU_RLAR_ENABLE) == 0U) {
        number--;
    }
    if ((one->vector != NULL) && (two->vector != NULL) &&
        (one->first <= (two->last | MPU_REGION_MASK)) &&
        (two->first <= (one->last | MPU_REGION_MASK))) {
        map_load(number++, (one->first < two->first) ? one->first : two->first,
                 (one->last > two->last) ? one->last : two->last, one->writable || two->writable);
    } else {
        for (uint32_t i = 0; i < SPM_MAPS_MAX; i++) {
            if (thread->maps[i].vector != NULL) {
                map_load(number++, thread->maps[i].first, thread->maps[i].last,
                         thread->maps[i].writable);
            }
        }
    }
    spm_state.region_count = (number > spm_state.region_count) ? number : spm_state.region_count;
}

/* What a list has behind the first group, and what the one before had. */
static __attribute__((noinline)) void regions_load_rest(const struct spm_mpu_region *regions,
                                                        uint32_t count)
{
    for (uint32_t i = SPM_MPU_GROUP; i < count; i++) {
        mpu_set_region(i, 0U, 0U);
        mpu_set_region(i, regions[i].rbar, regions[i].rlar);
    }
    for (uint32_t i = count; i < spm_state.region_count; i++) {
        mpu_set_region(i, 0U, 0U);
    }
    spm_state.region_count = count;
}

/* Region 0 is never written again: a non-secure interrupt may come in between, and what follows it
 * may call in; the gateway must be there to turn it away. */
void isolate_load(const struct spm_thread *thread)
{
    MPU_RNR = 0U;
#pragma GCC unroll 4
    for (uint32_t i = 1; i < SPM_MPU_GROUP; i++) { /* off first: a half-written one may cover us */
        MPU_GROUP_WORDS[2U * i + 1U] = 0U;
    }
    mpu_copy_three(&MPU_GROUP_WORDS[2], &thread->regions[1].rbar);
    if ((thread->region_count | spm_state.region_count) > SPM_MPU_GROUP) {
        regions_load_rest(thread->regions, thread->region_count);
    }
    if ((SPM_HAS_MM_IOVEC != 0U) &&
        ((thread->maps[0].vector != NULL) || (thread->maps[1].vector != NULL))) {
        maps_load(thread);
    }
    spm_state.regions_key = thread->regions_key;
    core_barrier_context();
}

/* ---- Flash ---- */

/* The grant of the thread's partition for the region in r0. */
static const struct spm_flash_grant *flash_grant_find(const struct spm_frame *frame,
                                                      struct spm_thread *thread, uint32_t right)
{
    for (uint32_t i = 0; i < spm_flash_grant_count; i++) {
        const struct spm_flash_grant *grant = &spm_flash_grants[i];

        if ((grant->region == frame->r0) && (grant->partition == thread->rank) &&
            ((grant->rights & right) == right)) {
            return grant;
        }
    }
    panic_partition(thread, RULE_FLASH);
}

static bool flash_range_good(const struct spm_flash_grant *grant, uint32_t offset,
                             uint32_t size_bytes)
{
    return (offset <= grant->size_bytes) && (size_bytes <= grant->size_bytes - offset);
}

struct spm_thread *isolate_trap_flash_read(struct spm_frame *frame, struct spm_thread *thread)
{
    const struct spm_flash_grant *grant = flash_grant_find(frame, thread, SPM_FLASH_READ);
    psa_status_t status = PSA_ERROR_INVALID_ARGUMENT;
    uint32_t offset = frame->r1;
    struct spm_buffer to;

    if (!memory_check(thread, frame->r2, frame->r3, true, &to)) {
        panic_partition(thread, RULE_BUFFER);
    }
    if (flash_range_good(grant, offset, to.size_bytes)) {
        trap_begin_long();
        status = platform_flash_read(grant->offset + offset, to.base, to.size_bytes);
        trap_end_long();
    }
    frame->r0 = (uint32_t)status;
    return thread;
}

struct spm_thread *isolate_trap_flash_program(struct spm_frame *frame, struct spm_thread *thread)
{
    const struct spm_flash_grant *grant = flash_grant_find(frame, thread, SPM_FLASH_WRITE);
    psa_status_t status = PSA_ERROR_INVALID_ARGUMENT;
    uint32_t offset = frame->r1;
    struct spm_buffer from;

    if (!memory_check(thread, frame->r2, frame->r3, false, &from)) {
        panic_partition(thread, RULE_BUFFER);
    }
    if (flash_range_good(grant, offset, from.size_bytes)) {
        trap_begin_long();
        status = platform_flash_program(grant->offset + offset, from.base, from.size_bytes);
        trap_end_long();
    }
    frame->r0 = (uint32_t)status;
    return thread;
}

struct spm_thread *isolate_trap_flash_erase(struct spm_frame *frame, struct spm_thread *thread)
{
    const struct spm_flash_grant *grant = flash_grant_find(frame, thread, SPM_FLASH_WRITE);
    psa_status_t status = PSA_ERROR_INVALID_ARGUMENT;
    uint32_t offset = frame->r1;

    if (flash_range_good(grant, offset, FLASH_SECTOR_SIZE)) {
        trap_begin_long();
        status = platform_flash_erase(grant->offset + offset);
        trap_end_long();
    }
    frame->r0 = (uint32_t)status;
    return thread;
}
