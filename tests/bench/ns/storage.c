/*
 * Internal Trusted Storage: assets that exist are replaced and read.
 */
#include "bench.h"

#include "psa/internal_trusted_storage.h"

#define UID_64  ((psa_storage_uid_t)64)
#define UID_512 ((psa_storage_uid_t)512)

static struct psa_storage_info_t info;

BENCH_CALL(its_set_64, psa_its_set(UID_64, 64U, bench_input, PSA_STORAGE_FLAG_NONE))
BENCH_CALL(its_set_512, psa_its_set(UID_512, 512U, bench_input, PSA_STORAGE_FLAG_NONE))
BENCH_CALL(its_get_64, psa_its_get(UID_64, 0U, 64U, bench_output, &bench_length))
BENCH_CALL(its_get_512, psa_its_get(UID_512, 0U, 512U, bench_output, &bench_length))
BENCH_CALL(its_get_info, psa_its_get_info(UID_512, &info))

const struct bench_row bench_storage[] = {
    {"its_set_64", NULL, call_its_set_64, NULL, NULL},
    {"its_set_512", NULL, call_its_set_512, NULL, NULL},
    {"its_get_64", NULL, call_its_get_64, NULL, NULL},
    {"its_get_512", NULL, call_its_get_512, NULL, NULL},
    {"its_get_info", NULL, call_its_get_info, NULL, NULL},
    {0},
};
