/*
 * The contract of bartizan/ns_lock.h, asked for by hooks that count: which functions call them, in
 * pairs, and that none does in a handler.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bartizan/board.h"
#include "bartizan/fault.h"
#include "bartizan/ns_lock.h"
#include "psa/client.h"
#include "psa_manifest/sid.h"

static uint32_t locked;
static uint32_t unlocked;
static bool nested;
static bool in_order = true;
static bool all_good = true;
static psa_status_t handler_call;
static psa_status_t handler_confirm;
static uint32_t handler_version;

void bartizan_ns_lock(void)
{
    nested = locked != unlocked;
    locked++;
}

void bartizan_ns_unlock(void)
{
    unlocked++;
    in_order = in_order && !nested && (unlocked == locked);
}

/* What has been called since the last time must have taken the lock this many times. */
static void check(const char *what, uint32_t times)
{
    static uint32_t before;
    bool good = in_order && (locked == unlocked) && (locked - before == times);

    printf("lock: %s: %s\n", what, good ? "ok" : "FAILED");
    before = locked;
    all_good = all_good && good;
}

void SVC_Handler(void)
{
    handler_version = psa_version(PSA_CRYPTO_SID);
    handler_call = psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, NULL, 0, NULL, 0);
    handler_confirm = bartizan_confirm_start();
    psa_close(PSA_NULL_HANDLE);
}

int main(void)
{
    board_init();
    (void)psa_framework_version();
    check("psa_framework_version without it", 0);
    (void)psa_version(PSA_CRYPTO_SID);
    check("psa_version", 1);
    (void)psa_connect(PSA_CRYPTO_SID, 1);
    check("psa_connect", 1);
    (void)psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, NULL, 0, NULL, 0);
    check("psa_call", 1);
    psa_close(PSA_NULL_HANDLE);
    check("psa_close", 1);
    (void)bartizan_confirm_start();
    check("bartizan_confirm_start", 1);
    __asm volatile("svc #0" : : : "memory");
    check("none in a handler", 0);
    in_order = (handler_version == PSA_VERSION_NONE) && (handler_call == PSA_ERROR_NOT_PERMITTED) &&
               (handler_confirm == PSA_ERROR_NOT_PERMITTED);
    check("calls from a handler are refused", 0);
    printf(all_good ? "lock: done\n" : "lock: FAILED\n");
    return 0;
}
