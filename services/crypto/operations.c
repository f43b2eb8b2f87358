/*
 * The Crypto service's table of operations in several parts: who owns which, and what its handle
 * is.
 *
 * Called by service.c. A handle carries the slot and a number that grows with each operation, so
 * that the handle of an operation that is over does not name the next one in the same slot. Another
 * client's handle is answered like a stale one.
 */
#include "services/crypto/service.h"

#include "services/crypto/adapter.h"

#define SLOT_BITS 8U
#define SLOT_MASK ((1U << SLOT_BITS) - 1U)

_Static_assert(CRYPTO_OPERATIONS <= SLOT_MASK, "a handle has SLOT_BITS for slot + 1");

struct operation {
    uint32_t handle; /* 0: free */
    int32_t client;
    enum operation_kind kind;
};

static struct operation operations[CRYPTO_OPERATIONS];
static uint32_t serial;

psa_status_t operation_find(int32_t client, enum operation_kind kind, uint32_t handle,
                            uint32_t *slot)
{
    uint32_t index = (handle & SLOT_MASK) - 1U;

    if (index >= CRYPTO_OPERATIONS || operations[index].handle != handle ||
        operations[index].client != client || operations[index].kind != kind) {
        return PSA_ERROR_BAD_STATE;
    }
    *slot = index;
    return PSA_SUCCESS;
}

psa_status_t operation_take(int32_t client, enum operation_kind kind, uint32_t *slot)
{
    for (uint32_t index = 0; index < CRYPTO_OPERATIONS; index++) {
        if (operations[index].handle == 0U) {
            serial++;
            operations[index].handle = (serial << SLOT_BITS) | (index + 1U);
            operations[index].client = client;
            operations[index].kind = kind;
            *slot = index;
            return PSA_SUCCESS;
        }
    }
    return PSA_ERROR_INSUFFICIENT_MEMORY;
}

uint32_t operation_handle(uint32_t slot)
{
    return operations[slot].handle;
}

void operation_release(uint32_t slot)
{
    switch (operations[slot].kind) {
    case OPERATION_HASH:
        adapter_hash_abort(slot);
        break;
    case OPERATION_AEAD:
        adapter_aead_abort(slot);
        break;
    case OPERATION_NONE:
        break;
    }
    operations[slot] = (struct operation){0};
}
