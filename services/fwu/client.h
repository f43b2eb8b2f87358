/*
 * How structs of the Firmware Update API travel. Included by the generated stubs (fwu_client.c:
 * functions.table) and by nothing else; it checks nothing: that is the service's.
 */
#ifndef FWU_CLIENT_H
#define FWU_CLIENT_H

#include <string.h>

#include "psa/update.h"
#include "services/fwu/protocol.h"

/* All zeros if the call failed. */
static inline void fwu_unpack_info(psa_status_t status, const struct fwu_info *packed,
                                   psa_fwu_component_info_t *info)
{
    memset(info, 0, sizeof *info);
    if (status != PSA_SUCCESS) {
        return;
    }
    info->state = (uint8_t)packed->state;
    info->error = (psa_status_t)packed->error;
    info->version.major = (uint8_t)packed->version;
    info->version.minor = (uint8_t)(packed->version >> 8);
    info->version.patch = (uint16_t)(packed->version >> 16);
    info->version.build = packed->build;
    info->max_size = packed->max_size_bytes;
    info->flags = packed->flags;
    info->location = packed->location;
    memcpy(info->impl.candidate_digest, packed->candidate_digest, FWU_DIGEST_BYTES);
}

#endif
