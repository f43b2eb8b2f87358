/*
 * Cases of the client API that every client may try: compiled into the non-secure application and
 * into the client partition. Each returns 0, or the line of what was not as it should be.
 */
#ifndef FF_CASES_H
#define FF_CASES_H

#include <stdint.h>

#include "tests/qemu/ff/ff.h"

struct ff_case {
    const char *name;
    int32_t (*function)(void);
};

extern const struct ff_case ff_cases[];
extern const uint32_t ff_case_count;

/* The client's own id, as services see it: defined by each of the two. */
extern const int32_t ff_own_id;

/* One call with a struct ff_request; bytes of in[1] and room of out[0] are optional. */
psa_status_t ff_ask(psa_handle_t handle, int32_t type, struct ff_request request,
                    const psa_invec *more, psa_outvec *answer);

#endif
