/*
 * PSA Crypto API 1.2: the functions. The one header that a program includes.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086); each group names its section. Callable from the
 * non-secure side and from secure partitions; the work is done by the Crypto service. Lengths and
 * sizes are in bytes. A pointer may be NULL where its length is 0. Buffers of one call that the
 * service writes must not overlap others of that call.
 *
 * Besides the errors listed, every function may return
 *   PSA_ERROR_BAD_STATE            the service did not start
 *   PSA_ERROR_NOT_SUPPORTED        the profile lacks the algorithm, the key type or the function
 *   PSA_ERROR_INSUFFICIENT_MEMORY  the service's heap, or its key or operation slots, are used up
 *   PSA_ERROR_CORRUPTION_DETECTED  the service found its state damaged
 *   PSA_ERROR_PROGRAMMER_ERROR     a buffer is not memory of the caller (a partition ends instead)
 * On an error, output lengths are 0 and contents of output buffers are not specified.
 */
#ifndef PSA_CRYPTO_H
#define PSA_CRYPTO_H

#include "psa/crypto_platform.h"
#include "psa/crypto_sizes.h"
#include "psa/crypto_struct.h"
#include "psa/crypto_types.h"
#include "psa/crypto_values.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The library (IHI 0086, 8.2) ---- */

/* Must be called before any other function; further calls do nothing. PSA_SUCCESS. */
psa_status_t psa_crypto_init(void);

/* ---- Random numbers (IHI 0086, "Random number generation") ---- */

/* Fills output with output_size random bytes, fit for keys.
 * PSA_ERROR_INSUFFICIENT_ENTROPY: the generator cannot be reseeded. */
psa_status_t psa_generate_random(uint8_t *output, size_t output_size);

/* ---- Keys (IHI 0086, 9.1 to 9.6) ----
 *
 * A key is volatile (it ends with a reset) or persistent: attributes with
 * PSA_KEY_LIFETIME_PERSISTENT and an identifier of the client's choice, PSA_KEY_ID_USER_MIN to
 * PSA_KEY_ID_USER_MAX; it is there after a function that made it succeeded, and until it is
 * destroyed, over resets and power cuts. Each client has its own identifiers. Functions that use a
 * persistent key may also return
 *   PSA_ERROR_DATA_CORRUPT, PSA_ERROR_DATA_INVALID  what is stored is damaged: it can only be
 *                                                   destroyed
 *   PSA_ERROR_STORAGE_FAILURE                       the storage does not work */

/* Fills attributes with those of key; call psa_reset_key_attributes() when done.
 * PSA_ERROR_INVALID_HANDLE: no such key of this client. */
psa_status_t psa_get_key_attributes(psa_key_id_t key, psa_key_attributes_t *attributes);

/* Makes a key from data (data_length bytes, format by key type: IHI 0086, 9.2). attributes: type,
 * policy, lifetime, identifier if it is persistent, and bits, which may be 0. *key: its
 * identifier, PSA_KEY_ID_NULL on an error.
 * PSA_ERROR_INVALID_ARGUMENT: data, type and bits do not go together, or the attributes are not
 * valid (the identifier of a persistent key among them).
 * PSA_ERROR_ALREADY_EXISTS: the client has a persistent key of that identifier.
 * PSA_ERROR_INSUFFICIENT_STORAGE: no room for a persistent key.
 * PSA_ERROR_NOT_SUPPORTED: also for a lifetime other than volatile and persistent. */
psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
                            size_t data_length, psa_key_id_t *key);

/* Makes a random key or key pair. attributes: type, bits, policy, lifetime, identifier. *key and
 * errors as psa_import_key(), but
 * PSA_ERROR_INVALID_ARGUMENT: bits do not fit the type, or a public key type.
 * PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_generate_key(const psa_key_attributes_t *attributes, psa_key_id_t *key);

/* Makes a copy of source_key, which needs PSA_KEY_USAGE_COPY. attributes: lifetime, identifier and
 * policy, of which only what source_key permits too is taken; type and bits, which may be 0.
 * *target_key and errors as psa_import_key(), and PSA_ERROR_INVALID_HANDLE: no source_key of this
 * client; PSA_ERROR_NOT_PERMITTED; PSA_ERROR_INVALID_ARGUMENT: the policies have no algorithm in
 * common. */
psa_status_t psa_copy_key(psa_key_id_t source_key, const psa_key_attributes_t *attributes,
                          psa_key_id_t *target_key);

/* Destroys key, a persistent one also in storage. PSA_KEY_ID_NULL does nothing.
 * PSA_ERROR_INVALID_HANDLE: no such key of this client. */
psa_status_t psa_destroy_key(psa_key_id_t key);

/* Removes the copy of a persistent key from working memory: its next use reads it from storage.
 * Nothing to do for a volatile key. PSA_ERROR_INVALID_HANDLE: no such key of this client. */
psa_status_t psa_purge_key(psa_key_id_t key);

/* Writes key, in the format that psa_import_key() takes, to data (data_size bytes; enough is
 * PSA_EXPORT_KEY_OUTPUT_SIZE()). *data_length: bytes written.
 * PSA_ERROR_INVALID_HANDLE; PSA_ERROR_NOT_PERMITTED without PSA_KEY_USAGE_EXPORT (a public key
 * needs none); PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_export_key(psa_key_id_t key, uint8_t *data, size_t data_size, size_t *data_length);

/* Writes the public part of key to data (data_size bytes; enough is
 * PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE()). *data_length: bytes written. Every policy permits it.
 * PSA_ERROR_INVALID_HANDLE; PSA_ERROR_INVALID_ARGUMENT for a symmetric key;
 * PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_export_public_key(psa_key_id_t key, uint8_t *data, size_t data_size,
                                   size_t *data_length);

/* ---- Hashes (IHI 0086, 10.2) ---- */

/* Hash of input (input_length bytes, any length) with alg into hash (hash_size bytes, enough is
 * PSA_HASH_LENGTH(alg)). *hash_length: bytes written.
 * PSA_ERROR_INVALID_ARGUMENT: alg is not a hash. PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
                              uint8_t *hash, size_t hash_size, size_t *hash_length);

/* Compares the hash of input with hash (hash_length bytes), in constant time.
 * PSA_ERROR_INVALID_SIGNATURE: they differ. PSA_ERROR_INVALID_ARGUMENT: alg is not a hash. */
psa_status_t psa_hash_compare(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
                              const uint8_t *hash, size_t hash_length);

/* Starts a hash in parts. Then psa_hash_update() any number of times, then psa_hash_finish() or
 * psa_hash_verify(), which end the operation; psa_hash_abort() ends it at any time. After an error
 * only psa_hash_abort() is left. PSA_ERROR_BAD_STATE: operation is active, or failed earlier.
 * PSA_ERROR_INVALID_ARGUMENT: alg is not a hash. */
psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);

/* Adds input (input_length bytes). PSA_ERROR_BAD_STATE: operation is not active. */
psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input,
                             size_t input_length);

/* Ends the operation and writes the hash to hash (hash_size bytes). *hash_length: bytes written.
 * PSA_ERROR_BAD_STATE: operation is not active. PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hash_size,
                             size_t *hash_length);

/* Ends the operation and compares the result with hash (hash_length bytes), in constant time.
 * PSA_ERROR_BAD_STATE: operation is not active. PSA_ERROR_INVALID_SIGNATURE: they differ. */
psa_status_t psa_hash_verify(psa_hash_operation_t *operation, const uint8_t *hash,
                             size_t hash_length);

/* Ends the operation and makes the object fit for psa_hash_setup() again. PSA_SUCCESS, also if it
 * is not active. */
psa_status_t psa_hash_abort(psa_hash_operation_t *operation);

/* Makes target_operation a copy of the active source_operation; both continue on their own.
 * PSA_ERROR_BAD_STATE: the source is not active, or the target is. */
psa_status_t psa_hash_clone(const psa_hash_operation_t *source_operation,
                            psa_hash_operation_t *target_operation);

/* ---- Signatures (IHI 0086, 10.7) ---- */

/* alg: a signature algorithm that key's policy permits. signature: for ECDSA r and s, each as long
 * as the curve; for RSA as long as the key. All of them return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg and lengths do not go together */

/* Signs hash (hash_length bytes, PSA_HASH_LENGTH(alg)) into signature (signature_size bytes, enough
 * is PSA_SIGN_OUTPUT_SIZE()). *signature_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                           size_t hash_length, uint8_t *signature, size_t signature_size,
                           size_t *signature_length);

/* Verifies signature over hash. PSA_ERROR_INVALID_SIGNATURE: it is not a signature by key. */
psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                             size_t hash_length, const uint8_t *signature, size_t signature_length);

/* As psa_sign_hash(), for the message itself (input_length bytes). The message must fit the
 * service's private buffer together with the signature (docs/crypto.md):
 * PSA_ERROR_INSUFFICIENT_MEMORY otherwise; hash in parts and use psa_sign_hash() for longer
 * ones. */
psa_status_t psa_sign_message(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                              size_t input_length, uint8_t *signature, size_t signature_size,
                              size_t *signature_length);

/* As psa_verify_hash(), for the message itself; its length as in psa_sign_message(). */
psa_status_t psa_verify_message(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                size_t input_length, const uint8_t *signature,
                                size_t signature_length);

/* ---- Authenticated encryption (IHI 0086, 10.5) ---- */

/* alg: PSA_ALG_CCM or PSA_ALG_GCM, perhaps with another tag length. A nonce must never be used
 * twice with one key; CCM takes 7 to 13 bytes, GCM 1 to 16 (12 is best). Ciphertext is as long as
 * the plaintext. All of them return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg and lengths do not go together
 *   PSA_ERROR_NOT_SUPPORTED     also for a nonce of more than 16 bytes
 *   PSA_ERROR_BUFFER_TOO_SMALL */

/* Encrypts plaintext (any length) and authenticates it with additional_data (any length).
 * ciphertext: the encrypted bytes, then the tag; ciphertext_size is enough with
 * PSA_AEAD_ENCRYPT_OUTPUT_SIZE(). *ciphertext_length: bytes written. */
psa_status_t psa_aead_encrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
                              size_t nonce_length, const uint8_t *additional_data,
                              size_t additional_data_length, const uint8_t *plaintext,
                              size_t plaintext_length, uint8_t *ciphertext, size_t ciphertext_size,
                              size_t *ciphertext_length);

/* The reverse: checks ciphertext and tag, and only then gives out plaintext (plaintext_size is
 * enough with PSA_AEAD_DECRYPT_OUTPUT_SIZE()). ciphertext, tag included, must fit the service's
 * private buffer (4160 bytes): PSA_ERROR_INSUFFICIENT_MEMORY otherwise; decrypt longer ones in
 * parts. PSA_ERROR_INVALID_SIGNATURE: not authentic. */
psa_status_t psa_aead_decrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
                              size_t nonce_length, const uint8_t *additional_data,
                              size_t additional_data_length, const uint8_t *ciphertext,
                              size_t ciphertext_length, uint8_t *plaintext, size_t plaintext_size,
                              size_t *plaintext_length);

/* Starts a message in parts. Then psa_aead_set_lengths() (CCM: always), a nonce,
 * psa_aead_update_ad(), psa_aead_update(), and psa_aead_finish() after encryption or
 * psa_aead_verify() after decryption, which end the operation; psa_aead_abort() ends it at any
 * time. After an error only psa_aead_abort() is left. PSA_ERROR_BAD_STATE, of all of these:
 * operation is not in the state for it. */
psa_status_t psa_aead_encrypt_setup(psa_aead_operation_t *operation, psa_key_id_t key,
                                    psa_algorithm_t alg);
psa_status_t psa_aead_decrypt_setup(psa_aead_operation_t *operation, psa_key_id_t key,
                                    psa_algorithm_t alg);

/* Makes a random nonce for an encryption; *nonce_length: bytes written to nonce, at most
 * PSA_AEAD_NONCE_MAX_SIZE. */
psa_status_t psa_aead_generate_nonce(psa_aead_operation_t *operation, uint8_t *nonce,
                                     size_t nonce_size, size_t *nonce_length);

psa_status_t psa_aead_set_nonce(psa_aead_operation_t *operation, const uint8_t *nonce,
                                size_t nonce_length);

/* Says how much additional data and plaintext there will be, in bytes. */
psa_status_t psa_aead_set_lengths(psa_aead_operation_t *operation, size_t ad_length,
                                  size_t plaintext_length);

psa_status_t psa_aead_update_ad(psa_aead_operation_t *operation, const uint8_t *input,
                                size_t input_length);

/* Encrypts or decrypts input (any length); output_size must be at least input_length,
 * PSA_AEAD_UPDATE_OUTPUT_SIZE() is enough in every implementation. Decrypted bytes are not to be
 * trusted before psa_aead_verify() succeeded. */
psa_status_t psa_aead_update(psa_aead_operation_t *operation, const uint8_t *input,
                             size_t input_length, uint8_t *output, size_t output_size,
                             size_t *output_length);

/* Ends an encryption: what is left of the ciphertext (PSA_AEAD_FINISH_OUTPUT_SIZE()), and the tag
 * (PSA_AEAD_TAG_LENGTH()). */
psa_status_t psa_aead_finish(psa_aead_operation_t *operation, uint8_t *ciphertext,
                             size_t ciphertext_size, size_t *ciphertext_length, uint8_t *tag,
                             size_t tag_size, size_t *tag_length);

/* Ends a decryption: what is left of the plaintext (PSA_AEAD_VERIFY_OUTPUT_SIZE()), if tag is
 * right. PSA_ERROR_INVALID_SIGNATURE: not authentic; all that was decrypted must be thrown
 * away. */
psa_status_t psa_aead_verify(psa_aead_operation_t *operation, uint8_t *plaintext,
                             size_t plaintext_size, size_t *plaintext_length, const uint8_t *tag,
                             size_t tag_length);

/* Ends the operation and makes the object fit for a set-up again. PSA_SUCCESS, also if it is not
 * active. */
psa_status_t psa_aead_abort(psa_aead_operation_t *operation);

/* ---- Key agreement (IHI 0086, 10.9) ---- */

/* The secret that private_key shares with peer_key, a public key in the format of
 * psa_export_public_key() (peer_key_length bytes), to output (output_size bytes, enough is
 * PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE()). *output_length: bytes written. alg: PSA_ALG_ECDH. The
 * secret is not uniformly random: it is input for a key derivation, not a key.
 * PSA_ERROR_INVALID_HANDLE: no such key of this client; PSA_ERROR_NOT_PERMITTED: its policy forbids
 * it; PSA_ERROR_INVALID_ARGUMENT: peer_key is no key for alg and private_key, or alg is no
 * agreement; PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_raw_key_agreement(psa_algorithm_t alg, psa_key_id_t private_key,
                                   const uint8_t *peer_key, size_t peer_key_length, uint8_t *output,
                                   size_t output_size, size_t *output_length);

#ifdef __cplusplus
}
#endif
#endif
