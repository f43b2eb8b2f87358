/*
 * psa_its_* and bartizan_its_get_usage(): the client's side of Internal Trusted Storage.
 *
 * Linked into non-secure applications and into partitions that use the service. Keeps no state;
 * every check is the service's.
 */
#include "psa/internal_trusted_storage.h"

#include "bartizan/storage.h"
#include "psa/client.h"
#include "psa_manifest/sid.h"
#include "services/client_status.h"
#include "services/its/protocol.h"

static struct its_request request_make(psa_storage_uid_t uid, size_t offset_bytes, uint32_t flags)
{
    return (struct its_request){
        .uid_low = (uint32_t)uid,
        .uid_high = (uint32_t)(uid >> 32),
        .offset_bytes = (uint32_t)offset_bytes,
        .flags = flags,
    };
}

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
                         psa_storage_create_flags_t create_flags)
{
    struct its_request request = request_make(uid, 0U, create_flags);
    psa_invec in[] = {{&request, sizeof(request)}, {p_data, data_length}};

    return client_status(PSA_ITS_SID, psa_call(PSA_ITS_HANDLE, ITS_SET, in, 2U, NULL, 0U));
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
                         size_t *p_data_length)
{
    struct its_request request = request_make(uid, data_offset, 0U);
    psa_invec in[] = {{&request, sizeof(request)}};
    psa_outvec out[] = {{p_data, data_size}};
    psa_status_t status;

    if (p_data_length == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = client_status(PSA_ITS_SID, psa_call(PSA_ITS_HANDLE, ITS_GET, in, 1U, out, 1U));
    if (status == PSA_SUCCESS) {
        *p_data_length = out[0].len;
    }
    return status;
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
    struct its_request request = request_make(uid, 0U, 0U);
    struct its_info info = {0};
    psa_invec in[] = {{&request, sizeof(request)}};
    psa_outvec out[] = {{&info, sizeof(info)}};
    psa_status_t status;

    if (p_info == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = client_status(PSA_ITS_SID, psa_call(PSA_ITS_HANDLE, ITS_GET_INFO, in, 1U, out, 1U));
    if (status == PSA_SUCCESS) {
        p_info->capacity = info.size_bytes;
        p_info->size = info.size_bytes;
        p_info->flags = info.flags;
    }
    return status;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
    struct its_request request = request_make(uid, 0U, 0U);
    psa_invec in[] = {{&request, sizeof(request)}};

    return client_status(PSA_ITS_SID, psa_call(PSA_ITS_HANDLE, ITS_REMOVE, in, 1U, NULL, 0U));
}

psa_status_t bartizan_its_get_usage(struct bartizan_storage_usage *usage)
{
    psa_outvec out[] = {{usage, sizeof(*usage)}};

    if (usage == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    return client_status(PSA_ITS_SID, psa_call(PSA_ITS_HANDLE, ITS_GET_USAGE, NULL, 0U, out, 1U));
}
