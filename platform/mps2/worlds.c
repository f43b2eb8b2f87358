/*
 * The split of the address space between the secure and the non-secure world.
 *
 * The manager calls it once, before any partition runs, and locks it before the non-secure world
 * starts. Three layers have to agree: the SAU (what the core thinks of an address), the memory
 * protection controllers (what the RAM lets through) and the peripheral ones (peripherals.c). The
 * flash of this board has no controller of its own: there the SAU alone divides.
 */
#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/mps2/device.h"
#include "platform/mps2/peripherals.h"
#include "platform/platform.h"

/* spe.ld: the secure gateways, alone in their region. */
extern uint32_t __gateways_start[];
extern uint32_t __gateways_end[];

#define NS_CODE_BASE        (FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET)
#define NS_PERIPHERALS_BASE 0x40000000U
#define NS_PERIPHERALS_SIZE 0x10000000U

_Static_assert((NS_RAM_BASE & MPS2_SECURE_ALIAS) == 0U,
               "non-secure RAM must use its non-secure address");
_Static_assert(NS_RAM_BASE % ARMV8M_REGION_ALIGNMENT == 0U, "non-secure RAM must be aligned");
_Static_assert(NS_CODE_BASE % ARMV8M_REGION_ALIGNMENT == 0U, "non-secure slot must be aligned");

enum sau_region {
    SAU_REGION_CODE,
    SAU_REGION_RAM,
    SAU_REGION_PERIPHERALS,
    SAU_REGION_GATEWAYS,
    SAU_REGIONS_USED,
};

#define MPC_REGISTER(controller, offset) MPS2_REGISTER((controller) + (offset))

struct memory_controller {
    uint32_t registers;
    uint32_t base; /* non-secure address of the memory */
};

#define EXTERNAL_CONTROLLERS 3U
static const struct memory_controller external_controllers[EXTERNAL_CONTROLLERS] = {
    {MPC_SSRAM1, 0x00000000U},
    {MPC_SSRAM2, 0x28000000U},
    {MPC_SSRAM3, 0x28200000U},
};

#define INTERNAL_RAM_BASE 0x20000000U
#define INTERNAL_STRIDE   0x1000U

static uint32_t mpc_block_size(uint32_t controller)
{
    return 1U << ((MPC_REGISTER(controller, MPC_BLOCK_CONFIG) & 0xFU) + 5U);
}

static uint32_t mpc_memory_size(uint32_t controller)
{
    return (MPC_REGISTER(controller, MPC_BLOCK_MAX) + 1U) * 32U * mpc_block_size(controller);
}

/* Number of controllers: an505 has one bank of internal RAM, an521 four. */
static uint32_t mpc_count(void)
{
    return EXTERNAL_CONTROLLERS + (SYSINFO_CONFIG & 0xFU);
}

static struct memory_controller mpc_locate(uint32_t number)
{
    struct memory_controller found;
    uint32_t bank;

    if (number < EXTERNAL_CONTROLLERS) {
        return external_controllers[number];
    }
    bank = number - EXTERNAL_CONTROLLERS;
    found.registers = MPC_INTERNAL + bank * INTERNAL_STRIDE;
    found.base = INTERNAL_RAM_BASE + bank * mpc_memory_size(MPC_INTERNAL);
    return found;
}

/* One bit for each of 32 blocks from base: set where the whole block lies in the non-secure RAM. */
static uint32_t mpc_table_word(uint32_t base, uint32_t block_size)
{
    uint32_t into = base - NS_RAM_BASE;
    uint32_t span = 32U * block_size;
    uint32_t word = 0U;

    if ((into < NS_RAM_SIZE) && (NS_RAM_SIZE - into >= span)) {
        return ~0U;
    }
    if ((into >= NS_RAM_SIZE) && (NS_RAM_BASE - base >= span)) {
        return 0U;
    }
    for (uint32_t bit = 0U; bit < 32U; bit++) {
        into = base + bit * block_size - NS_RAM_BASE;
        if ((into < NS_RAM_SIZE) && (NS_RAM_SIZE - into >= block_size)) {
            word |= 1U << bit;
        }
    }
    return word;
}

static void mpc_split(const struct memory_controller *controller)
{
    uint32_t registers = controller->registers;
    uint32_t block_size = mpc_block_size(registers);
    uint32_t last_word = MPC_REGISTER(registers, MPC_BLOCK_MAX);
    uint32_t base = controller->base;

    MPC_REGISTER(registers, MPC_CTRL) = MPC_CTRL_BUS_ERROR; /* and no automatic increment */
    for (uint32_t i = 0U; i <= last_word; i++) {
        MPC_REGISTER(registers, MPC_BLOCK_INDEX) = i;
        MPC_REGISTER(registers, MPC_BLOCK_TABLE) = mpc_table_word(base, block_size);
        base += 32U * block_size;
    }
}

static void sau_split(void)
{
    uint32_t gateways = (uint32_t)(uintptr_t)__gateways_start;
    uint32_t gateways_size = (uint32_t)(uintptr_t)__gateways_end - gateways;

    SAU_CTRL = 0U;
    sau_set_region(SAU_REGION_CODE, NS_CODE_BASE, IMAGE_NONSECURE_SLOT_SIZE, false);
    sau_set_region(SAU_REGION_RAM, NS_RAM_BASE, NS_RAM_SIZE, false);
    sau_set_region(SAU_REGION_PERIPHERALS, NS_PERIPHERALS_BASE, NS_PERIPHERALS_SIZE, false);
    sau_set_region(SAU_REGION_GATEWAYS, gateways, gateways_size, true);
    for (uint32_t i = SAU_REGIONS_USED; i < sau_count_regions(); i++) {
        sau_clear_region(i);
    }
    SAU_CTRL = SAU_CTRL_ENABLE;
    core_barrier_context();
}

/* The shared parts of the core: exceptions, sleep, floating point. */
static void core_split(void)
{
    SCB_AIRCR = SCB_AIRCR_VECTKEY | (SCB_AIRCR & SCB_AIRCR_PRIGROUP) | SCB_AIRCR_PRIS |
                SCB_AIRCR_SYSRESETREQS;
    SCB_SCR |= SCB_SCR_SLEEPDEEPS;
    /* Both stay zero on a core without floating point. The secure access right is needed
     * although secure code uses no floating point: the core saves non-secure registers lazily,
     * in the secure state. */
    SCB_CPACR |= SCB_CPACR_CP10_CP11_FULL;
    core_barrier_context();
    SCB_NSACR = (SCB_CPACR & SCB_CPACR_CP10_CP11_FULL) != 0U ? SCB_NSACR_CP10_CP11 : 0U;
}

void platform_split_worlds(void)
{
    core_split();
    sau_split();
    for (uint32_t i = 0U; i < mpc_count(); i++) {
        struct memory_controller controller = mpc_locate(i);

        mpc_split(&controller);
    }
    SECCTL_NSCCFG = 0U; /* the gateways are not in the alias regions that this register opens */
    SECCTL_SECRESPCFG = 1U;
    SECCTL_NSMSCEXP = 0U; /* all DMA controllers are secure bus masters */
    peripherals_split();
    core_barrier_context();
}

/* The memory controllers have a lock bit, which holds until reset. The SAU, the MPU and the
 * peripheral controllers have none here: they stand because no unprivileged or non-secure code
 * reaches them. */
void platform_lock_worlds(void)
{
    for (uint32_t i = 0U; i < mpc_count(); i++) {
        MPC_REGISTER(mpc_locate(i).registers, MPC_CTRL) |= MPC_CTRL_LOCK;
    }
    core_barrier_context();
}
