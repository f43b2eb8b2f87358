/*
 * How structs of the Protected Storage API travel. Included by the generated stubs (ps_client.c:
 * functions.table) and by nothing else; it checks nothing: that is the service's.
 */
#ifndef PS_CLIENT_H
#define PS_CLIENT_H

#include "psa/protected_storage.h"
#include "services/ps/protocol.h"

/* Leaves info alone if the call failed. */
static inline void ps_unpack_info(psa_status_t status, const struct ps_info *packed,
                                  struct psa_storage_info_t *info)
{
    if (status == PSA_SUCCESS) {
        info->capacity = packed->capacity_bytes;
        info->size = packed->size_bytes;
        info->flags = packed->flags;
    }
}

#endif
