/*
 * s_veneers.o: the absolute addresses of the secure world's gateways, for linking an application.
 *
 * Made from the append-only list spm/gateways.def and the product's layout alone; holds no code.
 */
#include "layout.h"

    .syntax unified
    .thumb

    .set gateway_address, GATEWAYS_BASE + 1 /* Thumb */
    .macro GATEWAY name target
    .global \name
    .type \name, %function
    .set \name, gateway_address
    .set gateway_address, gateway_address + 8
    .endm

#include "spm/gateways.def"
