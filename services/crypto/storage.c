/*
 * The engine's key storage, on the ITS service. See storage.h.
 *
 * The partition is a client of ITS like any other, so what it stores belongs to it alone. A set is
 * whole or has not happened, whatever the power does: a key needs no more than its one asset.
 */
#include "services/crypto/storage.h"

#include "psa/internal_trusted_storage.h"

static psa_status_t failure;

static psa_status_t failure_note(psa_status_t status)
{
    if (failure == PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST) {
        failure = status;
    }
    return status;
}

psa_status_t storage_get(psa_storage_uid_t uid, size_t offset, size_t size, void *data,
                         size_t *length)
{
    psa_status_t status = failure_note(psa_its_get(uid, offset, size, data, length));

    if (status != PSA_SUCCESS) {
        *length = size; /* the engine looks at the status only when the length is right */
    }
    return status;
}

psa_status_t storage_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *info)
{
    return failure_note(psa_its_get_info(uid, info));
}

psa_status_t storage_set(psa_storage_uid_t uid, size_t length, const void *data,
                         psa_storage_create_flags_t flags)
{
    return failure_note(psa_its_set(uid, length, data, flags));
}

psa_status_t storage_remove(psa_storage_uid_t uid)
{
    return failure_note(psa_its_remove(uid));
}

void storage_begin(void)
{
    failure = PSA_SUCCESS;
}

psa_status_t storage_failure(void)
{
    return failure;
}
