/*
 * Where the gateways are in a secure image: the symbols that spe.ld gives, for a program that has
 * none.
 *
 * Linked into the platform test only; probe.c programs a gateway there.
 */
#include "layout.h"

    .global __gateways_start
    .global __gateways_end
    .set __gateways_start, GATEWAYS_BASE
    .set __gateways_end, GATEWAYS_BASE + 0x100
