/*
 * The PSA Crypto API as its caller sees it: each function packs its arguments and calls the Crypto
 * service.
 *
 * Linked into the non-secure client library and into partitions that use the service. It keeps no
 * state, checks nothing that the service checks, and knows nothing of the engine behind it. Wire
 * format: protocol.h.
 */
#include <psa/crypto.h>

#include <string.h>

#include "psa/client.h"
#include "psa_manifest/sid.h"
#include "services/crypto/protocol.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One call: in[0] is the request. */
static psa_status_t call(const psa_invec *in, size_t in_count, psa_outvec *out, size_t out_count)
{
    psa_status_t status = psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, in, in_count, out, out_count);

    /* Buffers that are not the caller's memory: for this API that is a bad argument. */
    return (status == PSA_ERROR_PROGRAMMER_ERROR) ? PSA_ERROR_INVALID_ARGUMENT : status;
}

/* A call with nothing but the request. */
static psa_status_t call_plain(const struct crypto_request *request)
{
    const psa_invec in[] = {{request, sizeof *request}};

    return call(in, COUNT(in), NULL, 0);
}

/* A call with one output of variable length; *length is 0 unless it succeeded. */
static psa_status_t call_output(const psa_invec *in, size_t in_count, void *data, size_t size,
                                size_t *length)
{
    psa_outvec out[] = {{data, size}};
    psa_status_t status = call(in, in_count, out, COUNT(out));

    *length = status == PSA_SUCCESS ? out[0].len : 0u;
    return status;
}

/* A call whose output is one word; *word is left alone unless it succeeded. */
static psa_status_t call_word(const psa_invec *in, size_t in_count, uint32_t *word)
{
    uint32_t answer = 0;
    psa_outvec out[] = {{&answer, sizeof answer}};
    psa_status_t status = call(in, in_count, out, COUNT(out));

    if (status == PSA_SUCCESS) {
        *word = answer;
    }
    return status;
}

static struct crypto_attributes attributes_pack(const psa_key_attributes_t *attributes)
{
    return (struct crypto_attributes){
        .lifetime = psa_get_key_lifetime(attributes),
        .id = psa_get_key_id(attributes),
        .usage = psa_get_key_usage_flags(attributes),
        .algorithm = psa_get_key_algorithm(attributes),
        .type = psa_get_key_type(attributes),
        .bits = (uint16_t)psa_get_key_bits(attributes),
    };
}

static void attributes_unpack(const struct crypto_attributes *packed,
                              psa_key_attributes_t *attributes)
{
    psa_reset_key_attributes(attributes);
    psa_set_key_id(attributes, packed->id);
    attributes->private_lifetime = packed->lifetime; /* a volatile key has an identifier too */
    psa_set_key_usage_flags(attributes, packed->usage);
    psa_set_key_algorithm(attributes, packed->algorithm);
    psa_set_key_type(attributes, packed->type);
    psa_set_key_bits(attributes, packed->bits);
}

/* ---- Library and random numbers ---- */

psa_status_t psa_crypto_init(void)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_crypto_init};

    return call_plain(&request);
}

psa_status_t psa_generate_random(uint8_t *output, size_t output_size)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_generate_random};
    const psa_invec in[] = {{&request, sizeof request}};
    size_t length;

    return call_output(in, COUNT(in), output, output_size, &length);
}

/* ---- Keys ---- */

psa_status_t psa_get_key_attributes(psa_key_id_t key, psa_key_attributes_t *attributes)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_get_key_attributes,
        .key = key,
    };
    const psa_invec in[] = {{&request, sizeof request}};
    struct crypto_attributes packed = {0};
    size_t length;
    psa_status_t status = call_output(in, COUNT(in), &packed, sizeof packed, &length);

    if (status == PSA_SUCCESS) {
        attributes_unpack(&packed, attributes);
    } else {
        psa_reset_key_attributes(attributes);
    }
    return status;
}

psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
                            size_t data_length, psa_key_id_t *key)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_import_key};
    const struct crypto_attributes packed = attributes_pack(attributes);
    const psa_invec in[] = {
        {&request, sizeof request}, {&packed, sizeof packed}, {data, data_length}};

    *key = PSA_KEY_ID_NULL;
    return call_word(in, COUNT(in), key);
}

psa_status_t psa_generate_key(const psa_key_attributes_t *attributes, psa_key_id_t *key)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_generate_key};
    const struct crypto_attributes packed = attributes_pack(attributes);
    const psa_invec in[] = {{&request, sizeof request}, {&packed, sizeof packed}};

    *key = PSA_KEY_ID_NULL;
    return call_word(in, COUNT(in), key);
}

psa_status_t psa_copy_key(psa_key_id_t source_key, const psa_key_attributes_t *attributes,
                          psa_key_id_t *target_key)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_copy_key,
        .key = source_key,
    };
    const struct crypto_attributes packed = attributes_pack(attributes);
    const psa_invec in[] = {{&request, sizeof request}, {&packed, sizeof packed}};

    *target_key = PSA_KEY_ID_NULL;
    return call_word(in, COUNT(in), target_key);
}

psa_status_t psa_destroy_key(psa_key_id_t key)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_destroy_key, .key = key};

    return call_plain(&request);
}

psa_status_t psa_purge_key(psa_key_id_t key)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_purge_key, .key = key};

    return call_plain(&request);
}

psa_status_t psa_export_key(psa_key_id_t key, uint8_t *data, size_t data_size, size_t *data_length)
{
    const struct crypto_request request = {.function = CRYPTO_NUMBER_psa_export_key, .key = key};
    const psa_invec in[] = {{&request, sizeof request}};

    return call_output(in, COUNT(in), data, data_size, data_length);
}

psa_status_t psa_export_public_key(psa_key_id_t key, uint8_t *data, size_t data_size,
                                   size_t *data_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_export_public_key,
        .key = key,
    };
    const psa_invec in[] = {{&request, sizeof request}};

    return call_output(in, COUNT(in), data, data_size, data_length);
}

/* ---- Hashes ---- */

psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
                              uint8_t *hash, size_t hash_size, size_t *hash_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_compute,
        .algorithm = alg,
    };
    const psa_invec in[] = {{&request, sizeof request}, {input, input_length}};

    return call_output(in, COUNT(in), hash, hash_size, hash_length);
}

psa_status_t psa_hash_compare(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
                              const uint8_t *hash, size_t hash_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_compare,
        .algorithm = alg,
    };
    const psa_invec in[] = {{&request, sizeof request}, {input, input_length}, {hash, hash_length}};

    return call(in, COUNT(in), NULL, 0);
}

psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_setup,
        .algorithm = alg,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}};

    return call_word(in, COUNT(in), &operation->private_handle);
}

psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input,
                             size_t input_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_update,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}, {input, input_length}};

    return call(in, COUNT(in), NULL, 0);
}

psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hash_size,
                             size_t *hash_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_finish,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}};
    psa_status_t status = call_output(in, COUNT(in), hash, hash_size, hash_length);

    if (status == PSA_SUCCESS) {
        operation->private_handle = 0;
    }
    return status;
}

psa_status_t psa_hash_verify(psa_hash_operation_t *operation, const uint8_t *hash,
                             size_t hash_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_verify,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}, {hash, hash_length}};
    psa_status_t status = call(in, COUNT(in), NULL, 0);

    if (status == PSA_SUCCESS) {
        operation->private_handle = 0;
    }
    return status;
}

psa_status_t psa_hash_abort(psa_hash_operation_t *operation)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_abort,
        .operation = operation->private_handle,
    };

    if (request.operation == 0) {
        return PSA_SUCCESS;
    }
    operation->private_handle = 0;
    return call_plain(&request);
}

psa_status_t psa_hash_clone(const psa_hash_operation_t *source_operation,
                            psa_hash_operation_t *target_operation)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_hash_clone,
        .operation = source_operation->private_handle,
        .value = target_operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}};

    return call_word(in, COUNT(in), &target_operation->private_handle);
}

/* ---- Signatures ---- */

static psa_status_t call_sign(uint32_t function, psa_key_id_t key, psa_algorithm_t alg,
                              const psa_invec *input, psa_outvec *signature,
                              size_t *signature_length)
{
    const struct crypto_request request = {
        .function = function,
        .key = key,
        .algorithm = alg,
    };
    const psa_invec in[] = {{&request, sizeof request}, *input};

    return call_output(in, COUNT(in), signature->base, signature->len, signature_length);
}

static psa_status_t call_verify(uint32_t function, psa_key_id_t key, psa_algorithm_t alg,
                                const psa_invec *input, const psa_invec *signature)
{
    const struct crypto_request request = {
        .function = function,
        .key = key,
        .algorithm = alg,
    };
    const psa_invec in[] = {{&request, sizeof request}, *input, *signature};

    return call(in, COUNT(in), NULL, 0);
}

psa_status_t psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                           size_t hash_length, uint8_t *signature, size_t signature_size,
                           size_t *signature_length)
{
    const psa_invec input = {hash, hash_length};
    psa_outvec output = {signature, signature_size};

    return call_sign(CRYPTO_NUMBER_psa_sign_hash, key, alg, &input, &output, signature_length);
}

psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                             size_t hash_length, const uint8_t *signature, size_t signature_length)
{
    const psa_invec input = {hash, hash_length};
    const psa_invec compared = {signature, signature_length};

    return call_verify(CRYPTO_NUMBER_psa_verify_hash, key, alg, &input, &compared);
}

psa_status_t psa_sign_message(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                              size_t input_length, uint8_t *signature, size_t signature_size,
                              size_t *signature_length)
{
    const psa_invec message = {input, input_length};
    psa_outvec output = {signature, signature_size};

    return call_sign(CRYPTO_NUMBER_psa_sign_message, key, alg, &message, &output, signature_length);
}

psa_status_t psa_verify_message(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
                                size_t input_length, const uint8_t *signature,
                                size_t signature_length)
{
    const psa_invec message = {input, input_length};
    const psa_invec compared = {signature, signature_length};

    return call_verify(CRYPTO_NUMBER_psa_verify_message, key, alg, &message, &compared);
}

/* ---- Authenticated encryption ---- */

/* Both directions in one call. nonce and additional travel as the caller gave them. */
static psa_status_t call_aead(uint32_t function, psa_key_id_t key, psa_algorithm_t alg,
                              const psa_invec *nonce, const psa_invec *additional,
                              const psa_invec *input, psa_outvec *output, size_t *output_length)
{
    struct crypto_nonce_request request = {
        .request = {.function = function,
                    .key = key,
                    .algorithm = alg,
                    .value = (uint32_t)nonce->len},
    };
    const psa_invec in[] = {{&request, sizeof request}, *additional, *input};

    if (nonce->len > 0 && nonce->len <= sizeof request.nonce) {
        memcpy(request.nonce, nonce->base, nonce->len);
    }
    return call_output(in, COUNT(in), output->base, output->len, output_length);
}

psa_status_t psa_aead_encrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
                              size_t nonce_length, const uint8_t *additional_data,
                              size_t additional_data_length, const uint8_t *plaintext,
                              size_t plaintext_length, uint8_t *ciphertext, size_t ciphertext_size,
                              size_t *ciphertext_length)
{
    const psa_invec nonce_in = {nonce, nonce_length};
    const psa_invec additional = {additional_data, additional_data_length};
    const psa_invec input = {plaintext, plaintext_length};
    psa_outvec output = {ciphertext, ciphertext_size};

    return call_aead(CRYPTO_NUMBER_psa_aead_encrypt, key, alg, &nonce_in, &additional, &input,
                     &output, ciphertext_length);
}

psa_status_t psa_aead_decrypt(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
                              size_t nonce_length, const uint8_t *additional_data,
                              size_t additional_data_length, const uint8_t *ciphertext,
                              size_t ciphertext_length, uint8_t *plaintext, size_t plaintext_size,
                              size_t *plaintext_length)
{
    const psa_invec nonce_in = {nonce, nonce_length};
    const psa_invec additional = {additional_data, additional_data_length};
    const psa_invec input = {ciphertext, ciphertext_length};
    psa_outvec output = {plaintext, plaintext_size};

    return call_aead(CRYPTO_NUMBER_psa_aead_decrypt, key, alg, &nonce_in, &additional, &input,
                     &output, plaintext_length);
}

static psa_status_t call_aead_setup(uint32_t function, psa_aead_operation_t *operation,
                                    psa_key_id_t key, psa_algorithm_t alg)
{
    const struct crypto_request request = {
        .function = function,
        .key = key,
        .algorithm = alg,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}};

    return call_word(in, COUNT(in), &operation->private_handle);
}

psa_status_t psa_aead_encrypt_setup(psa_aead_operation_t *operation, psa_key_id_t key,
                                    psa_algorithm_t alg)
{
    return call_aead_setup(CRYPTO_NUMBER_psa_aead_encrypt_setup, operation, key, alg);
}

psa_status_t psa_aead_decrypt_setup(psa_aead_operation_t *operation, psa_key_id_t key,
                                    psa_algorithm_t alg)
{
    return call_aead_setup(CRYPTO_NUMBER_psa_aead_decrypt_setup, operation, key, alg);
}

psa_status_t psa_aead_generate_nonce(psa_aead_operation_t *operation, uint8_t *nonce,
                                     size_t nonce_size, size_t *nonce_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_aead_generate_nonce,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}};

    return call_output(in, COUNT(in), nonce, nonce_size, nonce_length);
}

/* A step of an operation that takes bytes and gives none. */
static psa_status_t call_aead_input(uint32_t function, const psa_aead_operation_t *operation,
                                    const void *input, size_t length)
{
    const struct crypto_request request = {
        .function = function,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}, {input, length}};

    return call(in, COUNT(in), NULL, 0);
}

psa_status_t psa_aead_set_nonce(psa_aead_operation_t *operation, const uint8_t *nonce,
                                size_t nonce_length)
{
    return call_aead_input(CRYPTO_NUMBER_psa_aead_set_nonce, operation, nonce, nonce_length);
}

psa_status_t psa_aead_set_lengths(psa_aead_operation_t *operation, size_t ad_length,
                                  size_t plaintext_length)
{
    const struct crypto_lengths lengths = {(uint32_t)ad_length, (uint32_t)plaintext_length};

    return call_aead_input(CRYPTO_NUMBER_psa_aead_set_lengths, operation, &lengths, sizeof lengths);
}

psa_status_t psa_aead_update_ad(psa_aead_operation_t *operation, const uint8_t *input,
                                size_t input_length)
{
    return call_aead_input(CRYPTO_NUMBER_psa_aead_update_ad, operation, input, input_length);
}

psa_status_t psa_aead_update(psa_aead_operation_t *operation, const uint8_t *input,
                             size_t input_length, uint8_t *output, size_t output_size,
                             size_t *output_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_aead_update,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}, {input, input_length}};

    return call_output(in, COUNT(in), output, output_size, output_length);
}

psa_status_t psa_aead_finish(psa_aead_operation_t *operation, uint8_t *ciphertext,
                             size_t ciphertext_size, size_t *ciphertext_length, uint8_t *tag,
                             size_t tag_size, size_t *tag_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_aead_finish,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}};
    psa_outvec out[] = {{ciphertext, ciphertext_size}, {tag, tag_size}};
    psa_status_t status = call(in, COUNT(in), out, COUNT(out));

    *ciphertext_length = status == PSA_SUCCESS ? out[0].len : 0u;
    *tag_length = status == PSA_SUCCESS ? out[1].len : 0u;
    if (status == PSA_SUCCESS) {
        operation->private_handle = 0;
    }
    return status;
}

psa_status_t psa_aead_verify(psa_aead_operation_t *operation, uint8_t *plaintext,
                             size_t plaintext_size, size_t *plaintext_length, const uint8_t *tag,
                             size_t tag_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_aead_verify,
        .operation = operation->private_handle,
    };
    const psa_invec in[] = {{&request, sizeof request}, {tag, tag_length}};
    psa_status_t status = call_output(in, COUNT(in), plaintext, plaintext_size, plaintext_length);

    if (status == PSA_SUCCESS) {
        operation->private_handle = 0;
    }
    return status;
}

psa_status_t psa_aead_abort(psa_aead_operation_t *operation)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_aead_abort,
        .operation = operation->private_handle,
    };

    if (request.operation == 0) {
        return PSA_SUCCESS;
    }
    operation->private_handle = 0;
    return call_plain(&request);
}

/* ---- Key agreement ---- */

psa_status_t psa_raw_key_agreement(psa_algorithm_t alg, psa_key_id_t private_key,
                                   const uint8_t *peer_key, size_t peer_key_length, uint8_t *output,
                                   size_t output_size, size_t *output_length)
{
    const struct crypto_request request = {
        .function = CRYPTO_NUMBER_psa_raw_key_agreement,
        .key = private_key,
        .algorithm = alg,
    };
    const psa_invec in[] = {{&request, sizeof request}, {peer_key, peer_key_length}};

    return call_output(in, COUNT(in), output, output_size, output_length);
}
