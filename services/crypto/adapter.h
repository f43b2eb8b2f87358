/*
 * The engine behind the Crypto service, in words that name none: adapter.c puts Mbed TLS behind it.
 *
 * Called by the service only. Buffers are the partition's own and do not overlap; lengths in bytes.
 * An owner is a client id; operations are numbered slots, 0..CRYPTO_OPERATIONS-1, and
 * ADAPTER_SLOT_OWN for the service itself. Statuses are those of the API function of the same name.
 */
#ifndef CRYPTO_ADAPTER_H
#define CRYPTO_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto_algorithms.h"
#include "layout.h"
#include "psa/error.h"
#include "services/crypto/protocol.h"

/* Private memory for the bytes of one call: a message of 4 KB with what belongs to it. An exported
 * RSA-4096 key pair has 2363. */
#define CRYPTO_BUFFER_SIZE 4224U

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

/* Keys. Every one belongs to owner: other owners' keys do not exist for it. Persistent ones are in
 * storage (storage.h), which must not be used before the partitions are ready. */
psa_status_t adapter_key_import(int32_t owner, const struct crypto_attributes *attributes,
                                const uint8_t *data, size_t length, uint32_t *key) ADAPTER_CHECKED;
psa_status_t adapter_key_generate(int32_t owner, const struct crypto_attributes *attributes,
                                  uint32_t *key) ADAPTER_CHECKED;
psa_status_t adapter_key_copy(int32_t owner, uint32_t source,
                              const struct crypto_attributes *attributes,
                              uint32_t *key) ADAPTER_CHECKED;
psa_status_t adapter_key_attributes(int32_t owner, uint32_t key,
                                    struct crypto_attributes *attributes) ADAPTER_CHECKED;
psa_status_t adapter_key_export(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_key_export_public(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                       size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_key_destroy(int32_t owner, uint32_t key) ADAPTER_CHECKED;
psa_status_t adapter_key_purge(int32_t owner, uint32_t key) ADAPTER_CHECKED;

/* Who uses which key, how, and on what. */
struct adapter_use {
    int32_t owner;
    uint32_t key;
    uint32_t algorithm;
    const uint8_t *input; /* a hash, a message, the peer's key */
    size_t input_length;
};

psa_status_t adapter_sign_hash(const struct adapter_use *what, uint8_t *signature, size_t size,
                               size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_sign_message(const struct adapter_use *what, uint8_t *signature, size_t size,
                                  size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_verify_hash(const struct adapter_use *what, const uint8_t *signature,
                                 size_t length) ADAPTER_CHECKED;
psa_status_t adapter_verify_message(const struct adapter_use *what, const uint8_t *signature,
                                    size_t length) ADAPTER_CHECKED;

/* Messages to encrypt or decrypt. After an error, and when done with, a slot must be given to
 * adapter_aead_abort(). adapter_aead_update() works in place: data has length bytes and takes
 * *produced. */
psa_status_t adapter_aead_setup(uint32_t slot, const struct adapter_use *how,
                                bool encrypt) ADAPTER_CHECKED;
psa_status_t adapter_aead_set_lengths(uint32_t slot, size_t additional,
                                      size_t payload) ADAPTER_CHECKED;
psa_status_t adapter_aead_set_nonce(uint32_t slot, const uint8_t *nonce,
                                    size_t length) ADAPTER_CHECKED;
psa_status_t adapter_aead_generate_nonce(uint32_t slot, uint8_t *nonce, size_t size,
                                         size_t *length) ADAPTER_CHECKED;
psa_status_t adapter_aead_update_ad(uint32_t slot, const uint8_t *data,
                                    size_t length) ADAPTER_CHECKED;
psa_status_t adapter_aead_update(uint32_t slot, uint8_t *data, size_t length,
                                 size_t *produced) ADAPTER_CHECKED;
psa_status_t adapter_aead_finish(uint32_t slot, uint8_t *rest, size_t rest_size,
                                 size_t *rest_length, uint8_t *tag, size_t tag_size,
                                 size_t *tag_length) ADAPTER_CHECKED;
psa_status_t adapter_aead_verify(uint32_t slot, uint8_t *rest, size_t rest_size,
                                 size_t *rest_length, const uint8_t *tag,
                                 size_t tag_length) ADAPTER_CHECKED;
void adapter_aead_abort(uint32_t slot);

/* Bytes of the tag that algorithm asks for, if it is one of authenticated encryption. */
size_t adapter_aead_tag_bytes(uint32_t algorithm);

/* The secret of how->key and the public key in how->input. */
psa_status_t adapter_agree(const struct adapter_use *how, uint8_t *secret, size_t size,
                           size_t *length) ADAPTER_CHECKED;

#endif
