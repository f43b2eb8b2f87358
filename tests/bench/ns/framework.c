/*
 * Calls of the framework itself: versions, connections, and services that do the least.
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

static psa_handle_t connection;

#define CALL_EMPTY(service)    psa_call(service##_HANDLE, PSA_IPC_CALL, NULL, 0U, NULL, 0U)
#define CALL_ECHO(service, in) psa_call(service##_HANDLE, PSA_IPC_CALL, in, 1U, out, 1U)

BENCH_CALL(psa_framework_version, (version = psa_framework_version(), PSA_SUCCESS))
BENCH_CALL(psa_version, (version = psa_version(BENCH_AROT_IPC_SID), PSA_SUCCESS))
BENCH_CALL(psa_call_0vec_prot_ipc, CALL_EMPTY(BENCH_PROT_IPC))
BENCH_CALL(psa_call_0vec_arot_ipc, CALL_EMPTY(BENCH_AROT_IPC))
BENCH_CALL(psa_call_0vec_sfn, CALL_EMPTY(BENCH_SFN))
BENCH_CALL(psa_call_1in1out_64_arot_ipc, CALL_ECHO(BENCH_AROT_IPC, in_64))
BENCH_CALL(psa_call_1in1out_64_sfn, CALL_ECHO(BENCH_SFN, in_64))
BENCH_CALL(psa_call_1in1out_4096_arot_ipc, CALL_ECHO(BENCH_AROT_IPC, in_4096))
BENCH_CALL(psa_call_1in1out_4096_sfn, CALL_ECHO(BENCH_SFN, in_4096))
BENCH_CALL(connect_close_arot,
           (connection = psa_connect(BENCH_AROT_CONNECTION_SID, BENCH_AROT_CONNECTION_VERSION),
            psa_close(connection), PSA_SUCCESS))

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

static psa_status_t connection_check(void)
{
    return PSA_HANDLE_IS_VALID(connection) ? PSA_SUCCESS : PSA_HANDLE_TO_ERROR(connection);
}

const struct bench_row bench_framework[] = {
    {"psa_framework_version", NULL, call_psa_framework_version, version_check, NULL},
    {"psa_version", NULL, call_psa_version, version_check, NULL},
    {"psa_call_0vec_prot_ipc", NULL, call_psa_call_0vec_prot_ipc, NULL, NULL},
    {"psa_call_0vec_arot_ipc", NULL, call_psa_call_0vec_arot_ipc, NULL, NULL},
    {"psa_call_0vec_sfn", NULL, call_psa_call_0vec_sfn, NULL, NULL},
    {"psa_call_1in1out_64_arot_ipc", prepare_64, call_psa_call_1in1out_64_arot_ipc, echo_check,
     NULL},
    {"psa_call_1in1out_64_sfn", prepare_64, call_psa_call_1in1out_64_sfn, echo_check, NULL},
    {"psa_call_1in1out_4096_arot_ipc", prepare_4096, call_psa_call_1in1out_4096_arot_ipc,
     echo_check, NULL},
    {"psa_call_1in1out_4096_sfn", prepare_4096, call_psa_call_1in1out_4096_sfn, echo_check, NULL},
    {"connect_close_arot", NULL, call_connect_close_arot, connection_check, NULL},
    {0},
};
