/*
 * bartizan_*: the client's side of the Platform service.
 *
 * Linked into non-secure applications and into partitions that use the service. Keeps no state.
 */
#include "bartizan/platform_service.h"

#include <stddef.h>

#include "psa/client.h"
#include "psa_manifest/sid.h"
#include "services/client_status.h"
#include "services/platform/protocol.h"

psa_status_t bartizan_get_status(struct bartizan_status *status)
{
    psa_outvec out[] = {{status, sizeof(*status)}};

    if (status == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    return client_status(PSA_PLATFORM_SID,
                         psa_call(PSA_PLATFORM_HANDLE, PLATFORM_GET_STATUS, NULL, 0U, out, 1U));
}

psa_status_t bartizan_get_fault(char *text, size_t size)
{
    psa_outvec out[] = {{text, size - 1U}};
    psa_status_t result;

    if ((text == NULL) || (size == 0U)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    result = client_status(PSA_PLATFORM_SID,
                           psa_call(PSA_PLATFORM_HANDLE, PLATFORM_GET_FAULT, NULL, 0U, out, 1U));
    if (result == PSA_SUCCESS) {
        text[out[0].len] = '\0';
    }
    return result;
}

psa_status_t bartizan_reset(void)
{
    return client_status(PSA_PLATFORM_SID,
                         psa_call(PSA_PLATFORM_HANDLE, PLATFORM_RESET, NULL, 0U, NULL, 0U));
}

psa_status_t bartizan_nv_counter_read(uint32_t counter, uint32_t *value)
{
    psa_invec in[] = {{&counter, sizeof(counter)}};
    psa_outvec out[] = {{value, sizeof(*value)}};

    if (value == NULL) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    return client_status(PSA_PLATFORM_SID,
                         psa_call(PSA_PLATFORM_HANDLE, PLATFORM_READ_COUNTER, in, 1U, out, 1U));
}

psa_status_t bartizan_nv_counter_increment(uint32_t counter)
{
    psa_invec in[] = {{&counter, sizeof(counter)}};

    return client_status(PSA_PLATFORM_SID, psa_call(PSA_PLATFORM_HANDLE, PLATFORM_INCREMENT_COUNTER,
                                                    in, 1U, NULL, 0U));
}
