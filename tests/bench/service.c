/*
 * The bench service: the least that a service can do, so that what is measured is the call.
 *
 * Part of the products that `./bz bench` derives, never of one in products/.
 */
#include "psa/service.h"
#include "psa_manifest/sid.h"

psa_status_t bench_sfn(const psa_msg_t *message);

static uint8_t bytes[4096];

psa_status_t bench_sfn(const psa_msg_t *message)
{
    if (message->in_size[0] != 0U) {
        psa_write(message->handle, 0U, bytes, psa_read(message->handle, 0U, bytes, sizeof(bytes)));
    }
    return PSA_SUCCESS;
}
