/*
 * Vectors, start-up and exception handlers of the platform test, linked with boot's linker script.
 *
 * The fault handler lets probes step over what they provoke; any other fault is a failed check and
 * ends the test.
 */
#include "boot/boot.h"
#include "platform/armv8m/registers.h"
#include "platform/platform.h"
#include "tests/qemu/platform/probe.h"
#include "tests/qemu/platform/report.h"

void test_main(void) __attribute__((noreturn));

static void handle_reset(void) __attribute__((noreturn));

static void handle_reset(void)
{
    const uint32_t *load = __boot_data_load;

    for (uint32_t *word = __boot_data_start; word < __boot_data_end; word++) {
        *word = *load++;
    }
    for (uint32_t *word = __boot_bss_start; word < __boot_bss_end; word++) {
        *word = 0U;
    }
    test_main();
}

__attribute__((used)) static void fault_decide(uint32_t *frame)
{
    if (probe_handle_fault(frame) == 0U) {
        report_check("no_unexpected_fault", false, frame[6]);
        report_summary();
        platform_halt();
    }
}

/* Finds the frame: EXC_RETURN bit 6 is the world, bit 2 the stack that was in use. */
__attribute__((naked)) static void handle_fault(void)
{
    __asm volatile("tst lr, #0x40\n\t"
                   "bne 1f\n\t"
                   "tst lr, #4\n\t"
                   "ite eq\n\t"
                   "mrseq r0, msp_ns\n\t"
                   "mrsne r0, psp_ns\n\t"
                   "b fault_decide\n"
                   "1:\n\t"
                   "tst lr, #4\n\t"
                   "ite eq\n\t"
                   "mrseq r0, msp\n\t"
                   "mrsne r0, psp\n\t"
                   "b fault_decide");
}

volatile uint32_t nmi_read_address;

static void handle_nmi(void)
{
    if (nmi_read_address != 0U) {
        (void)*(volatile uint32_t *)(uintptr_t)nmi_read_address;
        nmi_read_address = 0U;
        SCB_ICSR = SCB_ICSR_NMIPENDCLR;
        return;
    }
    if (report_open()->stuck == 0U) {
        platform_handle_nmi();
        report_open()->nmi_returns++;
    }
}

#define VECTOR_COUNT 16U

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[VECTOR_COUNT] = {
    (uintptr_t)__boot_stack_top, (uintptr_t)handle_reset, (uintptr_t)handle_nmi,
    (uintptr_t)handle_fault,     (uintptr_t)handle_fault, (uintptr_t)handle_fault,
    (uintptr_t)handle_fault,     (uintptr_t)handle_fault,
};
