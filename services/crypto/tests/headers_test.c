/*
 * The public headers as their user sees them: values, sizes and objects, with nothing defined.
 *
 * Compiled as C99 and as C++17 for the host (CMakeLists.txt here) and for the device
 * (tests/tool/test_headers.py), never run: every check is done by the compiler. What the engine's
 * headers have too is compared with them by constants.def; here stands what they lack, and what is
 * computed by hand from the specifications. The sizes of objects are frozen for version 1 of the
 * SDK's contract: an application and the firmware are built apart.
 */
#include <psa/client.h>
#include <psa/crypto.h>
#include <psa/fwu_config.h>
#include <psa/internal_trusted_storage.h>
#include <psa/protected_storage.h>
#include <psa/update.h>

#define JOIN(a, b)       a##b
#define NAME(line)       JOIN(check_of_line_, line)
#define CHECK(condition) typedef char NAME(__LINE__)[(condition) ? 1 : -1]
#define EQUAL(a, b)      CHECK((unsigned long long)(a) == (unsigned long long)(b))

/* ---- Objects that the caller allocates ---- */

EQUAL(sizeof(psa_hash_operation_t), 4);
EQUAL(sizeof(psa_xof_operation_t), 4);
EQUAL(sizeof(psa_mac_operation_t), 4);
EQUAL(sizeof(psa_cipher_operation_t), 4);
EQUAL(sizeof(psa_aead_operation_t), 4);
EQUAL(sizeof(psa_key_derivation_operation_t), 4);
EQUAL(sizeof(psa_sign_operation_t), 4);
EQUAL(sizeof(psa_verify_operation_t), 4);
EQUAL(sizeof(psa_pake_operation_t), 4);
EQUAL(sizeof(psa_key_attributes_t), 20);
EQUAL(sizeof(psa_pake_cipher_suite_t), 12);
EQUAL(sizeof(psa_custom_key_parameters_t), 4);
EQUAL(sizeof(psa_fwu_image_version_t), 8);
EQUAL(sizeof(psa_fwu_component_info_t), 60);
EQUAL(sizeof(psa_invec), 2 * sizeof(void *));
EQUAL(sizeof(psa_outvec), 2 * sizeof(void *));

EQUAL(sizeof(psa_key_id_t), 4);
EQUAL(sizeof(psa_status_t), 4);
EQUAL(sizeof(psa_handle_t), 4);
EQUAL(sizeof(psa_storage_uid_t), 8);
EQUAL(sizeof(psa_key_derivation_step_t), 2);
EQUAL(sizeof(psa_pake_primitive_t), 4);
EQUAL(sizeof(psa_pake_step_t), 1);
EQUAL(sizeof(psa_pake_role_t), 1);
EQUAL(sizeof(psa_dh_family_t), 1);
EQUAL(sizeof(psa_fwu_component_t), 1);

/* ---- Key types ---- */

#define P256    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define EDWARDS PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS)
#define X_CURVE PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY)
#define GROUP   PSA_KEY_TYPE_DH_KEY_PAIR(PSA_DH_FAMILY_RFC7919)
#define SPAKE2P PSA_KEY_TYPE_SPAKE2P_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define SLH_DSA PSA_KEY_TYPE_SLH_DSA_KEY_PAIR(PSA_SLH_DSA_FAMILY_SHA2_S)

EQUAL(SPAKE2P, 0x7412);
EQUAL(PSA_KEY_TYPE_SPAKE2P_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), 0x4412);
CHECK(PSA_KEY_TYPE_IS_SPAKE2P(SPAKE2P) && PSA_KEY_TYPE_IS_SPAKE2P_KEY_PAIR(SPAKE2P));
CHECK(!PSA_KEY_TYPE_IS_SPAKE2P_PUBLIC_KEY(SPAKE2P) && !PSA_KEY_TYPE_IS_ECC(SPAKE2P));
EQUAL(PSA_KEY_TYPE_SPAKE2P_GET_FAMILY(SPAKE2P), PSA_ECC_FAMILY_SECP_R1);
EQUAL(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(SPAKE2P), 0x4412);
EQUAL(SLH_DSA, 0x7182);
CHECK(PSA_KEY_TYPE_IS_SLH_DSA(SLH_DSA) && !PSA_KEY_TYPE_IS_ECC(SLH_DSA));
EQUAL(PSA_KEY_TYPE_SLH_DSA_GET_FAMILY(SLH_DSA), PSA_SLH_DSA_FAMILY_SHA2_S);
EQUAL(PSA_KEY_TYPE_WPA3_SAE_ECC(PSA_ECC_FAMILY_SECP_R1), 0x3292);
EQUAL(PSA_KEY_TYPE_WPA3_SAE_DH(PSA_DH_FAMILY_RFC3526), 0x3305);
EQUAL(PSA_BLOCK_CIPHER_BLOCK_LENGTH(PSA_KEY_TYPE_DES), 8);
EQUAL(PSA_BLOCK_CIPHER_BLOCK_LENGTH(PSA_KEY_TYPE_ARIA), 16);
EQUAL(PSA_BLOCK_CIPHER_BLOCK_LENGTH(PSA_KEY_TYPE_XCHACHA20), 1);

/* ---- Algorithms ---- */

#define JPAKE PSA_ALG_JPAKE(PSA_ALG_SHA_256)

EQUAL(PSA_ALG_SP800_108_COUNTER_HMAC(PSA_ALG_SHA_256), 0x08000709);
CHECK(PSA_ALG_IS_SP800_108_COUNTER_HMAC(0x08000709) && PSA_ALG_IS_KEY_DERIVATION(0x08000709));
EQUAL(JPAKE, 0x0a000109);
CHECK(PSA_ALG_IS_JPAKE(JPAKE) && PSA_ALG_IS_PAKE(JPAKE) && !PSA_ALG_IS_SPAKE2P(JPAKE));
EQUAL(PSA_ALG_SPAKE2P_HMAC(PSA_ALG_SHA_512), 0x0a00040b);
EQUAL(PSA_ALG_SPAKE2P_CMAC(PSA_ALG_SHA_256), 0x0a000509);
CHECK(PSA_ALG_IS_SPAKE2P(PSA_ALG_SPAKE2P_MATTER) && PSA_ALG_IS_SPAKE2P(0x0a000509));
CHECK(!PSA_ALG_IS_SPAKE2P_HMAC(PSA_ALG_SPAKE2P_MATTER));
CHECK(PSA_ALG_IS_WILDCARD(PSA_ALG_CCM_STAR_ANY_TAG) && PSA_ALG_IS_WILDCARD(0x0a0001ff));
CHECK(PSA_ALG_IS_WILDCARD(PSA_ALG_WPA3_SAE_ANY) && !PSA_ALG_IS_WILDCARD(PSA_ALG_ASCON_CXOF128));
CHECK(PSA_ALG_IS_XOF(PSA_ALG_SHAKE256) && PSA_ALG_XOF_HAS_CONTEXT(PSA_ALG_ASCON_CXOF128));
CHECK(PSA_ALG_IS_KEY_WRAP(PSA_ALG_KW) && PSA_ALG_IS_KEY_WRAP(PSA_ALG_KWP));
CHECK(PSA_ALG_IS_KEY_ENCAPSULATION(PSA_ALG_ECIES_SEC1));
CHECK(!PSA_ALG_IS_SIGN_MESSAGE(PSA_ALG_ECDSA_ANY) && PSA_ALG_IS_SIGN_HASH(PSA_ALG_ECDSA_ANY));
CHECK(PSA_ALG_IS_SIGN_MESSAGE(PSA_ALG_ML_DSA) && !PSA_ALG_IS_SIGN_HASH(PSA_ALG_ML_DSA));
CHECK(PSA_ALG_IS_HASH_SLH_DSA(PSA_ALG_DETERMINISTIC_HASH_SLH_DSA(PSA_ALG_SHA_256)));
CHECK(PSA_ALG_SIGN_SUPPORTS_CONTEXT(PSA_ALG_ED25519PH));
CHECK(!PSA_ALG_SIGN_SUPPORTS_CONTEXT(PSA_ALG_PURE_EDDSA));

/* A key agreement before a derivation that stretches: both come out whole. */
#define STRETCHED PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256))
EQUAL(PSA_ALG_KEY_AGREEMENT_GET_KDF(STRETCHED), PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256));
EQUAL(PSA_ALG_KEY_AGREEMENT_GET_BASE(STRETCHED), PSA_ALG_ECDH);
CHECK(PSA_ALG_IS_ECDH(STRETCHED) && !PSA_ALG_IS_RAW_KEY_AGREEMENT(STRETCHED));

/* ---- Sizes ---- */

EQUAL(PSA_HASH_LENGTH(PSA_ALG_HMAC(PSA_ALG_SHA_384)), 48);
EQUAL(PSA_HASH_LENGTH(PSA_ALG_SHA_512_256), 32);
EQUAL(PSA_HASH_LENGTH(PSA_ALG_SHAKE256_512), 64);
EQUAL(PSA_HASH_LENGTH(PSA_ALG_NONE), 0);
EQUAL(PSA_HASH_BLOCK_LENGTH(PSA_ALG_SM3), 64);
EQUAL(PSA_HASH_SUSPEND_OUTPUT_SIZE(PSA_ALG_SHA_256), 4 + 8 + 32 + 63);
EQUAL(PSA_HASH_SUSPEND_OUTPUT_SIZE(PSA_ALG_SHA_512), 4 + 16 + 64 + 127);
EQUAL(PSA_HASH_SUSPEND_OUTPUT_SIZE(PSA_ALG_MD5), 4 + 8 + 16 + 63);
EQUAL(PSA_HASH_SUSPEND_OUTPUT_MAX_SIZE, 211);

EQUAL(PSA_MAC_LENGTH(PSA_KEY_TYPE_HMAC, 256, PSA_ALG_HMAC(PSA_ALG_SHA_384)), 48);
EQUAL(PSA_MAC_LENGTH(PSA_KEY_TYPE_AES, 128, PSA_ALG_CMAC), 16);
EQUAL(PSA_MAC_LENGTH(PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM), 0);
EQUAL(PSA_MAC_LENGTH(PSA_KEY_TYPE_DES, 192, PSA_ALG_CBC_MAC), 8);
EQUAL(PSA_MAC_LENGTH(PSA_KEY_TYPE_AES, 128, PSA_ALG_TRUNCATED_MAC(PSA_ALG_CMAC, 8)), 8);
EQUAL(PSA_AEAD_TAG_LENGTH(PSA_KEY_TYPE_CHACHA20, 256, PSA_ALG_CHACHA20_POLY1305), 16);
EQUAL(PSA_AEAD_TAG_LENGTH(PSA_KEY_TYPE_CHACHA20, 256, PSA_ALG_GCM), 0);
EQUAL(PSA_CIPHER_ENCRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_HMAC, PSA_ALG_CBC_PKCS7, 16), 0);

EQUAL(PSA_SIGN_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 2048, PSA_ALG_RSA_PKCS1V15_SIGN_RAW), 256);
EQUAL(PSA_SIGN_OUTPUT_SIZE(P256, 256, PSA_ALG_ECDSA_ANY), 64);
EQUAL(PSA_SIGN_OUTPUT_SIZE(P256, 521, PSA_ALG_ECDSA_ANY), 132);
EQUAL(PSA_SIGN_OUTPUT_SIZE(EDWARDS, 255, PSA_ALG_PURE_EDDSA), 64);
EQUAL(PSA_SIGN_OUTPUT_SIZE(EDWARDS, 448, PSA_ALG_PURE_EDDSA), 114);
EQUAL(PSA_SIGN_OUTPUT_SIZE(PSA_KEY_TYPE_AES, 256, PSA_ALG_ECDSA_ANY), 0);
EQUAL(PSA_SIGNATURE_MAX_SIZE, 512);

EQUAL(PSA_ASYMMETRIC_ENCRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_PUBLIC_KEY, 2048, 0), 256);
EQUAL(PSA_ASYMMETRIC_DECRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 2048,
                                         PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256)),
      256 - 2 * 32 - 2);
EQUAL(PSA_ASYMMETRIC_DECRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 2048,
                                         PSA_ALG_RSA_PKCS1V15_CRYPT),
      256 - 11);
EQUAL(PSA_ASYMMETRIC_DECRYPT_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024,
                                         PSA_ALG_RSA_OAEP(PSA_ALG_SHA_512)),
      0);
EQUAL(PSA_ASYMMETRIC_DECRYPT_OUTPUT_MAX_SIZE, 501);

EQUAL(PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(P256, 384), 48);
EQUAL(PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(GROUP, 3072), 384);
EQUAL(PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE, 512);
EQUAL(PSA_ENCAPSULATE_CIPHERTEXT_SIZE(P256, 256, PSA_ALG_ECIES_SEC1), 65);
EQUAL(PSA_TLS12_ECJPAKE_TO_PMS_OUTPUT_SIZE, 32);

#define ON_P256 PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_ECC, PSA_ECC_FAMILY_SECP_R1, 256)
#define ON_P384 PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_ECC, PSA_ECC_FAMILY_SECP_R1, 384)
EQUAL(PSA_PAKE_PRIMITIVE_GET_TYPE(ON_P384), PSA_PAKE_PRIMITIVE_TYPE_ECC);
EQUAL(PSA_PAKE_PRIMITIVE_GET_FAMILY(ON_P384), PSA_ECC_FAMILY_SECP_R1);
EQUAL(PSA_PAKE_PRIMITIVE_GET_BITS(ON_P384), 384);
EQUAL(PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_DH, PSA_DH_FAMILY_RFC7919, 65536), 0);
EQUAL(PSA_PAKE_OUTPUT_SIZE(JPAKE, ON_P256, PSA_PAKE_STEP_KEY_SHARE), 65);
EQUAL(PSA_PAKE_OUTPUT_SIZE(JPAKE, ON_P256, PSA_PAKE_STEP_ZK_PUBLIC), 65);
EQUAL(PSA_PAKE_OUTPUT_SIZE(JPAKE, ON_P256, PSA_PAKE_STEP_ZK_PROOF), 32);
EQUAL(PSA_PAKE_INPUT_SIZE(PSA_ALG_SPAKE2P_HMAC(PSA_ALG_SHA_512), ON_P384, PSA_PAKE_STEP_KEY_SHARE),
      97);
EQUAL(PSA_PAKE_INPUT_SIZE(PSA_ALG_SPAKE2P_HMAC(PSA_ALG_SHA_512), ON_P384, PSA_PAKE_STEP_CONFIRM),
      64);
EQUAL(PSA_PAKE_INPUT_SIZE(PSA_ALG_SPAKE2P_CMAC(PSA_ALG_SHA_256), ON_P256, PSA_PAKE_STEP_CONFIRM),
      16);
EQUAL(PSA_PAKE_INPUT_SIZE(PSA_ALG_SPAKE2P_MATTER, ON_P256, PSA_PAKE_STEP_CONFIRM), 32);
EQUAL(PSA_PAKE_INPUT_SIZE(PSA_ALG_HKDF(PSA_ALG_SHA_256), ON_P256, PSA_PAKE_STEP_CONFIRM), 0);
EQUAL(PSA_PAKE_OUTPUT_MAX_SIZE, 133);

EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_AES, 256), 32);
EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_DES, 192), 24);
EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(EDWARDS, 255), 32);
EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(EDWARDS, 448), 57);
EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(X_CURVE, 448), 56);
EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(SPAKE2P, 256), 64);
EQUAL(PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(SPAKE2P, 256), 97);
EQUAL(PSA_EXPORT_KEY_OUTPUT_SIZE(GROUP, 2048), 256);
CHECK(PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(EDWARDS, 448) >= 57);

/* RSAPrivateKey with numbers that all need a sign byte: head, version, n, e, d, five halves. */
#define DER_INTEGER(bytes) ((bytes) + 5)
#define RSA_PAIR(bytes)                                                                            \
    (4 + 3 + DER_INTEGER(bytes) + 6 + DER_INTEGER(bytes) + 5 * (DER_INTEGER((bytes) / 2) - 1))
#define RSA_PUBLIC(bytes) (4 + DER_INTEGER(bytes) + 7)
CHECK(PSA_EXPORT_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 2048) >= RSA_PAIR(256));
CHECK(PSA_EXPORT_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 3072) >= RSA_PAIR(384));
CHECK(PSA_EXPORT_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 4096) >= RSA_PAIR(512) + 5);
CHECK(PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_RSA_KEY_PAIR, 4096) >= RSA_PUBLIC(512));

/* The largest key of each type that a profile can have fits the buffers for any. */
#define FITS(type, bits)                                                                           \
    CHECK(PSA_EXPORT_KEY_OUTPUT_SIZE(type, bits) <= PSA_EXPORT_KEY_PAIR_MAX_SIZE &&                \
          PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(type, bits) <= PSA_EXPORT_PUBLIC_KEY_MAX_SIZE &&       \
          PSA_EXPORT_KEY_OUTPUT_SIZE(type, bits) <= PSA_EXPORT_ASYMMETRIC_KEY_MAX_SIZE &&          \
          PSA_SIGN_OUTPUT_SIZE(type, bits, 0) <= PSA_SIGNATURE_MAX_SIZE &&                         \
          PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(type, bits) <= PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE)
FITS(PSA_KEY_TYPE_RSA_KEY_PAIR, PSA_VENDOR_RSA_MAX_KEY_BITS);
FITS(P256, PSA_VENDOR_ECC_MAX_CURVE_BITS);
FITS(EDWARDS, 448);
FITS(X_CURVE, 448);
FITS(SPAKE2P, PSA_VENDOR_ECC_MAX_CURVE_BITS);
FITS(GROUP, PSA_VENDOR_FFDH_MAX_KEY_BITS);

EQUAL(PSA_WRAP_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_AES, PSA_ALG_KW, PSA_KEY_TYPE_AES, 128), 24);
EQUAL(PSA_WRAP_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_AES, PSA_ALG_KWP, PSA_KEY_TYPE_HMAC, 160), 32);
EQUAL(PSA_WRAP_KEY_OUTPUT_SIZE(PSA_KEY_TYPE_AES, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 128), 0);
CHECK(PSA_WRAP_KEY_PAIR_MAX_SIZE >= PSA_EXPORT_KEY_PAIR_MAX_SIZE + 8);

EQUAL(PSA_FWU_MAX_WRITE_SIZE % (1u << PSA_FWU_LOG2_WRITE_ALIGN), 0);

/* ---- Use ---- */

static psa_hash_operation_t hash_operation = PSA_HASH_OPERATION_INIT;
static psa_xof_operation_t xof = PSA_XOF_OPERATION_INIT;
static psa_mac_operation_t mac = PSA_MAC_OPERATION_INIT;
static psa_cipher_operation_t cipher = PSA_CIPHER_OPERATION_INIT;
static psa_aead_operation_t aead = PSA_AEAD_OPERATION_INIT;
static psa_key_derivation_operation_t derivation = PSA_KEY_DERIVATION_OPERATION_INIT;
static psa_sign_operation_t sign = PSA_SIGN_OPERATION_INIT;
static psa_verify_operation_t verify = PSA_VERIFY_OPERATION_INIT;
static psa_pake_operation_t pake = PSA_PAKE_OPERATION_INIT;
static psa_pake_cipher_suite_t suite = PSA_PAKE_CIPHER_SUITE_INIT;
static const psa_custom_key_parameters_t custom = PSA_CUSTOM_KEY_PARAMETERS_INIT;
static psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
static unsigned char key_pair[PSA_EXPORT_KEY_PAIR_MAX_SIZE];
static unsigned char shared[PSA_RAW_KEY_AGREEMENT_OUTPUT_SIZE(P256, 256)];
static unsigned char hash[PSA_HASH_LENGTH(PSA_ALG_SHA_256)];
static unsigned char message[PSA_PAKE_OUTPUT_MAX_SIZE];

static void reset_all(void)
{
    hash_operation = psa_hash_operation_init();
    xof = psa_xof_operation_init();
    mac = psa_mac_operation_init();
    cipher = psa_cipher_operation_init();
    aead = psa_aead_operation_init();
    derivation = psa_key_derivation_operation_init();
    sign = psa_sign_operation_init();
    verify = psa_verify_operation_init();
    pake = psa_pake_operation_init();
    suite = psa_pake_cipher_suite_init();
    attributes = psa_key_attributes_init();
}

static void describe(void)
{
    psa_set_key_id(&attributes, PSA_KEY_ID_USER_MIN);
    psa_set_key_type(&attributes, P256);
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    psa_set_key_lifetime(&attributes, PSA_KEY_LIFETIME_VOLATILE);
    psa_pake_cs_set_algorithm(&suite, JPAKE);
    psa_pake_cs_set_primitive(&suite, ON_P256);
    psa_pake_cs_set_key_confirmation(&suite, PSA_PAKE_UNCONFIRMED_KEY);
}

int main(void)
{
    size_t length = 0;
    psa_key_id_t key = PSA_KEY_ID_NULL;

    reset_all();
    describe();
    if (psa_crypto_init() != PSA_SUCCESS ||
        psa_generate_key_custom(&attributes, &custom, NULL, 0, &key) != PSA_SUCCESS ||
        psa_export_key(key, key_pair, sizeof key_pair, &length) != PSA_SUCCESS ||
        psa_hash_setup(&hash_operation, PSA_ALG_SHA_256) != PSA_SUCCESS ||
        psa_hash_finish(&hash_operation, hash, sizeof hash, &length) != PSA_SUCCESS ||
        psa_xof_abort(&xof) != PSA_SUCCESS || psa_mac_abort(&mac) != PSA_SUCCESS ||
        psa_cipher_abort(&cipher) != PSA_SUCCESS || psa_aead_abort(&aead) != PSA_SUCCESS ||
        psa_sign_abort(&sign) != PSA_SUCCESS || psa_verify_abort(&verify) != PSA_SUCCESS ||
        psa_key_derivation_output_bytes(&derivation, shared, sizeof shared) != PSA_SUCCESS ||
        psa_pake_setup(&pake, key, &suite) != PSA_SUCCESS ||
        psa_pake_output(&pake, PSA_PAKE_STEP_KEY_SHARE, message, sizeof message, &length) !=
            PSA_SUCCESS) {
        return 1;
    }
    return PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(&attributes)) ? 0 : 1;
}
