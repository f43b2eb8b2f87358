/*
 * Crypto service, host test: authenticated encryption through the API, in one call and in parts.
 *
 * Known answers: RFC 3610, 8 (packet vectors 1 and 7); NIST SP 800-38C, C.1 to C.3; the test cases
 * 1, 2, 4, 5, 10 and 16 of the GCM specification (McGrew and Viega).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <psa/crypto.h>

#include "layout.h"
#include "services/crypto/tests/shim.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_BYTES   20000u
#define BOTH         (PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT)

#define GCM_P                                                                                      \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"                             \
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_A  "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define GCM_K  "feffe9928665731c6d6a8f9467308308"
#define RFC_K  "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
#define RFC_P  "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
#define NIST_K "404142434445464748494a4b4c4d4e4f"

static const struct vector {
    psa_algorithm_t alg;
    const char *key;
    const char *nonce;
    const char *additional;
    const char *plaintext;
    const char *ciphertext; /* with the tag */
} vectors[] = {
    {PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 8), RFC_K, "00000003020100a0a1a2a3a4a5",
     "0001020304050607", RFC_P, "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0"},
    {PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 10), RFC_K, "00000009080706a0a1a2a3a4a5",
     "0001020304050607", RFC_P,
     "0135d1b2c95f41d5d1d4fec185d166b8094e999dfed96c048c56602c97acbb7490"},
    {PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 4), NIST_K, "10111213141516", "0001020304050607",
     "20212223", "7162015b4dac255d"},
    {PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 6), NIST_K, "1011121314151617",
     "000102030405060708090a0b0c0d0e0f", "202122232425262728292a2b2c2d2e2f",
     "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd"},
    {PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 8), NIST_K, "101112131415161718191a1b",
     "000102030405060708090a0b0c0d0e0f10111213", "202122232425262728292a2b2c2d2e2f3031323334353637",
     "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
    {PSA_ALG_GCM, "00000000000000000000000000000000", "000000000000000000000000", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {PSA_ALG_GCM, "00000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
    {PSA_ALG_GCM, GCM_K, "cafebabefacedbaddecaf888", GCM_A, GCM_P,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
     "ac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {PSA_ALG_GCM, GCM_K, "cafebabefacedbad", GCM_A, GCM_P,
     "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544"
     "d4896b424989b5e1ebac0f07c23f45983612d2e79e3b0785561be14aaca2fccb"},
    {PSA_ALG_GCM, GCM_K "feffe9928665731c", "cafebabefacedbaddecaf888", GCM_A, GCM_P,
     "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18"
     "c84a3f4718e2448b2fe324d9ccda27102519498e80f1478f37ba55bd6d27618c"},
    {PSA_ALG_GCM, GCM_K GCM_K, "cafebabefacedbaddecaf888", GCM_A, GCM_P,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
     "56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

static const psa_algorithm_t algorithms[] = {PSA_ALG_CCM, PSA_ALG_GCM};
static uint8_t long_input[LONG_BYTES];
static uint8_t long_output[LONG_BYTES + 16];
static const uint8_t nonce12[12] = {1, 2, 3};

static psa_key_id_t import(psa_algorithm_t alg, psa_key_usage_t usage, const uint8_t *data,
                           size_t length)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t key;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, alg);
    assert_int_equal(psa_import_key(&attributes, data, length, &key), PSA_SUCCESS);
    return key;
}

static psa_key_id_t some_key(psa_algorithm_t alg)
{
    return import(alg, BOTH, long_input, 16);
}

/* A vector as bytes. */
struct message {
    psa_key_id_t key;
    psa_algorithm_t alg;
    uint8_t nonce[16];
    uint8_t additional[32];
    uint8_t plaintext[64];
    uint8_t ciphertext[80];
    size_t nonce_length;
    size_t additional_length;
    size_t plaintext_length;
    size_t ciphertext_length;
};

static struct message message_of(const struct vector *vector)
{
    struct message m = {.alg = vector->alg};
    uint8_t key[32];
    size_t length = shim_hex(vector->key, key, sizeof key);

    m.key = import(vector->alg, BOTH, key, length);
    m.nonce_length = shim_hex(vector->nonce, m.nonce, sizeof m.nonce);
    m.additional_length = shim_hex(vector->additional, m.additional, sizeof m.additional);
    m.plaintext_length = shim_hex(vector->plaintext, m.plaintext, sizeof m.plaintext);
    m.ciphertext_length = shim_hex(vector->ciphertext, m.ciphertext, sizeof m.ciphertext);
    return m;
}

static psa_status_t decrypt(const struct message *m, uint8_t *out, size_t size, size_t *length)
{
    return psa_aead_decrypt(m->key, m->alg, m->nonce, m->nonce_length, m->additional,
                            m->additional_length, m->ciphertext, m->ciphertext_length, out, size,
                            length);
}

static void known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct message m = message_of(&vectors[i]);
        uint8_t out[80];
        size_t length;

        assert_int_equal(psa_aead_encrypt(m.key, m.alg, m.nonce, m.nonce_length, m.additional,
                                          m.additional_length, m.plaintext, m.plaintext_length, out,
                                          m.ciphertext_length, &length),
                         PSA_SUCCESS);
        assert_int_equal(length, m.ciphertext_length);
        assert_memory_equal(out, m.ciphertext, length);
        assert_int_equal(psa_aead_encrypt(m.key, m.alg, m.nonce, m.nonce_length, m.additional,
                                          m.additional_length, m.plaintext, m.plaintext_length, out,
                                          m.ciphertext_length - 1, &length),
                         PSA_ERROR_BUFFER_TOO_SMALL);
        assert_int_equal(length, 0);
        assert_int_equal(decrypt(&m, out, m.plaintext_length, &length), PSA_SUCCESS);
        assert_int_equal(length, m.plaintext_length);
        assert_memory_equal(out, m.plaintext, length);
        if (m.plaintext_length > 0) {
            assert_int_equal(decrypt(&m, out, m.plaintext_length - 1, &length),
                             PSA_ERROR_BUFFER_TOO_SMALL);
        }
        assert_int_equal(psa_destroy_key(m.key), PSA_SUCCESS);
    }
}

/* Nothing of a message that was changed comes out. */
static void changed_messages_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct message m = message_of(&vectors[i]);
        uint8_t untouched[80];
        uint8_t out[80];
        size_t length;

        memset(untouched, 0x77, sizeof untouched);
        memset(out, 0x77, sizeof out);
        for (size_t bit = 0; bit < 8 * m.ciphertext_length; bit++) {
            m.ciphertext[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(decrypt(&m, out, sizeof out, &length), PSA_ERROR_INVALID_SIGNATURE);
            assert_int_equal(length, 0);
            m.ciphertext[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t byte = 0; byte < m.additional_length; byte++) {
            m.additional[byte] ^= 0x80;
            assert_int_equal(decrypt(&m, out, sizeof out, &length), PSA_ERROR_INVALID_SIGNATURE);
            m.additional[byte] ^= 0x80;
        }
        for (size_t byte = 0; byte < m.nonce_length; byte++) {
            m.nonce[byte] ^= 1;
            assert_int_equal(decrypt(&m, out, sizeof out, &length), PSA_ERROR_INVALID_SIGNATURE);
            m.nonce[byte] ^= 1;
        }
        assert_memory_equal(out, untouched, sizeof out);
        while (m.ciphertext_length-- > 0) {
            const size_t tag = PSA_AEAD_TAG_LENGTH(PSA_KEY_TYPE_AES, 128, m.alg);

            assert_int_equal(decrypt(&m, out, sizeof out, &length),
                             m.ciphertext_length < tag ? PSA_ERROR_INVALID_ARGUMENT
                                                       : PSA_ERROR_INVALID_SIGNATURE);
        }
        assert_int_equal(psa_destroy_key(m.key), PSA_SUCCESS);
    }
}

/* Encrypts or decrypts length bytes of input in parts of step bytes. */
static void in_steps(psa_aead_operation_t *operation, const uint8_t *input, size_t length,
                     size_t step, uint8_t *output)
{
    for (size_t done = 0; done < length;) {
        size_t part = length - done < step ? length - done : step;
        size_t produced;

        assert_int_equal(
            psa_aead_update(operation, input + done, part, output + done, part, &produced),
            PSA_SUCCESS);
        assert_int_equal(produced, part);
        done += part;
    }
}

static void parts_equal_the_whole(void **state)
{
    static uint8_t whole[LONG_BYTES + 16];
    static uint8_t parts[LONG_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        psa_key_id_t key = some_key(algorithms[i]);

        for (size_t bytes = 0; bytes < LONG_BYTES; bytes += 1 + bytes * 3 / 2) {
            const size_t step = bytes < 40 ? 7 : bytes / 3 + 1;
            psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
            uint8_t rest[16];
            uint8_t tag[16];
            size_t length;
            size_t tag_length;

            assert_int_equal(psa_aead_encrypt(key, algorithms[i], nonce12, 12, long_input, bytes,
                                              long_input, bytes, whole, sizeof whole, &length),
                             PSA_SUCCESS);
            assert_int_equal(length, bytes + 16);
            assert_int_equal(psa_aead_encrypt_setup(&operation, key, algorithms[i]), PSA_SUCCESS);
            assert_int_equal(psa_aead_set_lengths(&operation, bytes, bytes), PSA_SUCCESS);
            assert_int_equal(psa_aead_set_nonce(&operation, nonce12, 12), PSA_SUCCESS);
            assert_int_equal(psa_aead_update_ad(&operation, long_input, bytes / 2), PSA_SUCCESS);
            assert_int_equal(
                psa_aead_update_ad(&operation, long_input + bytes / 2, bytes - bytes / 2),
                PSA_SUCCESS);
            in_steps(&operation, long_input, bytes, step, parts);
            assert_int_equal(
                psa_aead_finish(&operation, rest, sizeof rest, &length, tag, 16, &tag_length),
                PSA_SUCCESS);
            assert_int_equal(length, 0);
            assert_int_equal(tag_length, 16);
            assert_memory_equal(parts, whole, bytes);
            assert_memory_equal(tag, whole + bytes, 16);
            assert_int_equal(psa_aead_decrypt_setup(&operation, key, algorithms[i]), PSA_SUCCESS);
            assert_int_equal(psa_aead_set_lengths(&operation, bytes, bytes), PSA_SUCCESS);
            assert_int_equal(psa_aead_set_nonce(&operation, nonce12, 12), PSA_SUCCESS);
            assert_int_equal(psa_aead_update_ad(&operation, long_input, bytes), PSA_SUCCESS);
            in_steps(&operation, whole, bytes, step, parts);
            assert_int_equal(psa_aead_verify(&operation, rest, sizeof rest, &length, tag, 16),
                             PSA_SUCCESS);
            assert_memory_equal(parts, long_input, bytes);
        }
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    }
}

static void long_messages(void **state)
{
    static uint8_t back[4160];

    (void)state;
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        psa_key_id_t key = some_key(algorithms[i]);
        size_t length;

        for (size_t bytes = 4096; bytes <= 4145; bytes++) {
            assert_int_equal(psa_aead_encrypt(key, algorithms[i], nonce12, 12, long_input, 5000,
                                              long_input, bytes, long_output, bytes + 16, &length),
                             PSA_SUCCESS);
            assert_int_equal(psa_aead_decrypt(key, algorithms[i], nonce12, 12, long_input, 5000,
                                              long_output, length, back, bytes, &length),
                             bytes + 16 <= 4160 ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_MEMORY);
            assert_memory_equal(back, long_input, length);
        }
        long_output[4145 + 15] ^= 1;
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    }
}

static void arguments_are_checked(void **state)
{
    static const struct {
        psa_algorithm_t alg;
        size_t nonce;
        psa_status_t status;
    } cases[] = {
        {PSA_ALG_CCM, 6, PSA_ERROR_INVALID_ARGUMENT},
        {PSA_ALG_CCM, 7, PSA_SUCCESS},
        {PSA_ALG_CCM, 13, PSA_SUCCESS},
        {PSA_ALG_CCM, 14, PSA_ERROR_INVALID_ARGUMENT},
        {PSA_ALG_CCM, 17, PSA_ERROR_NOT_SUPPORTED},
        {PSA_ALG_CCM, 0, PSA_ERROR_INVALID_ARGUMENT},
        {PSA_ALG_GCM, 0, PSA_ERROR_INVALID_ARGUMENT},
        {PSA_ALG_GCM, 1, PSA_SUCCESS},
        {PSA_ALG_GCM, 16, PSA_SUCCESS},
        {PSA_ALG_GCM, 17, PSA_ERROR_NOT_SUPPORTED},
        {PSA_ALG_GCM, 5000, PSA_ERROR_NOT_SUPPORTED},
    };
    uint8_t out[64];
    size_t length;
    psa_key_id_t key;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;

        key = some_key(cases[i].alg);
        assert_int_equal(psa_aead_encrypt(key, cases[i].alg, long_input, cases[i].nonce, NULL, 0,
                                          long_input, 20, out, sizeof out, &length),
                         cases[i].status);
        assert_int_equal(psa_aead_encrypt_setup(&operation, key, cases[i].alg), PSA_SUCCESS);
        assert_int_equal(psa_aead_set_nonce(&operation, long_input, cases[i].nonce),
                         cases[i].status);
        assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    }
    key = some_key(PSA_ALG_CCM);
    assert_int_equal(psa_aead_encrypt(key, PSA_ALG_GCM, nonce12, 12, NULL, 0, long_input, 20, out,
                                      sizeof out, &length),
                     PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_aead_encrypt(key, PSA_ALG_SHA_256, nonce12, 12, NULL, 0, long_input, 20,
                                      out, sizeof out, &length),
                     PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_aead_encrypt(key, PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 8), nonce12,
                                      12, NULL, 0, long_input, 20, out, sizeof out, &length),
                     PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    key = import(PSA_ALG_CCM, PSA_KEY_USAGE_DECRYPT, long_input, 16);
    assert_int_equal(psa_aead_encrypt(key, PSA_ALG_CCM, nonce12, 12, NULL, 0, long_input, 20, out,
                                      sizeof out, &length),
                     PSA_ERROR_NOT_PERMITTED);
    shim_client = 5;
    assert_int_equal(psa_aead_decrypt(key, PSA_ALG_CCM, nonce12, 12, NULL, 0, long_input, 20, out,
                                      sizeof out, &length),
                     PSA_ERROR_INVALID_HANDLE);
    shim_client = -1;
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

#define WRONG_STEPS 9u

/* A step that does not belong where a message was only set up, or not even that. */
static psa_status_t wrong_step(unsigned step, psa_aead_operation_t *operation, psa_key_id_t key)
{
    uint8_t out[32] = {0};
    uint8_t tag[16] = {0};
    size_t length;
    size_t tag_length;

    switch (step) {
    case 0:
        (void)psa_aead_set_nonce(operation, nonce12, 12);
        return psa_aead_generate_nonce(operation, out, 32, &length);
    case 1:
        return psa_aead_update_ad(operation, out, 1);
    case 2:
        return psa_aead_update(operation, out, 1, out, 32, &length);
    case 3:
        return psa_aead_finish(operation, out, 32, &length, tag, 16, &tag_length);
    case 4:
        return psa_aead_verify(operation, out, 32, &length, tag, 16);
    case 5:
        (void)psa_aead_set_nonce(operation, nonce12, 12);
        return psa_aead_set_nonce(operation, nonce12, 12);
    case 6:
        (void)psa_aead_set_lengths(operation, 1, 1);
        return psa_aead_set_lengths(operation, 1, 1);
    case 7:
        return psa_aead_encrypt_setup(operation, key, PSA_ALG_CCM);
    default:
        return psa_aead_decrypt_setup(operation, key, PSA_ALG_CCM);
    }
}

/* It ends the operation; the object is fit again after abort. */
static void steps_have_an_order(void **state)
{
    psa_aead_operation_t operation = psa_aead_operation_init();
    psa_key_id_t key = some_key(PSA_ALG_CCM);

    (void)state;
    for (unsigned step = 0; step < 2 * WRONG_STEPS; step++) {
        if (step < WRONG_STEPS) {
            assert_int_equal(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM), PSA_SUCCESS);
        } else if (step - WRONG_STEPS >= 7) {
            continue; /* a set-up belongs there */
        }
        assert_int_equal(wrong_step(step % WRONG_STEPS, &operation, key), PSA_ERROR_BAD_STATE);
        assert_int_equal(psa_aead_set_lengths(&operation, 1, 1), PSA_ERROR_BAD_STATE);
        assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
    }
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void lengths_are_kept(void **state)
{
    psa_aead_operation_t operation = psa_aead_operation_init();
    psa_key_id_t key = some_key(PSA_ALG_CCM);
    uint8_t out[32];
    uint8_t tag[16];
    size_t length;
    size_t tag_length;

    (void)state;
    /* More than was announced, less, and no room. */
    assert_int_equal(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM), PSA_SUCCESS);
    assert_int_equal(psa_aead_set_lengths(&operation, 2, 3), PSA_SUCCESS);
    assert_int_equal(psa_aead_generate_nonce(&operation, out, 32, &length), PSA_SUCCESS);
    assert_int_equal(length, 13);
    assert_int_equal(psa_aead_update_ad(&operation, out, 3), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
    assert_int_equal(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM), PSA_SUCCESS);
    assert_int_equal(psa_aead_set_lengths(&operation, 0, 3), PSA_SUCCESS);
    assert_int_equal(psa_aead_set_nonce(&operation, nonce12, 12), PSA_SUCCESS);
    assert_int_equal(psa_aead_update(&operation, long_input, 3, out, 2, &length),
                     PSA_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
    assert_int_equal(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM), PSA_SUCCESS);
    assert_int_equal(psa_aead_set_lengths(&operation, 0, 3), PSA_SUCCESS);
    assert_int_equal(psa_aead_set_nonce(&operation, nonce12, 12), PSA_SUCCESS);
    assert_int_equal(psa_aead_update(&operation, long_input, 2, out, 2, &length), PSA_SUCCESS);
    assert_int_equal(psa_aead_finish(&operation, out, 32, &length, tag, 16, &tag_length),
                     PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void wrong_tags_end_an_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        psa_key_id_t key = some_key(algorithms[i]);

        for (size_t given = 0; given < 6000; given = given < 40 ? given + 1 : given * 2) {
            psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
            uint8_t out[32];
            static const uint8_t tag[6000];
            size_t length;

            assert_int_equal(psa_aead_decrypt_setup(&operation, key, algorithms[i]), PSA_SUCCESS);
            assert_int_equal(psa_aead_set_lengths(&operation, 0, 5), PSA_SUCCESS);
            assert_int_equal(psa_aead_set_nonce(&operation, nonce12, 12), PSA_SUCCESS);
            assert_int_equal(psa_aead_update(&operation, long_input, 5, out, 5, &length),
                             PSA_SUCCESS);
            assert_int_equal(psa_aead_verify(&operation, out, 32, &length, tag, given),
                             PSA_ERROR_INVALID_SIGNATURE);
            assert_int_equal(psa_aead_verify(&operation, out, 32, &length, tag, 16),
                             PSA_ERROR_BAD_STATE);
            assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
        }
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
    }
}

/* Hashes and messages share the operations; neither can be used as the other. */
static void operations_are_of_one_kind(void **state)
{
    psa_aead_operation_t operations[CRYPTO_OPERATIONS];
    psa_aead_operation_t other;
    psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
    psa_key_id_t key = some_key(PSA_ALG_GCM);
    uint8_t out[32];
    size_t length;

    (void)state;
    memset(operations, 0, sizeof operations);
    for (size_t i = 0; i < CRYPTO_OPERATIONS; i++) {
        assert_int_equal(psa_aead_encrypt_setup(&operations[i], key, PSA_ALG_GCM), PSA_SUCCESS);
    }
    assert_int_equal(psa_hash_setup(&hash, PSA_ALG_SHA_256), PSA_ERROR_INSUFFICIENT_MEMORY);
    hash.private_handle = operations[0].private_handle;
    assert_int_equal(psa_hash_update(&hash, out, 1), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_finish(&hash, out, 32, &length), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_hash_abort(&hash), PSA_SUCCESS);
    /* In one call while all are taken, and another client's. */
    assert_int_equal(
        psa_aead_encrypt(key, PSA_ALG_GCM, nonce12, 12, NULL, 0, out, 10, out, 32, &length),
        PSA_SUCCESS);
    shim_client = 5;
    other = operations[0];
    assert_int_equal(psa_aead_set_nonce(&other, nonce12, 12), PSA_ERROR_BAD_STATE);
    assert_int_equal(psa_aead_abort(&other), PSA_SUCCESS);
    shim_client = -1;
    for (size_t i = 0; i < CRYPTO_OPERATIONS; i++) {
        assert_int_equal(psa_aead_set_nonce(&operations[i], nonce12, 12), PSA_SUCCESS);
        assert_int_equal(psa_aead_abort(&operations[i]), PSA_SUCCESS);
    }
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

/* Neither key nor plaintext stays behind. */
static void secrets_are_wiped(void **state)
{
    psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
    uint8_t secret[48];
    uint8_t sealed[64];
    uint8_t opened[48];
    psa_key_id_t key;
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof secret; i++) {
        secret[i] = (uint8_t)(i * i + 77);
    }
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        key = import(algorithms[i], BOTH, secret, 16);
        assert_int_equal(psa_aead_encrypt(key, algorithms[i], nonce12, 12, NULL, 0, secret + 16, 32,
                                          sealed, 48, &length),
                         PSA_SUCCESS);
        assert_int_equal(psa_aead_decrypt(key, algorithms[i], nonce12, 12, NULL, 0, sealed, 48,
                                          opened, 32, &length),
                         PSA_SUCCESS);
        sealed[0] ^= 1;
        assert_int_equal(psa_aead_decrypt(key, algorithms[i], nonce12, 12, NULL, 0, sealed, 48,
                                          opened, 32, &length),
                         PSA_ERROR_INVALID_SIGNATURE);
        assert_int_equal(psa_aead_decrypt(key, algorithms[i], nonce12, 12, NULL, 0, sealed, 48,
                                          opened, 31, &length),
                         PSA_ERROR_BUFFER_TOO_SMALL);
        assert_int_equal(shim_copies_of(secret, 16), 1); /* the key itself */
        assert_int_equal(psa_aead_encrypt(key, algorithms[i], nonce12, 12, NULL, 0, secret + 16, 32,
                                          sealed, 47, &length),
                         PSA_ERROR_BUFFER_TOO_SMALL);
        assert_int_equal(shim_copies_of(secret + 16, 32), 0);
        assert_int_equal(shim_copies_of(secret, 16), 1);
        assert_int_equal(psa_aead_encrypt_setup(&operation, key, algorithms[i]), PSA_SUCCESS);
        assert_int_equal(shim_copies_of(secret, 16), 2); /* and the first round key */
        assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
        assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
        assert_int_equal(shim_copies_of(secret, 16), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(changed_messages_are_refused),
        cmocka_unit_test(parts_equal_the_whole),
        cmocka_unit_test(long_messages),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(steps_have_an_order),
        cmocka_unit_test(lengths_are_kept),
        cmocka_unit_test(wrong_tags_end_an_operation),
        cmocka_unit_test(operations_are_of_one_kind),
        cmocka_unit_test(secrets_are_wiped),
    };

    for (size_t i = 0; i < LONG_BYTES; i++) {
        long_input[i] = (uint8_t)(7u * i + i / 251u);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
