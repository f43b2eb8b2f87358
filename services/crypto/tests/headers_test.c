/*
 * The public crypto headers, used alone: compiled as C99 and as C++17 with nothing defined, never
 * run.
 */
#include <psa/crypto.h>

static psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
static psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
static unsigned char key_pair[PSA_EXPORT_KEY_PAIR_MAX_SIZE];
static unsigned char public_key[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
static unsigned char signature[PSA_SIGN_OUTPUT_SIZE(
    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256, PSA_ALG_ECDSA(PSA_ALG_SHA_256))];
static psa_aead_operation_t message = PSA_AEAD_OPERATION_INIT;
static unsigned char nonce[PSA_AEAD_NONCE_LENGTH(PSA_KEY_TYPE_AES, PSA_ALG_CCM)];
static unsigned char tag[PSA_AEAD_TAG_LENGTH(PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM)];
static unsigned char sealed[PSA_AEAD_ENCRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_AES, PSA_ALG_CCM, 20)];
static unsigned char shared[PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(
    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256)];
static unsigned char hash[PSA_HASH_LENGTH(PSA_ALG_SHA_256)];

int main(void)
{
    size_t length = 0;
    psa_key_id_t key = PSA_KEY_ID_NULL;
    psa_status_t status = psa_crypto_init();

    operation = psa_hash_operation_init();
    attributes = psa_key_attributes_init();
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_lifetime(&attributes, PSA_KEY_LIFETIME_VOLATILE);
    if (status == PSA_SUCCESS) {
        status = psa_generate_key(&attributes, &key);
    }
    if (status == PSA_SUCCESS) {
        status = psa_hash_setup(&operation, PSA_ALG_SHA_256);
    }
    if (status == PSA_SUCCESS) {
        status = psa_hash_finish(&operation, hash, sizeof hash, &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_sign_hash(key, psa_get_key_algorithm(&attributes), hash, length, signature,
                               sizeof signature, &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_export_public_key(key, public_key, sizeof public_key, &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_export_key(key, key_pair, sizeof key_pair, &length);
    }
    message = psa_aead_operation_init();
    if (status == PSA_SUCCESS) {
        status = psa_aead_set_nonce(&message, nonce, sizeof nonce);
    }
    if (status == PSA_SUCCESS) {
        status = psa_aead_verify(&message, sealed, sizeof sealed, &length, tag, sizeof tag);
    }
    if (status == PSA_SUCCESS) {
        status = psa_raw_key_agreement(PSA_ALG_ECDH, key, public_key, sizeof public_key, shared,
                                       sizeof shared, &length);
    }
    return PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(&attributes)) ? (int)status : 1;
}
