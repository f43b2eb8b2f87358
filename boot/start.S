/*
 * Start and end of boot in assembly: vector table, reset handler, jump to the secure image.
 *
 * The reset handler makes C possible (stack limit and seal, data, bss) and calls boot_main(), which
 * does not return. boot_jump() uses no memory but the code memory: the RAM that it wipes holds the
 * stack.
 */
#include "layout.h"

    .syntax unified
    .thumb

    .equ STACK_SEAL, 0xFEF5EDA5
    .equ SCB_VTOR, 0xE000ED08
    .equ SCB_SHCSR, 0xE000ED24
    .equ SHCSR_ALL_FAULTS, 0x000F0000 /* SecureFault, UsageFault, BusFault, MemManage */
    .equ INTERRUPT_VECTORS, 16

    .section .vectors, "a", %progbits
    .global boot_vectors
boot_vectors:
    .word __boot_stack_top - 8
    .word boot_reset
    .word platform_handle_nmi
    .word boot_fault_entry /* HardFault */
    .word boot_fault_entry /* MemManage */
    .word boot_fault_entry /* BusFault */
    .word boot_fault_entry /* UsageFault */
    .word boot_fault_entry /* SecureFault */
    .rept 8 + INTERRUPT_VECTORS
    .word boot_fault_entry
    .endr

    .section .text.boot_reset, "ax", %progbits
    .global boot_reset
    .type boot_reset, %function
    .thumb_func
boot_reset:
    ldr     r0, =__boot_stack_limit
    msr     msplim, r0
    ldr     r0, =__boot_stack_top - 8
    msr     msp, r0
    ldr     r1, =STACK_SEAL
    str     r1, [r0]
    str     r1, [r0, #4]
    ldr     r0, =boot_vectors
    ldr     r1, =SCB_VTOR
    str     r0, [r1]
    ldr     r0, =SHCSR_ALL_FAULTS
    ldr     r1, =SCB_SHCSR
    str     r0, [r1]
    dsb
    isb
    ldr     r0, =__boot_data_load
    ldr     r1, =__boot_data_start
    ldr     r2, =__boot_data_end
1:  cmp     r1, r2
    bhs     2f
    ldr     r3, [r0], #4
    str     r3, [r1], #4
    b       1b
2:  ldr     r1, =__boot_bss_start
    ldr     r2, =__boot_bss_end
    movs    r3, #0
3:  cmp     r1, r2
    bhs     4f
    str     r3, [r1], #4
    b       3b
4:  bl      boot_main
5:  b       5b
    .pool
    .size boot_reset, . - boot_reset

    .section .text.boot_fault_entry, "ax", %progbits
    .type boot_fault_entry, %function
    .thumb_func
boot_fault_entry: /* a stack with little room, after its overflow for one, is started afresh */
    mrs     r0, msp
    ldr     r2, =__boot_stack_limit
    ldr     r3, =__boot_stack_top - 8
    sub     r1, r3, r2
    add     r1, r2, r1, lsr #1
    cmp     r0, r1
    it      lo
    movlo   sp, r3
    b       boot_handle_fault
    .pool
    .size boot_fault_entry, . - boot_fault_entry

    .section .text.boot_jump, "ax", %progbits
    .global boot_jump
    .type boot_jump, %function
    .thumb_func
boot_jump: /* r0 vectors, r1 stack, r2 reset handler */
    cpsid   i
    movs    r3, #0
    ldr     r4, =SCB_SHCSR
    str     r3, [r4]
    ldr     r4, =SCB_VTOR
    str     r0, [r4]
    msr     msplim, r3
    msr     psplim, r3
    msr     psp, r3
    dsb
    isb
    ldr     r4, =BOOT_RAM_BASE
    ldr     r5, =BOOT_RAM_BASE + BOOT_RAM_SIZE
1:  str     r3, [r4], #4
    cmp     r4, r5
    blo     1b
    msr     msp, r1
    dsb
    movs    r0, #0
    movs    r1, #0
    movs    r4, #0
    movs    r5, #0
    movs    r6, #0
    movs    r7, #0
    mov     r8, r3
    mov     r9, r3
    mov     r10, r3
    mov     r11, r3
    mov     r12, r3
    mvn     lr, r3
    msr     apsr_nzcvq, r3
    cpsie   i
    isb
    bx      r2
    .pool
    .size boot_jump, . - boot_jump
