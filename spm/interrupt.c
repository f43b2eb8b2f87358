/*
 * Interrupts of the device, for partitions: first-level and second-level handling, FF-M 1.1, 4.5.
 *
 * Reached from entry.S. An interrupt is masked where it comes and stays so until its partition is
 * done with it; what the manager does here is to assert a signal, or to run the partition's
 * first-level handler in a context of its own on the partition's stack, one at a time. Where an
 * interrupt comes in the middle of a handler, of the manager or of the non-secure world, it is
 * noted, and PendSV does the same when the handler is done; where the non-secure world has put a call
 * aside, SysTick tries until it has not.
 */
#include "spm/spm.h"

#include "platform/armv8m/core.h"

#define FIRST_INTERRUPT 16U /* exception number of external interrupt 0 */
#define FLIH_FRAME_MASK 7U

/* Until the next try, where the non-secure world has put a call aside. */
#define EXCEPTION_SYSTICK 15U
#define RETRY_CYCLES      2000U

static uint32_t pending; /* bit n: spm_irqs[n] has come and was not delivered */
static uint32_t opened;  /* bit n: the partition has enabled spm_irqs[n] */
static uint32_t flih_index;
static struct spm_context flih_interrupted; /* what its thread does otherwise, */
static spm_trap *const *flih_traps;         /* and may ask for */

static void line_mask(uint32_t number, bool masked)
{
    if (masked) {
        NVIC_ICER(number / 32U) = 1U << (number % 32U);
        core_barrier_context();
    } else {
        NVIC_ISER(number / 32U) = 1U << (number % 32U);
    }
}

/* A line that the device has let go since stays latched: forget that. One that is still asserted
 * comes again by itself. */
static void line_forget(uint32_t number)
{
    NVIC_ICPR(number / 32U) = 1U << (number % 32U);
}

static bool is_opened(uint32_t index)
{
    return ((opened >> index) & 1U) != 0U;
}

void interrupt_start(void)
{
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        NVIC_ITNS(spm_irqs[i].number / 32U) &= ~(1U << (spm_irqs[i].number % 32U));
        NVIC_IPR(spm_irqs[i].number) = INTERRUPT_PRIORITY;
    }
}

void interrupt_open(const struct spm_thread *thread)
{
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        if ((spm_irqs[i].partition == thread->rank) && (spm_irqs[i].from_start != 0U)) {
            opened |= 1U << i;
            line_mask(spm_irqs[i].number, false);
        }
    }
}

void interrupt_close(const struct spm_thread *thread)
{
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        if (spm_irqs[i].partition == thread->rank) {
            line_mask(spm_irqs[i].number, true);
            line_forget(spm_irqs[i].number);
            opened &= ~(1U << i);
            pending &= ~(1U << i);
        }
    }
    if (spm_state.flih == thread) {
        spm_state.flih = NULL;
    }
}

/* ---- Delivery ---- */

/* Below whatever the thread has on its stack: its own work goes on behind the handler. */
static void flih_start(uint32_t index)
{
    struct spm_thread *thread = &spm_threads[spm_irqs[index].partition];
    uint32_t sp = thread->context.psp & ~FLIH_FRAME_MASK;

    pending &= ~(1U << index);
    if (sp < thread->context.psplim + sizeof(struct spm_frame)) {
        panic_partition(thread, RULE_STACK);
    }
    flih_index = index;
    flih_interrupted = thread->context;
    spm_state.flih = thread;
    flih_traps = thread->traps;
    thread->traps = spm_traps_of_flih;
    thread_build_context(thread, sp, (uintptr_t)spm_irqs[index].flih, (uintptr_t)spm_flih_return,
                         0U);
}

static void deliver(void)
{
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        if (((pending >> i) & 1U) == 0U) {
            continue;
        }
        if (spm_irqs[i].flih == NULL) {
            pending &= ~(1U << i);
            call_assert(&spm_threads[spm_irqs[i].partition], spm_irqs[i].signal);
        } else if (spm_state.flih == NULL) {
            flih_start(i);
        }
    }
}

static struct spm_thread *run_next(void)
{
    return (spm_state.flih != NULL) ? isolate_run(spm_state.flih) : call_run_next();
}

/* Masks what came; PendSV and SysTick are no interrupts of partitions. */
static void arrive(uint32_t exception)
{
    uint32_t number = exception - FIRST_INTERRUPT;

    if (exception < FIRST_INTERRUPT) {
        return;
    }
    line_mask(number, true);
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        if (spm_irqs[i].number == number) {
            pending |= 1U << i;
        }
    }
}

void interrupt_put_off(uint32_t exception)
{
    arrive(exception);
    SYST_RVR = RETRY_CYCLES;
    SYST_CVR = 0U;
    SYST_CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
}

/* PendSV itself comes into a handler only where priorities have so few bits that it does not matter
 * who is lower. */
void interrupt_note(uint32_t exception)
{
    if (exception < FIRST_INTERRUPT) {
        interrupt_put_off(exception);
        return;
    }
    arrive(exception);
    SCB_ICSR = SCB_ICSR_PENDSVSET;
}

struct spm_thread *interrupt_take(uint32_t exception)
{
    if (exception == EXCEPTION_SYSTICK) {
        SYST_CSR = 0U;
    }
    arrive(exception);
    deliver();
    return run_next();
}

/* ---- Traps ---- */

/* The interrupt of the thread's partition that has this one signal. */
static uint32_t irq_find(struct spm_thread *thread, psa_signal_t signal)
{
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        if ((spm_irqs[i].partition == thread->rank) && (spm_irqs[i].signal == signal)) {
            return i;
        }
    }
    panic_partition(thread, RULE_SIGNAL);
}

/* Open again, unless something of it is still to be dealt with. */
static void line_release(uint32_t index, const struct spm_thread *thread)
{
    bool waits =
        ((thread->signals & spm_irqs[index].signal) != 0U) && (spm_irqs[index].flih == NULL);

    if (is_opened(index) && !waits && (((pending >> index) & 1U) == 0U)) {
        line_mask(spm_irqs[index].number, false);
    }
}

struct spm_thread *interrupt_trap_eoi(struct spm_frame *frame, struct spm_thread *thread)
{
    uint32_t index = irq_find(thread, frame->r0);

    if ((spm_irqs[index].flih != NULL) || ((thread->signals & frame->r0) == 0U)) {
        panic_partition(thread, RULE_SIGNAL);
    }
    thread->signals &= ~frame->r0;
    line_forget(spm_irqs[index].number);
    line_release(index, thread);
    return thread;
}

struct spm_thread *interrupt_trap_enable(struct spm_frame *frame, struct spm_thread *thread)
{
    uint32_t index = irq_find(thread, frame->r0);

    opened |= 1U << index;
    if ((spm_state.flih == NULL) || (flih_index != index)) { /* its own: when it returns */
        line_release(index, thread);
    }
    return thread;
}

struct spm_thread *interrupt_trap_disable(struct spm_frame *frame, struct spm_thread *thread)
{
    uint32_t index = irq_find(thread, frame->r0);

    frame->r0 = is_opened(index) ? 1U : 0U;
    opened &= ~(1U << index);
    line_mask(spm_irqs[index].number, true);
    return thread;
}

struct spm_thread *interrupt_trap_reset_signal(struct spm_frame *frame, struct spm_thread *thread)
{
    uint32_t index = irq_find(thread, frame->r0);

    if ((spm_irqs[index].flih == NULL) || ((thread->signals & frame->r0) == 0U)) {
        panic_partition(thread, RULE_SIGNAL);
    }
    thread->signals &= ~frame->r0;
    return thread;
}

struct spm_thread *interrupt_trap_flih_return(struct spm_frame *frame, struct spm_thread *thread)
{
    const struct spm_irq *irq = &spm_irqs[flih_index];
    psa_flih_result_t result = frame->r0;

    thread->context = flih_interrupted;
    thread->traps = flih_traps;
    spm_state.flih = NULL;
    if (result == PSA_FLIH_SIGNAL) {
        call_assert(thread, irq->signal);
    }
    line_forget(irq->number);
    line_release(flih_index, thread);
    deliver();
    spm_resume(run_next());
}
