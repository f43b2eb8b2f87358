/*
 * What travels between the stubs of Protected Storage and the service: types of psa_call(), which
 * are the numbers of functions.table, and one fixed request, in_vec[0] of each call.
 *
 * Included by both sides. Fields are little-endian words without padding; a change of a layout or
 * of a number is a new version of the service. There is no such service yet.
 */
#ifndef PS_PROTOCOL_H
#define PS_PROTOCOL_H

#include <stdint.h>

#include "ps_functions.h"

/* A field that a function does not use is 0. */
struct ps_request {
    uint32_t uid_low;
    uint32_t uid_high;
    uint32_t offset_bytes;   /* psa_ps_get(), psa_ps_set_extended() */
    uint32_t capacity_bytes; /* psa_ps_create() */
    uint32_t flags;          /* psa_ps_set(), psa_ps_create() */
};

/* out_vec[0] of psa_ps_get_info(). */
struct ps_info {
    uint32_t capacity_bytes;
    uint32_t size_bytes;
    uint32_t flags;
};

_Static_assert(sizeof(struct ps_request) == 20, "the wire format has no padding");
_Static_assert(sizeof(struct ps_info) == 12, "the wire format has no padding");

#endif
