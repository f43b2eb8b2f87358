/*
 * The client's side of the service template.
 *
 * Linked into non-secure applications and into partitions that use the service. Keeps no state.
 */
#include "template.h"

#include "psa/client.h"
#include "psa_manifest/sid.h"

psa_status_t template_add(uint32_t number, uint32_t *result)
{
    psa_invec in[] = {{&number, sizeof(number)}};
    psa_outvec out[] = {{result, sizeof(*result)}};

    return psa_call(TEMPLATE_HANDLE, TEMPLATE_ADD, in, 1U, out, 1U);
}
