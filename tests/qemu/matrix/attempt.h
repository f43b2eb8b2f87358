/*
 * One access that may fault, and what came of it: for the partitions and for the non-secure side.
 *
 * While r7 holds ATTEMPT_ARMED, hook.c lets a thread that faulted go on at r6, with what the
 * processor says in r4, r5, r8 and r9.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdint.h>

#define ATTEMPT_READ    1
#define ATTEMPT_WRITE   2
#define ATTEMPT_EXECUTE 3

#define ATTEMPT_ARMED 0x7E57A12DU

/* Two Thumb instructions "bx lr": what memory holds that is tried, where it can be put there. */
#define ATTEMPT_PLANT 0x47704770U

struct attempt {
    uint32_t access;
    uint32_t address;
    uint32_t value; /* to write; read */
    uint32_t cfsr;  /* both 0: it came back */
    uint32_t sfsr;
    uint32_t where; /* the address that the processor gives, or 0 */
    uint32_t pc;    /* of the fault */
};

__attribute__((naked, noinline, unused)) static void attempt_run(struct attempt *attempt
                                                                 __attribute__((unused)))
{
    __asm volatile("push {r0, r4-r11, lr}\n\t"
                   "ldm r0, {r1, r2, r3}\n\t"
                   "movs r4, #0\n\t"
                   "mov r5, r4\n\t"
                   "mov r8, r4\n\t"
                   "mov r9, r4\n\t"
                   "adr.w r6, 9f\n\t"
                   "movw r7, #0xA12D\n\t"
                   "movt r7, #0x7E57\n\t"
                   "cmp r1, #1\n\t"
                   "beq 1f\n\t"
                   "cmp r1, #2\n\t"
                   "beq 2f\n\t"
                   "orr r2, r2, #1\n\t"
                   "blx r2\n\t"
                   "b 8f\n"
                   "1: ldr r3, [r2]\n\t"
                   "b 8f\n"
                   "2: str r3, [r2]\n"
                   "8: dsb\n\t"
                   "movs r7, #0\n\t"
                   ".balign 4\n"
                   "9: pop {r0}\n\t"
                   "adds r0, #8\n\t"
                   "stm r0, {r3, r4, r5, r8, r9}\n\t"
                   "pop {r4-r11, pc}");
}

#endif
