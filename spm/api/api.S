/*
 * The partition's side of every trap: one SVC for each function of psa/service.h, psa/client.h and
 * spm/partition.h. Linked once, into the code that all partitions share; keeps no state.
 */
#include "spm/trap.h"

    .syntax unified
    .thumb

    .macro trap name number
    .section .text.\name, "ax", %progbits
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
    trap psa_read, TRAP_READ
    trap psa_skip, TRAP_SKIP
    trap psa_write, TRAP_WRITE
    trap psa_set_rhandle, TRAP_SET_RHANDLE
    trap psa_panic, TRAP_PANIC
    trap psa_rot_lifecycle_state, TRAP_LIFECYCLE
    trap spm_flash_read, TRAP_FLASH_READ
    trap spm_flash_program, TRAP_FLASH_PROGRAM
    trap spm_flash_erase, TRAP_FLASH_ERASE
    trap spm_take_secret, TRAP_TAKE_SECRET
    trap spm_read_handoff, TRAP_READ_HANDOFF
    trap spm_reset, TRAP_RESET
    trap spm_read_fault, TRAP_READ_FAULT
