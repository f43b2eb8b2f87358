/*
 * What the SAU, the memory and the peripheral protection controllers make of every kind of
 * address.
 *
 * Called by main.c once per run. The core's own view (TT), then real accesses from both worlds,
 * then the locks. The non-secure accesses come from code that runs in place in the non-secure
 * slot.
 */
#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/mps2/device.h"
#include "platform/platform.h"
#include "tests/qemu/platform/checks.h"
#include "tests/qemu/platform/probe.h"
#include "tests/qemu/platform/report.h"

extern uint32_t __gateways_start[];
extern uint32_t __gateways_end[];

#define CID0_OFFSET           0xFF0U /* component identification 0, in every Arm peripheral */
#define CID0_VALUE            0x0DU
#define FREE_SAU_REGION       7U
#define PERIPHERAL_MPU_REGION 0U

static void expect_world(const char *name, uint32_t address, bool secure)
{
    uint32_t answer = core_test_target(address);

    report_check(name, ((answer & TT_SECURE) != 0U) == secure, answer);
}

static void check_attributes(void)
{
    uint32_t slot = FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET;
    uint32_t gateways = (uint32_t)(uintptr_t)__gateways_start;

    expect_world("tt_provisioning_secure", FLASH_BASE + FLASH_PROVISIONING_OFFSET, true);
    expect_world("tt_its_secure", FLASH_BASE + FLASH_ITS_OFFSET, true);
    expect_world("tt_secure_slot_secure", FLASH_BASE + IMAGE_SECURE_SLOT_OFFSET, true);
    expect_world("tt_before_ns_slot_secure", slot - 1U, true);
    expect_world("tt_ns_slot_first_ns", slot, false);
    expect_world("tt_ns_slot_last_ns", slot + IMAGE_NONSECURE_SLOT_SIZE - 1U, false);
    expect_world("tt_after_ns_slot_secure", slot + IMAGE_NONSECURE_SLOT_SIZE, true);
    expect_world("tt_flash_end_secure", FLASH_BASE + FLASH_SIZE - 1U, true);
    expect_world("tt_before_ns_ram_secure", NS_RAM_BASE - 1U, true);
    expect_world("tt_ns_ram_first_ns", NS_RAM_BASE, false);
    expect_world("tt_ns_ram_last_ns", NS_RAM_BASE + NS_RAM_SIZE - 1U, false);
    expect_world("tt_after_ns_ram_secure", NS_RAM_BASE + NS_RAM_SIZE, true);
    expect_world("tt_secure_ram_secure", SECURE_RAM_BASE, true);
    expect_world("tt_secure_ram_alias_secure", SECURE_RAM_BASE & ~MPS2_SECURE_ALIAS, true);
    expect_world("tt_handoff_secure", HANDOFF_BASE, true);
    expect_world("tt_retained_alias_secure", RETAINED_BASE & ~MPS2_SECURE_ALIAS, true);
    expect_world("tt_boot_code_secure", BOOT_CODE_BASE, true);
    expect_world("tt_boot_code_alias_secure", BOOT_CODE_BASE & ~MPS2_SECURE_ALIAS, true);
    expect_world("tt_gateways_secure", gateways, true);
    expect_world("tt_peripherals_ns", 0x40000000U, false);
    expect_world("tt_peripherals_last_ns", 0x4FFFFFFFU, false);
    expect_world("tt_secure_peripherals_secure", 0x50000000U, true);
}

/* The controllers must agree with the SAU: claim a secure memory for the non-secure world in
 * the SAU alone, and the memory's own controller still refuses. */
static void expect_memory_controller_refuses(const char *name, uint32_t address)
{
    uint32_t found;

    sau_set_region(FREE_SAU_REGION, address & ~(ARMV8M_REGION_ALIGNMENT - 1U),
                   ARMV8M_REGION_ALIGNMENT, false);
    core_barrier_context();
    found = probe_read(address);
    sau_clear_region(FREE_SAU_REGION);
    core_barrier_context();
    report_equal(name, found, PROBE_FAULT);
}

static void check_memories(void)
{
    uint32_t ns_last = NS_RAM_BASE + NS_RAM_SIZE - 4U;

    expect_memory_controller_refuses("mpc_secure_ram", SECURE_RAM_BASE & ~MPS2_SECURE_ALIAS);
    expect_memory_controller_refuses("mpc_secure_ram_last",
                                     (NS_RAM_BASE - 4U) & ~MPS2_SECURE_ALIAS);
    expect_memory_controller_refuses("mpc_boot_ram", BOOT_RAM_BASE & ~MPS2_SECURE_ALIAS);
    expect_memory_controller_refuses("mpc_retained", RETAINED_BASE & ~MPS2_SECURE_ALIAS);
    expect_memory_controller_refuses("mpc_boot_code", BOOT_CODE_BASE & ~MPS2_SECURE_ALIAS);
    report_equal("mpc_ns_ram_first_write", probe_write(NS_RAM_BASE, 0x11223344U), 0U);
    report_equal("mpc_ns_ram_first_read", probe_read(NS_RAM_BASE), 0x11223344U);
    report_equal("mpc_ns_ram_last_write", probe_write(ns_last, 0x55667788U), 0U);
    report_equal("mpc_ns_ram_last_read", probe_read(ns_last), 0x55667788U);
    report_equal("mpc_ns_ram_not_by_secure_alias", probe_read(NS_RAM_BASE | MPS2_SECURE_ALIAS),
                 PROBE_FAULT);
}

/* A blocked peripheral access reads 0 or faults. */
static bool is_blocked(uint32_t value)
{
    return value == 0U || value == PROBE_FAULT;
}

static void expect_peripheral(const char *name, uint32_t base, bool non_secure)
{
    uint32_t by_secure = probe_read((base | MPS2_SECURE_ALIAS) + CID0_OFFSET);
    uint32_t by_non_secure = probe_read_nonsecure(base + CID0_OFFSET);
    uint32_t open = non_secure ? by_non_secure : by_secure;
    uint32_t closed = non_secure ? by_secure : by_non_secure;

    report_check(name, open == CID0_VALUE && is_blocked(closed),
                 open == CID0_VALUE ? closed : open);
}

static void check_peripherals(void)
{
    expect_peripheral("ppc_timer0_secure", 0x40000000U, false);
    expect_peripheral("ppc_timer1_ns", 0x40001000U, true);
    expect_peripheral("ppc_dual_timer_ns", 0x40002000U, true);
    expect_peripheral("ppc_slow_timer_secure", 0x4002F000U, false);
    expect_peripheral("ppc_uart0_secure", 0x40200000U, false);
    expect_peripheral("ppc_uart1_ns", 0x40201000U, true);
    expect_peripheral("ppc_uart2_secure", 0x40202000U, false);
    expect_peripheral("ppc_spi0_secure", 0x40205000U, false);
    expect_peripheral("ppc_dma0_secure", 0x40110000U, false);
    expect_peripheral("ppc_dma1_secure", 0x40111000U, false);
    expect_peripheral("ppc_dma2_secure", 0x40112000U, false);
    expect_peripheral("ppc_dma3_secure", 0x40113000U, false);
    report_equal("ppc_leds_ns_write", probe_write_nonsecure(0x40302000U, 3U), 0U);
    report_equal("ppc_leds_ns_read", probe_read_nonsecure(0x40302000U), 3U);
    report_equal("ns_watchdog_reachable", probe_read_nonsecure(0x40081000U + CID0_OFFSET),
                 CID0_VALUE);
    report_check("mpc_registers_not_ns",
                 is_blocked(probe_read_nonsecure(MPC_SSRAM2 & ~MPS2_SECURE_ALIAS)), 0U);
    report_equal("dma_masters_secure", SECCTL_NSMSCEXP, 0U);
    report_equal("secure_response_is_error", SECCTL_SECRESPCFG, 1U);
}

/* Unprivileged secure access, with an MPU region that would allow it. */
static uint32_t read_as_partition(uint32_t address)
{
    uint32_t base = address & ~0xFFFU;
    uint32_t found;

    mpu_set_region(PERIPHERAL_MPU_REGION, mpu_encode_rbar(base, MPU_RBAR_AP_RW_ANY | MPU_RBAR_XN),
                   mpu_encode_rlar(base, 0x1000U, 1U));
    MPU_MAIR0 = MPU_MAIR_NORMAL | (MPU_MAIR_DEVICE_NGNRE << 8);
    MPU_CTRL |= MPU_CTRL_ENABLE | MPU_CTRL_PRIVDEFENA;
    core_barrier_context();
    found = probe_read_unprivileged(address);
    mpu_set_region(PERIPHERAL_MPU_REGION, 0U, 0U);
    core_barrier_context();
    return found;
}

static void check_grants(void)
{
    uint32_t uart2 = 0x50202000U;
    uint32_t uart3 = 0x50203000U;
    uint32_t dma0 = 0x50110000U;

    report_check("grant_closed_at_start", is_blocked(read_as_partition(uart2 + CID0_OFFSET)), 0U);
    platform_grant_peripheral(uart2, true);
    report_equal("grant_opens", read_as_partition(uart2 + CID0_OFFSET), CID0_VALUE);
    report_check("grant_opens_no_neighbour", is_blocked(read_as_partition(uart3 + CID0_OFFSET)),
                 0U);
    platform_grant_peripheral(uart2, false);
    report_check("grant_taken_back", is_blocked(read_as_partition(uart2 + CID0_OFFSET)), 0U);
    platform_grant_peripheral(0x40202000U, true);
    report_equal("grant_by_other_alias", read_as_partition(uart2 + CID0_OFFSET), CID0_VALUE);
    platform_grant_peripheral(uart2, false);
    platform_grant_peripheral(dma0, true);
    report_check("grant_never_dma", is_blocked(read_as_partition(dma0 + CID0_OFFSET)), 0U);
    platform_grant_peripheral(MPC_SSRAM2, true);
    report_check("grant_never_mpc", is_blocked(read_as_partition(MPC_SSRAM2 + CID0_OFFSET)), 0U);
}

/* SCR.SLEEPDEEPS is not looked at: the emulator has no deep sleep and reads it as zero. */
static void check_core(void)
{
    bool fpu = FPU_MVFR0 != 0U;

    report_equal("aircr", SCB_AIRCR & 0xF7FFU & ~SCB_AIRCR_PRIGROUP,
                 SCB_AIRCR_PRIS | SCB_AIRCR_SYSRESETREQS);
    report_equal("cpacr", SCB_CPACR & SCB_CPACR_CP10_CP11_FULL,
                 fpu ? SCB_CPACR_CP10_CP11_FULL : 0U);
    report_equal("nsacr", SCB_NSACR & SCB_NSACR_CP10_CP11, fpu ? SCB_NSACR_CP10_CP11 : 0U);
    report_equal("itns_0", NVIC_ITNS(0), 0x00000032U);
    report_equal("itns_1", NVIC_ITNS(1), 0x0000080CU);
    report_equal("itns_2", NVIC_ITNS(2), 0xFFFFFFF0U);
    report_equal("itns_3", NVIC_ITNS(3), 0x0FFFFFFFU);
    report_equal("sau_enabled", SAU_CTRL, SAU_CTRL_ENABLE);
}

/* 1.5 + 1.5 = 3.0 in the non-secure world, where there is floating point. */
static void check_float(void)
{
    uint32_t sum = 0x40400000U;

    if (FPU_MVFR0 != 0U) {
        (void)probe_write_nonsecure(0xE000ED88U, SCB_CPACR_CP10_CP11_FULL);
        sum = probe_add_float_nonsecure(0x3FC00000U);
    }
    report_equal("ns_float", sum, 0x40400000U);
}

/* The non-secure world, running in place from the flash. */
static void check_nonsecure_code(void)
{
    uint32_t gateway = (uint32_t)(uintptr_t)__gateways_start;
    uint32_t end = (uint32_t)(uintptr_t)__gateways_end;

    report_equal("ns_reads_its_code",
                 probe_read_nonsecure(FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET + 0x400U),
                 0x47706800U);
    report_equal("ns_writes_its_ram", probe_write_nonsecure(NS_RAM_BASE + 64U, 0xA5A5A5A5U), 0U);
    report_equal("ns_reads_its_ram", probe_read_nonsecure(NS_RAM_BASE + 64U), 0xA5A5A5A5U);
    report_equal("ns_calls_gateway", probe_call_nonsecure(gateway, 39U), 39U + PROBE_GATEWAY_ADDS);
    report_equal("ns_calls_last_gateway", probe_call_nonsecure(end - PROBE_GATEWAY_SIZE, 39U),
                 39U + PROBE_GATEWAY_ADDS);
    report_equal("ns_calls_past_gateway", probe_call_nonsecure(gateway + 4U, 39U), PROBE_FAULT);
    report_equal("ns_calls_past_gateway_sfsr", probe_fault.sfsr, SAU_SFSR_INVEP);
    report_equal("ns_calls_before_gateways",
                 probe_call_nonsecure(gateway - PROBE_GATEWAY_SIZE, 39U), PROBE_FAULT);
    report_equal("ns_calls_behind_gateways", probe_call_nonsecure(end, 39U), PROBE_FAULT);
    report_equal("ns_calls_secure_code", probe_call_nonsecure(BOOT_CODE_BASE + 0x200U, 39U),
                 PROBE_FAULT);
    report_equal("ns_reads_provisioning",
                 probe_read_nonsecure(FLASH_BASE + FLASH_PROVISIONING_OFFSET), PROBE_FAULT);
    report_equal("ns_reads_provisioning_sfsr", probe_fault.sfsr & SAU_SFSR_AUVIOL, SAU_SFSR_AUVIOL);
    report_equal("ns_reads_secure_slot",
                 probe_read_nonsecure(FLASH_BASE + IMAGE_SECURE_SLOT_OFFSET), PROBE_FAULT);
    report_equal("ns_reads_secure_ram", probe_read_nonsecure(SECURE_RAM_BASE), PROBE_FAULT);
    report_equal("ns_reads_secure_ram_alias",
                 probe_read_nonsecure(SECURE_RAM_BASE & ~MPS2_SECURE_ALIAS), PROBE_FAULT);
    report_equal("ns_writes_secure_flash", probe_write_nonsecure(FLASH_BASE + FLASH_ITS_OFFSET, 0U),
                 PROBE_FAULT);
    report_equal("ns_reads_watchdog", probe_read_nonsecure(0x50081000U), PROBE_FAULT);
    /* AIRCR.SYSRESETREQS: a reset here would skip the rest of this stage and its summary line
     * would miss checks. */
    (void)probe_write_nonsecure(0xE000ED0CU, SCB_AIRCR_VECTKEY | SCB_AIRCR_SYSRESETREQ);
    report_check("ns_cannot_reset", true, 0U);
}

static void check_locks(void)
{
    platform_lock_worlds();
    MPS2_REGISTER(MPC_SSRAM2 + MPC_CTRL) = 0U;
    report_equal("mpc_lock_stays", MPS2_REGISTER(MPC_SSRAM2 + MPC_CTRL),
                 MPC_CTRL_LOCK | MPC_CTRL_BUS_ERROR);
    MPS2_REGISTER(MPC_SSRAM2 + MPC_BLOCK_INDEX) = 0U;
    MPS2_REGISTER(MPC_SSRAM2 + MPC_BLOCK_TABLE) = 0xFFFFFFFFU;
    report_equal("mpc_table_locked", MPS2_REGISTER(MPC_SSRAM2 + MPC_BLOCK_TABLE), 0U);
    MPS2_REGISTER(MPC_INTERNAL + MPC_BLOCK_INDEX) = 0U;
    MPS2_REGISTER(MPC_INTERNAL + MPC_BLOCK_TABLE) = 0xFFFFFFFFU;
    report_equal("mpc_internal_table_locked", MPS2_REGISTER(MPC_INTERNAL + MPC_BLOCK_TABLE), 0U);
    report_equal("locked_ns_ram_still_works", probe_read_nonsecure(NS_RAM_BASE + 64U), 0xA5A5A5A5U);
}

void check_worlds(void)
{
    probe_install_nonsecure();
    platform_split_worlds();
    check_attributes();
    check_memories();
    check_core();
    check_peripherals();
    check_grants();
    check_nonsecure_code();
    check_float();
    check_locks();
}
