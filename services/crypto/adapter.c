/*
 * Mbed TLS 3.6 behind adapter.h: the only file of the service that sees its headers.
 *
 * It uses the PSA core (psa_*) for everything a client asks for; the legacy interface appears
 * twice, where the core needs it: the static heap, and mbedtls_hardware_poll(), which feeds the
 * core's generator. It is compiled with the engine's renamed symbols (sources.cmake), so the psa_*
 * names below are not the API's.
 */
#include "services/crypto/adapter.h"

#include <string.h>

#include <psa/crypto.h>

#include <mbedtls/md.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform_util.h>

#include "entropy_poll.h"
#include "psa/service.h"
#include "psa_crypto_storage.h"
#include "services/crypto/storage.h"

#define GENERATOR_KEY_BYTES 32U

/* Largest unstructured key. Whatever can be made can then be exported through the service's
 * buffer. */
#define UNSTRUCTURED_KEY_MAX_BITS (CRYPTO_BUFFER_SIZE * 8U)

static uint8_t heap[CRYPTO_HEAP_SIZE] __attribute__((aligned(8)));
static union {
    psa_hash_operation_t hash;
    psa_aead_operation_t aead;
} operations[CRYPTO_OPERATIONS + 1U];

/* The generator's only source: a key that starts as a digest of the seed and is replaced at every
 * use, so that what was given out cannot be computed from what is left. */
static uint8_t generator_key[GENERATOR_KEY_BYTES];

void adapter_wipe(void *data, size_t length)
{
    mbedtls_platform_zeroize(data, length);
}

/* A damaged heap holds keys that nobody may trust any more. */
void adapter_panic(void)
{
    psa_panic();
}

/* ---- Start and random numbers ---- */

/* output = HMAC-SHA-256(generator_key, label); output may be generator_key. */
static int generator_derive(const char *label, uint8_t output[GENERATOR_KEY_BYTES])
{
    uint8_t digest[GENERATOR_KEY_BYTES];
    int error =
        mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), generator_key,
                        sizeof generator_key, (const unsigned char *)label, strlen(label), digest);

    if (error == 0) {
        memcpy(output, digest, sizeof digest);
    }
    adapter_wipe(digest, sizeof digest);
    return error;
}

/* Mbed TLS asks here, and nowhere else, when its generator wants a seed (mbedtls_config.h). */
int mbedtls_hardware_poll(void *data, unsigned char *output, size_t len, size_t *olen)
{
    uint8_t block[GENERATOR_KEY_BYTES];
    int error = generator_derive("output", block);

    (void)data;
    if (error == 0) {
        error = generator_derive("next", generator_key);
    }
    *olen = 0;
    if (error == 0) {
        *olen = len < sizeof block ? len : sizeof block;
        memcpy(output, block, *olen);
    }
    adapter_wipe(block, sizeof block);
    return error;
}

psa_status_t adapter_start(const uint8_t seed[ADAPTER_SEED_BYTES])
{
    static const unsigned char label[] = "bartizan crypto generator 1";
    int error;

    mbedtls_memory_buffer_alloc_init(heap, sizeof heap);
    error = mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), label, sizeof label - 1U,
                            seed, ADAPTER_SEED_BYTES, generator_key);
    return error == 0 ? psa_crypto_init() : PSA_ERROR_GENERIC_ERROR;
}

psa_status_t adapter_random(uint8_t *output, size_t size)
{
    return psa_generate_random(output, size);
}

/* ---- Hashes ---- */

psa_status_t adapter_hash_setup(uint32_t slot, uint32_t algorithm)
{
    operations[slot].hash = psa_hash_operation_init();
    return psa_hash_setup(&operations[slot].hash, algorithm);
}

psa_status_t adapter_hash_update(uint32_t slot, const uint8_t *data, size_t length)
{
    return psa_hash_update(&operations[slot].hash, data, length);
}

psa_status_t adapter_hash_finish(uint32_t slot, uint8_t *hash, size_t size, size_t *length)
{
    return psa_hash_finish(&operations[slot].hash, hash, size, length);
}

psa_status_t adapter_hash_verify(uint32_t slot, const uint8_t *hash, size_t length)
{
    return psa_hash_verify(&operations[slot].hash, hash, length);
}

psa_status_t adapter_hash_clone(uint32_t source, uint32_t target)
{
    operations[target].hash = psa_hash_operation_init();
    return psa_hash_clone(&operations[source].hash, &operations[target].hash);
}

void adapter_hash_abort(uint32_t slot)
{
    (void)psa_hash_abort(&operations[slot].hash);
    adapter_wipe(&operations[slot], sizeof operations[slot]);
}

/* ---- Keys ---- */

static mbedtls_svc_key_id_t owned_key(int32_t owner, uint32_t key)
{
    return mbedtls_svc_key_id_make(owner, key);
}

/* The engine's attributes for a new key of owner. */
static psa_status_t attributes_decode(int32_t owner, const struct crypto_attributes *wire,
                                      psa_key_attributes_t *attributes)
{
    *attributes = psa_key_attributes_init();
    if (wire->lifetime != PSA_KEY_LIFETIME_VOLATILE &&
        wire->lifetime != PSA_KEY_LIFETIME_PERSISTENT) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    if (PSA_KEY_TYPE_IS_UNSTRUCTURED(wire->type) && wire->bits > UNSTRUCTURED_KEY_MAX_BITS) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    if (wire->lifetime == PSA_KEY_LIFETIME_PERSISTENT) {
        psa_set_key_id(attributes, owned_key(owner, wire->id));
    } else {
        mbedtls_set_key_owner_id(attributes, owner);
    }
    psa_set_key_usage_flags(attributes, wire->usage);
    psa_set_key_algorithm(attributes, wire->algorithm);
    psa_set_key_type(attributes, wire->type);
    psa_set_key_bits(attributes, wire->bits);
    return PSA_SUCCESS;
}

/* The engine's status of something that storage had a part in, in storage's own words if it was
 * storage that failed. */
static psa_status_t storage_explain(psa_status_t status)
{
    const psa_status_t failure = storage_failure();

    return status != PSA_SUCCESS && failure != PSA_SUCCESS ? failure : status;
}

psa_status_t adapter_key_import(int32_t owner, const struct crypto_attributes *attributes,
                                const uint8_t *data, size_t length, uint32_t *key)
{
    psa_key_attributes_t decoded;
    mbedtls_svc_key_id_t made = MBEDTLS_SVC_KEY_ID_INIT;
    psa_status_t status = attributes_decode(owner, attributes, &decoded);

    storage_begin();
    if (status == PSA_SUCCESS) {
        status = psa_import_key(&decoded, data, length, &made);
    }
    *key = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(made);
    return storage_explain(status);
}

psa_status_t adapter_key_generate(int32_t owner, const struct crypto_attributes *attributes,
                                  uint32_t *key)
{
    psa_key_attributes_t decoded;
    mbedtls_svc_key_id_t made = MBEDTLS_SVC_KEY_ID_INIT;
    psa_status_t status = attributes_decode(owner, attributes, &decoded);

    storage_begin();
    if (status == PSA_SUCCESS) {
        status = psa_generate_key(&decoded, &made);
    }
    *key = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(made);
    return storage_explain(status);
}

psa_status_t adapter_key_copy(int32_t owner, uint32_t source,
                              const struct crypto_attributes *attributes, uint32_t *key)
{
    psa_key_attributes_t decoded;
    mbedtls_svc_key_id_t made = MBEDTLS_SVC_KEY_ID_INIT;
    psa_status_t status = attributes_decode(owner, attributes, &decoded);

    storage_begin();
    if (status == PSA_SUCCESS) {
        status = psa_copy_key(owned_key(owner, source), &decoded, &made);
    }
    *key = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(made);
    return storage_explain(status);
}

psa_status_t adapter_key_attributes(int32_t owner, uint32_t key,
                                    struct crypto_attributes *attributes)
{
    psa_key_attributes_t found = psa_key_attributes_init();
    psa_status_t status = psa_get_key_attributes(owned_key(owner, key), &found);

    *attributes = (struct crypto_attributes){
        .lifetime = psa_get_key_lifetime(&found),
        .id = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(psa_get_key_id(&found)),
        .usage = psa_get_key_usage_flags(&found),
        .algorithm = psa_get_key_algorithm(&found),
        .type = psa_get_key_type(&found),
        .bits = (uint16_t)psa_get_key_bits(&found),
    };
    psa_reset_key_attributes(&found);
    return status;
}

psa_status_t adapter_key_export(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                size_t *length)
{
    return psa_export_key(owned_key(owner, key), data, size, length);
}

psa_status_t adapter_key_export_public(int32_t owner, uint32_t key, uint8_t *data, size_t size,
                                       size_t *length)
{
    return psa_export_public_key(owned_key(owner, key), data, size, length);
}

/* The engine has to load a key before it can destroy it. One that cannot be loaded, or that is
 * damaged so that the engine takes it for another kind, must not stay for ever. */
psa_status_t adapter_key_destroy(int32_t owner, uint32_t key)
{
    const mbedtls_svc_key_id_t owned = owned_key(owner, key);
    psa_status_t status;

    storage_begin();
    status = psa_destroy_key(owned);
    if (key < PSA_KEY_ID_USER_MIN || key > PSA_KEY_ID_USER_MAX) {
        return status;
    }
    if (psa_is_key_present_in_storage(owned)) {
        storage_begin();
        status = psa_destroy_persistent_key(owned);
    } else if (status == PSA_ERROR_INSUFFICIENT_MEMORY) {
        status = PSA_ERROR_INVALID_HANDLE;
    }
    return storage_explain(status);
}

/* The engine knows only keys that are in memory: one in storage has to be there first. */
psa_status_t adapter_key_purge(int32_t owner, uint32_t key)
{
    psa_key_attributes_t attributes = psa_key_attributes_init();
    psa_status_t status = psa_get_key_attributes(owned_key(owner, key), &attributes);

    psa_reset_key_attributes(&attributes);
    return status == PSA_SUCCESS ? psa_purge_key(owned_key(owner, key)) : status;
}

/* ---- Signatures ---- */

psa_status_t adapter_sign_hash(const struct adapter_use *what, uint8_t *signature, size_t size,
                               size_t *length)
{
    return psa_sign_hash(owned_key(what->owner, what->key), what->algorithm, what->input,
                         what->input_length, signature, size, length);
}

psa_status_t adapter_sign_message(const struct adapter_use *what, uint8_t *signature, size_t size,
                                  size_t *length)
{
    return psa_sign_message(owned_key(what->owner, what->key), what->algorithm, what->input,
                            what->input_length, signature, size, length);
}

psa_status_t adapter_verify_hash(const struct adapter_use *what, const uint8_t *signature,
                                 size_t length)
{
    return psa_verify_hash(owned_key(what->owner, what->key), what->algorithm, what->input,
                           what->input_length, signature, length);
}

psa_status_t adapter_verify_message(const struct adapter_use *what, const uint8_t *signature,
                                    size_t length)
{
    return psa_verify_message(owned_key(what->owner, what->key), what->algorithm, what->input,
                              what->input_length, signature, length);
}

/* ---- Authenticated encryption ---- */

psa_status_t adapter_aead_setup(uint32_t slot, const struct adapter_use *how, bool encrypt)
{
    psa_aead_operation_t *aead = &operations[slot].aead;
    const mbedtls_svc_key_id_t key = owned_key(how->owner, how->key);

    *aead = psa_aead_operation_init();
    return encrypt ? psa_aead_encrypt_setup(aead, key, how->algorithm)
                   : psa_aead_decrypt_setup(aead, key, how->algorithm);
}

psa_status_t adapter_aead_set_lengths(uint32_t slot, size_t additional, size_t payload)
{
    return psa_aead_set_lengths(&operations[slot].aead, additional, payload);
}

psa_status_t adapter_aead_set_nonce(uint32_t slot, const uint8_t *nonce, size_t length)
{
    return psa_aead_set_nonce(&operations[slot].aead, nonce, length);
}

psa_status_t adapter_aead_generate_nonce(uint32_t slot, uint8_t *nonce, size_t size, size_t *length)
{
    return psa_aead_generate_nonce(&operations[slot].aead, nonce, size, length);
}

psa_status_t adapter_aead_update_ad(uint32_t slot, const uint8_t *data, size_t length)
{
    return psa_aead_update_ad(&operations[slot].aead, data, length);
}

psa_status_t adapter_aead_update(uint32_t slot, uint8_t *data, size_t length, size_t *produced)
{
    return psa_aead_update(&operations[slot].aead, data, length, data, length, produced);
}

psa_status_t adapter_aead_finish(uint32_t slot, uint8_t *rest, size_t rest_size,
                                 size_t *rest_length, uint8_t *tag, size_t tag_size,
                                 size_t *tag_length)
{
    return psa_aead_finish(&operations[slot].aead, rest, rest_size, rest_length, tag, tag_size,
                           tag_length);
}

psa_status_t adapter_aead_verify(uint32_t slot, uint8_t *rest, size_t rest_size,
                                 size_t *rest_length, const uint8_t *tag, size_t tag_length)
{
    return psa_aead_verify(&operations[slot].aead, rest, rest_size, rest_length, tag, tag_length);
}

void adapter_aead_abort(uint32_t slot)
{
    (void)psa_aead_abort(&operations[slot].aead);
    adapter_wipe(&operations[slot], sizeof operations[slot]);
}

size_t adapter_aead_tag_bytes(uint32_t algorithm)
{
    return PSA_ALG_AEAD_GET_TAG_LENGTH(algorithm);
}

/* ---- Key agreement ---- */

psa_status_t adapter_agree(const struct adapter_use *how, uint8_t *secret, size_t size,
                           size_t *length)
{
    return psa_raw_key_agreement(how->algorithm, owned_key(how->owner, how->key), how->input,
                                 how->input_length, secret, size, length);
}
