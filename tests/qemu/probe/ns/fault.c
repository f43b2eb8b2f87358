/*
 * Accesses and faults for the tests of the fault story: one small function for each, whose
 * instruction and registers are known.
 */
#include "attack.h"

#include <stdio.h>
#include <string.h>

#include "bartizan/fault.h"

#define SHCSR            (*(volatile uint32_t *)0xE000ED24U)
#define SHCSR_ALL_FAULTS (7U << 16)
#define CCR              (*(volatile uint32_t *)0xE000ED14U)
#define CCR_DIV_0_TRP    (1U << 4)
#define MPU_CTRL         (*(volatile uint32_t *)0xE000ED94U)
#define MPU_RNR          (*(volatile uint32_t *)0xE000ED98U)
#define MPU_RBAR         (*(volatile uint32_t *)0xE000ED9CU)
#define MPU_RLAR         (*(volatile uint32_t *)0xE000EDA0U)
#define MPU_MAIR0        (*(volatile uint32_t *)0xE000EDC0U)

void MemManage_Handler(void) __attribute__((alias("hand_on")));
void UsageFault_Handler(void) __attribute__((alias("hand_on")));
void hand_on(void);

/* A frame that no exception made, to be handed on in place of the real one; or NULL. */
static uint32_t forged[8];
static const uint32_t *volatile forged_frame __attribute__((used));

/* Faults that the application has enabled are handed on. */
__attribute__((naked)) void hand_on(void)
{
    __asm volatile("ldr r0, =%c0\n\t"
                   "ldr r0, [r0]\n\t"
                   "cbz r0, 1f\n\t"
                   "mov r1, lr\n\t"
                   "b bartizan_report_fault_gateway\n\t"
                   "1: b bartizan_hand_on_fault\n\t"
                   ".pool"
                   :
                   : "i"(&forged_frame));
}

/* r0: the address. */
#define ACCESS(name, text)                                                                         \
    __attribute__((naked)) static void access_##name(uint32_t address __attribute__((unused)))     \
    {                                                                                              \
        __asm volatile(text "\n\tbx lr");                                                          \
    }

ACCESS(ldr, "ldr r1, [r0]")
ACCESS(str, "str r1, [r0]")
ACCESS(ldrb, "ldrb r1, [r0, #0]")
ACCESS(strb, "movs r2, #4\n\tsub r0, r2\n\tstrb r1, [r0, r2]")
ACCESS(ldrsh, "mov r8, r0\n\tadd r8, #255\n\tldrsh r1, [r8, #-255]")
ACCESS(strh, "mov r11, r0\n\tmov r12, #8\n\tsub r11, #16\n\tstrh.w r1, [r11, r12, lsl #1]")
ACCESS(ldrd, "sub r0, #1020\n\tldrd r1, r2, [r0, #1020]")
ACCESS(strd, "mov r10, r0\n\tstrd r1, r2, [r10], #8")
ACCESS(ldm, "mov r9, r0\n\tldmia r9!, {r1, r2, r3, r12}")
ACCESS(stmdb, "mov r4, r0\n\tadds r4, #8\n\tstmdb r4!, {r1, r2}")
ACCESS(ldrex, "ldrex r1, [r0]")
ACCESS(stl, "stl r1, [r0]")
ACCESS(tbb, "movs r1, #2\n\tsubs r0, #2\n\ttbb [r0, r1]")
ACCESS(sp, "mov r2, sp\n\tsubs r0, r2\n\tldrh r1, [sp, r0]")
ACCESS(sp_odd, "sub sp, #4\n\tmov r2, sp\n\tsubs r0, r2\n\tstrb r1, [sp, r0]\n\tadd sp, #4")
ACCESS(undefined, "udf #7")
ACCESS(divide, "movs r1, #0\n\tsdiv r2, r1, r1")
ACCESS(call, "blx r0")
#if defined(__ARM_FP)
ACCESS(vldr, "vldr s3, [r0]")
ACCESS(sp_fp, "vmov.f32 s5, #1.0\n\tmov r2, sp\n\tsubs r0, r2\n\tldr r1, [sp, r0]")
#endif

struct access_row {
    const char *name;
    void (*function)(uint32_t address);
};

static const struct access_row access_rows[] = {
    {"ldr", access_ldr},       {"str", access_str},
    {"ldrb", access_ldrb},     {"strb", access_strb},
    {"ldrsh", access_ldrsh},   {"strh", access_strh},
    {"ldrd", access_ldrd},     {"strd", access_strd},
    {"ldm", access_ldm},       {"stmdb", access_stmdb},
    {"ldrex", access_ldrex},   {"stl", access_stl},
    {"tbb", access_tbb},       {"sp", access_sp},
    {"sp_odd", access_sp_odd}, {"undefined", access_undefined},
    {"divide", access_divide}, {"call", access_call},
#if defined(__ARM_FP)
    {"vldr", access_vldr},     {"sp_fp", access_sp_fp},
#endif
};

void run_access(const char *name, uint32_t address)
{
    for (size_t i = 0; i < sizeof(access_rows) / sizeof(access_rows[0]); i++) {
        if (strcmp(access_rows[i].name, name) == 0) {
            access_rows[i].function(address);
            printf("attack: %s came back\n", name);
        }
    }
}

/* With handlers of its own for all faults, which hand them on. */
void run_handled(const char *name, uint32_t address)
{
    CCR |= CCR_DIV_0_TRP;
    SHCSR |= SHCSR_ALL_FAULTS;
    run_access(name, address);
}

void run_confirm(void)
{
    printf("attack: confirmed, status %ld\n", (long)bartizan_confirm_start());
}

/* Not from a handler: refused. */
void run_hand_on(void)
{
    psa_status_t (*gateway)(void) = (psa_status_t(*)(void))bartizan_hand_on_fault;

    printf("attack: handed on, status %ld\n", (long)gateway());
}

/* Writes to memory that the application's own MPU has as read-only, and hands the fault on: with
 * the frame that the processor made (frame 0), with one in its own memory that names pc, or with
 * one at an address of its choice. */
void run_own_mpu(uint32_t frame, uint32_t pc)
{
    static volatile uint32_t protected[8] __attribute__((aligned(32)));

    MPU_RNR = 0U;
    MPU_RBAR = (uint32_t) protected | 5U; /* privileged, read-only, never executed */
    MPU_RLAR = (uint32_t) protected | 1U;
    MPU_MAIR0 = 0xFFU;
    MPU_CTRL = 5U;
    SHCSR |= SHCSR_ALL_FAULTS;
    forged[6] = pc;
    forged[7] = 0x01000000U;
    if (frame != 0U) {
        forged_frame = (frame == 1U) ? forged : (const uint32_t *)frame;
    }
    __asm volatile("dsb\n\tisb\n\tstrh %0, [%1, #6]" : : "r"(0), "r"(protected) : "memory");
    printf("attack: mpu came back\n");
}
