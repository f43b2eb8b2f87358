/*
 * Exceptions that are the application's before the kernel's: two that count what they interrupt,
 * and the memory fault of a task.
 *
 * EXC_RETURN says whether the secure world was interrupted (bit 6): then the tick came in the
 * middle of a call. The kernel needs nothing for that: it saves EXC_RETURN with the task, and the
 * secure stack keeps the rest until the task runs again.
 */
#include "bartizan/fault.h"
#include "tasks.h"

#define CFSR              (*(volatile uint32_t *)0xE000ED28u)
#define MMFAR             (*(volatile uint32_t *)0xE000ED34u)
#define CFSR_MEMMANAGE    0xFFu
#define CFSR_DATA         0x82u /* MMARVALID, DACCVIOL: a load or store, and its address is known */
#define EXC_RETURN_ORIGIN 0x4Cu /* secure stack, thread mode, process stack */
#define EXC_RETURN_TASK   0x0Cu
#define XPSR_THUMB        0x01000000u
#define XPSR_PADDED       0x00000200u /* the hardware has aligned the stack for the frame */

/* What the hardware has stacked. */
struct frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

bool fault_end_task(struct frame *frame, uint32_t exc_return);

PRIVILEGED_DATA struct rtos_counts rtos_counts;

#undef PendSV_Handler
#undef SysTick_Handler
void PendSV_Handler(void);
void SysTick_Handler(void);
void MemManage_Handler(void);

/* clang-format off */
/* Adds one to a counter if the secure world was interrupted, and goes to the kernel's handler. */
#define COUNT_IN_CALLS(counter, next)                                                              \
    __asm volatile("tst lr, #0x40\n\t"                                                             \
                   "beq " next "\n\t"                                                              \
                   "ldr r0, =rtos_counts\n\t"                                                      \
                   "ldr r1, [r0, %0]\n\t"                                                          \
                   "adds r1, #1\n\t"                                                               \
                   "str r1, [r0, %0]\n\t"                                                          \
                   "b " next                                                                       \
                   : : "i"(offsetof(struct rtos_counts, counter)))

__attribute__((naked)) void PendSV_Handler(void)
{
    COUNT_IN_CALLS(switches_in_calls, "freertos_switch");
}

__attribute__((naked)) void SysTick_Handler(void)
{
    COUNT_IN_CALLS(ticks_in_calls, "freertos_tick");
}

/* A task that is refused by the MPU ends; anything else is told by the secure world, with the reset
 * that it makes of a fault: r4 to r11, lr and the stack pointers are then those of the fault. */
__attribute__((naked)) void MemManage_Handler(void)
{
    __asm volatile("push {r3, lr}\n\t"
                   "mrs r0, psp\n\t"
                   "mov r1, lr\n\t"
                   "bl fault_end_task\n\t"
                   "pop {r3, lr}\n\t"
                   "cmp r0, #0\n\t"
                   "beq bartizan_hand_on_fault\n\t"
                   "bx lr");
}
/* clang-format on */

/* If an unprivileged task did it: it goes on in task_finish(). It cannot be inside a secure call or
 * hold the lock: between taking and giving it, only secure code reads its memory, after a check. */
bool fault_end_task(struct frame *frame, uint32_t exc_return)
{
    uint32_t control;

    __asm volatile("mrs %0, control" : "=r"(control));
    if (((exc_return & EXC_RETURN_ORIGIN) != EXC_RETURN_TASK) || ((control & 1u) == 0u) ||
        ((CFSR & CFSR_MEMMANAGE) != CFSR_DATA)) {
        return false;
    }
    rtos_counts.stopped_stack = (uint32_t)frame;
    rtos_counts.stopped_address = MMFAR;
    CFSR = CFSR_MEMMANAGE;
    frame->pc = (uint32_t)task_finish & ~1u;
    frame->xpsr = XPSR_THUMB | (frame->xpsr & XPSR_PADDED);
    return true;
}
