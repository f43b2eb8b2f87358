/*
 * bartizan_hand_on_fault() of bartizan/fault.h: the handler finds the frame of the fault, changes
 * nothing that the fault left behind, and goes to the gateway.
 */
    .syntax unified
    .thumb

    .section .text.bartizan_hand_on_fault, "ax", %progbits
    .global bartizan_hand_on_fault
    .type bartizan_hand_on_fault, %function
    .thumb_func
bartizan_hand_on_fault:
    mov r1, lr
    tst lr, #4                  /* EXC_RETURN.SPSEL: which stack has the frame */
    ite eq
    mrseq r0, msp
    mrsne r0, psp
    b.w bartizan_report_fault_gateway
    .size bartizan_hand_on_fault, . - bartizan_hand_on_fault
