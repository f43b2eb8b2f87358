/*
 * Crypto service, handlers: keys.
 *
 * Called by the dispatcher (service.c). The calling client's id goes with every key identifier, so
 * a key of another client does not exist here.
 */
#include "services/crypto/adapter.h"
#include "services/crypto/service.h"

psa_status_t serve_psa_get_key_attributes(struct crypto_call *call)
{
    struct crypto_attributes attributes;
    psa_status_t status;

    if (call->message->out_size[0] != sizeof attributes) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    status = adapter_key_attributes(call->message->client_id, call->request.key, &attributes);
    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, &attributes, sizeof attributes);
    }
    return status;
}

psa_status_t serve_psa_import_key(struct crypto_call *call)
{
    const uint8_t *data;
    size_t length;
    psa_status_t status = call_read(call, 2, &data, &length);

    if (status != PSA_SUCCESS) {
        return status;
    }
    return adapter_key_import(call->message->client_id, &call->attributes, data, length,
                              &call->made_key);
}

psa_status_t serve_psa_generate_key(struct crypto_call *call)
{
    return adapter_key_generate(call->message->client_id, &call->attributes, &call->made_key);
}

psa_status_t serve_psa_copy_key(struct crypto_call *call)
{
    return adapter_key_copy(call->message->client_id, call->request.key, &call->attributes,
                            &call->made_key);
}

psa_status_t serve_psa_destroy_key(struct crypto_call *call)
{
    return adapter_key_destroy(call->message->client_id, call->request.key);
}

psa_status_t serve_psa_purge_key(struct crypto_call *call)
{
    return adapter_key_purge(call->message->client_id, call->request.key);
}

typedef psa_status_t export_function(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                     size_t *length);

static psa_status_t export_with(struct crypto_call *call, export_function *function)
{
    size_t size;
    uint8_t *data = call_reserve(call, call->message->out_size[0], &size);
    size_t length = 0;
    psa_status_t status =
        function(call->message->client_id, call->request.key, data, size, &length);

    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, data, length);
    }
    return status;
}

psa_status_t serve_psa_export_key(struct crypto_call *call)
{
    return export_with(call, adapter_key_export);
}

psa_status_t serve_psa_export_public_key(struct crypto_call *call)
{
    return export_with(call, adapter_key_export_public);
}
