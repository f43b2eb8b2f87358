/*
 * Calls of the framework itself: versions, and a service that does nothing.
 */
#include "bench.h"

#include "psa/client.h"
#include "psa_manifest/sid.h"

static const psa_invec in_64[] = {{bench_input, 64U}};
static const psa_invec in_4096[] = {{bench_input, 4096U}};
static psa_outvec out[1];

static psa_status_t prepare_64(void)
{
    out[0].base = bench_output;
    out[0].len = 64U;
    return PSA_SUCCESS;
}

static psa_status_t prepare_4096(void)
{
    out[0].base = bench_output;
    out[0].len = 4096U;
    return PSA_SUCCESS;
}

/* The versions are numbers, not statuses. */
static uint32_t version;

BENCH_CALL(psa_framework_version, (version = psa_framework_version(), PSA_SUCCESS))
BENCH_CALL(psa_version, (version = psa_version(BENCH_SID), PSA_SUCCESS))
BENCH_CALL(psa_call_0vec_sfn, psa_call(BENCH_HANDLE, PSA_IPC_CALL, NULL, 0U, NULL, 0U))
BENCH_CALL(psa_call_1in1out_64_sfn, psa_call(BENCH_HANDLE, PSA_IPC_CALL, in_64, 1U, out, 1U))
BENCH_CALL(psa_call_1in1out_4096_sfn, psa_call(BENCH_HANDLE, PSA_IPC_CALL, in_4096, 1U, out, 1U))

static psa_status_t version_check(void)
{
    return (version != PSA_VERSION_NONE) ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

static psa_status_t echo_check(void)
{
    for (size_t i = 0; i < out[0].len; i++) {
        if (bench_output[i] != bench_input[i]) {
            return PSA_ERROR_GENERIC_ERROR;
        }
        bench_output[i] = 0U;
    }
    return (out[0].len != 0U) ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

const struct bench_row bench_framework[] = {
    {"psa_framework_version", NULL, call_psa_framework_version, version_check, NULL},
    {"psa_version", NULL, call_psa_version, version_check, NULL},
    {"psa_call_0vec_sfn", NULL, call_psa_call_0vec_sfn, NULL, NULL},
    {"psa_call_1in1out_64_sfn", prepare_64, call_psa_call_1in1out_64_sfn, echo_check, NULL},
    {"psa_call_1in1out_4096_sfn", prepare_4096, call_psa_call_1in1out_4096_sfn, echo_check, NULL},
    {0},
};
