/*
 * Crypto service, handler: key agreement.
 *
 * Called by the dispatcher (service.c). The peer's key comes from outside: the engine checks that
 * it is a point of the curve.
 */
#include "services/crypto/adapter.h"
#include "services/crypto/service.h"

#define SECRET_MAX_BYTES 66U

psa_status_t serve_psa_raw_key_agreement(struct crypto_call *call)
{
    const size_t capacity = call->message->out_size[0];
    struct adapter_use use = call_use_of(call);
    uint8_t *secret;
    size_t size;
    size_t length = 0;
    psa_status_t status = call_read(call, 1, &use.input, &use.input_length);

    if (status != PSA_SUCCESS) {
        return status;
    }
    secret = call_reserve(call, capacity < SECRET_MAX_BYTES ? capacity : SECRET_MAX_BYTES, &size);
    status = adapter_agree(&use, secret, size, &length);
    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, secret, length);
    }
    return status;
}
