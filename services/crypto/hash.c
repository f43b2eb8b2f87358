/*
 * Crypto service, handlers: hashes.
 *
 * Called by the dispatcher (service.c). Input of any length passes through the private buffer in
 * chunks; the one-shot functions use the service's own slot of the engine, so they work when all
 * operations are taken.
 */
#include "services/crypto/adapter.h"
#include "services/crypto/service.h"

/* One more than the longest hash, so that a reference that is too long reaches the comparison and
 * fails there. */
#define HASH_SPACE_BYTES 65U

static psa_status_t hash_chunk(struct crypto_call *call, uint8_t *chunk, size_t length)
{
    return adapter_hash_update(call->slot, chunk, length);
}

/* Writes the hash in slot to out_vec[0]. */
static psa_status_t hash_write(struct crypto_call *call, uint32_t slot)
{
    size_t capacity = call->message->out_size[0];
    size_t size;
    uint8_t *hash =
        call_reserve(call, capacity < HASH_SPACE_BYTES ? capacity : HASH_SPACE_BYTES, &size);
    size_t length = 0;
    psa_status_t status = adapter_hash_finish(slot, hash, size, &length);

    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, hash, length);
    }
    return status;
}

/* Compares the hash in slot with the reference in an input vector. */
static psa_status_t hash_check(struct crypto_call *call, uint32_t vector, uint32_t slot)
{
    size_t given = call->message->in_size[vector];
    size_t size;
    uint8_t *reference =
        call_reserve(call, given < HASH_SPACE_BYTES ? given : HASH_SPACE_BYTES, &size);

    if (psa_read(call->message->handle, vector, reference, size) != size) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    return adapter_hash_verify(slot, reference, size);
}

/* A whole hash in the service's own slot, up to its end. */
static psa_status_t hash_whole(struct crypto_call *call)
{
    psa_status_t status;

    call->slot = ADAPTER_SLOT_OWN;
    status = adapter_hash_setup(call->slot, call->request.algorithm);
    return status == PSA_SUCCESS ? call_stream(call, 1, hash_chunk) : status;
}

psa_status_t serve_psa_hash_compute(struct crypto_call *call)
{
    psa_status_t status = hash_whole(call);

    if (status == PSA_SUCCESS) {
        status = hash_write(call, ADAPTER_SLOT_OWN);
    }
    adapter_hash_abort(ADAPTER_SLOT_OWN);
    return status;
}

psa_status_t serve_psa_hash_compare(struct crypto_call *call)
{
    psa_status_t status = hash_whole(call);

    if (status == PSA_SUCCESS) {
        status = hash_check(call, 2, ADAPTER_SLOT_OWN);
    }
    adapter_hash_abort(ADAPTER_SLOT_OWN);
    return status;
}

psa_status_t serve_psa_hash_setup(struct crypto_call *call)
{
    return adapter_hash_setup(call->slot, call->request.algorithm);
}

psa_status_t serve_psa_hash_update(struct crypto_call *call)
{
    return call_stream(call, 1, hash_chunk);
}

psa_status_t serve_psa_hash_finish(struct crypto_call *call)
{
    return hash_write(call, call->slot);
}

psa_status_t serve_psa_hash_verify(struct crypto_call *call)
{
    return hash_check(call, 1, call->slot);
}

/* The dispatcher ends the operation. */
psa_status_t serve_psa_hash_abort(struct crypto_call *call)
{
    (void)call;
    return PSA_SUCCESS;
}

psa_status_t serve_psa_hash_clone(struct crypto_call *call)
{
    return adapter_hash_clone(call->slot, call->target_slot);
}
