/*
 * bartizan/fault.h for the non-secure side: both functions are gateways.
 *
 * The handler finds the frame of the fault and changes nothing that the fault left behind.
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

    .section .text.bartizan_confirm_start, "ax", %progbits
    .global bartizan_confirm_start
    .type bartizan_confirm_start, %function
    .thumb_func
bartizan_confirm_start:
    b.w bartizan_confirm_start_gateway
    .size bartizan_confirm_start, . - bartizan_confirm_start
