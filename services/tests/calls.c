/*
 * The objects of the calls, and the rows of *_calls.def as tables. See calls.h.
 */
#include "services/tests/calls.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Arguments: no two of them are alike ---- */

#define ALG          0x05500100u
#define KEY_1        0x00000301u
#define KEY_2        0x00000402u
#define CUSTOM_FLAGS 0x00000503u
#define PRIMITIVE    0x01120100u
#define CONFIRMATION 0x00000604u
#define STEP         0x0705u
#define PAKE_STEP    0x08u
#define ROLE         0x09u
#define UID          0x1122334455667788u
#define UID_LOW      0x55667788u
#define UID_HIGH     0x11223344u

static const uint8_t bytes_a[5] = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5};
static const uint8_t bytes_b[7] = {0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7};
static const uint8_t bytes_c[9] = {0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9};
#define BYTES_A bytes_a, sizeof bytes_a
#define BYTES_B bytes_b, sizeof bytes_b
#define BYTES_C bytes_c, sizeof bytes_c

static const psa_custom_key_parameters_t custom = {.flags = CUSTOM_FLAGS};
static psa_key_attributes_t attributes;
static psa_pake_cipher_suite_t cipher_suite;

/* The attributes of calls_prepare(), as they travel. */
static const uint32_t attributes_words[] = {0x00000001, 0x00000606, 0x00000301, ALG, 0x01002400};

static psa_hash_operation_t hash;
static psa_hash_operation_t hash_target;
static psa_mac_operation_t mac;
static psa_cipher_operation_t cipher;
static psa_aead_operation_t aead;
static psa_key_derivation_operation_t derivation;
static psa_pake_operation_t pake;
static psa_xof_operation_t xof;
static psa_sign_operation_t sign;
static psa_verify_operation_t verify;
static struct {
    uint32_t private_handle;
} none;

static uint8_t room_a[11];
static uint8_t room_b[13];
static size_t length_a;
static size_t length_b;
static size_t made_size;
static psa_key_id_t made_key;
#define SPACE_A room_a, sizeof room_a
#define ROOM_A  room_a, sizeof room_a, &length_a
#define ROOM_B  room_b, sizeof room_b, &length_b

psa_key_attributes_t made_attributes;
psa_fwu_component_info_t made_component_info;
struct psa_storage_info_t made_storage_info;

static void operations_prepare(void)
{
    hash.private_handle = CALLS_HANDLE;
    hash_target.private_handle = CALLS_HANDLE;
    mac.private_handle = CALLS_HANDLE;
    cipher.private_handle = CALLS_HANDLE;
    aead.private_handle = CALLS_HANDLE;
    derivation.private_handle = CALLS_HANDLE;
    pake.private_handle = CALLS_HANDLE;
    xof.private_handle = CALLS_HANDLE;
    sign.private_handle = CALLS_HANDLE;
    verify.private_handle = CALLS_HANDLE;
}

void calls_prepare(void)
{
    operations_prepare();
    attributes = psa_key_attributes_init();
    psa_set_key_id(&attributes, 0x606);
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, ALG);
    psa_set_key_usage_flags(&attributes,
                            PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
    cipher_suite = psa_pake_cipher_suite_init();
    psa_pake_cs_set_algorithm(&cipher_suite, ALG);
    psa_pake_cs_set_primitive(&cipher_suite, PRIMITIVE);
    psa_pake_cs_set_key_confirmation(&cipher_suite, CONFIRMATION);
    length_a = length_b = made_size = made_key = POISON;
    memset(room_a, 0x5a, sizeof room_a);
    memset(room_b, 0x5a, sizeof room_b);
    memset(&made_attributes, 0x5a, sizeof made_attributes);
    memset(&made_component_info, 0x5a, sizeof made_component_info);
    memset(&made_storage_info, 0x5a, sizeof made_storage_info);
}

/* ---- Columns ---- */

#define UNWRAP(...)   __VA_ARGS__
#define WORDS_OF(...) ((const uint32_t[]){__VA_ARGS__})
#define WORDS(...)                                                                                 \
    {                                                                                              \
        WORDS_OF(__VA_ARGS__), sizeof WORDS_OF(__VA_ARGS__)                                        \
    }
#define IN_A                                                                                       \
    {                                                                                              \
        bytes_a, sizeof bytes_a                                                                    \
    }
#define IN_B                                                                                       \
    {                                                                                              \
        bytes_b, sizeof bytes_b                                                                    \
    }
#define IN_C                                                                                       \
    {                                                                                              \
        bytes_c, sizeof bytes_c                                                                    \
    }
#define ATTRIBUTES                                                                                 \
    {                                                                                              \
        attributes_words, sizeof attributes_words                                                  \
    }
#define INPUTS(...)                                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define OUTPUTS(...)                                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define OUT_A                                                                                      \
    {                                                                                              \
        BUFFER, room_a, sizeof room_a, &length_a                                                   \
    }
#define OUT_B                                                                                      \
    {                                                                                              \
        BUFFER, room_b, sizeof room_b, &length_b                                                   \
    }
#define LEFT_A                                                                                     \
    {                                                                                              \
        LEFT, room_a, sizeof room_a, &length_a                                                     \
    }
#define FILL_A                                                                                     \
    {                                                                                              \
        FILL, room_a, sizeof room_a, NULL                                                          \
    }
#define MADE_KEY                                                                                   \
    {                                                                                              \
        KEY, &made_key, 4, NULL                                                                    \
    }
#define MADE_HANDLE                                                                                \
    {                                                                                              \
        HANDLE, NULL, 4, NULL                                                                      \
    }
#define FUNCTION(name)  call_##name
#define CALL_TYPE(type) (type)

/* One function for each row: C has no lambdas. */
#define CALL(served, name, arguments, request, inputs, outputs, step, object)                      \
    static psa_status_t FUNCTION(name)(void)                                                       \
    {                                                                                              \
        return name arguments;                                                                     \
    }
#include "services/tests/crypto_calls.def"
#include "services/tests/storage_calls.def"
#include "services/tests/update_calls.def"
#undef CALL

#define CALL(served, name, arguments, request, inputs, outputs, step, object)                      \
    {#name, FUNCTION(name), served, request, inputs, outputs, step, &object.private_handle},

/* All functions of the Crypto API are one type of call; the request says which. */
#define REQUEST(...) PSA_IPC_CALL, {__VA_ARGS__, 0}, 6
#define NONCE_REQUEST(function, key, algorithm)                                                    \
    PSA_IPC_CALL, {function, key, algorithm, 0, 5, 0, 0xa4a3a2a1u, 0x000000a5u, 0, 0}, 10
const struct call crypto_calls[] = {
#include "services/tests/crypto_calls.def"
};
const size_t crypto_call_count = COUNT(crypto_calls);
#undef REQUEST

#define REQUEST(type, ...) CALL_TYPE(type), {__VA_ARGS__}, 5
const struct call storage_calls[] = {
#include "services/tests/storage_calls.def"
};
const size_t storage_call_count = COUNT(storage_calls);
#undef REQUEST

#define REQUEST(type, ...) CALL_TYPE(type), {__VA_ARGS__}, 2
const struct call update_calls[] = {
#include "services/tests/update_calls.def"
};
const size_t update_call_count = COUNT(update_calls);
