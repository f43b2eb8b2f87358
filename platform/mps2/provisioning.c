/*
 * Closes the provisioning region with the memory protection unit.
 *
 * Boot calls it last before the jump. An Armv8-M region cannot deny privileged access, but an
 * address that lies in two enabled regions faults for everybody: the two highest regions both
 * cover the region. They hold in fault handlers and NMI too. The manager keeps them
 * (platform_reserved_mpu_regions()) and never turns the unit off; nothing in the hardware of this
 * board stops privileged secure code that does.
 */
#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"

#define CLOSING_REGIONS 2U

#define CLOSED_BASE (FLASH_BASE + FLASH_PROVISIONING_OFFSET)

_Static_assert(CLOSED_BASE % ARMV8M_REGION_ALIGNMENT == 0U, "region must be aligned");
_Static_assert(FLASH_PROVISIONING_SIZE % ARMV8M_REGION_ALIGNMENT == 0U, "region must be aligned");

uint32_t platform_reserved_mpu_regions(void)
{
    return CLOSING_REGIONS;
}

void platform_close_provisioning(void)
{
    uint32_t count = mpu_count_regions();
    uint32_t rbar = mpu_encode_rbar(CLOSED_BASE, MPU_RBAR_AP_RO_PRIVILEGED | MPU_RBAR_XN);
    uint32_t rlar = mpu_encode_rlar(CLOSED_BASE, FLASH_PROVISIONING_SIZE, 0U);

    for (uint32_t i = 1U; i <= CLOSING_REGIONS; i++) {
        mpu_set_region(count - i, rbar, rlar);
    }
    core_barrier_data();
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_HFNMIENA | MPU_CTRL_PRIVDEFENA;
    core_barrier_context();
}
