/*
 * Stands before spm_fault() in the test product: an attempt (attempt.h) that faults is told what
 * happened and goes on; every other fault takes the usual way.
 *
 * Linked into the secure image of tests/qemu/matrix only, by --wrap=spm_fault.
 */
#include "platform/armv8m/core.h"
#include "spm/spm.h"
#include "tests/qemu/matrix/attempt.h"

#define EXC_RETURN_SECURE 0x40U
#define EXC_RETURN_THREAD 0x08U

/* Places of r4 and others among r4 to r11. */
enum { R4, R5, R6, R7, R8, R9 };

struct spm_thread *__real_spm_fault(uint32_t exc_return, uint32_t stack, const uint32_t *r4_to_r11);
struct spm_thread *__wrap_spm_fault(uint32_t exc_return, uint32_t stack, const uint32_t *r4_to_r11);

static uint32_t frame_locate(uint32_t exc_return)
{
    uint32_t address;

    if ((exc_return & EXC_RETURN_SECURE) != 0U) {
        __asm volatile("mrs %0, psp" : "=r"(address));
    } else if (core_nonsecure_thread_uses_psp()) {
        __asm volatile("mrs %0, psp_ns" : "=r"(address));
    } else {
        __asm volatile("mrs %0, msp_ns" : "=r"(address));
    }
    return address;
}

static uint32_t where(uint32_t cfsr)
{
    if ((cfsr & SCB_CFSR_MMARVALID) != 0U) {
        return SCB_MMFAR;
    }
    return ((cfsr & SCB_CFSR_BFARVALID) != 0U) ? SCB_BFAR : 0U;
}

struct spm_thread *__wrap_spm_fault(uint32_t exc_return, uint32_t stack, const uint32_t *r4_to_r11)
{
    struct spm_thread *thread = spm_state.current;
    struct spm_frame *frame;
    uint32_t *kept;

    if ((thread == NULL) || (r4_to_r11[R7] != ATTEMPT_ARMED) ||
        ((exc_return & EXC_RETURN_THREAD) == 0U)) {
        return __real_spm_fault(exc_return, stack, r4_to_r11);
    }
    frame = (struct spm_frame *)(uintptr_t)frame_locate(exc_return);
    kept = thread->context.r4_to_r11;
    for (uint32_t i = 0; i < 8U; i++) {
        kept[i] = r4_to_r11[i];
    }
    kept[R4] = SCB_CFSR;
    kept[R5] = SAU_SFSR;
    kept[R7] = 0U;
    kept[R8] = where(kept[R4]);
    kept[R9] = frame->pc;
    frame->pc = kept[R6];
    frame->xpsr = 0x01000000U | (frame->xpsr & (1U << 9)); /* Thumb, and the alignment of sp */
    SCB_CFSR = kept[R4];
    SAU_SFSR = kept[R5];
    SCB_HFSR = SCB_HFSR;
    __asm volatile("mrs %0, psp" : "=r"(thread->context.psp));
    thread->context.exc_return = exc_return;
    return thread;
}
