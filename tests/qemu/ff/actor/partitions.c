/*
 * Calls a partition of the product ff by its number. Linked into the actors and the application.
 */
#include "tests/qemu/ff/actor/partitions.h"

#include "tests/qemu/ff/actor/actor.h"

#define ID_ROW(number, partition, service)     [number] = (partition),
#define HANDLE_ROW(number, partition, service) [number] = (service),

static const int32_t ids[] = {FF_PARTITIONS(ID_ROW)};
static const psa_handle_t handles[] = {FF_PARTITIONS(HANDLE_ROW)};

int32_t actor_id(uint32_t number)
{
    return ids[number];
}

psa_status_t actor_call(uint32_t number, int32_t type, const psa_invec *in, size_t in_count,
                        psa_outvec *out, size_t out_count)
{
    psa_handle_t handle;
    psa_status_t status;

    if (handles[number] != PSA_NULL_HANDLE) {
        return psa_call(handles[number], type, in, in_count, out, out_count);
    }
    handle = psa_connect(FF_LEGACY_SID, 1U);
    if (!PSA_HANDLE_IS_VALID(handle)) {
        return PSA_HANDLE_TO_ERROR(handle);
    }
    status = psa_call(handle, type, in, in_count, out, out_count);
    psa_close(handle);
    return status;
}
