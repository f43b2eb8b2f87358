/*
 * The secure MPU: what the running thread may touch.
 *
 * Region registers, from 0: code that every list begins with (the gateways are in it), the rest of
 * the running thread's list, then disabled ones, then the manager's own data, then what the
 * platform keeps. Manager code runs privileged with the default map behind it. The isolation level
 * is nowhere in here: it is which regions the product's tables hold.
 */
#include "platform/armv8m/core.h"
#include "platform/platform.h"
#include "spm/spm.h"

/* RNR selects a group of four: RBAR, RLAR and their aliases A1..A3. ARM DDI 0553, MPU_RBAR_A<n>. */
#define MPU_GROUP_WORDS ((volatile uint32_t *)0xE000ED9CU)

static const struct spm_mpu_region *loaded_regions;
static uint32_t loaded_count;

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
}

/* Region 0 is never written again: a non-secure interrupt may come in between, and what follows it
 * may call in; the gateway must be there to turn it away. */
void isolate_load(const struct spm_mpu_region *regions, uint32_t count)
{
    const uint32_t *words = &regions[0].rbar;

    if (regions == loaded_regions) {
        return;
    }
    MPU_RNR = 0U;
#pragma GCC unroll 4
    for (uint32_t i = 1; i < SPM_MPU_GROUP; i++) { /* off first: a half-written one may cover us */
        MPU_GROUP_WORDS[2U * i + 1U] = 0U;
    }
#pragma GCC unroll 8
    for (uint32_t i = 2; i < 2U * SPM_MPU_GROUP; i++) {
        MPU_GROUP_WORDS[i] = words[i];
    }
    for (uint32_t i = SPM_MPU_GROUP; i < count; i++) {
        mpu_set_region(i, 0U, 0U);
        mpu_set_region(i, regions[i].rbar, regions[i].rlar);
    }
    for (uint32_t i = count; i < loaded_count; i++) {
        mpu_set_region(i, 0U, 0U);
    }
    loaded_regions = regions;
    loaded_count = count;
    core_barrier_context();
}
