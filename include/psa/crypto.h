/*
 * PSA Crypto API: the functions. The one header that a program includes.
 *
 * Source: PSA Certified Crypto API 1.2 (IHI 0086), complete, with its PAKE extension (AES 0058);
 * "1.3", "1.4" and "1.5" mark what later editions have, which number their sections anew. Callable
 * from the non-secure side and from secure partitions; the work is done by the Crypto service.
 * Lengths and sizes are in bytes. A pointer may be NULL where its length is 0. Buffers of one call
 * that the service writes must not overlap others of that call.
 *
 * What the product lacks answers PSA_ERROR_NOT_SUPPORTED. Besides the errors listed, every
 * function may return
 *   PSA_ERROR_BAD_STATE            the service did not start
 *   PSA_ERROR_NOT_SUPPORTED        the product lacks the service, the algorithm, the key type or
 *                                  the function
 *   PSA_ERROR_INVALID_ARGUMENT     a buffer is not memory of the caller (a partition ends instead)
 *   PSA_ERROR_INSUFFICIENT_MEMORY  the service's heap, or its key or operation slots, are used up
 *   PSA_ERROR_CORRUPTION_DETECTED  the service found its state damaged
 * On an error, output lengths are 0, identifiers of new keys PSA_KEY_ID_NULL, and contents of
 * output buffers are not specified.
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

/* Fills output with output_size random bytes, any number, fit for keys.
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

/* 1.4. Asks whether key may be used with alg for usage, one PSA_KEY_USAGE_* flag. PSA_SUCCESS.
 * PSA_ERROR_INVALID_HANDLE: no such key of this client. PSA_ERROR_NOT_PERMITTED: its policy
 * forbids it. PSA_ERROR_INVALID_ARGUMENT: type, alg and usage do not go together. */
psa_status_t psa_check_key_usage(psa_key_id_t key, psa_algorithm_t alg, psa_key_usage_t usage);

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

/* 1.3. As psa_generate_key() for attributes and *key, in the way that custom says, together with
 * custom_data (custom_data_length bytes): for an RSA key pair its public exponent, big-endian,
 * without leading zeros; for others empty. PSA_ERROR_INVALID_ARGUMENT: also if custom or
 * custom_data do not fit the key type. */
psa_status_t psa_generate_key_custom(const psa_key_attributes_t *attributes,
                                     const psa_custom_key_parameters_t *custom,
                                     const uint8_t *custom_data, size_t custom_data_length,
                                     psa_key_id_t *key);

/* Makes a copy of source_key, which needs PSA_KEY_USAGE_COPY. attributes: lifetime, identifier and
 * policy, of which only what source_key permits too is taken; type and bits, which may be 0.
 * *target_key and errors as psa_import_key(), and PSA_ERROR_INVALID_HANDLE: no source_key of this
 * client; PSA_ERROR_NOT_PERMITTED; PSA_ERROR_INVALID_ARGUMENT: the policies have no algorithm in
 * common. */
psa_status_t psa_copy_key(psa_key_id_t source_key, const psa_key_attributes_t *attributes,
                          psa_key_id_t *target_key);

/* 1.4. Gives a volatile identifier, *key, to a key that the device itself provides under label
 * (label_length bytes); attributes: its policy, and what else is known of it.
 * PSA_ERROR_DOES_NOT_EXIST: no key of that label. PSA_ERROR_INVALID_ARGUMENT: the attributes do not
 * fit it. PSA_ERROR_NOT_PERMITTED: not for this client. */
psa_status_t psa_attach_key(const psa_key_attributes_t *attributes, const uint8_t *label,
                            size_t label_length, psa_key_id_t *key);

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

/* ---- Hashes (IHI 0086, 10.2) ----
 *
 * alg: PSA_ALG_SHA_256 or another hash. input: input_length bytes, any number. All that take an
 * operation return
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_hash_abort() is left for it. */

/* Hash of input with alg into hash (hash_size bytes, enough is PSA_HASH_LENGTH(alg)).
 * *hash_length: bytes written.
 * PSA_ERROR_INVALID_ARGUMENT: alg is not a hash. PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
                              uint8_t *hash, size_t hash_size, size_t *hash_length);

/* Compares the hash of input with hash (hash_length bytes), in constant time.
 * PSA_ERROR_INVALID_SIGNATURE: they differ. PSA_ERROR_INVALID_ARGUMENT: alg is not a hash. */
psa_status_t psa_hash_compare(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
                              const uint8_t *hash, size_t hash_length);

/* Starts a hash in parts. Then psa_hash_update() any number of times, then psa_hash_finish() or
 * psa_hash_verify(), which end the operation; psa_hash_abort() ends it at any time.
 * PSA_ERROR_BAD_STATE: operation is active. PSA_ERROR_INVALID_ARGUMENT: alg is not a hash. */
psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);

/* Adds input to operation. PSA_ERROR_BAD_STATE: it is not active. */
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

/* Ends the operation and writes its state, from which psa_hash_resume() goes on, to hash_state
 * (hash_state_size bytes, enough is PSA_HASH_SUSPEND_OUTPUT_SIZE()). *hash_state_length: bytes
 * written. PSA_ERROR_BUFFER_TOO_SMALL. PSA_ERROR_NOT_SUPPORTED: not with this algorithm. */
psa_status_t psa_hash_suspend(psa_hash_operation_t *operation, uint8_t *hash_state,
                              size_t hash_state_size, size_t *hash_state_length);

/* Starts operation where psa_hash_suspend() ended another, from the hash_state (hash_state_length
 * bytes) that it wrote. PSA_ERROR_BAD_STATE: operation is active. PSA_ERROR_INVALID_ARGUMENT:
 * hash_state is not a state. */
psa_status_t psa_hash_resume(psa_hash_operation_t *operation, const uint8_t *hash_state,
                             size_t hash_state_length);

/* Makes target_operation a copy of the active source_operation; both continue on their own.
 * PSA_ERROR_BAD_STATE: the source is not active, or the target is. */
psa_status_t psa_hash_clone(const psa_hash_operation_t *source_operation,
                            psa_hash_operation_t *target_operation);

/* ---- Hash functions with output of any length (IHI 0086 1.4, "Extendable-output functions") ----
 *
 * All of them return
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_xof_abort() is left. */

/* Starts operation with alg, PSA_ALG_SHAKE128 or another XOF. Then psa_xof_set_context() where alg
 * has one, psa_xof_update() any number of times, and psa_xof_output() any number of times.
 * PSA_ERROR_INVALID_ARGUMENT: alg is not an XOF. */
psa_status_t psa_xof_setup(psa_xof_operation_t *operation, psa_algorithm_t alg);

/* Gives context (context_length bytes) to operation, once, before the input.
 * PSA_ERROR_INVALID_ARGUMENT: the algorithm has no context, or none of that length. */
psa_status_t psa_xof_set_context(psa_xof_operation_t *operation, const uint8_t *context,
                                 size_t context_length);

/* Adds input (input_length bytes) to operation. PSA_ERROR_BAD_STATE: also after output was taken.
 */
psa_status_t psa_xof_update(psa_xof_operation_t *operation, const uint8_t *input,
                            size_t input_length);

/* Writes the next output_length bytes of the output of operation to output. */
psa_status_t psa_xof_output(psa_xof_operation_t *operation, uint8_t *output, size_t output_length);

/* Ends operation and makes the object fit for psa_xof_setup() again. PSA_SUCCESS, also if it is not
 * active. */
psa_status_t psa_xof_abort(psa_xof_operation_t *operation);

/* ---- Message authentication codes (IHI 0086, 10.3) ----
 *
 * alg: PSA_ALG_HMAC(), PSA_ALG_CMAC or another MAC that key's policy permits. input: input_length
 * bytes, any number. All that take a key return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key and alg do not go together
 * and all that take an operation
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_mac_abort() is left. */

/* MAC of input into mac (mac_size bytes, enough is PSA_MAC_LENGTH()); key needs
 * PSA_KEY_USAGE_SIGN_MESSAGE. *mac_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_mac_compute(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                             size_t input_length, uint8_t *mac, size_t mac_size,
                             size_t *mac_length);

/* Compares the MAC of input with mac (mac_length bytes), in constant time; key needs
 * PSA_KEY_USAGE_VERIFY_MESSAGE. PSA_ERROR_INVALID_SIGNATURE: they differ. */
psa_status_t psa_mac_verify(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                            size_t input_length, const uint8_t *mac, size_t mac_length);

/* Start a MAC in parts, to be computed or to be verified. Then psa_mac_update() any number of
 * times, then psa_mac_sign_finish() or psa_mac_verify_finish(), which end the operation;
 * psa_mac_abort() ends it at any time. */
psa_status_t psa_mac_sign_setup(psa_mac_operation_t *operation, psa_key_id_t key,
                                psa_algorithm_t alg);
psa_status_t psa_mac_verify_setup(psa_mac_operation_t *operation, psa_key_id_t key,
                                  psa_algorithm_t alg);

/* Adds input to operation. */
psa_status_t psa_mac_update(psa_mac_operation_t *operation, const uint8_t *input,
                            size_t input_length);

/* Ends the operation and writes the MAC to mac (mac_size bytes). *mac_length: bytes written.
 * PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_mac_sign_finish(psa_mac_operation_t *operation, uint8_t *mac, size_t mac_size,
                                 size_t *mac_length);

/* Ends the operation and compares the result with mac (mac_length bytes), in constant time.
 * PSA_ERROR_INVALID_SIGNATURE: they differ. */
psa_status_t psa_mac_verify_finish(psa_mac_operation_t *operation, const uint8_t *mac,
                                   size_t mac_length);

/* Ends the operation and makes the object fit for a set-up again. PSA_SUCCESS, also if it is not
 * active. */
psa_status_t psa_mac_abort(psa_mac_operation_t *operation);

/* ---- Ciphers without authentication (IHI 0086, 10.4) ----
 *
 * alg: PSA_ALG_CTR, PSA_ALG_CBC_PKCS7 or another cipher that key's policy permits. Nobody sees that
 * a message was changed: use authenticated encryption where there is a choice. output: output_size
 * bytes; *output_length: bytes written. All that take a key return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg and lengths do not go together
 * and all that take an operation
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_cipher_abort() is left. */

/* Encrypts input (input_length bytes) under a random initialisation vector, which comes first in
 * output (enough is PSA_CIPHER_ENCRYPT_OUTPUT_SIZE()). key needs PSA_KEY_USAGE_ENCRYPT.
 * PSA_ERROR_BUFFER_TOO_SMALL; PSA_ERROR_INSUFFICIENT_ENTROPY; PSA_ERROR_INVALID_ARGUMENT: also for
 * input that is not whole blocks, without padding. */
psa_status_t psa_cipher_encrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                size_t input_length, uint8_t *output, size_t output_size,
                                size_t *output_length);

/* Decrypts input (input_length bytes): the initialisation vector, then what was encrypted under it,
 * to output (enough is PSA_CIPHER_DECRYPT_OUTPUT_SIZE()). key needs PSA_KEY_USAGE_DECRYPT.
 * PSA_ERROR_INVALID_PADDING; PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_cipher_decrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                size_t input_length, uint8_t *output, size_t output_size,
                                size_t *output_length);

/* Start a message in parts. Then an initialisation vector, psa_cipher_update() any number of times,
 * and psa_cipher_finish(), which ends the operation; psa_cipher_abort() ends it at any time. */
psa_status_t psa_cipher_encrypt_setup(psa_cipher_operation_t *operation, psa_key_id_t key,
                                      psa_algorithm_t alg);
psa_status_t psa_cipher_decrypt_setup(psa_cipher_operation_t *operation, psa_key_id_t key,
                                      psa_algorithm_t alg);

/* Makes a random initialisation vector for an encryption operation: iv (iv_size bytes, enough is
 * PSA_CIPHER_IV_LENGTH()). *iv_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_cipher_generate_iv(psa_cipher_operation_t *operation, uint8_t *iv, size_t iv_size,
                                    size_t *iv_length);

/* Gives iv (iv_length bytes, PSA_CIPHER_IV_LENGTH()) to operation. PSA_ERROR_INVALID_ARGUMENT: not
 * the length for the algorithm. */
psa_status_t psa_cipher_set_iv(psa_cipher_operation_t *operation, const uint8_t *iv,
                               size_t iv_length);

/* Encrypts or decrypts input (input_length bytes, any number), and writes to output what is
 * complete by then (enough is PSA_CIPHER_UPDATE_OUTPUT_SIZE()). PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_cipher_update(psa_cipher_operation_t *operation, const uint8_t *input,
                               size_t input_length, uint8_t *output, size_t output_size,
                               size_t *output_length);

/* Ends the operation and writes what is left to output (enough is PSA_CIPHER_FINISH_OUTPUT_SIZE()).
 * PSA_ERROR_INVALID_ARGUMENT: the message was not whole blocks, without padding.
 * PSA_ERROR_INVALID_PADDING; PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_cipher_finish(psa_cipher_operation_t *operation, uint8_t *output,
                               size_t output_size, size_t *output_length);

/* Ends the operation and makes the object fit for a set-up again. PSA_SUCCESS, also if it is not
 * active. */
psa_status_t psa_cipher_abort(psa_cipher_operation_t *operation);

/* ---- Authenticated encryption (IHI 0086, 10.5) ----
 *
 * alg: PSA_ALG_CCM, PSA_ALG_GCM or PSA_ALG_CHACHA20_POLY1305, perhaps with another tag length.
 * nonce: nonce_length bytes, never used twice with one key: 7 to 13 for CCM, 1 to 16 for GCM (12
 * is best), 12 for ChaCha20-Poly1305. Ciphertext is as long as the plaintext. All that take a key
 * return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg and lengths do not go together
 *   PSA_ERROR_NOT_SUPPORTED     also for a nonce of more than 16 bytes
 *   PSA_ERROR_BUFFER_TOO_SMALL
 * and all that take an operation
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_aead_abort() is left. */

/* Encrypts plaintext (plaintext_length bytes, any number) and authenticates it with additional_data
 * (additional_data_length bytes, any number). ciphertext: the encrypted bytes, then the tag;
 * ciphertext_size is enough with PSA_AEAD_ENCRYPT_OUTPUT_SIZE(). *ciphertext_length: bytes
 * written. */
psa_status_t psa_aead_encrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
                              size_t nonce_length, const uint8_t *additional_data,
                              size_t additional_data_length, const uint8_t *plaintext,
                              size_t plaintext_length, uint8_t *ciphertext, size_t ciphertext_size,
                              size_t *ciphertext_length);

/* The reverse: checks ciphertext (ciphertext_length bytes, the tag among them) with additional_data
 * (additional_data_length bytes), and only then gives out plaintext (plaintext_size is enough with
 * PSA_AEAD_DECRYPT_OUTPUT_SIZE(); *plaintext_length: bytes written). ciphertext must fit the
 * service's private buffer (4160 bytes): PSA_ERROR_INSUFFICIENT_MEMORY otherwise; decrypt longer
 * ones in parts. PSA_ERROR_INVALID_SIGNATURE: not authentic. */
psa_status_t psa_aead_decrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
                              size_t nonce_length, const uint8_t *additional_data,
                              size_t additional_data_length, const uint8_t *ciphertext,
                              size_t ciphertext_length, uint8_t *plaintext, size_t plaintext_size,
                              size_t *plaintext_length);

/* Start a message in parts. Then psa_aead_set_lengths() (CCM: always), a nonce,
 * psa_aead_update_ad(), psa_aead_update(), and psa_aead_finish() after encryption or
 * psa_aead_verify() after decryption, which end the operation; psa_aead_abort() ends it at any
 * time. */
psa_status_t psa_aead_encrypt_setup(psa_aead_operation_t *operation, psa_key_id_t key,
                                    psa_algorithm_t alg);
psa_status_t psa_aead_decrypt_setup(psa_aead_operation_t *operation, psa_key_id_t key,
                                    psa_algorithm_t alg);

/* Says how much additional data (ad_length bytes) and plaintext (plaintext_length bytes) there will
 * be. PSA_ERROR_INVALID_ARGUMENT: more than the algorithm can. */
psa_status_t psa_aead_set_lengths(psa_aead_operation_t *operation, size_t ad_length,
                                  size_t plaintext_length);

/* Makes a random nonce for an encryption (nonce_size bytes; PSA_AEAD_NONCE_LENGTH() of them, at
 * most PSA_AEAD_NONCE_MAX_SIZE); *nonce_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_aead_generate_nonce(psa_aead_operation_t *operation, uint8_t *nonce,
                                     size_t nonce_size, size_t *nonce_length);

/* Gives nonce to operation. PSA_ERROR_INVALID_ARGUMENT: not a length for the algorithm. */
psa_status_t psa_aead_set_nonce(psa_aead_operation_t *operation, const uint8_t *nonce,
                                size_t nonce_length);

/* Adds input (input_length bytes) to the additional data. PSA_ERROR_INVALID_ARGUMENT: more than
 * psa_aead_set_lengths() said. */
psa_status_t psa_aead_update_ad(psa_aead_operation_t *operation, const uint8_t *input,
                                size_t input_length);

/* Encrypts or decrypts input (input_length bytes, any number) to output; output_size must be at
 * least input_length, PSA_AEAD_UPDATE_OUTPUT_SIZE() is enough in every implementation.
 * *output_length: bytes written. Decrypted bytes are not to be trusted before psa_aead_verify()
 * succeeded. PSA_ERROR_BUFFER_TOO_SMALL; PSA_ERROR_INVALID_ARGUMENT: more than
 * psa_aead_set_lengths() said. */
psa_status_t psa_aead_update(psa_aead_operation_t *operation, const uint8_t *input,
                             size_t input_length, uint8_t *output, size_t output_size,
                             size_t *output_length);

/* Ends an encryption operation: what is left of the ciphertext (ciphertext_size bytes, enough is
 * PSA_AEAD_FINISH_OUTPUT_SIZE()), and the tag (tag_size bytes, enough is PSA_AEAD_TAG_LENGTH()).
 * *ciphertext_length, *tag_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INVALID_ARGUMENT: less than psa_aead_set_lengths() said. */
psa_status_t psa_aead_finish(psa_aead_operation_t *operation, uint8_t *ciphertext,
                             size_t ciphertext_size, size_t *ciphertext_length, uint8_t *tag,
                             size_t tag_size, size_t *tag_length);

/* Ends a decryption operation: what is left of the plaintext (plaintext_size bytes, enough is
 * PSA_AEAD_VERIFY_OUTPUT_SIZE(); *plaintext_length: bytes written), if tag (tag_length bytes) is
 * right. PSA_ERROR_INVALID_SIGNATURE: not authentic; all that was decrypted must be thrown away.
 * PSA_ERROR_BUFFER_TOO_SMALL; PSA_ERROR_INVALID_ARGUMENT: less than psa_aead_set_lengths() said. */
psa_status_t psa_aead_verify(psa_aead_operation_t *operation, uint8_t *plaintext,
                             size_t plaintext_size, size_t *plaintext_length, const uint8_t *tag,
                             size_t tag_length);

/* Ends the operation and makes the object fit for a set-up again. PSA_SUCCESS, also if it is not
 * active. */
psa_status_t psa_aead_abort(psa_aead_operation_t *operation);

/* ---- Key wrapping (IHI 0086 1.4, "Key wrapping") ----
 *
 * wrapping_key encrypts or decrypts another key with alg, PSA_ALG_KW or PSA_ALG_KWP. Both return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     a policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  wrapping_key, alg and lengths do not go together */

/* Makes a key from data (data_length bytes), what psa_wrap_key() wrote; wrapping_key needs
 * PSA_KEY_USAGE_UNWRAP. attributes, *key and errors as psa_import_key(), and
 * PSA_ERROR_INVALID_SIGNATURE: data is not authentic. */
psa_status_t psa_unwrap_key(const psa_key_attributes_t *attributes, psa_key_id_t wrapping_key,
                            psa_algorithm_t alg, const uint8_t *data, size_t data_length,
                            psa_key_id_t *key);

/* Writes key, which needs PSA_KEY_USAGE_EXPORT, encrypted with wrapping_key, which needs
 * PSA_KEY_USAGE_WRAP, to data (data_size bytes, enough is PSA_WRAP_KEY_OUTPUT_SIZE()).
 * *data_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_wrap_key(psa_key_id_t wrapping_key, psa_algorithm_t alg, psa_key_id_t key,
                          uint8_t *data, size_t data_size, size_t *data_length);

/* ---- Key derivation (IHI 0086, 10.6) ----
 *
 * psa_key_derivation_setup(), the inputs that the algorithm wants, in its order, then outputs,
 * which follow each other in one stream of bytes, until psa_key_derivation_abort(). step says
 * which input one is (PSA_KEY_DERIVATION_INPUT_*). All of them return
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_key_derivation_abort() is left; PSA_ERROR_INSUFFICIENT_DATA uses up what
 * was left of the capacity. */

/* Starts operation with alg, PSA_ALG_HKDF() or another derivation, or one with a key agreement
 * before it. PSA_ERROR_INVALID_ARGUMENT: alg is none. */
psa_status_t psa_key_derivation_setup(psa_key_derivation_operation_t *operation,
                                      psa_algorithm_t alg);

/* *capacity: how many bytes operation can still put out. */
psa_status_t psa_key_derivation_get_capacity(const psa_key_derivation_operation_t *operation,
                                             size_t *capacity);

/* Lowers the capacity of operation to capacity bytes. PSA_ERROR_INVALID_ARGUMENT: it is smaller
 * already. */
psa_status_t psa_key_derivation_set_capacity(psa_key_derivation_operation_t *operation,
                                             size_t capacity);

/* Gives data (data_length bytes) to operation as the input step. PSA_ERROR_INVALID_ARGUMENT: the
 * algorithm has no such step, wants it to be a key, or wants another length. */
psa_status_t psa_key_derivation_input_bytes(psa_key_derivation_operation_t *operation,
                                            psa_key_derivation_step_t step, const uint8_t *data,
                                            size_t data_length);

/* Gives the number value to operation as the input step: PSA_KEY_DERIVATION_INPUT_COST.
 * PSA_ERROR_INVALID_ARGUMENT: the algorithm has no such step, or value is out of its range. */
psa_status_t psa_key_derivation_input_integer(psa_key_derivation_operation_t *operation,
                                              psa_key_derivation_step_t step, uint64_t value);

/* Gives key, which needs PSA_KEY_USAGE_DERIVE or PSA_KEY_USAGE_VERIFY_DERIVATION, to operation as
 * the input step. PSA_ERROR_INVALID_HANDLE: no such key of this client. PSA_ERROR_NOT_PERMITTED.
 * PSA_ERROR_INVALID_ARGUMENT: not a key for this step. */
psa_status_t psa_key_derivation_input_key(psa_key_derivation_operation_t *operation,
                                          psa_key_derivation_step_t step, psa_key_id_t key);

/* Agrees on a secret with private_key and peer_key (peer_key_length bytes), as
 * psa_raw_key_agreement(), and gives it to operation as the input step. Errors as there. */
psa_status_t psa_key_derivation_key_agreement(psa_key_derivation_operation_t *operation,
                                              psa_key_derivation_step_t step,
                                              psa_key_id_t private_key, const uint8_t *peer_key,
                                              size_t peer_key_length);

/* Writes the next output_length bytes of operation to output. PSA_ERROR_INSUFFICIENT_DATA: more
 * than the capacity. PSA_ERROR_NOT_PERMITTED: a key among the inputs is for verification only. */
psa_status_t psa_key_derivation_output_bytes(psa_key_derivation_operation_t *operation,
                                             uint8_t *output, size_t output_length);

/* Makes a key of the next output of operation, as long as attributes, which give type, bits,
 * policy, lifetime and identifier, ask for. *key and errors as psa_import_key(), and
 * PSA_ERROR_INSUFFICIENT_DATA: more than the capacity; PSA_ERROR_NOT_PERMITTED: the secret did not
 * come from a key that permits it. */
psa_status_t psa_key_derivation_output_key(const psa_key_attributes_t *attributes,
                                           psa_key_derivation_operation_t *operation,
                                           psa_key_id_t *key);

/* 1.3. As psa_key_derivation_output_key() for attributes, operation and *key, in the way that
 * custom and custom_data (custom_data_length bytes) say: no key type has another than the default
 * yet.
 * PSA_ERROR_INVALID_ARGUMENT: they do not fit the key type. */
psa_status_t psa_key_derivation_output_key_custom(const psa_key_attributes_t *attributes,
                                                  psa_key_derivation_operation_t *operation,
                                                  const psa_custom_key_parameters_t *custom,
                                                  const uint8_t *custom_data,
                                                  size_t custom_data_length, psa_key_id_t *key);

/* Compares the next output_length bytes of operation with expected_output, in constant time.
 * PSA_ERROR_INVALID_SIGNATURE: they differ. PSA_ERROR_INSUFFICIENT_DATA: more than the capacity. */
psa_status_t psa_key_derivation_verify_bytes(psa_key_derivation_operation_t *operation,
                                             const uint8_t *expected_output, size_t output_length);

/* Compares the next bytes of operation, as many as the key has, with the key expected: of type
 * PSA_KEY_TYPE_PASSWORD_HASH, with PSA_KEY_USAGE_VERIFY_DERIVATION, of this client.
 * PSA_ERROR_INVALID_HANDLE; PSA_ERROR_NOT_PERMITTED; PSA_ERROR_INVALID_ARGUMENT: another type; the
 * others as psa_key_derivation_verify_bytes(). */
psa_status_t psa_key_derivation_verify_key(psa_key_derivation_operation_t *operation,
                                           psa_key_id_t expected);

/* Ends operation and makes the object fit for psa_key_derivation_setup() again. PSA_SUCCESS, also
 * if it is not active. */
psa_status_t psa_key_derivation_abort(psa_key_derivation_operation_t *operation);

/* ---- Signatures (IHI 0086, 10.7) ----
 *
 * alg: a signature algorithm that key's policy permits. hash: hash_length bytes,
 * PSA_HASH_LENGTH(alg). input: the message, input_length bytes. context: context_length bytes, for
 * algorithms that have one (PSA_ALG_SIGN_SUPPORTS_CONTEXT()). signature: for ECDSA r and s, each
 * as long as the curve; for RSA as long as the key. Signing needs the private key and
 * PSA_KEY_USAGE_SIGN_*; verifying any of the two and PSA_KEY_USAGE_VERIFY_*. All of them return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg and lengths do not go together */

/* Signs hash into signature (signature_size bytes, enough is PSA_SIGN_OUTPUT_SIZE()).
 * *signature_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL; PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                           size_t hash_length, uint8_t *signature, size_t signature_size,
                           size_t *signature_length);

/* Verifies signature (signature_length bytes) over hash. PSA_ERROR_INVALID_SIGNATURE: it is not a
 * signature by key. */
psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                             size_t hash_length, const uint8_t *signature, size_t signature_length);

/* As psa_sign_hash(), for the message itself. The message must fit the service's private buffer
 * together with the signature (signature_size and *signature_length as there; docs/crypto.md):
 * PSA_ERROR_INSUFFICIENT_MEMORY otherwise; hash in parts and use psa_sign_hash() for longer
 * ones. */
psa_status_t psa_sign_message(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                              size_t input_length, uint8_t *signature, size_t signature_size,
                              size_t *signature_length);

/* As psa_verify_hash() with signature (signature_length bytes), for the message itself; its length
 * as in psa_sign_message(). PSA_ERROR_INVALID_SIGNATURE. */
psa_status_t psa_verify_message(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                size_t input_length, const uint8_t *signature,
                                size_t signature_length);

/* 1.4. As the four functions above, with a context; signature_size, signature_length and errors as
 * there. An empty context is the same as none. */
psa_status_t psa_sign_hash_with_context(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                        size_t hash_length, const uint8_t *context,
                                        size_t context_length, uint8_t *signature,
                                        size_t signature_size, size_t *signature_length);
psa_status_t psa_verify_hash_with_context(psa_key_id_t key, psa_algorithm_t alg,
                                          const uint8_t *hash, size_t hash_length,
                                          const uint8_t *context, size_t context_length,
                                          const uint8_t *signature, size_t signature_length);
psa_status_t psa_sign_message_with_context(psa_key_id_t key, psa_algorithm_t alg,
                                           const uint8_t *input, size_t input_length,
                                           const uint8_t *context, size_t context_length,
                                           uint8_t *signature, size_t signature_size,
                                           size_t *signature_length);
psa_status_t psa_verify_message_with_context(psa_key_id_t key, psa_algorithm_t alg,
                                             const uint8_t *input, size_t input_length,
                                             const uint8_t *context, size_t context_length,
                                             const uint8_t *signature, size_t signature_length);

/* ---- Signatures in parts (IHI 0086 1.5, "Asymmetric signature") ----
 *
 * For messages of any length. alg, context and errors of the set-ups as in the chapter above; an
 * algorithm that reads its message twice cannot do it (PSA_ERROR_NOT_SUPPORTED). All of them return
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_sign_abort() or psa_verify_abort() is left. */

/* Starts operation, to sign with key and alg. Then psa_sign_set_context() where there is one,
 * psa_sign_update() any number of times, and psa_sign_finish(). PSA_ERROR_INVALID_HANDLE;
 * PSA_ERROR_NOT_PERMITTED; PSA_ERROR_INVALID_ARGUMENT. */
psa_status_t psa_sign_setup(psa_sign_operation_t *operation, psa_key_id_t key, psa_algorithm_t alg);

/* Gives context (context_length bytes) to operation, once, before the message.
 * PSA_ERROR_INVALID_ARGUMENT: the algorithm has no context, or none of that length. */
psa_status_t psa_sign_set_context(psa_sign_operation_t *operation, const uint8_t *context,
                                  size_t context_length);

/* Adds input (input_length bytes) to the message of operation. */
psa_status_t psa_sign_update(psa_sign_operation_t *operation, const uint8_t *input,
                             size_t input_length);

/* Ends the operation and writes the signature to signature (signature_size bytes, enough is
 * PSA_SIGN_OUTPUT_SIZE()). *signature_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_sign_finish(psa_sign_operation_t *operation, uint8_t *signature,
                             size_t signature_size, size_t *signature_length);

/* Ends the operation and makes the object fit for psa_sign_setup() again. PSA_SUCCESS, also if it
 * is not active. */
psa_status_t psa_sign_abort(psa_sign_operation_t *operation);

/* Starts operation, to verify signature (signature_length bytes) with key and alg. Then
 * psa_verify_set_context() where there is one, psa_verify_update() any number of times, and
 * psa_verify_finish(). PSA_ERROR_INVALID_HANDLE; PSA_ERROR_NOT_PERMITTED;
 * PSA_ERROR_INVALID_ARGUMENT; PSA_ERROR_INVALID_SIGNATURE: it cannot be one by key. */
psa_status_t psa_verify_setup(psa_verify_operation_t *operation, psa_key_id_t key,
                              psa_algorithm_t alg, const uint8_t *signature,
                              size_t signature_length);

/* Gives context (context_length bytes) to operation, once, before the message.
 * PSA_ERROR_INVALID_ARGUMENT: the algorithm has no context, or none of that length. */
psa_status_t psa_verify_set_context(psa_verify_operation_t *operation, const uint8_t *context,
                                    size_t context_length);

/* Adds input (input_length bytes) to the message of operation. */
psa_status_t psa_verify_update(psa_verify_operation_t *operation, const uint8_t *input,
                               size_t input_length);

/* Ends the operation: PSA_SUCCESS if the signature is right. PSA_ERROR_INVALID_SIGNATURE: it is
 * not a signature by the key over this message. */
psa_status_t psa_verify_finish(psa_verify_operation_t *operation);

/* Ends the operation and makes the object fit for psa_verify_setup() again. PSA_SUCCESS, also if it
 * is not active. */
psa_status_t psa_verify_abort(psa_verify_operation_t *operation);

/* ---- Asymmetric encryption (IHI 0086, 10.8) ----
 *
 * For short messages, such as a key. alg: PSA_ALG_RSA_OAEP() or PSA_ALG_RSA_PKCS1V15_CRYPT. input:
 * input_length bytes. salt: salt_length bytes, the label of OAEP, empty for PKCS#1 v1.5. output:
 * output_size bytes; *output_length: bytes written. Both return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     the policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg and lengths do not go together
 *   PSA_ERROR_BUFFER_TOO_SMALL */

/* Encrypts input with the public part of key, which needs PSA_KEY_USAGE_ENCRYPT; enough output is
 * PSA_ASYMMETRIC_ENCRYPT_OUTPUT_SIZE(). PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_asymmetric_encrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                    size_t input_length, const uint8_t *salt, size_t salt_length,
                                    uint8_t *output, size_t output_size, size_t *output_length);

/* Decrypts input with the private part of key, which needs PSA_KEY_USAGE_DECRYPT; enough output is
 * PSA_ASYMMETRIC_DECRYPT_OUTPUT_SIZE(). PSA_ERROR_INVALID_PADDING: not encrypted for key, or with
 * another label. Who answers that to a stranger helps an attacker on PKCS#1 v1.5. */
psa_status_t psa_asymmetric_decrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                    size_t input_length, const uint8_t *salt, size_t salt_length,
                                    uint8_t *output, size_t output_size, size_t *output_length);

/* ---- Key agreement (IHI 0086, 10.9) ----
 *
 * alg: PSA_ALG_ECDH or PSA_ALG_FFDH. private_key needs PSA_KEY_USAGE_DERIVE; peer_key is a public
 * key in the format of psa_export_public_key() (peer_key_length bytes). The secret is not
 * uniformly random: it is input for a key derivation. Both return
 *   PSA_ERROR_INVALID_HANDLE    no private_key of this client
 *   PSA_ERROR_NOT_PERMITTED     its policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  peer_key is no key for alg and private_key, or alg is no agreement
 */

/* Makes a key of the secret that private_key shares with peer_key. attributes: a type that may be
 * input of a derivation (PSA_KEY_TYPE_DERIVE, PSA_KEY_TYPE_RAW_DATA, PSA_KEY_TYPE_HMAC,
 * PSA_KEY_TYPE_PASSWORD), bits, which may be 0, policy, lifetime, identifier. *key and errors as
 * psa_import_key(). */
psa_status_t psa_key_agreement(psa_key_id_t private_key, const uint8_t *peer_key,
                               size_t peer_key_length, psa_algorithm_t alg,
                               const psa_key_attributes_t *attributes, psa_key_id_t *key);

/* Writes the secret that private_key shares with peer_key to output (output_size bytes, enough is
 * PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE()). *output_length: bytes written.
 * PSA_ERROR_BUFFER_TOO_SMALL. */
psa_status_t psa_raw_key_agreement(psa_algorithm_t alg, psa_key_id_t private_key,
                                   const uint8_t *peer_key, size_t peer_key_length, uint8_t *output,
                                   size_t output_size, size_t *output_length);

/* ---- Key encapsulation (IHI 0086 1.3, "Key encapsulation") ----
 *
 * Makes a secret that both sides get as a key, *output_key with attributes (as psa_import_key(),
 * with its errors); it travels in ciphertext. alg: PSA_ALG_ECIES_SEC1 or PSA_ALG_ML_KEM. Both
 * return
 *   PSA_ERROR_INVALID_HANDLE    no such key of this client
 *   PSA_ERROR_NOT_PERMITTED     its policy forbids it
 *   PSA_ERROR_INVALID_ARGUMENT  key, alg, attributes and lengths do not go together */

/* Makes a secret for the owner of key, a public key or key pair that needs PSA_KEY_USAGE_ENCRYPT;
 * ciphertext (ciphertext_size bytes, enough is PSA_ENCAPSULATE_CIPHERTEXT_SIZE()) is for him.
 * *ciphertext_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL; PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t psa_encapsulate(psa_key_id_t key, psa_algorithm_t alg,
                             const psa_key_attributes_t *attributes, psa_key_id_t *output_key,
                             uint8_t *ciphertext, size_t ciphertext_size,
                             size_t *ciphertext_length);

/* Gets the secret out of ciphertext (ciphertext_length bytes) with the key pair key, which needs
 * PSA_KEY_USAGE_DECRYPT. PSA_ERROR_INVALID_SIGNATURE: the ciphertext is not authentic, where the
 * algorithm can tell; otherwise the sender's key is another one. */
psa_status_t psa_decapsulate(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *ciphertext,
                             size_t ciphertext_length, const psa_key_attributes_t *attributes,
                             psa_key_id_t *output_key);

/* ---- Exchange with a password (IHI 0086 1.3, "Password-authenticated key exchange") ----
 *
 * Two sides that know the same password agree on a key: psa_pake_setup(), role, user, peer and
 * context as the algorithm wants, its inputs and outputs in its order, psa_pake_get_shared_key().
 * All of them return
 *   PSA_ERROR_BAD_STATE         operation is not in the state for it, or failed earlier
 * After an error only psa_pake_abort() is left. */

/* Starts operation with cipher_suite (algorithm, primitive, key confirmation) and password_key, of
 * the type that the algorithm takes, with PSA_KEY_USAGE_DERIVE. PSA_ERROR_INVALID_HANDLE: no such
 * key of this client. PSA_ERROR_NOT_PERMITTED. PSA_ERROR_INVALID_ARGUMENT: key and suite do not go
 * together, or the suite is not complete. */
psa_status_t psa_pake_setup(psa_pake_operation_t *operation, psa_key_id_t password_key,
                            const psa_pake_cipher_suite_t *cipher_suite);

/* Says which side operation is: role, one of PSA_PAKE_ROLE_*. PSA_ERROR_INVALID_ARGUMENT: not a
 * role of the algorithm. */
psa_status_t psa_pake_set_role(psa_pake_operation_t *operation, psa_pake_role_t role);

/* Gives the name of this side to operation: user_id, user_id_len bytes, not 0.
 * PSA_ERROR_INVALID_ARGUMENT: not a name for the algorithm. */
psa_status_t psa_pake_set_user(psa_pake_operation_t *operation, const uint8_t *user_id,
                               size_t user_id_len);

/* Gives the name of the other side to operation: peer_id, peer_id_len bytes, not 0.
 * PSA_ERROR_INVALID_ARGUMENT: not a name for the algorithm. */
psa_status_t psa_pake_set_peer(psa_pake_operation_t *operation, const uint8_t *peer_id,
                               size_t peer_id_len);

/* Gives context (context_len bytes), which both sides must have the same, to operation.
 * PSA_ERROR_INVALID_ARGUMENT: not a length for the algorithm. */
psa_status_t psa_pake_set_context(psa_pake_operation_t *operation, const uint8_t *context,
                                  size_t context_len);

/* Writes what operation sends in step (PSA_PAKE_STEP_*) to output (output_size bytes, enough is
 * PSA_PAKE_OUTPUT_SIZE()). *output_length: bytes written. PSA_ERROR_BUFFER_TOO_SMALL;
 * PSA_ERROR_INSUFFICIENT_ENTROPY; PSA_ERROR_INVALID_ARGUMENT: not a step of the algorithm. */
psa_status_t psa_pake_output(psa_pake_operation_t *operation, psa_pake_step_t step, uint8_t *output,
                             size_t output_size, size_t *output_length);

/* Gives what came from the other side in step (PSA_PAKE_STEP_*) to operation: input (input_length
 * bytes). PSA_ERROR_INVALID_SIGNATURE: a proof or confirmation is wrong: another password, or an
 * attack. PSA_ERROR_INVALID_ARGUMENT: not a step of the algorithm, or not a value for it. */
psa_status_t psa_pake_input(psa_pake_operation_t *operation, psa_pake_step_t step,
                            const uint8_t *input, size_t input_length);

/* Ends operation and makes a key of the secret that both sides have now. attributes: a type that
 * may be input of a derivation, bits 0, policy, lifetime, identifier. *key and errors as
 * psa_import_key(). Without key confirmation the other side may still have another key. */
psa_status_t psa_pake_get_shared_key(psa_pake_operation_t *operation,
                                     const psa_key_attributes_t *attributes, psa_key_id_t *key);

/* Ends operation and makes the object fit for psa_pake_setup() again. PSA_SUCCESS, also if it is
 * not active. */
psa_status_t psa_pake_abort(psa_pake_operation_t *operation);

#ifdef __cplusplus
}
#endif
#endif
