/*
 * What a client stub makes of a service's answer: one rule for every API.
 *
 * Included by the stubs of all standard services, which are linked into non-secure applications and
 * into partitions. The partition manager answers PSA_ERROR_PROGRAMMER_ERROR where there is no such
 * service, and where it cannot be called with these vectors. A partition never sees that answer: it
 * ends there, so before it uses a service that a product may lack, it asks psa_version().
 */
#ifndef SERVICES_CLIENT_STATUS_H
#define SERVICES_CLIENT_STATUS_H

#include "psa/client.h"
#include "psa/error.h"

/* Apart, so that a call that succeeds costs one comparison. */
static __attribute__((noinline)) psa_status_t client_refused(uint32_t sid)
{
    return psa_version(sid) == PSA_VERSION_NONE ? PSA_ERROR_NOT_SUPPORTED
                                                : PSA_ERROR_INVALID_ARGUMENT;
}

/* The status that the caller of an API gets. sid: of the service that answered status. */
static inline psa_status_t client_status(uint32_t sid, psa_status_t status)
{
    return status == PSA_ERROR_PROGRAMMER_ERROR ? client_refused(sid) : status;
}

#endif
