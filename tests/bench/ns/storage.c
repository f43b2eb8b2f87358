/*
 * Internal Trusted Storage and Protected Storage: assets that exist are replaced and read. And what
 * the first call after a start costs more than another, with a full store.
 */
#include "bench.h"

#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"

#define UID_64  ((psa_storage_uid_t)64)
#define UID_512 ((psa_storage_uid_t)512)

/* What store_mount_64 finds: LIVE assets of 64 bytes, each of them set SETS_EACH times before the
 * next one, so that they are spread over the whole log and the rest of it is stale records. The last
 * one is set SETS_MORE times, until the newest sector is full: the mount that has the most to read
 * (tests/tool/test_bz_bench.py checks that it is so). */
#define LIVE      64U
#define SETS_EACH 9U
#define SETS_MORE 110U

/* Far more than a sector has room for, so that erases have their share. */
#define AMORTISED_SETS 500U

static struct psa_storage_info_t info;

BENCH_CALL(its_set_64, psa_its_set(UID_64, 64U, bench_input, PSA_STORAGE_FLAG_NONE))
BENCH_CALL(its_set_512, psa_its_set(UID_512, 512U, bench_input, PSA_STORAGE_FLAG_NONE))
BENCH_CALL(its_get_64, psa_its_get(UID_64, 0U, 64U, bench_output, &bench_length))
BENCH_CALL(its_get_512, psa_its_get(UID_512, 0U, 512U, bench_output, &bench_length))
BENCH_CALL(its_get_info, psa_its_get_info(UID_512, &info))
BENCH_CALL(ps_set_64, psa_ps_set(UID_64, 64U, bench_input, PSA_STORAGE_FLAG_NONE))
BENCH_CALL(ps_set_512, psa_ps_set(UID_512, 512U, bench_input, PSA_STORAGE_FLAG_NONE))
BENCH_CALL(ps_get_64, psa_ps_get(UID_64, 0U, 64U, bench_output, &bench_length))
BENCH_CALL(ps_get_512, psa_ps_get(UID_512, 0U, 512U, bench_output, &bench_length))

static psa_status_t sets_run(psa_storage_uid_t uid, uint32_t count)
{
    psa_status_t status = PSA_SUCCESS;

    for (uint32_t i = 0; (i < count) && (status == PSA_SUCCESS); i++) {
        status = psa_its_set(uid, 64U, &bench_input[i], PSA_STORAGE_FLAG_NONE);
    }
    return status;
}

BENCH_CALL(its_set_64_amortised, sets_run(UID_64, AMORTISED_SETS))

/* The first call of a start mounts the store. Of a device that has not been prepared, or whose
 * profile has not room for so many assets, it is not supported. */
BENCH_CALL(store_mount_64, psa_its_get_info(LIVE, &info))

static psa_status_t mount_run(void)
{
    psa_status_t status = call_store_mount_64();

    return (status == PSA_ERROR_DOES_NOT_EXIST) ? PSA_ERROR_NOT_SUPPORTED : status;
}

/* Leaves the region as store_mount_64 wants it. */
static psa_status_t mount_prepare(void)
{
    psa_status_t status = psa_its_remove(UID_512);

    for (psa_storage_uid_t uid = 1; (uid <= LIVE) && (status == PSA_SUCCESS); uid++) {
        status = sets_run(uid, (uid < LIVE) ? SETS_EACH : SETS_MORE);
    }
    if (status == PSA_ERROR_INSUFFICIENT_STORAGE) {
        (void)psa_its_remove(LIVE);
        status = PSA_ERROR_NOT_SUPPORTED;
    }
    return status;
}

static psa_status_t mount_prepared(void)
{
    return PSA_SUCCESS;
}

const struct bench_row bench_start[] = {
    {"store_mount_64", NULL, mount_run, NULL, NULL},
    {0},
};

const struct bench_row bench_storage[] = {
    {"its_set_64", NULL, call_its_set_64, NULL, NULL},
    {"its_set_512", NULL, call_its_set_512, NULL, NULL},
    {"its_get_64", NULL, call_its_get_64, NULL, NULL},
    {"its_get_512", NULL, call_its_get_512, NULL, NULL},
    {"its_get_info", NULL, call_its_get_info, NULL, NULL},
    {"its_set_64_amortised", NULL, call_its_set_64_amortised, NULL, NULL},
    {"ps_set_64", NULL, call_ps_set_64, NULL, NULL},
    {"ps_set_512", NULL, call_ps_set_512, NULL, NULL},
    {"ps_get_64", NULL, call_ps_get_64, NULL, NULL},
    {"ps_get_512", NULL, call_ps_get_512, NULL, NULL},
    {"prepare_store_mount_64", mount_prepare, mount_prepared, NULL, NULL},
    {0},
};
