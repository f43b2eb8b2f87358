/*
 * psa/client.h for the non-secure side: each function is one gateway, inside the application's lock
 * if it has one (bartizan/ns_lock.h).
 *
 * Linked into the application as part of libpsa_ns. The gateways' addresses come from s_veneers.o
 * and never change; arguments that do not fit in registers are packed by bartizan/call.h. Without a
 * lock a function is a test of an address and a jump; what the lock costs stays out of line.
 */
#include "psa/client.h"

#include <stdbool.h>

#include "bartizan/call.h"
#include "bartizan/fault.h"
#include "bartizan/ns_lock.h"

#define OUT_OF_LINE __attribute__((noinline))

#pragma weak bartizan_ns_lock
#pragma weak bartizan_ns_unlock

uint32_t psa_framework_version_gateway(void);
uint32_t psa_version_gateway(uint32_t sid);
psa_handle_t psa_connect_gateway(uint32_t sid, uint32_t version);
psa_status_t psa_call_gateway(psa_handle_t handle, uint32_t control, const psa_invec *in_vec,
                              psa_outvec *out_vec);
void psa_close_gateway(psa_handle_t handle);
psa_status_t bartizan_confirm_start_gateway(void);

/* A handler may not wait, and the gateway refuses it. */
static bool in_handler(void)
{
    uint32_t ipsr;

    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr != 0U;
}

static void lock(void)
{
    if (!in_handler()) {
        bartizan_ns_lock();
    }
}

static void unlock(void)
{
    if (!in_handler()) {
        bartizan_ns_unlock();
    }
}

uint32_t psa_framework_version(void)
{
    return psa_framework_version_gateway();
}

static OUT_OF_LINE uint32_t version_locked(uint32_t sid)
{
    uint32_t version;

    lock();
    version = psa_version_gateway(sid);
    unlock();
    return version;
}

uint32_t psa_version(uint32_t sid)
{
    return (bartizan_ns_lock == NULL) ? psa_version_gateway(sid) : version_locked(sid);
}

static OUT_OF_LINE psa_handle_t connect_locked(uint32_t sid, uint32_t version)
{
    psa_handle_t handle;

    lock();
    handle = psa_connect_gateway(sid, version);
    unlock();
    return handle;
}

psa_handle_t psa_connect(uint32_t sid, uint32_t version)
{
    return (bartizan_ns_lock == NULL) ? psa_connect_gateway(sid, version)
                                      : connect_locked(sid, version);
}

static OUT_OF_LINE psa_status_t call_locked(psa_handle_t handle, uint32_t control,
                                            const psa_invec *in_vec, psa_outvec *out_vec)
{
    psa_status_t status;

    lock();
    status = psa_call_gateway(handle, control, in_vec, out_vec);
    unlock();
    return status;
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    uint32_t control = call_control(type, in_len, out_len);

    return (bartizan_ns_lock == NULL) ? psa_call_gateway(handle, control, in_vec, out_vec)
                                      : call_locked(handle, control, in_vec, out_vec);
}

static OUT_OF_LINE void close_locked(psa_handle_t handle)
{
    lock();
    psa_close_gateway(handle);
    unlock();
}

void psa_close(psa_handle_t handle)
{
    if (bartizan_ns_lock == NULL) {
        psa_close_gateway(handle);
    } else {
        close_locked(handle);
    }
}

psa_status_t bartizan_confirm_start(void)
{
    psa_status_t status;

    if (bartizan_ns_lock == NULL) {
        return bartizan_confirm_start_gateway();
    }
    lock();
    status = bartizan_confirm_start_gateway();
    unlock();
    return status;
}
