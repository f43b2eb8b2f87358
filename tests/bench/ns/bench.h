/*
 * What the files of the measuring application share: a row for each measured operation.
 *
 * The host finds the two labels around an API call by the row's name (tools/bz/bench.py) and takes
 * what is executed between them, in the second of two calls.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#define BENCH_CALLS 2

struct bench_row {
    const char *name;
    psa_status_t (*prepare)(void); /* once before the calls; NULL: nothing to do */
    psa_status_t (*call)(void);    /* the measured one, from BENCH_CALL() */
    psa_status_t (*tidy)(void);    /* after each call; NULL: nothing to do */
    const size_t *value;           /* a number that the calls leave; NULL: none */
};

/* Ended by a row without name. A group that is not linked is NULL. */
#define BENCH_GROUP extern const struct bench_row __attribute__((weak))
BENCH_GROUP bench_start[]; /* what only the first calls of a start show */
BENCH_GROUP bench_framework[];
BENCH_GROUP bench_storage[];
BENCH_GROUP bench_crypto[];
BENCH_GROUP bench_aead[];
BENCH_GROUP bench_agreement[];
BENCH_GROUP bench_attestation[];

/* Shared by the groups: inputs of any content, outputs. */
extern uint8_t bench_input[65536];
extern uint8_t bench_output[8192];
extern size_t bench_length;

#define BENCH_LABEL(label) __asm volatile(".global " #label "\n" #label ":" ::: "memory")

/* Defines call_<row>(), which makes the API call between the two labels. */
#define BENCH_CALL(row, api_call)                                                                  \
    static psa_status_t call_##row(void)                                                           \
    {                                                                                              \
        psa_status_t status;                                                                       \
                                                                                                   \
        BENCH_LABEL(bench_begin_##row);                                                            \
        status = (psa_status_t)(api_call);                                                         \
        BENCH_LABEL(bench_end_##row);                                                              \
        return status;                                                                             \
    }

#endif
