/*
 * What every bench service does with a request: it reads its first input into its own buffer and
 * writes it back. The least that a service can do, so that what is measured is the call.
 *
 * Included once by each bench partition: the buffer is the partition's own.
 */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include "psa/service.h"

static uint8_t echo_bytes[4096];

static inline psa_status_t echo(const psa_msg_t *message)
{
    if (message->in_size[0] != 0U) {
        psa_write(message->handle, 0U, echo_bytes,
                  psa_read(message->handle, 0U, echo_bytes, sizeof(echo_bytes)));
    }
    return PSA_SUCCESS;
}

#endif
