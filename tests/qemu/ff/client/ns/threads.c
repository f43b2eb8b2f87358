/*
 * A scheduler of the application switches threads in the middle of a secure call, and secure
 * interrupts come while the second thread runs: the partition that was put aside, the two threads
 * and the interrupts' partitions all keep what is theirs.
 */
#include <string.h>

#include "drive.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/ff/actor/fp.h"

#define FLIH             8U
#define SLIH             7U
#define ICSR             (*(volatile uint32_t *)0xE000ED04U)
#define ICSR_PENDSVSET   (1U << 28)
#define EXC_RETURN_S     0x40U       /* a secure frame was interrupted */
#define EXC_RETURN_START 0xFFFFFFBCU /* non-secure Thread mode, process stack, no FP frame */
#define TURNS            400U
#define MINE             0x22220000U

void PendSV_Handler(void);
void SVC_Handler(void);
uint32_t switch_away(uint32_t exc_return);
uint32_t switch_back(void);

static volatile bool wanted;
static uint32_t first_exc_return;
static uint32_t first_psp;
static uint32_t second_stack[256] __attribute__((aligned(8)));
static uint32_t second_words[32];
static uint32_t settled[32];
static volatile uint32_t second_bad;
static volatile uint32_t switches;
static int32_t result;

/* As a scheduler must: pending lazy stacking is of the thread that is left, so it is done now. */
static volatile bool unsettled; /* a scheduler without floating point */
static volatile bool away;
static uint32_t wrong_stack;

static void fp_settle(void)
{
#if defined(__ARM_FP)
    if (unsettled) {
        return;
    }
    fp_store(settled);
#endif
}

static void second_thread(void)
{
#if defined(__ARM_FP)
    if (unsettled) {
        (void)registers_changed(2U * TURNS);
        __asm volatile("svc #0");
    }
    fp_fill(MINE);
    busy(TURNS);
    fp_store(second_words);
    second_bad = second_bad + fp_changed(second_words, 0U, MINE);
#endif
    second_bad = second_bad + registers_changed(TURNS);
    __asm volatile("svc #0");
}

uint32_t switch_away(uint32_t exc_return)
{
    uint32_t *frame = &second_stack[256 - 8];

    if (!wanted || ((exc_return & EXC_RETURN_S) == 0U)) {
        return exc_return;
    }
    wanted = false;
    switches = switches + 1U;
    tick_start(0);
    away = true;
    first_exc_return = exc_return;
    fp_settle();
    __asm volatile("mrs %0, psp" : "=r"(first_psp));
    memset(frame, 0, 32);
    frame[6] = (uint32_t)second_thread & ~1U;
    frame[7] = 0x01000000U;
    __asm volatile("msr psp, %0" : : "r"(frame));
    return EXC_RETURN_START;
}

uint32_t switch_back(void)
{
    away = false;
    fp_settle();
    __asm volatile("msr psp, %0" : : "r"(first_psp));
    return first_exc_return;
}

__attribute__((naked)) void PendSV_Handler(void)
{
    __asm volatile("push {r3, lr}\n\t"
                   "mov r0, lr\n\t"
                   "bl switch_away\n\t"
                   "pop {r3, lr}\n\t"
                   "bx r0");
}

__attribute__((naked)) void SVC_Handler(void)
{
    __asm volatile("push {r3, lr}\n\t"
                   "bl switch_back\n\t"
                   "pop {r3, lr}\n\t"
                   "bx r0");
}

static void pend_switch(void)
{
    ICSR = ICSR_PENDSVSET;
}

static int32_t run_switched(void)
{
    struct ff_ticks ticks = {0};
    uint32_t bad = 0;

    EXPECT(drive(FLIH, FLIH_START, 5000, 0, NULL, 0) == PSA_SUCCESS);
    for (uint32_t period = 1500; period < 3500U; period += 31U) {
        bad += (drive_text(SLIH, FF_PLAY, "A(s)T") == PSA_SUCCESS) ? 0U : 1U;
        wanted = true;
        tick_start(period);
        bad += (drive(13U, FP_SPIN, 0x5EC00000U, 0, NULL, 0) == PSA_SUCCESS) ? 0U : 1U;
        bad += (drive(9U, 99, 0, 0, NULL, 0) == PSA_ERROR_NOT_SUPPORTED) ? 0U : 1U;
        tick_start(0);
        (void)trace_is("");
    }
    wanted = false;
    EXPECT(drive(FLIH, FLIH_STOP, 0, 0, &ticks, sizeof(ticks)) == PSA_SUCCESS);
    busy(20000);
    EXPECT(bad == 0);
    EXPECT(second_bad == 0);
    EXPECT(switches > 30U);
    EXPECT(ticks.count > 50U);
    return 0;
}

static void first_thread(void)
{
    result = run_switched();
}

/* As run_switched(), in the middle of copies. */
static int32_t run_copies(void)
{
    struct ff_ticks ticks = {0};
    uint32_t bad = 0;

    EXPECT(drive(FLIH, FLIH_START, 5000, 0, NULL, 0) == PSA_SUCCESS);
    for (uint32_t period = 1000; period < 9000U; period += 101U) {
        bad += (drive_text(SLIH, FF_PLAY, "A(s)T") == PSA_SUCCESS) ? 0U : 1U;
        wanted = true;
        tick_start(period);
        bad += echo_is_good((uint8_t)period) ? 0U : 1U;
        tick_start(0);
        wanted = false;
        (void)trace_is("");
    }
    EXPECT(drive(FLIH, FLIH_STOP, 0, 0, &ticks, sizeof(ticks)) == PSA_SUCCESS);
    EXPECT(bad == 0);
    EXPECT(second_bad == 0);
    EXPECT(switches > 30U);
    return 0;
}

static void first_copies(void)
{
    result = run_copies();
}

/* A partition's registers against a scheduler that does not know that there are any. */
static int32_t run_lazy(void)
{
    uint32_t bad = 0;

    unsettled = true;
    for (uint32_t period = 1500; period < 9500U; period += 301U) {
        bad += (drive_text(SLIH, FF_PLAY, "A(Fs)T") == PSA_SUCCESS) ? 0U : 1U;
        wanted = true;
        tick_start(period);
        bad += (drive(13U, FP_SPIN, 0x5EC00000U, 0, NULL, 0) == PSA_SUCCESS) ? 0U : 1U;
        tick_start(0);
        wanted = false;
        (void)trace_is("");
    }
    unsettled = false;
    EXPECT(bad == 0);
    EXPECT(switches > 10U);
    return 0;
}

static void first_lazy(void)
{
    result = run_lazy();
}

psa_status_t psa_call_gateway(psa_handle_t handle, uint32_t control, const psa_invec *in,
                              psa_outvec *out);

/* The gateway alone, with an eye on the stack that it comes back on. */
static uint32_t stack_moved(const psa_invec *in)
{
    register uint32_t r0 __asm("r0") = (uint32_t)FF_SLIH_HANDLE;
    register uint32_t r1 __asm("r1") = (uint32_t)FF_PLAY | (1U << 16);
    register uint32_t r2 __asm("r2") = (uint32_t)in;
    register uint32_t r3 __asm("r3") = 0;
    uint32_t moved;

    __asm volatile("mov r4, sp\n\t"
                   "bl psa_call_gateway\n\t"
                   "mov r5, sp\n\t"
                   "mov sp, r4\n\t"
                   "sub %0, r5, r4"
                   : "=r"(moved), "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
                   :
                   : "r4", "r5", "r12", "lr", "memory", "cc");
    return moved;
}

/* The call waits for an interrupt, which comes while the second thread runs. */
static int32_t run_waiting(void)
{
    static const psa_invec in[] = {{"I", 1U}};

    wanted = true;
    tick_start(3000);
    wrong_stack = stack_moved(in);
    tick_start(0);
    EXPECT(switches == 1U);
    EXPECT(!away);
    EXPECT(wrong_stack == 0U);
    return 0;
}

static void first_waiting(void)
{
    result = run_waiting();
}

/* On the process stack, as the threads of a scheduler are. */
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

static uint32_t handler_stack[256] __attribute__((aligned(8)));

static int32_t check(void (*function)(void))
{

    switches = 0;
    second_bad = 0;
    tick_function = pend_switch;
    away = false;
    run_as_thread(function, &handler_stack[256]);
    tick_function = NULL;
    return result;
}

int32_t check_switched(void)
{
    return check(first_thread);
}
int32_t check_switched_copy(void)
{
    return check(first_copies);
}
int32_t check_switched_lazy(void)
{
    return check(first_lazy);
}
int32_t check_switched_waiting(void)
{
    return check(first_waiting);
}
