/*
 * Crypto service, handlers: signatures of hashes and of messages.
 *
 * Called by the dispatcher (service.c). What is signed or verified is copied to the private buffer
 * whole: a message has to fit in there together with its signature.
 */
#include "services/crypto/adapter.h"
#include "services/crypto/service.h"

#define SIGNATURE_MAX_BYTES 512U

typedef psa_status_t sign_function(const struct adapter_use *what, uint8_t *signature, size_t size,
                                   size_t *length);
typedef psa_status_t verify_function(const struct adapter_use *what, const uint8_t *signature,
                                     size_t length);

/* Reads in_vec[1], what is signed. */
static psa_status_t signature_read(struct crypto_call *call, struct adapter_use *what)
{
    *what = call_use_of(call);
    return call_read(call, 1, &what->input, &what->input_length);
}

static psa_status_t sign_with(struct crypto_call *call, sign_function *function)
{
    const size_t capacity = call->message->out_size[0];
    const size_t limit = capacity < SIGNATURE_MAX_BYTES ? capacity : SIGNATURE_MAX_BYTES;
    struct adapter_use what;
    uint8_t *signature;
    size_t size;
    size_t length = 0;
    psa_status_t status = signature_read(call, &what);

    if (status != PSA_SUCCESS) {
        return status;
    }
    signature = call_reserve(call, limit, &size);
    status = function(&what, signature, size, &length);
    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, signature, length);
    } else if (status == PSA_ERROR_BUFFER_TOO_SMALL && size < limit) {
        return PSA_ERROR_INSUFFICIENT_MEMORY; /* it was the private buffer that was too small */
    }
    return status;
}

static psa_status_t verify_with(struct crypto_call *call, verify_function *function)
{
    struct adapter_use what;
    const uint8_t *signature;
    size_t length;
    psa_status_t status = signature_read(call, &what);

    if (status != PSA_SUCCESS) {
        return status;
    }
    if (call->message->in_size[2] > SIGNATURE_MAX_BYTES) {
        return PSA_ERROR_INVALID_SIGNATURE;
    }
    status = call_read(call, 2, &signature, &length);
    return status == PSA_SUCCESS ? function(&what, signature, length) : status;
}

/* No algorithm takes a hash that is longer than a signature. */
static psa_status_t hash_length_check(const struct crypto_call *call)
{
    return call->message->in_size[1] > SIGNATURE_MAX_BYTES ? PSA_ERROR_INVALID_ARGUMENT
                                                           : PSA_SUCCESS;
}

psa_status_t serve_psa_sign_hash(struct crypto_call *call)
{
    psa_status_t status = hash_length_check(call);

    return status == PSA_SUCCESS ? sign_with(call, adapter_sign_hash) : status;
}

psa_status_t serve_psa_verify_hash(struct crypto_call *call)
{
    psa_status_t status = hash_length_check(call);

    return status == PSA_SUCCESS ? verify_with(call, adapter_verify_hash) : status;
}

psa_status_t serve_psa_sign_message(struct crypto_call *call)
{
    return sign_with(call, adapter_sign_message);
}

psa_status_t serve_psa_verify_message(struct crypto_call *call)
{
    return verify_with(call, adapter_verify_message);
}
