/*
 * The provisioning region is closed for everybody, and only that region.
 *
 * Called by main.c, which has put a word there first.
 */
#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"
#include "tests/qemu/platform/checks.h"
#include "tests/qemu/platform/probe.h"
#include "tests/qemu/platform/report.h"

#define BASE (FLASH_BASE + FLASH_PROVISIONING_OFFSET)
#define LAST (BASE + FLASH_PROVISIONING_SIZE - 4U)

/* A region that allows everything to everybody, over the closed sector and the next one. */
static void check_third_region(void)
{
    mpu_set_region(0U, mpu_encode_rbar(BASE, MPU_RBAR_AP_RW_ANY | MPU_RBAR_XN),
                   mpu_encode_rlar(BASE, FLASH_PROVISIONING_SIZE + FLASH_SECTOR_SIZE, 0U));
    core_barrier_context();
    report_equal("third_region_does_not_open", probe_read(BASE), PROBE_FAULT);
    report_equal("third_region_nor_unprivileged", probe_read_unprivileged(BASE), PROBE_FAULT);
    report_equal("third_region_opens_next_sector", probe_read_unprivileged(LAST + 4U), 0xFFFFFFFFU);
    mpu_set_region(0U, 0U, 0U);
    core_barrier_context();
    report_equal("unprivileged_without_region", probe_read_unprivileged(LAST + 4U), PROBE_FAULT);
}

void check_provisioning(void)
{
    uint32_t count = mpu_count_regions();

    report_text("note mpu_regions ");
    report_number(count);
    report_text("\n");
    report_check("mpu_regions_enough", count >= 8U, count);
    report_equal("reserved_regions", platform_reserved_mpu_regions(), 2U);
    report_equal("open_before", probe_read(BASE), 0x12345678U);
    platform_close_provisioning();
    report_equal("closed_first", probe_read(BASE), PROBE_FAULT);
    report_equal("closed_is_mpu_fault", probe_fault.cfsr & 0xFFU,
                 SCB_CFSR_DACCVIOL | SCB_CFSR_MMARVALID);
    report_equal("closed_fault_address", probe_fault.address, BASE);
    report_equal("closed_last", probe_read(LAST), PROBE_FAULT);
    report_equal("closed_write", probe_write(BASE, 0U), PROBE_FAULT);
    report_check("closed_for_tt", (core_test_target(BASE) & TT_READ) == 0U, core_test_target(BASE));
    report_check("next_sector_open", probe_read(LAST + 4U) != PROBE_FAULT, 0U);
    report_check("in_handlers_too", (MPU_CTRL & MPU_CTRL_HFNMIENA) != 0U, MPU_CTRL);
    check_third_region();
}

/* A fault in the NMI handler cannot be taken: the core locks up, and the emulator ends with an
 * error. */
void check_provisioning_in_nmi(void)
{
    platform_close_provisioning();
    report_text("note reading in nmi\n");
    nmi_read_address = BASE;
    SCB_ICSR = SCB_ICSR_NMIPENDSET;
    core_barrier_context();
    report_check("closed_in_nmi", false, 0U);
    report_summary();
    platform_halt();
}
