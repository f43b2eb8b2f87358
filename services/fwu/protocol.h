/*
 * What travels between the stubs of Firmware Update and the service: types of psa_call(), which are
 * the numbers of functions.table, and one fixed request, in_vec[0] of each call.
 *
 * Included by both sides. Fields are little-endian words without padding; a change of a layout or
 * of a number is a new version of the service. There is no such service yet.
 */
#ifndef FWU_PROTOCOL_H
#define FWU_PROTOCOL_H

#include <stdint.h>

#include "fwu_functions.h"

#define FWU_DIGEST_BYTES 32U

/* A field that a function does not use is 0. */
struct fwu_request {
    uint32_t component; /* psa_fwu_component_t */
    uint32_t value; /* psa_fwu_write(): offset in bytes; psa_fwu_reject(): the caller's reason */
};

/* out_vec[0] of psa_fwu_query(). */
struct fwu_info {
    uint32_t state;
    uint32_t error;   /* psa_status_t */
    uint32_t version; /* major | minor << 8 | patch << 16 */
    uint32_t build;
    uint32_t max_size_bytes;
    uint32_t flags;
    uint32_t location;
    uint8_t candidate_digest[FWU_DIGEST_BYTES];
};

_Static_assert(sizeof(struct fwu_request) == 8, "the wire format has no padding");
_Static_assert(sizeof(struct fwu_info) == 60, "the wire format has no padding");

#endif
