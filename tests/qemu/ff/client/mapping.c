/*
 * The mapper used by a secure client: its vectors are whole MPU granules.
 */
#include <string.h>

#include "psa_manifest/sid.h"
#include "tests/qemu/ff/cases.h"
#include "tests/qemu/ff/client/client.h"

static uint8_t from[96] __attribute__((aligned(32)));
static uint8_t to[96] __attribute__((aligned(32)));

int32_t client_case_mapping(void)
{
    static struct ff_request request[4] __attribute__((aligned(32))); /* a granule too */
    psa_invec in[] = {{request, sizeof(request)}, {from, 64U}};
    psa_outvec out[] = {{to, 64U}};

    request[0].a = 64U;
    memset(to, 0xEE, sizeof(to));
    for (uint32_t i = 0U; i < sizeof(from); i++) {
        from[i] = (uint8_t)(3U * i);
    }
    EXPECT(psa_call(FF_MAPPER_HANDLE, MAPPER_COPY, in, 2U, out, 1U) == PSA_SUCCESS);
    EXPECT(out[0].len == 64U);
    EXPECT(memcmp(from, to, 64U) == 0);
    EXPECT(to[64] == 0xEEU);
    out[0].len = 64U;
    EXPECT(psa_call(FF_MAPPER_HANDLE, MAPPER_KEEP, in, 2U, out, 1U) == PSA_SUCCESS);
    EXPECT(out[0].len == 0U);
    return 0;
}
