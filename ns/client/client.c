/*
 * psa/client.h for the non-secure side: each function is one gateway.
 *
 * Linked into the application as part of libpsa_ns. The gateways' addresses come from s_veneers.o
 * and never change; arguments that do not fit in registers are packed by bartizan/call.h.
 */
#include "psa/client.h"

#include "bartizan/call.h"

uint32_t psa_framework_version_gateway(void);
uint32_t psa_version_gateway(uint32_t sid);
psa_handle_t psa_connect_gateway(uint32_t sid, uint32_t version);
psa_status_t psa_call_gateway(psa_handle_t handle, uint32_t control, const psa_invec *in_vec,
                              psa_outvec *out_vec);
void psa_close_gateway(psa_handle_t handle);

uint32_t psa_framework_version(void)
{
    return psa_framework_version_gateway();
}

uint32_t psa_version(uint32_t sid)
{
    return psa_version_gateway(sid);
}

psa_handle_t psa_connect(uint32_t sid, uint32_t version)
{
    return psa_connect_gateway(sid, version);
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    return psa_call_gateway(handle, call_control(type, in_len, out_len), in_vec, out_vec);
}

void psa_close(psa_handle_t handle)
{
    psa_close_gateway(handle);
}
