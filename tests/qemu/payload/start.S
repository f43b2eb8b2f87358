/*
 * Vectors and start of the payload, the smallest secure image that boot can start (see payload.c).
 *
 * Before anything else it keeps the registers that boot left, for payload_main() to judge.
 */
    .syntax unified
    .thumb

    .section .vectors, "a", %progbits
    .word __payload_stack_top
    .word payload_reset
    .rept 14
    .word payload_handle_fault
    .endr

    .section .text.payload_reset, "ax", %progbits
    .global payload_reset
    .type payload_reset, %function
    .thumb_func
payload_reset:
    orr     r0, r0, r1
    orr     r0, r0, r3
    orr     r0, r0, r4
    orr     r0, r0, r5
    orr     r0, r0, r6
    orr     r0, r0, r7
    orr     r0, r0, r8
    orr     r0, r0, r9
    orr     r0, r0, r10
    orr     r0, r0, r11
    orr     r0, r0, r12
    mrs     r1, msplim
    orr     r0, r0, r1
    mrs     r1, psp
    orr     r0, r0, r1
    mrs     r1, psplim
    orr     r0, r0, r1
    mrs     r1, primask
    orr     r0, r0, r1
    mrs     r1, control
    orr     r0, r0, r1
    mov     r4, r0
    ldr     r1, =__payload_bss_start
    ldr     r2, =__payload_bss_end
    movs    r3, #0
1:  cmp     r1, r2
    bhs     2f
    str     r3, [r1], #4
    b       1b
2:  ldr     r0, =__payload_data_load
    ldr     r1, =__payload_data_start
    ldr     r2, =__payload_data_end
3:  cmp     r1, r2
    bhs     4f
    ldr     r3, [r0], #4
    str     r3, [r1], #4
    b       3b
4:  mov     r0, r4
    bl      payload_main
5:  wfi
    b       5b
    .pool

/* Any fault: remember it, and go on behind the 16-bit load that caused it. */
    .section .text.payload_handle_fault, "ax", %progbits
    .global payload_handle_fault
    .type payload_handle_fault, %function
    .thumb_func
payload_handle_fault:
    ldr     r0, =payload_faults
    ldr     r1, [r0]
    adds    r1, #1
    str     r1, [r0]
    ldr     r1, [sp, #24]
    adds    r1, #2
    str     r1, [sp, #24]
    bx      lr
    .pool

/* uint32_t payload_load(uint32_t address): 16-bit load, so the handler knows how far to skip. */
    .section .text.payload_load, "ax", %progbits
    .global payload_load
    .type payload_load, %function
    .thumb_func
payload_load:
    ldr.n   r0, [r0]
    bx      lr
