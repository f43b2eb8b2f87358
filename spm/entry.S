/*
 * Every way into the manager: vectors, the gateways from the non-secure world, the trap handler.
 *
 * Gateways: 8-byte entries in a region of their own (gateways.def). What a gateway leads to runs as
 * the unprivileged agent thread and touches no stack until it knows that the caller is in Thread
 * mode and that the agent's stack is at its seal, that is, no other call from the non-secure world is
 * under way. Otherwise it answers in registers.
 */
#include "spm/trap.h"

/* EXC_RETURN, ARM DDI 0553, B3.22: from secure Thread mode, process stack, default stacking. */
#define EXC_RETURN_THREAD_MASK 0x6C
#define SHPR2_SVCALL           0xE000ED1F

    .syntax unified
    .thumb

/* ---- Vectors: see ARM DDI 0553, B3.30. ---- */
    .section .vectors, "a", %progbits
    .align 7
    .global spm_vectors
spm_vectors:
    .word __manager_stack_top - 8
    .word spm_entry
    .word platform_handle_nmi
    .word spm_fault_entry   /* HardFault */
    .word spm_fault_entry   /* MemManage */
    .word spm_fault_entry   /* BusFault */
    .word spm_fault_entry   /* UsageFault */
    .word spm_fault_entry   /* SecureFault */
    .word 0
    .word 0
    .word 0
    .word spm_trap_entry    /* SVCall */
    .word spm_fault_entry   /* DebugMonitor */
    .word 0
    .word spm_fault_entry   /* PendSV: not used */
    .word spm_fault_entry   /* SysTick: not used */
    .rept 124
    .word spm_fault_entry   /* no secure interrupt is enabled */
    .endr

/* ---- Gateways ---- */
    .macro GATEWAY name target
    .global \name
    .type \name, %function
    .thumb_func
\name:
    sg
    b.w \target
    .endm

    .section .gateways, "ax", %progbits
    .align 5
#include "spm/gateways.def"

/* ---- The agent: the unprivileged secure thread that non-secure callers arrive in. ---- */
    .section .shared.text.agent, "ax", %progbits

    .macro agent_trap name number in_handler=agent_refuse_handler when_busy=agent_refuse_busy
    .type \name, %function
    .thumb_func
\name:
    mrs r12, ipsr
    cmp r12, #0
    bne \in_handler
    movw r12, #:lower16:(__agent_stack_top - 8)
    movt r12, #:upper16:(__agent_stack_top - 8)
    cmp sp, r12
    bne \when_busy
    svc #\number
    b agent_leave
    .endm

    agent_trap agent_version, TRAP_VERSION, agent_refuse_version, agent_refuse_version
    agent_trap agent_connect, TRAP_CONNECT
    agent_trap agent_call, TRAP_CALL
    agent_trap agent_close, TRAP_CLOSE
    agent_trap agent_confirm_start, TRAP_CONFIRM

    .type agent_framework_version, %function
    .thumb_func
agent_framework_version:
    movw r0, #0x0101
    b agent_leave

/* A handler of the application hands a fault on: r0 is the exception frame, r1 its EXC_RETURN,
 * r4..r11 are still those of the fault. Handler mode is privileged in the secure state too; the
 * device resets, so what the main stack holds does not matter. From a thread: refused. */
    .type agent_report_fault, %function
    .thumb_func
agent_report_fault:
    mrs r12, ipsr
    cmp r12, #0
    beq agent_refuse_handler
    cpsid i
    mov r12, r0
    and r0, r1, #0x10           /* EXC_RETURN.FType: the kind of frame */
    orr r0, r0, #FAULT_HANDED_ON
    mov r1, r12
    b.w spm_fault_handed_on

agent_refuse_handler:       /* PSA_ERROR_NOT_PERMITTED: FF-M calls come from threads */
    mvn r0, #132
    b agent_leave
agent_refuse_busy:          /* PSA_ERROR_CONNECTION_BUSY: another thread's call is under way */
    mvn r0, #130
    b agent_leave
agent_refuse_version:       /* PSA_VERSION_NONE */
    movs r0, #0
agent_leave:                /* r0 is the answer, r4..r11 and lr are the caller's own */
    movs r1, #0
    mov r2, r1
    mov r3, r1
    mov r12, r1
    msr apsr_nzcvq, r1
    bxns lr

/* First step of the agent thread: r0 is the non-secure reset handler, bit 0 clear. Nothing secret
 * is in any register: the manager made this context of zeros. */
    .global spm_agent_start
    .type spm_agent_start, %function
    .thumb_func
spm_agent_start:
    mov lr, r0
    movs r0, #0
    b agent_leave

/* Where a service or init function returns to. */
    .global spm_partition_return
    .type spm_partition_return, %function
    .thumb_func
spm_partition_return:
    svc #TRAP_RETURN
    b .

/* ---- The trap: save the thread, decide in C, restore the thread that is current then. ----
 * Raised above every non-secure exception, whatever the application masks, so that nothing comes
 * between the SVC and this code; lowered below them while C runs, so that they preempt the manager.
 * No barrier: it may take effect a little later, and the exception return is one. */
    .macro trap_priority value
    movw r1, #:lower16:SHPR2_SVCALL
    movt r1, #:upper16:SHPR2_SVCALL
    movs r2, #\value
    strb r2, [r1]
    .endm

    .section .text.spm_trap_entry, "ax", %progbits
    .global spm_trap_entry
    .type spm_trap_entry, %function
    .thumb_func
spm_trap_entry:
    and r1, lr, #EXC_RETURN_THREAD_MASK
    cmp r1, #EXC_RETURN_THREAD_MASK
    bne 1f
    movw r12, #:lower16:spm_current
    movt r12, #:upper16:spm_current
    ldr r12, [r12]
    mrs r0, psp                 /* the thread's exception frame */
    stmia r12, {r4-r11}
    tst lr, #0x10               /* EXC_RETURN.FType: 0 where the caller has live FP registers */
    bne 3f
    .inst.w 0xEEB00A40          /* vmov.f32 s0, s0: stacks them now, while its stack is in reach */
3:
    strd r0, lr, [r12, #32]
    trap_priority TRAP_PRIORITY_LOW
    bl spm_trap                 /* returns the thread to run */
2:  trap_priority TRAP_PRIORITY_HIGH
    ldrd r1, lr, [r0, #32]
    ldr r2, [r0, #40]
    movs r3, #0
    msr psplim, r3              /* no limit while the pointer moves between stacks */
    msr psp, r1
    msr psplim, r2
    ldmia r0, {r4-r11}
    bx lr
1:  movw r0, #:lower16:spm_current  /* not from a thread: the start, once, or a fault */
    movt r0, #:upper16:spm_current
    ldr r0, [r0]
    cmp r0, #0
    bne spm_fault_entry
    ldr r0, =__manager_stack_top - 8
    msr msp, r0                 /* the start's frames are not needed again: back to the seal */
    movs r1, #1
    msr control, r1             /* from here on every secure thread is unprivileged */
    isb
    bl spm_first_thread
    b 2b

/* ---- Start: boot jumps here with the main stack pointer set. ---- */
    .section .text.spm_entry, "ax", %progbits
    .global spm_entry
    .type spm_entry, %function
    .thumb_func
spm_entry:
    cpsid i
    ldr r0, =spm_vectors
    ldr r1, =0xE000ED08         /* VTOR */
    str r0, [r1]
    movs r0, #0
    msr msplim, r0
    ldr r0, =__manager_stack_top - 8
    msr msp, r0
    ldr r1, =STACK_SEAL
    strd r1, r1, [r0]
    ldr r0, =__manager_stack_limit
    msr msplim, r0
    ldr r0, =__manager_data_load
    ldr r1, =__manager_data_start
    ldr r2, =__manager_data_end
1:  cmp r1, r2
    ittt lo
    ldrlo r3, [r0], #4
    strlo r3, [r1], #4
    blo 1b
    ldr r1, =__manager_bss_start
    ldr r2, =__manager_bss_end
    movs r3, #0
2:  cmp r1, r2
    itt lo
    strlo r3, [r1], #4
    blo 2b
    bl spm_start
    svc #TRAP_START
    b .

/* ---- Faults: the handler needs a good main stack; if it is not, back to its top. ---- */
    .section .text.spm_fault_entry, "ax", %progbits
    .global spm_fault_entry
    .type spm_fault_entry, %function
    .thumb_func
spm_fault_entry:
    mov r0, lr
    mrs r1, msp
spm_fault_handed_on:
    movs r2, #0
    msr msplim, r2
    ldr r2, =__manager_stack_limit
    ldr r3, =__manager_stack_top - 8
    sub r12, r3, r2
    add r12, r2, r12, lsr #1    /* the middle */
    cmp r1, r12                 /* a pointer with enough room below it stays: */
    blo 1f                      /* the frame of a fault of the manager itself is there */
    cmp r1, r3
    bls 2f
1:  mov r12, r3
    b 3f
2:  mov r12, r1
3:  mov sp, r12
    msr msplim, r2
    push {r4-r11}               /* of the code at fault */
    mov r2, sp
    b spm_fault
