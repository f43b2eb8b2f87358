/*
 * The two functions of psa/client.h that need more than a trap, for partitions.
 */
#include "psa/client.h"
#include "bartizan/call.h"

psa_status_t api_call(psa_handle_t handle, uint32_t control, const psa_invec *in_vec,
                      psa_outvec *out_vec);

uint32_t psa_framework_version(void)
{
    return PSA_FRAMEWORK_VERSION;
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    return api_call(handle, call_control(type, in_len, out_len), in_vec, out_vec);
}
