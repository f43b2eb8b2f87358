/*
 * The Crypto service: takes a message apart, checks it against its row of functions.table, runs
 * the handler.
 *
 * Called by the partition manager: psa_crypto_sfn() for each call, one at a time. The first call
 * starts the engine. Nothing of a client outlives a call here except its keys (in the engine) and
 * its operations (operations.c); the private buffer is wiped after each call. A message that no
 * client library makes is answered PSA_ERROR_PROGRAMMER_ERROR.
 */
#include "services/crypto/service.h"

#include <stdbool.h>

#include "services/crypto/adapter.h"
#include "spm/partition.h"

#define CHUNK_MAX_BYTES   4096U
#define CHUNK_BLOCK_BYTES 64U

/* What is done around a handler:
 *   PLAIN   nothing
 *   NONCE   in_vec[0] has a nonce after the request (struct crypto_nonce_request)
 *   CREATE  in_vec[1] is a struct crypto_attributes, out_vec[0] the new key's identifier
 *   START   takes a free operation slot, freed on an error; out_vec[0] is its handle
 *   USE     finds the caller's operation; an error ends it
 *   END     finds the caller's operation; it ends in any case
 *   ABORT   after the handler, ends the caller's operation if there is one
 *   CLONE   copies the caller's operation to a free slot; out_vec[0] is its handle */
enum call_mode { PLAIN, NONCE, CREATE, START, USE, END, ABORT, CLONE };

struct call_row {
    psa_status_t (*serve)(struct crypto_call *call);
    uint8_t kind; /* enum operation_kind */
    uint8_t mode; /* enum call_mode */
    uint8_t inputs;
    uint8_t outputs;
};

static const struct call_row rows[CRYPTO_FUNCTION_MAX + 1] = {
#define ROW(number, name, kind, mode, inputs, outputs)                                             \
    [(number)] = {serve_##name, OPERATION_##kind, mode, inputs, outputs},
    CRYPTO_FUNCTIONS(ROW)};

static uint8_t buffer[CRYPTO_BUFFER_SIZE] __attribute__((aligned(8)));
psa_status_t engine_status = ENGINE_NEW;

/* Named by the manifest. */
psa_status_t psa_crypto_sfn(const psa_msg_t *message);

/* ---- The private buffer ---- */

uint8_t *call_reserve(struct crypto_call *call, size_t limit, size_t *size)
{
    uint8_t *space = &buffer[call->used_bytes];
    size_t left = sizeof buffer - call->used_bytes;

    *size = limit < left ? limit : left;
    call->used_bytes += *size;
    if (call->dirty_bytes < call->used_bytes) {
        call->dirty_bytes = call->used_bytes;
    }
    return space;
}

psa_status_t call_take(struct crypto_call *call, uint32_t vector, uint8_t **data, size_t *length)
{
    *data = call_reserve(call, call->message->in_size[vector], length);
    if (*length != call->message->in_size[vector]) {
        return PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    return psa_read(call->message->handle, vector, *data, *length) == *length
               ? PSA_SUCCESS
               : PSA_ERROR_PROGRAMMER_ERROR;
}

psa_status_t call_read(struct crypto_call *call, uint32_t vector, const uint8_t **data,
                       size_t *length)
{
    uint8_t *taken;
    psa_status_t status = call_take(call, vector, &taken, length);

    *data = taken;
    return status;
}

psa_status_t call_stream(struct crypto_call *call, uint32_t vector, chunk_function *function)
{
    const size_t used = call->used_bytes;
    size_t left = call->message->in_size[vector];
    size_t size;
    uint8_t *chunk = call_reserve(call, left < CHUNK_MAX_BYTES ? left : CHUNK_MAX_BYTES, &size);

    call->used_bytes = used;
    if (size < left) {
        size -= size % CHUNK_BLOCK_BYTES;
    }
    while (left > 0u) {
        size_t length = psa_read(call->message->handle, vector, chunk, size);
        psa_status_t status;

        if (length == 0u || length > left) {
            return PSA_ERROR_PROGRAMMER_ERROR;
        }
        status = function(call, chunk, length);
        if (status != PSA_SUCCESS) {
            return status;
        }
        left -= length;
    }
    return PSA_SUCCESS;
}

/* ---- Decode ---- */

/* A row's answer that is one word: the identifier or handle of what it makes. */
static bool row_makes_word(const struct call_row *row)
{
    return row->mode == CREATE || row->mode == START || row->mode == CLONE;
}

static bool vectors_match(const psa_msg_t *message, const struct call_row *row)
{
    for (uint32_t i = row->inputs; i < PSA_MAX_IOVEC; i++) {
        if (message->in_size[i] != 0u) {
            return false;
        }
    }
    for (uint32_t i = row->outputs; i < PSA_MAX_IOVEC; i++) {
        if (message->out_size[i] != 0u) {
            return false;
        }
    }
    if (row_makes_word(row) && message->out_size[0] != sizeof(uint32_t)) {
        return false;
    }
    return row->mode != CREATE || message->in_size[1] == sizeof(struct crypto_attributes);
}

/* Reads the request, and says what it asks for: *row, if the status is PSA_SUCCESS. */
static psa_status_t request_decode(struct crypto_call *call, const struct call_row **row)
{
    const psa_msg_t *message = call->message;
    const size_t size = message->in_size[0];

    if (message->type != PSA_IPC_CALL ||
        (size != sizeof call->request && size != sizeof(struct crypto_nonce_request)) ||
        psa_read(message->handle, 0, &call->request, sizeof call->request) !=
            sizeof call->request ||
        call->request.reserved != 0u) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    if (call->request.function > CRYPTO_FUNCTION_MAX ||
        rows[call->request.function].serve == NULL) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    *row = &rows[call->request.function];
    return size == sizeof call->request || (*row)->mode == NONCE ? PSA_SUCCESS
                                                                 : PSA_ERROR_PROGRAMMER_ERROR;
}

/* The rest of in_vec[0]. */
static psa_status_t nonce_decode(struct crypto_call *call)
{
    if (psa_read(call->message->handle, 0, call->nonce, sizeof call->nonce) != sizeof call->nonce) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    return call->request.value <= sizeof call->nonce ? PSA_SUCCESS : PSA_ERROR_NOT_SUPPORTED;
}

/* Reads the fixed-size parts of a message. *row: what it asks for, if the status is PSA_SUCCESS. */
static psa_status_t call_decode(struct crypto_call *call, const struct call_row **row)
{
    const psa_msg_t *message = call->message;
    psa_status_t status = request_decode(call, row);

    if (status != PSA_SUCCESS) {
        return status;
    }
    if (!vectors_match(message, *row)) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    if ((*row)->mode == NONCE) {
        return nonce_decode(call);
    }
    if ((*row)->mode == CREATE && psa_read(message->handle, 1, &call->attributes,
                                           sizeof call->attributes) != sizeof call->attributes) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    return PSA_SUCCESS;
}

/* ---- Dispatch: what each mode does around the handler ---- */

static void write_word(const struct crypto_call *call, uint32_t word)
{
    psa_write(call->message->handle, 0, &word, sizeof word);
}

static psa_status_t call_create(struct crypto_call *call, const struct call_row *row)
{
    psa_status_t status = row->serve(call);

    if (status == PSA_SUCCESS) {
        write_word(call, call->made_key);
    }
    return status;
}

/* A set-up of something that is active, or was until an error, ends it (IHI 0086, 3.3.2). */
static psa_status_t call_start(struct crypto_call *call, const struct call_row *row)
{
    const int32_t client = call->message->client_id;
    const enum operation_kind kind = (enum operation_kind)row->kind;
    psa_status_t status;

    if (call->request.operation != 0u) {
        if (operation_find(client, kind, call->request.operation, &call->slot) == PSA_SUCCESS) {
            operation_release(call->slot);
        }
        return PSA_ERROR_BAD_STATE;
    }
    status = operation_take(client, kind, &call->slot);
    if (status != PSA_SUCCESS) {
        return status;
    }
    status = row->serve(call);
    if (status == PSA_SUCCESS) {
        write_word(call, operation_handle(call->slot));
    } else {
        operation_release(call->slot);
    }
    return status;
}

/* USE and END. An operation that saw an error is over: only its abort is left to the client. */
static psa_status_t call_use(struct crypto_call *call, const struct call_row *row)
{
    psa_status_t status = operation_find(call->message->client_id, (enum operation_kind)row->kind,
                                         call->request.operation, &call->slot);

    if (status != PSA_SUCCESS) {
        return status;
    }
    status = row->serve(call);
    if (status != PSA_SUCCESS || row->mode == END) {
        operation_release(call->slot);
    }
    return status;
}

static psa_status_t call_abort(struct crypto_call *call, const struct call_row *row)
{
    psa_status_t status = row->serve(call);

    if (operation_find(call->message->client_id, (enum operation_kind)row->kind,
                       call->request.operation, &call->slot) == PSA_SUCCESS) {
        operation_release(call->slot);
    }
    return status;
}

static psa_status_t call_clone(struct crypto_call *call, const struct call_row *row)
{
    const int32_t client = call->message->client_id;
    const enum operation_kind kind = (enum operation_kind)row->kind;
    psa_status_t status = operation_find(client, kind, call->request.operation, &call->slot);

    if (status == PSA_SUCCESS && call->request.value != 0u) {
        status = PSA_ERROR_BAD_STATE;
    }
    if (status == PSA_SUCCESS) {
        status = operation_take(client, kind, &call->target_slot);
    }
    if (status != PSA_SUCCESS) {
        return status;
    }
    status = row->serve(call);
    if (status == PSA_SUCCESS) {
        write_word(call, operation_handle(call->target_slot));
    } else {
        operation_release(call->target_slot);
    }
    return status;
}

static psa_status_t call_dispatch(struct crypto_call *call, const struct call_row *row)
{
    switch ((enum call_mode)row->mode) {
    case PLAIN:
    case NONCE:
        return row->serve(call);
    case CREATE:
        return call_create(call, row);
    case START:
        return call_start(call, row);
    case USE:
    case END:
        return call_use(call, row);
    case ABORT:
        return call_abort(call, row);
    case CLONE:
        return call_clone(call, row);
    }
    return PSA_ERROR_CORRUPTION_DETECTED;
}

/* ---- Start ---- */

/* Until now the seed lay with the manager, which gives it once: there is no second try. */
static psa_status_t engine_start(void)
{
    uint8_t seed[ADAPTER_SEED_BYTES];
    psa_status_t status = PSA_ERROR_INSUFFICIENT_ENTROPY;

    if (spm_take_secret(SPM_SECRET_GENERATOR_SEED, seed, sizeof seed) == PSA_SUCCESS) {
        status = adapter_start(seed);
    }
    adapter_wipe(seed, sizeof seed);
    return status;
}

static psa_status_t engine_ready(void)
{
    if (engine_status == ENGINE_NEW) {
        engine_status = engine_start();
    }
    return engine_status;
}

/* ---- Entry point ---- */

psa_status_t psa_crypto_sfn(const psa_msg_t *message)
{
    struct crypto_call call = {.message = message};
    const struct call_row *row = NULL;
    psa_status_t status;

    status = call_decode(&call, &row);
    if (status == PSA_SUCCESS) {
        status = engine_ready();
    }
    if (status == PSA_SUCCESS) {
        status = call_dispatch(&call, row);
    }
    adapter_wipe(buffer, call.dirty_bytes);
    return status;
}
