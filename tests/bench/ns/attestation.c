/*
 * Initial attestation: the token, and its size beforehand.
 */
#include "bench.h"

#include "psa/initial_attestation.h"

#define CHALLENGE_BYTES 32U

static size_t token_bytes;

BENCH_CALL(attest_token, psa_initial_attest_get_token(bench_input, CHALLENGE_BYTES, bench_output,
                                                      sizeof(bench_output), &bench_length))
BENCH_CALL(attest_token_size, psa_initial_attest_get_token_size(CHALLENGE_BYTES, &token_bytes))

const struct bench_row bench_attestation[] = {
    {"attest_token", NULL, call_attest_token, NULL, &bench_length},
    {"attest_token_size", NULL, call_attest_token_size, NULL, &token_bytes},
    {0},
};
