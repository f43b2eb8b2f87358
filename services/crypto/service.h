/*
 * Inside the Crypto service: one call on its way from the dispatcher to its handler.
 *
 * Shared by service.c (decode, dispatch, buffer), operations.c and the handlers (random.c, keys.c,
 * hash.c, signature.c, aead.c, agreement.c). A handler sees private copies only: it reaches the
 * caller's memory through the functions below, which read each byte once.
 */
#ifndef CRYPTO_SERVICE_H
#define CRYPTO_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"
#include "psa/service.h"
#include "services/crypto/adapter.h"
#include "services/crypto/protocol.h"

#define SERVICE_CHECKED __attribute__((warn_unused_result))

/* What the start of the engine gave, which every later call answers; ENGINE_NEW before the first
 * call that is well-formed. Tests set it back for a restart. */
#define ENGINE_NEW ((psa_status_t)1)
extern psa_status_t engine_status;

struct crypto_call {
    const psa_msg_t *message;
    struct crypto_request request;
    uint8_t nonce[CRYPTO_NONCE_BYTES];   /* NONCE: request.value bytes */
    struct crypto_attributes attributes; /* CREATE: of the key to make */
    uint32_t made_key;                   /* CREATE: its identifier, set by the handler */
    uint32_t slot;                       /* START, USE, END, CLONE: of the caller's operation */
    uint32_t target_slot;                /* CLONE: of the copy */
    size_t used_bytes;                   /* of the private buffer */
    size_t dirty_bytes;                  /* of it, used at some time of the call */
};

/* ---- The private buffer (service.c) ---- */

/* Copies all that is left of input vector to the buffer. PSA_ERROR_INSUFFICIENT_MEMORY: it does not
 * fit. */
psa_status_t call_read(struct crypto_call *call, uint32_t vector, const uint8_t **data,
                       size_t *length) SERVICE_CHECKED;

/* The same, to be changed in place. */
psa_status_t call_take(struct crypto_call *call, uint32_t vector, uint8_t **data,
                       size_t *length) SERVICE_CHECKED;

/* The next free bytes of the buffer, at most limit: *size of them. */
uint8_t *call_reserve(struct crypto_call *call, size_t limit, size_t *size);

/* Gives all of input vector to function, in chunks of whole blocks of every algorithm (the last one
 * aside), through the free part of the buffer, which may be changed and is free again afterwards.
 * Stops at the first error. */
typedef psa_status_t chunk_function(struct crypto_call *call, uint8_t *chunk, size_t length);
psa_status_t call_stream(struct crypto_call *call, uint32_t vector,
                         chunk_function *function) SERVICE_CHECKED;

/* Which client uses which key, and how: as the request says. */
static inline struct adapter_use call_use_of(const struct crypto_call *call)
{
    return (struct adapter_use){
        .owner = call->message->client_id,
        .key = call->request.key,
        .algorithm = call->request.algorithm,
    };
}

/* ---- Operations in several parts (operations.c) ---- */

enum operation_kind { OPERATION_NONE, OPERATION_HASH, OPERATION_AEAD };

/* Finds client's active operation of kind. PSA_ERROR_BAD_STATE: handle is not one, or is stale. */
psa_status_t operation_find(int32_t client, enum operation_kind kind, uint32_t handle,
                            uint32_t *slot) SERVICE_CHECKED;

/* Takes a free slot for client. PSA_ERROR_INSUFFICIENT_MEMORY: there is none. */
psa_status_t operation_take(int32_t client, enum operation_kind kind,
                            uint32_t *slot) SERVICE_CHECKED;

/* The handle that names the operation in slot. */
uint32_t operation_handle(uint32_t slot);

/* Ends the operation in slot and wipes what it held. */
void operation_release(uint32_t slot);

/* ---- Handlers: one per row of functions.table that says service ---- */

#define HANDLER(number, name, kind, mode, inputs, outputs)                                         \
    psa_status_t serve_##name(struct crypto_call *call) SERVICE_CHECKED;
CRYPTO_FUNCTIONS(HANDLER)
#undef HANDLER

#endif
