/*
 * Crypto service, handlers: authenticated encryption.
 *
 * Called by the dispatcher (service.c). Payload and additional data of any length pass through the
 * private buffer in chunks, in place; only psa_aead_decrypt() holds all of its input, because no
 * byte of it may leave before the tag was found right. The one-shot functions use the service's own
 * slot of the engine, so they work when all operations are taken.
 */
#include "services/crypto/adapter.h"
#include "services/crypto/service.h"

#define BLOCK_BYTES 16U

/* Bytes of the buffer that psa_aead_decrypt() keeps for additional data to pass through. */
#define AD_SPACE_BYTES 64U

static psa_status_t additional_chunk(struct crypto_call *call, uint8_t *chunk, size_t length)
{
    return adapter_aead_update_ad(call->slot, chunk, length);
}

static psa_status_t payload_chunk(struct crypto_call *call, uint8_t *chunk, size_t length)
{
    size_t produced = 0;
    psa_status_t status = adapter_aead_update(call->slot, chunk, length, &produced);

    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, chunk, produced);
    }
    return status;
}

/* Writes what the engine still holds to out_vec[0] and the tag to out_vec[tag_vector]. */
static psa_status_t finish_write(struct crypto_call *call, uint32_t tag_vector)
{
    const size_t capacity = call->message->out_size[tag_vector];
    uint8_t rest[BLOCK_BYTES];
    uint8_t tag[BLOCK_BYTES];
    size_t rest_length = 0;
    size_t tag_length = 0;
    psa_status_t status =
        adapter_aead_finish(call->slot, rest, sizeof rest, &rest_length, tag,
                            capacity < sizeof tag ? capacity : sizeof tag, &tag_length);

    if (status == PSA_SUCCESS) {
        if (rest_length > call->message->out_size[0]) {
            return PSA_ERROR_BUFFER_TOO_SMALL;
        }
        psa_write(call->message->handle, 0, rest, rest_length);
        psa_write(call->message->handle, tag_vector, tag, tag_length);
    }
    return status;
}

/* ---- One call ---- */

/* Starts the message in the service's own slot, with payload_bytes of payload to come. */
static psa_status_t whole_start(struct crypto_call *call, bool encrypt, size_t payload_bytes)
{
    const struct adapter_use use = call_use_of(call);
    psa_status_t status;

    call->slot = ADAPTER_SLOT_OWN;
    status = adapter_aead_setup(call->slot, &use, encrypt);
    if (status == PSA_SUCCESS) {
        status = adapter_aead_set_lengths(call->slot, call->message->in_size[1], payload_bytes);
    }
    if (status == PSA_SUCCESS) {
        status = adapter_aead_set_nonce(call->slot, call->nonce, call->request.value);
    }
    return status;
}

static psa_status_t whole_encrypt(struct crypto_call *call)
{
    const size_t payload_bytes = call->message->in_size[2];
    const size_t capacity = call->message->out_size[0];
    const size_t tag_bytes = adapter_aead_tag_bytes(call->request.algorithm);
    psa_status_t status = whole_start(call, true, payload_bytes);

    if (status == PSA_SUCCESS && (capacity < tag_bytes || capacity - tag_bytes < payload_bytes)) {
        status = PSA_ERROR_BUFFER_TOO_SMALL;
    }
    if (status == PSA_SUCCESS) {
        status = call_stream(call, 1, additional_chunk);
    }
    if (status == PSA_SUCCESS) {
        status = call_stream(call, 2, payload_chunk);
    }
    return status == PSA_SUCCESS ? finish_write(call, 0) : status;
}

psa_status_t serve_psa_aead_encrypt(struct crypto_call *call)
{
    psa_status_t status = whole_encrypt(call);

    adapter_aead_abort(ADAPTER_SLOT_OWN);
    return status;
}

/* What stands in the way of a ciphertext of given bytes, the tag among them. */
static psa_status_t ciphertext_check(const struct crypto_call *call, size_t given, size_t tag_bytes)
{
    if (given < tag_bytes) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (call->message->out_size[0] < given - tag_bytes) {
        return PSA_ERROR_BUFFER_TOO_SMALL;
    }
    return given > CRYPTO_BUFFER_SIZE - AD_SPACE_BYTES ? PSA_ERROR_INSUFFICIENT_MEMORY
                                                       : PSA_SUCCESS;
}

/* Decrypts length bytes, the tag the last of them, in place. *produced: bytes of plaintext. */
static psa_status_t ciphertext_open(uint8_t *data, size_t length, size_t tag_bytes,
                                    size_t *produced)
{
    const size_t payload_bytes = length - tag_bytes;
    size_t done = 0;
    size_t rest = 0;
    psa_status_t status = adapter_aead_update(ADAPTER_SLOT_OWN, data, payload_bytes, &done);

    if (status == PSA_SUCCESS) {
        status = adapter_aead_verify(ADAPTER_SLOT_OWN, data + done, payload_bytes - done, &rest,
                                     data + payload_bytes, tag_bytes);
    }
    *produced = done + rest;
    return status;
}

static psa_status_t whole_decrypt(struct crypto_call *call)
{
    const size_t given = call->message->in_size[2];
    const size_t tag_bytes = adapter_aead_tag_bytes(call->request.algorithm);
    uint8_t *data = NULL;
    size_t length = 0;
    size_t produced = 0;
    psa_status_t status = whole_start(call, false, given > tag_bytes ? given - tag_bytes : 0u);

    if (status == PSA_SUCCESS) {
        status = ciphertext_check(call, given, tag_bytes);
    }
    if (status == PSA_SUCCESS) {
        status = call_take(call, 2, &data, &length);
    }
    if (status == PSA_SUCCESS) {
        status = call_stream(call, 1, additional_chunk);
    }
    if (status == PSA_SUCCESS) {
        status = ciphertext_open(data, length, tag_bytes, &produced);
    }
    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, data, produced);
    }
    return status;
}

psa_status_t serve_psa_aead_decrypt(struct crypto_call *call)
{
    psa_status_t status = whole_decrypt(call);

    adapter_aead_abort(ADAPTER_SLOT_OWN);
    return status;
}

/* ---- In parts ---- */

psa_status_t serve_psa_aead_encrypt_setup(struct crypto_call *call)
{
    const struct adapter_use use = call_use_of(call);

    return adapter_aead_setup(call->slot, &use, true);
}

psa_status_t serve_psa_aead_decrypt_setup(struct crypto_call *call)
{
    const struct adapter_use use = call_use_of(call);

    return adapter_aead_setup(call->slot, &use, false);
}

psa_status_t serve_psa_aead_generate_nonce(struct crypto_call *call)
{
    uint8_t nonce[CRYPTO_NONCE_BYTES];
    const size_t capacity = call->message->out_size[0];
    size_t length = 0;
    psa_status_t status = adapter_aead_generate_nonce(
        call->slot, nonce, capacity < sizeof nonce ? capacity : sizeof nonce, &length);

    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, nonce, length);
    }
    return status;
}

psa_status_t serve_psa_aead_set_nonce(struct crypto_call *call)
{
    const uint8_t *nonce;
    size_t length;
    psa_status_t status;

    if (call->message->in_size[1] > CRYPTO_NONCE_BYTES) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    status = call_read(call, 1, &nonce, &length);
    return status == PSA_SUCCESS ? adapter_aead_set_nonce(call->slot, nonce, length) : status;
}

psa_status_t serve_psa_aead_set_lengths(struct crypto_call *call)
{
    struct crypto_lengths lengths;

    if (call->message->in_size[1] != sizeof lengths ||
        psa_read(call->message->handle, 1, &lengths, sizeof lengths) != sizeof lengths) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    return adapter_aead_set_lengths(call->slot, lengths.additional, lengths.payload);
}

psa_status_t serve_psa_aead_update_ad(struct crypto_call *call)
{
    return call_stream(call, 1, additional_chunk);
}

psa_status_t serve_psa_aead_update(struct crypto_call *call)
{
    if (call->message->out_size[0] < call->message->in_size[1]) {
        return PSA_ERROR_BUFFER_TOO_SMALL;
    }
    return call_stream(call, 1, payload_chunk);
}

psa_status_t serve_psa_aead_finish(struct crypto_call *call)
{
    return finish_write(call, 1);
}

psa_status_t serve_psa_aead_verify(struct crypto_call *call)
{
    uint8_t rest[BLOCK_BYTES];
    const size_t capacity = call->message->out_size[0];
    const uint8_t *tag;
    size_t tag_length;
    size_t length = 0;
    psa_status_t status;

    if (call->message->in_size[1] > BLOCK_BYTES) {
        return PSA_ERROR_INVALID_SIGNATURE;
    }
    status = call_read(call, 1, &tag, &tag_length);
    if (status != PSA_SUCCESS) {
        return status;
    }
    status = adapter_aead_verify(call->slot, rest, capacity < sizeof rest ? capacity : sizeof rest,
                                 &length, tag, tag_length);
    if (status == PSA_SUCCESS) {
        psa_write(call->message->handle, 0, rest, length);
    }
    adapter_wipe(rest, sizeof rest);
    return status;
}

/* The dispatcher ends the operation. */
psa_status_t serve_psa_aead_abort(struct crypto_call *call)
{
    (void)call;
    return PSA_SUCCESS;
}
