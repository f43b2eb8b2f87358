/*
 * Checks that need the machine itself: registers across a call, calls from handlers, interrupts
 * during calls.
 */
#include "attack.h"

#include <string.h>

#include "layout.h"
#include "psa_manifest/sid.h"

#define SYST_CSR  (*(volatile uint32_t *)0xE000E010U)
#define SYST_RVR  (*(volatile uint32_t *)0xE000E014U)
#define SYST_CVR  (*(volatile uint32_t *)0xE000E018U)
#define SYST_RUN  7U /* processor clock, interrupt, enable */
#define SHPR3     (*(volatile uint32_t *)0xE000ED20U)
#define MPU_CTRL  (*(volatile uint32_t *)0xE000ED94U)
#define MPU_RNR   (*(volatile uint32_t *)0xE000ED98U)
#define MPU_RBAR  (*(volatile uint32_t *)0xE000ED9CU)
#define MPU_RLAR  (*(volatile uint32_t *)0xE000EDA0U)
#define MPU_MAIR0 (*(volatile uint32_t *)0xE000EDC0U)

/* SVC numbers of this application. */
#define SVC_CALL   "0" /* calls the secure world from the handler */
#define SVC_RAISE  "1" /* makes Thread mode privileged again */
#define SVC_SWITCH "2" /* ends the second thread: back to the first, wherever it was */

static volatile uint32_t ticks;
static volatile psa_status_t handler_status;
static volatile uint32_t handler_version;

/* The two threads of check_threads(): the first rests in the middle of a secure call meanwhile. */
static volatile uint32_t switch_wanted;
static uint32_t first_exc_return;
static uint32_t first_psp;
static uint32_t second_stack[256] __attribute__((aligned(8)));
static volatile psa_status_t second_status[4];

/* The vector that an interrupt changes in check_changed(), and what to: NULL: none. */
static psa_invec *volatile changing;
static psa_invec changed;

void SVC_Handler(void);
void SysTick_Handler(void);
void handle_svc(uint32_t number);
uint32_t handle_tick(uint32_t exc_return);
uint32_t handle_switch_back(void);

void handle_svc(uint32_t number)
{
    if (number == 0U) {
        handler_status = psa_call(PROBE_HANDLE, PROBE_CLIENT_ID, NULL, 0, NULL, 0);
        handler_version = psa_version(PROBE_SID);
    } else {
        __asm volatile("msr control, %0\n\tisb" : : "r"(0U) : "memory");
    }
}

uint32_t handle_switch_back(void)
{
    __asm volatile("msr psp, %0" : : "r"(first_psp));
    return first_exc_return;
}

/* r0: the SVC number, from the instruction behind the stacked address. */
__attribute__((naked)) void SVC_Handler(void)
{
    __asm volatile("tst lr, #4\n\t"
                   "ite eq\n\t"
                   "mrseq r0, msp\n\t"
                   "mrsne r0, psp\n\t"
                   "ldr r0, [r0, #24]\n\t"
                   "ldrb r0, [r0, #-2]\n\t"
                   "cmp r0, #2\n\t"
                   "bne 1f\n\t"
                   "bl handle_switch_back\n\t"
                   "bx r0\n\t"
                   "1: push {r3, lr}\n\t"
                   "bl handle_svc\n\t"
                   "pop {r3, pc}");
}

/* The second thread: calls in while the first one's call is under way. */
static void second_thread(void)
{
    second_status[0] = psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0);
    second_status[1] = (psa_status_t)psa_version(PROBE_SID);
    second_status[2] = psa_connect(PROBE_CONNECTED_SID, 2);
    second_status[3] = (psa_status_t)psa_framework_version();
    __asm volatile("svc #" SVC_SWITCH);
}

/* What a scheduler would do: if asked to, leave the interrupted thread and start the second one. */
uint32_t handle_tick(uint32_t exc_return)
{
    uint32_t *frame = &second_stack[256 - 8];

    ticks = ticks + 1U;
    if (changing != NULL) {
        SYST_CSR = 0U;
        *changing = changed;
        return exc_return;
    }
    handler_status = psa_call(PROBE_HANDLE, PROBE_CLIENT_ID, NULL, 0, NULL, 0);
#if defined(__ARM_FP)
    __asm volatile("vmov.f32 s0, #1.0\n\tvmov.f32 s15, s0\n\tvmov.f32 s31, s0" ::
                       : "s0", "s15", "s31");
#endif
    if ((switch_wanted == 0U) || ((exc_return & 0x40U) == 0U)) { /* EXC_RETURN.S: secure was cut */
        return exc_return;
    }
    switch_wanted = 0U;
    SYST_CSR = 0U;
    first_exc_return = exc_return;
    __asm volatile("mrs %0, psp" : "=r"(first_psp));
    memset(frame, 0, 32);
    frame[6] = (uint32_t)second_thread & ~1U;
    frame[7] = 0x01000000U;
    __asm volatile("msr psp, %0" : : "r"(frame));
    return 0xFFFFFFBCU; /* non-secure Thread mode, process stack, no FP frame */
}

__attribute__((naked)) void SysTick_Handler(void)
{
    __asm volatile("push {r3, lr}\n\t"
                   "mov r0, lr\n\t"
                   "bl handle_tick\n\t"
                   "pop {r3, lr}\n\t"
                   "bx r0");
}

void check_handler_mode(void)
{
    handler_status = 0;
    __asm volatile("svc #" SVC_CALL ::: "memory");
    check_equal("call from a handler", handler_status, PSA_ERROR_NOT_PERMITTED);
    check_equal("version from a handler", (int32_t)handler_version, 0);
    check_equal("call from a thread after it", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
}

/* A live FP context, where there is an FPU: calls and interrupts must keep it. */
static void fp_mark(void)
{
#if defined(__ARM_FP)
    __asm volatile("vmov.f32 s20, #2.0" ::: "s20"); /* callee-saved: the compiler leaves it alone */
#endif
}

static void fp_check(void)
{
#if defined(__ARM_FP)
    float kept;

    __asm volatile("vmov.f32 %0, s20" : "=t"(kept));
    check_equal("FP register kept", (int32_t)kept, 2);
#endif
}

psa_status_t psa_call_gateway(psa_handle_t handle, uint32_t control, const psa_invec *in_vec,
                              psa_outvec *out_vec);

/* Calls the gateway with marked registers; after[0..3]: r1, r2, r3, r12; after[4..11]: r4..r11. */
static void call_marked(uint32_t handle, uint32_t *after)
{
    __asm volatile("push {r4-r11, lr}\n\t"
                   "push {%1}\n\t"
                   "mov r0, %0\n\t"
                   "movs r1, #99\n\t"
                   "movs r2, #2\n\t" /* vectors that are not looked at: there are none */
                   "movs r3, #3\n\t"
                   "mov r4, #0x44\n\tmov r5, #0x55\n\tmov r6, #0x66\n\tmov r7, #0x77\n\t"
                   "mov r8, #0x88\n\tmov r9, #0x99\n\tmov r10, #0xaa\n\tmov r11, #0xbb\n\t"
                   "bl psa_call_gateway\n\t"
                   "pop {r0}\n\t"
                   "stmia r0!, {r1-r3, r12}\n\t"
                   "stmia r0!, {r4-r11}\n\t"
                   "pop {r4-r11, lr}"
                   :
                   : "r"(handle), "r"(after)
                   : "r0", "r1", "r2", "r3", "r12", "memory", "cc");
}

void check_registers(void)
{
    uint32_t after[12];

    memset(after, 0xFF, sizeof(after));
    call_marked((uint32_t)PROBE_HANDLE, after);
    for (uint32_t i = 0; i < 4U; i++) {
        check_equal("caller-saved register cleared", (int32_t)after[i], 0);
    }
    for (uint32_t i = 0; i < 8U; i++) {
        check_equal("callee-saved register kept", (int32_t)after[4U + i],
                    (int32_t)(0x11U * (4U + i)));
    }
    fp_mark();
    check_equal("call with live FP registers", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
    fp_check();
}

/* One short call with several traps, under interrupts. */
static bool call_is_good(uint32_t period)
{
    static uint8_t from[64];
    static uint8_t to[64];
    psa_status_t status;

    memset(from, (int)period, sizeof(from));
    memset(to, 0, sizeof(to));
    SYST_RVR = period;
    SYST_CVR = 0U;
    SYST_CSR = SYST_RUN;
    status = call_echo(from, sizeof(from), to, sizeof(to));
    SYST_CSR = 0U;
    return (status == PSA_SUCCESS) && (memcmp(from, to, sizeof(from)) == 0);
}

/* Non-secure interrupts arrive at every place in the middle of secure work, traps being raised
 * among them, and change nothing but what they mean to. */
void check_interrupts(void)
{
    uint32_t bad = 0;

    ticks = 0;
    handler_status = 0;
    fp_mark();
    for (uint32_t period = 150; period < 1500U; period++) {
        bad += call_is_good(period) ? 0U : 1U;
    }
    fp_check();
    check_equal("calls that went wrong", (int32_t)bad, 0);
    check_equal("interrupts came during the calls", ticks > 100U, 1);
    check_equal("their calls were refused", handler_status, PSA_ERROR_NOT_PERMITTED);
}

/* A critical section: calls from it are served, and no interrupt comes in between. */
void check_masked(void)
{
    static const char *const names[] = {"PRIMASK", "FAULTMASK", "BASEPRI"};

    for (uint32_t i = 0; i < 3U; i++) {
        bool good;

        ticks = 0;
        if (i == 0U) {
            __asm volatile("cpsid i" ::: "memory");
        } else if (i == 1U) {
            __asm volatile("cpsid f" ::: "memory");
        } else {
            __asm volatile("msr basepri, %0" : : "r"(0x20U) : "memory");
        }
        SHPR3 = 0x40000000U; /* SysTick below BASEPRI's level */
        good = call_is_good(300U) && call_is_good(700U);
        check_equal(names[i], good ? 1 : 0, 1);
        check_equal("interrupts came in between", (int32_t)ticks, 0);
        __asm volatile("cpsie i\n\tcpsie f\n\tmsr basepri, %0" : : "r"(0U) : "memory");
        __asm volatile("isb" ::: "memory");
        check_equal("the interrupt comes afterwards", ticks > 0U, 1);
    }
    check_equal("call after it", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
}

/* One call whose vector changes at some time: good if it is refused, or worked with what it had. */
static bool changed_call_is_good(uint32_t period, bool out, uint32_t *refused)
{
    static uint8_t from[64];
    static uint8_t to[64];
    struct probe_request request = {0};
    psa_invec in_vec[] = {{&request, sizeof(request)}, {from, sizeof(from)}};
    psa_outvec out_vec[] = {{to, sizeof(to)}};
    psa_status_t status;

    memset(from, 0x5A, sizeof(from));
    memset(to, 0, sizeof(to));
    changing = out ? (psa_invec *)(void *)out_vec : &in_vec[1];
    SYST_RVR = period;
    SYST_CVR = 0U;
    SYST_CSR = SYST_RUN;
    status = psa_call(PROBE_HANDLE, PROBE_ECHO, in_vec, 2, out_vec, 1);
    SYST_CSR = 0U;
    changing = NULL;
    if (status == PSA_ERROR_PROGRAMMER_ERROR) {
        *refused += 1U;
        return true;
    }
    return (status == PSA_SUCCESS) && (memcmp(from, to, sizeof(to)) == 0);
}

/* The vectors change while the secure world works on a call: what it checked is what it uses. */
void check_changed(void)
{
    static const psa_invec wrong[] = {
        {(const void *)SECURE_RAM_BASE, 64U},
        {(const void *)FLASH_BASE, 64U},
        {(const void *)0xE000ED00U, 64U},
    };

    for (uint32_t i = 0; i < 2U * sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint32_t bad = 0;
        uint32_t refused = 0;

        changed = wrong[i / 2U];
        ticks = 0;
        for (uint32_t period = 20; period < 1200U; period++) {
            bad += changed_call_is_good(period, (i & 1U) != 0U, &refused) ? 0U : 1U;
        }
        check_equal("calls that went wrong", (int32_t)bad, 0);
        check_equal("vectors changed during the calls", ticks > 500U, 1);
        check_equal("some before they were read", refused > 0U, 1);
    }
}

/* Runs function in Thread mode on the process stack, as the threads of a scheduler do. */
__attribute__((naked)) static void run_as_thread(void (*function)(void) __attribute__((unused)),
                                                 uint32_t *handler_stack __attribute__((unused)))
{
    __asm volatile("push {r4, lr}\n\t"
                   "mov r4, sp\n\t"
                   "msr psp, r4\n\t"
                   "movs r2, #2\n\t"
                   "msr control, r2\n\t"
                   "isb\n\t"
                   "msr msp, r1\n\t"
                   "blx r0\n\t"
                   "msr msp, r4\n\t"
                   "movs r2, #0\n\t"
                   "msr control, r2\n\t"
                   "isb\n\t"
                   "pop {r4, pc}");
}

/* A scheduler switches threads in the middle of a secure call, and the second thread calls in too:
 * it is turned away, and the first call ends as if nothing had been. */
static void first_thread(void)
{
    uint32_t bad = 0;
    uint32_t switches = 0;
    uint32_t turned_away = 0;

    fp_mark();
    for (uint32_t period = 150; period < 1200U; period++) {
        memset((void *)second_status, 0, sizeof(second_status));
        switch_wanted = 1U;
        bad += call_is_good(period) ? 0U : 1U;
        switches += 1U - switch_wanted;
        turned_away += ((second_status[0] == PSA_ERROR_CONNECTION_BUSY) &&
                        (second_status[1] == (psa_status_t)PSA_VERSION_NONE) &&
                        (second_status[2] == PSA_ERROR_CONNECTION_BUSY) &&
                        (second_status[3] == (psa_status_t)PSA_FRAMEWORK_VERSION))
                           ? 1U
                           : 0U;
    }
    fp_check();
    switch_wanted = 0U;
    check_equal("calls that went wrong", (int32_t)bad, 0);
    check_equal("switches came during the calls", switches > 50U, 1);
    check_equal("second calls that were not turned away", (int32_t)(switches - turned_away), 0);
    check_equal("call after it", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
}

void check_threads(void)
{
    static uint32_t handler_stack[256] __attribute__((aligned(8)));

    run_as_thread(first_thread, &handler_stack[256]);
}

static void mpu_region(uint32_t number, uint32_t base, uint32_t end, uint32_t access)
{
    MPU_RNR = number;
    MPU_RBAR = base | access;
    MPU_RLAR = ((end - 1U) & ~31U) | 1U;
}

/* An unprivileged non-secure thread may not use memory through the secure world that it cannot use
 * itself. */
void check_unprivileged(void)
{
    static uint8_t kernel[1024] __attribute__((aligned(1024)));
    static uint8_t to[64];
    uint32_t base = (uint32_t)kernel;
    psa_status_t from_kernel;
    psa_status_t to_kernel;
    psa_status_t over_edge;
    psa_status_t own;
    static const psa_outvec constant_out[] = {{NULL, 0U}};
    psa_status_t to_code;
    psa_status_t array_in_code;

    mpu_region(0, FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET,
               FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET + IMAGE_NONSECURE_SLOT_SIZE, 6U);
    mpu_region(1, NS_RAM_BASE, base, 2U);
    mpu_region(2, base, base + sizeof(kernel), 0U); /* privileged only */
    mpu_region(3, base + sizeof(kernel), NS_RAM_BASE + NS_RAM_SIZE, 2U);
    MPU_MAIR0 = 0xFFU;
    MPU_CTRL = 5U;
    __asm volatile("dsb\n\tisb" ::: "memory");
    check_equal("privileged may", call_echo(kernel, 4, to, 4), PSA_SUCCESS);
    __asm volatile("msr control, %0\n\tisb" : : "r"(1U) : "memory");
    from_kernel = call_echo(kernel, 4, to, 4);
    to_kernel = call_echo(to, 4, kernel, 4);
    over_edge = call_echo((const void *)(base - 4U), 8, to, 8);
    own = call_echo(to, 4, to, 4);
    to_code = call_echo(to, 4, (void *)(uintptr_t)constant_out, 4);
    array_in_code =
        psa_call(PROBE_HANDLE, PROBE_CLIENT_ID, NULL, 0, (psa_outvec *)(uintptr_t)constant_out, 1);
    __asm volatile("svc #" SVC_RAISE ::: "memory");
    MPU_CTRL = 0U;
    __asm volatile("dsb\n\tisb" ::: "memory");
    check_equal("from privileged memory", from_kernel, PSA_ERROR_PROGRAMMER_ERROR);
    check_equal("to privileged memory", to_kernel, PSA_ERROR_PROGRAMMER_ERROR);
    check_equal("over the edge", over_edge, PSA_ERROR_PROGRAMMER_ERROR);
    check_equal("own memory", own, PSA_SUCCESS);
    check_equal("to read-only memory", to_code, PSA_ERROR_PROGRAMMER_ERROR);
    check_equal("lengths to read-only memory", array_in_code, PSA_ERROR_PROGRAMMER_ERROR);
}
