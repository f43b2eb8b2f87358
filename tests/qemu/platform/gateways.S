/*
 * Where the gateways would be in a secure image: the symbols that spe.ld gives, for a test that has none.
 *
 * Linked into the platform test only; probe.c programs a gateway there.
 */
#include "layout.h"

    .global __gateways_start
    .global __gateways_end
    .set __gateways_start, FLASH_BASE + IMAGE_SECURE_SLOT_OFFSET + IMAGE_SECURE_HEADER_SIZE + 0x400
    .set __gateways_end, __gateways_start + 0x100
