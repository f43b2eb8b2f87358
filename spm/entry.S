/*
 * Every way into the manager and out of it: vectors, the gateways from the non-secure world, the
 * traps of partitions, interrupts, faults.
 *
 * Gateways: 8-byte entries in a region of their own (gateways.def). What a gateway leads to runs as
 * the unprivileged agent thread and touches no stack until it knows that the caller is in Thread
 * mode and that the agent's stack is at its seal, that is, no other call from the non-secure world is
 * under way. Otherwise it answers in registers.
 */
#include "spm/trap.h"

/* EXC_RETURN, ARM DDI 0553, B3.22: from secure Thread mode, process stack, default stacking. */
#define EXC_RETURN_THREAD_MASK 0x6C
#define EXC_RETURN_SECURE      0x40
#define EXC_RETURN_NO_FP       0x10
/* A thread, and the secure world uses its process stack: it is in no handler, also not in one that a
 * non-secure handler has come into and led from to another non-secure thread. */
#define EXC_RETURN_SECURE_THREAD 0x0C

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
    .word spm_interrupt_entry /* PendSV: what interrupts could not do in a handler's middle */
    .word spm_interrupt_entry /* SysTick: tries again to deliver what had to be put off */
    .rept 124
    .word spm_interrupt_entry
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

    .macro agent_trap name number refuse=agent_refuse
    .type \name, %function
    .thumb_func
\name:
    ldr r12, =__agent_stack_top - 8
    cmp sp, r12                 /* a handler has the main stack */
    bne \refuse
    svc #\number
    b agent_leave
    .endm

    agent_trap agent_version, TRAP_VERSION, agent_refuse_version
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

agent_refuse:
    mrs r12, ipsr
    cmp r12, #0
    beq agent_refuse_busy
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

    .ltorg

/* First step of the agent thread: r0 is the non-secure reset handler, bit 0 clear. Nothing secret
 * is in any register: the manager made this context of zeros. */
    .global spm_agent_start
    .type spm_agent_start, %function
    .thumb_func
spm_agent_start:
    svc #TRAP_STARTED
    mov lr, r0
    movs r0, #0
    b agent_leave

/* ---- What partitions execute of the manager: code that every thread may, and no data. ---- */

/* The whole of an SFN partition's thread: r0 is its init function or 0. */
    .global spm_sfn_main
    .type spm_sfn_main, %function
    .thumb_func
spm_sfn_main:
    cbz r0, 1f
    blx r0
1:  svc #TRAP_INIT_DONE         /* r0: status; back: r0 the message, r1 the service's function */
2:  blx r1
    svc #TRAP_NEXT              /* the same */
    b 2b

/* Where an entry point returns to, which it may not. */
    .global spm_ended
    .type spm_ended, %function
    .thumb_func
spm_ended:
    svc #TRAP_PANIC

/* Where a partition goes on whose request was a programmer error: r0 is the place of the request. */
    .global spm_refused
    .type spm_refused, %function
    .thumb_func
spm_refused:
    svc #TRAP_REQUEST

/* Where a first-level interrupt handler returns to. */
    .global spm_flih_return
    .type spm_flih_return, %function
    .thumb_func
spm_flih_return:
    svc #TRAP_FLIH_RETURN

    .global spm_idle
    .type spm_idle, %function
    .thumb_func
spm_idle:
    wfi
    b spm_idle

/* One SVC for each function of psa/client.h, psa/service.h and spm/partition.h. */
    .macro trap name number
    .section .shared.text.\name, "ax", %progbits
    .global \name
    .type \name, %function
    .thumb_func
\name:
    svc #\number
    bx lr
    .size \name, . - \name
    .endm

    trap psa_version, TRAP_VERSION
    trap psa_connect, TRAP_CONNECT
    trap api_call, TRAP_CALL
    trap psa_close, TRAP_CLOSE
    trap psa_wait, TRAP_WAIT
    trap psa_get, TRAP_GET
    trap psa_reply, TRAP_REPLY
    trap psa_read, TRAP_READ
    trap psa_skip, TRAP_SKIP
    trap psa_write, TRAP_WRITE
    trap psa_set_rhandle, TRAP_SET_RHANDLE
    trap psa_map_invec, TRAP_MAP_IN
    trap psa_unmap_invec, TRAP_UNMAP_IN
    trap psa_map_outvec, TRAP_MAP_OUT
    trap psa_unmap_outvec, TRAP_UNMAP_OUT
    trap psa_notify, TRAP_NOTIFY
    trap psa_clear, TRAP_CLEAR
    trap psa_eoi, TRAP_EOI
    trap psa_irq_enable, TRAP_IRQ_ENABLE
    trap psa_irq_disable, TRAP_IRQ_DISABLE
    trap psa_reset_signal, TRAP_RESET_SIGNAL
    trap psa_panic, TRAP_PANIC
    trap psa_rot_lifecycle_state, TRAP_LIFECYCLE
    trap spm_flash_read, TRAP_FLASH_READ
    trap spm_flash_program, TRAP_FLASH_PROGRAM
    trap spm_flash_erase, TRAP_FLASH_ERASE
    trap spm_take_secret, TRAP_TAKE_SECRET
    trap spm_read_handoff, TRAP_READ_HANDOFF
    trap spm_read_fault, TRAP_READ_FAULT
    trap spm_reset, TRAP_RESET
    trap spm_heap, TRAP_HEAP

/* ---- The trap: look the number up, decide in C, go on with the thread that is to run. ----
 * It is above every non-secure exception, whatever the application masks, so that nothing comes
 * between the SVC and this code; C lowers it for what takes long (trap_begin_long). C keeps r4 to
 * r11, so that they are saved only when another thread runs next. */
    .section .text.spm_trap_entry, "ax", %progbits
    .global spm_trap_entry
    .type spm_trap_entry, %function
    .thumb_func
spm_trap_entry:
    cmn lr, #3                  /* 0xFFFFFFFD: a thread without live FP registers */
    bne trap_unusual
1:  mrs r0, psp                 /* the thread's exception frame */
    ldr r1, =spm_state
    ldr r1, [r1]
    ldrd r2, r3, [r1, #THREAD_STACK_LAST]
    cmp r0, r2                  /* the hardware saw to it that it is not below the limit */
    bhi spm_bad_stack
    ldr r2, [r0, #24]           /* pc */
    ldrb r2, [r2, #-2]          /* the immediate of the SVC instruction */
    and r2, r2, #TRAP_MAX - 1
    ldr r3, [r3, r2, lsl #2]
    push {r1, lr}
    blx r3                      /* (frame, thread): returns the thread to run */
    pop {r1, lr}
    cmp r0, r1
    bne trap_switch
    .global spm_trap_exit
spm_trap_exit:
    bx lr
trap_switch:
    mrs r2, psp
    strd r2, lr, [r1, #THREAD_PSP]
    stmia r1, {r4-r11}
thread_load:                    /* r0: the thread */
    ldrd r1, lr, [r0, #THREAD_PSP]
    ldr r2, [r0, #THREAD_PSPLIM]
    movs r3, #0
    msr psplim, r3              /* no limit while the pointer moves between stacks */
    msr psp, r1
    msr psplim, r2
    ldmia r0, {r4-r11}
    tst lr, #EXC_RETURN_SECURE
    beq thread_load_fp
    .global spm_trap_exit_switch
spm_trap_exit_switch:
    bx lr

thread_load_fp:                 /* the non-secure world goes on where an interrupt came */
    tst lr, #EXC_RETURN_NO_FP
    bne spm_trap_exit_switch
    ldr r1, =spm_nonsecure_fp
    .inst.w 0xEC918A10          /* vldmia r1, {s16-s31} */
    b spm_trap_exit_switch

trap_unusual:
    and r1, lr, #EXC_RETURN_THREAD_MASK
    cmp r1, #EXC_RETURN_THREAD_MASK
    bne trap_first
    tst lr, #EXC_RETURN_NO_FP
    bne 1b
    .inst.w 0xEEB00A40          /* vmov.f32 s0, s0: stacks FP registers now, while the thread's */
    b 1b                        /* stack is in reach, and clears them (FPCCR.TS) */

trap_first:                     /* not from a thread: the start, once, or a fault */
    ldr r0, =spm_state
    ldr r0, [r0]
    cmp r0, #0
    bne spm_fault_entry
    ldr r0, =__manager_stack_top - 8
    msr msp, r0                 /* the start's frames are not needed again: back to the seal */
    movs r1, #1
    msr control, r1             /* from here on every secure thread is unprivileged */
    isb
    bl spm_first_thread
    b thread_load

    .global spm_resume
    .type spm_resume, %function
    .thumb_func
spm_resume:
    cpsie i
    ldr r1, =__manager_stack_top - 8
    mov sp, r1
    b thread_load

/* ---- Interrupts: as a trap, but nobody asked, so everything is saved first. ----
 * The non-secure world can be interrupted for another thread only while nothing of it is under way in
 * the secure world: its registers then are those of the agent. */
    .section .text.spm_interrupt_entry, "ax", %progbits
    .global spm_interrupt_entry
    .type spm_interrupt_entry, %function
    .thumb_func
spm_interrupt_entry:
    mrs r0, ipsr
    and r1, lr, #EXC_RETURN_SECURE_THREAD
    cmp r1, #EXC_RETURN_SECURE_THREAD
    bne interrupt_in_handler
    mrs r2, psp
    tst lr, #EXC_RETURN_SECURE
    beq interrupt_in_nonsecure
1:  ldr r1, =spm_state
    ldr r1, [r1]
    strd r2, lr, [r1, #THREAD_PSP]
    stmia r1, {r4-r11}
    tst lr, #EXC_RETURN_NO_FP
    beq interrupt_stack_fp
2:  cpsid i                     /* interrupts come into PendSV too */
    bl interrupt_take           /* (exception): returns the thread to run */
    cpsie i
    b thread_load
interrupt_stack_fp:
    .inst.w 0xEEB00A40          /* vmov.f32 s0, s0 */
    tst lr, #EXC_RETURN_SECURE
    bne 2b                      /* all 32 are on its stack (FPCCR.TS) */
    ldr r1, =spm_nonsecure_fp
    .inst.w 0xEC818A10          /* vstmia r1, {s16-s31} */
    b 2b
interrupt_in_nonsecure:
    ldr r3, =__agent_stack_top - 8
    cmp r2, r3                  /* no call is put aside */
    beq 1b
    push {r3, lr}
    bl interrupt_put_off
    b interrupt_leave
interrupt_in_handler:
    push {r3, lr}
    bl interrupt_note
interrupt_leave:
    pop {r3, lr}
    .global spm_interrupt_exit
spm_interrupt_exit:
    bx lr

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
    ldr r0, =__manager_data_start
    ldr r1, =__manager_data_load
    ldr r2, =__manager_data_end
    subs r2, r2, r0
    bl spm_copy
    ldr r0, =__manager_bss_start
    ldr r1, =__manager_bss_end
    subs r1, r1, r0
    bl spm_clear
    bl spm_start
    svc #TRAP_START
    b .

/* ---- Memory in bulk: 32 bytes in each round. ---- */
    .section .text.spm_copy, "ax", %progbits
    .global spm_copy
    .type spm_copy, %function
    .thumb_func
spm_copy:                       /* to, from, size in bytes */
    orr r3, r0, r1
    tst r3, #3
    bne 3f
    subs r2, #32
    blo 2f
    push {r4-r10}
1:  ldmia r1!, {r3-r10}
    stmia r0!, {r3-r10}
    subs r2, #32
    bhs 1b
    pop {r4-r10}
2:  adds r2, #32
3:  subs r2, #4
    blo 5f
4:  ldr r3, [r1], #4
    str r3, [r0], #4
    subs r2, #4
    bhs 4b
5:  adds r2, #4
    beq 7f
6:  ldrb r3, [r1], #1
    strb r3, [r0], #1
    subs r2, #1
    bne 6b
7:  bx lr

    .section .text.spm_clear, "ax", %progbits
    .global spm_clear
    .type spm_clear, %function
    .thumb_func
spm_clear:                      /* address, size in bytes: multiples of 8 */
    push {r4-r9}
    movs r2, #0
    mov r3, r2
    mov r4, r2
    mov r5, r2
    mov r6, r2
    mov r7, r2
    mov r8, r2
    mov r9, r2
    subs r1, #64
    blo 2f
1:  stmia r0!, {r2-r9}
    stmia r0!, {r2-r9}
    subs r1, #64
    bhs 1b
2:  adds r1, #64
    beq 4f
3:  strd r2, r3, [r0], #8
    subs r1, #8
    bne 3b
4:  pop {r4-r9}
    bx lr

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
    bl spm_fault                /* returns the thread to run, if any */
    b spm_resume
