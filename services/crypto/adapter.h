/*
 * The engine behind the Crypto service, in words that name none: adapter.c puts Mbed TLS behind it.
 *
 * Called by the service only. Buffers are the partition's own and do not overlap; lengths in bytes.
 * An owner is a client id; operations are numbered slots, 0..CRYPTO_OPERATIONS-1, and
 * ADAPTER_SLOT_OWN for the service itself. Statuses are those of the API function of the same name.
 */
#ifndef CRYPTO_ADAPTER_H
#define CRYPTO_ADAPTER_H

#include <stddef.h>
#include <stdint.h>

#include "crypto_algorithms.h"
#include "layout.h"
#include "psa/error.h"
#include "services/crypto/protocol.h"

/* Private memory for the bytes of one call. An exported RSA-4096 key pair is the longest: 2363. */
#ifdef CRYPTO_ALG_RSA
#define CRYPTO_BUFFER_SIZE 3072U
#else
#define CRYPTO_BUFFER_SIZE 1024U
#endif

#define ADAPTER_SEED_BYTES 48U
#define ADAPTER_SLOT_OWN   CRYPTO_OPERATIONS

#define ADAPTER_CHECKED __attribute__((warn_unused_result))

/* Starts the engine: its heap, and its generator from seed, which the caller then wipes. Once,
 * before all others. */
psa_status_t adapter_start(const uint8_t seed[ADAPTER_SEED_BYTES]) ADAPTER_CHECKED;

/* Overwrites length bytes at data in a way that the compiler keeps. */
void adapter_wipe(void *data, size_t length);

psa_status_t adapter_random(uint8_t *output, size_t size) ADAPTER_CHECKED;

/* Hash operations. After an error, and when done with, a slot must be given to
 * adapter_hash_abort(). */
psa_status_t adapter_hash_setup(uint32_t slot, uint32_t algorithm) ADAPTER_CHECKED;
psa_status_t adapter_hash_update(uint32_t slot, const uint8_t *data, size_t length) ADAPTER_CHECKED;
psa_status_t adapter_hash_finish(uint32_t slot, uint8_t *hash, size_t size,
                                 size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_hash_verify(uint32_t slot, const uint8_t *hash, size_t length) ADAPTER_CHECKED;
psa_status_t adapter_hash_clone(uint32_t source, uint32_t target) ADAPTER_CHECKED;
void adapter_hash_abort(uint32_t slot);

/* Keys. Every one belongs to owner: other owners' keys do not exist for it. */
psa_status_t adapter_key_import(int32_t owner, const struct crypto_attributes *attributes,
                                const uint8_t *data, size_t length, uint32_t *key) ADAPTER_CHECKED;
psa_status_t adapter_key_generate(int32_t owner, const struct crypto_attributes *attributes,
                                  uint32_t *key) ADAPTER_CHECKED;
psa_status_t adapter_key_attributes(int32_t owner, uint32_t key,
                                    struct crypto_attributes *attributes) ADAPTER_CHECKED;
psa_status_t adapter_key_export(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_key_export_public(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                       size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_key_destroy(int32_t owner, uint32_t key) ADAPTER_CHECKED;
psa_status_t adapter_key_purge(int32_t owner, uint32_t key) ADAPTER_CHECKED;

/* Who signs, with what, and what is signed. */
struct adapter_signature {
    int32_t owner;
    uint32_t key;
    uint32_t algorithm;
    const uint8_t *input; /* a hash, or a message */
    size_t input_length;
};

psa_status_t adapter_sign_hash(const struct adapter_signature *what, uint8_t *signature,
                               size_t size, size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_sign_message(const struct adapter_signature *what, uint8_t *signature,
                                  size_t size, size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_verify_hash(const struct adapter_signature *what, const uint8_t *signature,
                                 size_t length) ADAPTER_CHECKED;
psa_status_t adapter_verify_message(const struct adapter_signature *what, const uint8_t *signature,
                                    size_t length) ADAPTER_CHECKED;

#endif
