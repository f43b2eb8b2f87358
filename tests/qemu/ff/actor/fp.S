/*
 * All floating point registers at once: see fp.h.
 */
    .syntax unified
    .thumb
    .fpu fpv5-sp-d16

    .section .text.fp_fill, "ax", %progbits
    .global fp_fill
    .type fp_fill, %function
    .thumb_func
fp_fill:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmov s\n, r0
    adds r0, #1
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    vmov s\n, r0
    adds r0, #1
    .endr
    bx lr
    .size fp_fill, . - fp_fill

    .section .text.fp_store, "ax", %progbits
    .global fp_store
    .type fp_store, %function
    .thumb_func
fp_store:
    vstmia r0!, {s0-s15}
    vstmia r0!, {s16-s31}
    bx lr
    .size fp_store, . - fp_store

    .section .text.fp_load_high, "ax", %progbits
    .global fp_load_high
    .type fp_load_high, %function
    .thumb_func
fp_load_high:
    adds r0, #64
    vldmia r0!, {s16-s31}
    bx lr
    .size fp_load_high, . - fp_load_high
