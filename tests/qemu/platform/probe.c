/*
 * Probes: see probe.h. The non-secure side is a handful of instructions, programmed into the non-
 * secure slot by the flash driver under test and executed in place, like a real image.
 */
#include "tests/qemu/platform/probe.h"

#include "layout.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"
#include "tests/qemu/platform/report.h"

extern uint32_t __gateways_start[];
extern uint32_t __gateways_end[];

struct probe_fault probe_fault;

#define FRAME_R0   0U
#define FRAME_LR   5U
#define FRAME_PC   6U
#define FRAME_XPSR 7U

#define NS_READ_OFFSET  0x400U /* ldr r0, [r0]; bx lr */
#define NS_WRITE_OFFSET 0x408U /* str r1, [r0]; movs r0, #0; bx lr */
#define NS_CALL_OFFSET  0x410U /* push {r4, lr}; mov r2, r0; mov r0, r1; blx r2; pop {r4, pc} */

#define NS_FLOAT_OFFSET 0x420U /* vmov s0, r0; vadd.f32 s0, s0, s0; vmov r0, s0; bx lr */

static const uint16_t ns_code[] = {
    0x6800U, 0x4770U, 0xBF00U, 0xBF00U,                   /* read, padding */
    0x6001U, 0x2000U, 0x4770U, 0xBF00U,                   /* write, padding */
    0xB510U, 0x4602U, 0x4608U, 0x4790U, 0xBD10U, 0xBF00U, /* call, padding */
    0xBF00U, 0xBF00U, 0xEE00U, 0x0A10U, 0xEE30U, 0x0A00U,
    0xEE10U, 0x0A10U, 0x4770U, 0xBF00U, /* float, padding */
};
/* sg; adds r0, #3; bxns lr; padding */
static const uint16_t gateway_code[] = {
    0xE97FU, 0xE97FU, 0x3003U, 0x4774U, 0xBF00U, 0xBF00U, 0xBF00U, 0xBF00U,
};
#define GATEWAY_SIZE ((uint32_t)sizeof(gateway_code))

static void probe_begin(void)
{
    probe_fault.count = 0U;
    probe_fault.cfsr = 0U;
    probe_fault.sfsr = 0U;
    probe_fault.address = 0U;
    probe_fault.expected = 1U;
}

static uint32_t probe_end(uint32_t value)
{
    core_barrier_context();
    probe_fault.expected = 0U;
    return probe_fault.count != 0U ? PROBE_FAULT : value;
}

uint32_t probe_handle_fault(uint32_t *frame)
{
    if (probe_fault.expected == 0U) {
        return 0U;
    }
    probe_fault.count++;
    probe_fault.cfsr = SCB_CFSR;
    probe_fault.sfsr = SAU_SFSR;
    if ((probe_fault.cfsr & SCB_CFSR_MMARVALID) != 0U) {
        probe_fault.address = SCB_MMFAR;
    } else if ((probe_fault.cfsr & SCB_CFSR_BFARVALID) != 0U) {
        probe_fault.address = SCB_BFAR;
    }
    SCB_CFSR = 0xFFFFFFFFU;
    SCB_HFSR = 0xFFFFFFFFU;
    SAU_SFSR = 0xFFFFFFFFU;
    if ((probe_fault.sfsr & SAU_SFSR_INVEP) != 0U) {
        /* A call that was refused: the program counter is the target, go back to the caller. */
        frame[FRAME_PC] = frame[FRAME_LR] & ~1U;
        frame[FRAME_R0] = PROBE_FAULT;
    } else {
        uint32_t first = *(const uint16_t *)(uintptr_t)frame[FRAME_PC];

        frame[FRAME_PC] += (first >> 11) >= 0x1DU ? 4U : 2U;
    }
    return 1U;
}

uint32_t probe_read(uint32_t address)
{
    uint32_t value;

    probe_begin();
    __asm volatile("ldr %0, [%1]\n\tdsb" : "=r"(value) : "r"(address) : "memory");
    return probe_end(value);
}

uint32_t probe_write(uint32_t address, uint32_t value)
{
    probe_begin();
    __asm volatile("str %0, [%1]\n\tdsb" : : "r"(value), "r"(address) : "memory");
    return probe_end(0U);
}

uint32_t probe_read_unprivileged(uint32_t address)
{
    uint32_t value;

    probe_begin();
    __asm volatile("ldrt %0, [%1]\n\tdsb" : "=r"(value) : "r"(address) : "memory");
    return probe_end(value);
}

static void erase_around(uint32_t offset)
{
    if (platform_flash_erase(offset & ~(FLASH_SECTOR_SIZE - 1U)) != PSA_SUCCESS) {
        report_check("probe_erase", false, offset);
    }
}

static void install(uint32_t offset, const void *code, uint32_t size)
{
    if (platform_flash_program(offset, code, size) != PSA_SUCCESS) {
        report_check("probe_install", false, offset);
    }
}

void probe_install_nonsecure(void)
{
    uint32_t first = (uint32_t)(uintptr_t)__gateways_start - FLASH_BASE;
    uint32_t last = (uint32_t)(uintptr_t)__gateways_end - FLASH_BASE - GATEWAY_SIZE;

    erase_around(first);
    install(first, gateway_code, GATEWAY_SIZE);
    install(last, gateway_code, GATEWAY_SIZE);
    install(last + GATEWAY_SIZE, gateway_code, GATEWAY_SIZE);
    install(first - GATEWAY_SIZE, gateway_code, GATEWAY_SIZE);
    erase_around(IMAGE_NONSECURE_SLOT_OFFSET);
    install(IMAGE_NONSECURE_SLOT_OFFSET + NS_READ_OFFSET, ns_code, sizeof(ns_code));
    core_set_nonsecure_stacks(NS_RAM_BASE + NS_RAM_SIZE);
}

/* Calls non-secure code; what it does to registers and flags stays there. */
static uint32_t call(uint32_t offset, uint32_t first, uint32_t second)
{
    register uint32_t r0 __asm("r0") = first;
    register uint32_t r1 __asm("r1") = second;
    uint32_t target = (FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET + offset) & ~1U;

    probe_begin();
    __asm volatile("push {r4-r11}\n\t"
                   "mov r4, %2\n\t"
                   "blxns r4\n\t"
                   "pop {r4-r11}"
                   : "+r"(r0), "+r"(r1)
                   : "r"(target)
                   : "r2", "r3", "r12", "lr", "cc", "memory");
    return probe_end(r0);
}

uint32_t probe_read_nonsecure(uint32_t address)
{
    return call(NS_READ_OFFSET, address, 0U);
}

uint32_t probe_write_nonsecure(uint32_t address, uint32_t value)
{
    return call(NS_WRITE_OFFSET, address, value);
}

uint32_t probe_call_nonsecure(uint32_t address, uint32_t value)
{
    return call(NS_CALL_OFFSET, address | 1U, value);
}

uint32_t probe_add_float_nonsecure(uint32_t value)
{
    return call(NS_FLOAT_OFFSET, value, 0U);
}
