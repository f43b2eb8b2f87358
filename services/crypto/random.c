/*
 * Crypto service, handlers: starting the library, random numbers.
 *
 * Called by the dispatcher (service.c). Random bytes pass through the private buffer, which the
 * dispatcher wipes.
 */
#include "services/crypto/adapter.h"
#include "services/crypto/service.h"

/* The dispatcher has started the engine: a client's initialisation only proves that. */
psa_status_t serve_psa_crypto_init(struct crypto_call *call)
{
    (void)call;
    return PSA_SUCCESS;
}

psa_status_t serve_psa_generate_random(struct crypto_call *call)
{
    size_t left = call->message->out_size[0];
    size_t size;
    uint8_t *chunk = call_reserve(call, left, &size);

    while (left > 0u) {
        size_t length = left < size ? left : size;
        psa_status_t status = adapter_random(chunk, length);

        if (status != PSA_SUCCESS) {
            return status;
        }
        psa_write(call->message->handle, 0, chunk, length);
        left -= length;
    }
    return PSA_SUCCESS;
}
