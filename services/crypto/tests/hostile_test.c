/*
 * Crypto service, host test: messages that no client library makes.
 *
 * Wrong sizes and counts of vectors, unknown functions, oversized input, then random messages from
 * several clients with a fixed seed; a victim's key must come out of it unharmed and no slot may be
 * lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <psa/crypto.h>

#include "layout.h"
#include "psa/client.h"
#include "psa_manifest/sid.h"
#include "services/crypto/protocol.h"
#include "services/crypto/tests/shim.h"

#define ECC_PAIR           PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define ECDSA              PSA_ALG_ECDSA(PSA_ALG_SHA_256)
#define COUNT(array)       (sizeof(array) / sizeof((array)[0]))
#define ROUNDS             60000u
#define PERSISTENT_IDS     6u
#define VICTIM             0x101
#define REMEMBERED         8u
#define REMEMBERED_HANDLES 4u

static uint8_t scrap[8192];

static psa_status_t send(const void *request, size_t size, size_t second, size_t third, size_t out)
{
    const psa_invec in[] = {{request, size}, {scrap, second}, {scrap, third}};
    psa_outvec result[] = {{scrap + 4096, out}};

    return psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, in, 3, result, 1);
}

static psa_status_t send_function(uint32_t function, size_t second, size_t third, size_t out)
{
    const struct crypto_request request = {.function = function, .algorithm = PSA_ALG_SHA_256};

    return send(&request, sizeof request, second, third, out);
}

static void requests_of_a_wrong_shape(void **state)
{
    struct crypto_request request[2] = {{.function = CRYPTO_NUMBER_psa_crypto_init}};

    (void)state;
    for (size_t size = 0; size < sizeof request; size++) {
        psa_status_t expected =
            size == sizeof request[0] ? PSA_SUCCESS : PSA_ERROR_PROGRAMMER_ERROR;

        assert_int_equal(send(request, size, 0, 0, 0), expected);
    }
    request[0].reserved = 1;
    assert_int_equal(send(request, sizeof request[0], 0, 0, 0), PSA_ERROR_PROGRAMMER_ERROR);
    shim_type = 1;
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_crypto_init, 0, 0, 0),
                     PSA_ERROR_PROGRAMMER_ERROR);
    shim_type = -1;
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_crypto_init, 0, 0, 0),
                     PSA_ERROR_PROGRAMMER_ERROR);
    shim_type = 0;
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
}

static void unknown_functions(void **state)
{
    static const uint32_t unknown[] = {0,    3,    0x0f, 0x28,       0x3f,
                                       0x4c, 0x51, 0xff, 0x10000002, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(send_function(unknown[i], 0, 0, 0), PSA_ERROR_NOT_SUPPORTED);
    }
}

static void vectors_that_do_not_fit(void **state)
{
    struct crypto_request request = {.function = CRYPTO_NUMBER_psa_import_key};
    const size_t attributes = sizeof(struct crypto_attributes);

    (void)state;
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_crypto_init, 1, 0, 0),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_crypto_init, 0, 0, 1),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_generate_random, 0, 1, 16),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_hash_compare, 1, 32, 1),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_hash_setup, 0, 0, 0),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_hash_setup, 0, 0, 3),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_hash_setup, 0, 0, 8),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_get_key_attributes, 0, 0, 19),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_generate_key, attributes - 1, 0, 4),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_generate_key, attributes, 1, 4),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_aead_encrypt, 8, 16, 64), /* no nonce */
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_aead_encrypt_setup, 0, 0, 3),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send_function(CRYPTO_NUMBER_psa_copy_key, attributes - 1, 0, 4),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send(&request, sizeof request, attributes + 1, 32, 4),
                     PSA_ERROR_PROGRAMMER_ERROR);
    assert_int_equal(send(&request, sizeof request, attributes, 32, 5), PSA_ERROR_PROGRAMMER_ERROR);
}

/* The lengths of a message, in a vector of every other size. */
static void lengths_that_do_not_fit(void **state)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t key;

    (void)state;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_bits(&attributes, 128);
    psa_set_key_algorithm(&attributes, PSA_ALG_GCM);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_ENCRYPT);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    for (size_t size = 0; size < 20; size++) {
        psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
        struct crypto_request request = {.function = CRYPTO_NUMBER_psa_aead_set_lengths};

        assert_int_equal(psa_aead_encrypt_setup(&operation, key, PSA_ALG_GCM), PSA_SUCCESS);
        request.operation = operation.private_handle;
        assert_int_equal(send(&request, sizeof request, size, 0, 0),
                         size == sizeof(struct crypto_lengths) ? PSA_SUCCESS
                                                               : PSA_ERROR_PROGRAMMER_ERROR);
        assert_int_equal(psa_aead_abort(&operation), PSA_SUCCESS);
    }
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void oversized_inputs(void **state)
{
    uint8_t out[64];
    size_t length;

    (void)state;
    assert_int_equal(psa_hash_compare(PSA_ALG_SHA_256, scrap, 10, scrap, 8000),
                     PSA_ERROR_INVALID_SIGNATURE);
    assert_int_equal(psa_sign_hash(1, ECDSA, scrap, 8000, out, sizeof out, &length),
                     PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_verify_hash(1, ECDSA, scrap, 32, scrap, 8000),
                     PSA_ERROR_INVALID_SIGNATURE);
    assert_int_equal(psa_verify_message(1, ECDSA, scrap, 8000, scrap, 64),
                     PSA_ERROR_INSUFFICIENT_MEMORY);
    assert_int_equal(psa_export_key(1, scrap, sizeof scrap, &length), PSA_ERROR_INVALID_HANDLE);
}

/* ---- Random messages ---- */

static uint32_t random_state = 0x2545f491;

static uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static uint32_t pick(const uint32_t *words, size_t count)
{
    return words[random_word() % count];
}

/* What a well-formed message of each function looks like; most random ones are, or little comes
 * past the decoder. */
enum mode { PLAIN, NONCE, CREATE, START, USE, END, ABORT, CLONE };

static const struct shape {
    uint32_t number;
    enum mode mode;
    size_t inputs;
    size_t outputs;
} shapes[] = {
#define SHAPE(number, name, kind, mode, inputs, outputs) {number, mode, inputs, outputs},
    CRYPTO_FUNCTIONS(SHAPE)
#undef SHAPE
};

struct remembered {
    int32_t client;
    uint32_t word; /* key or handle */
};

static struct remembered keys[REMEMBERED];
static struct remembered handles[2][REMEMBERED_HANDLES]; /* of hashes, of messages */
static unsigned successes[CRYPTO_FUNCTION_MAX + 1];
static const uint32_t algorithms[] = {
    PSA_ALG_SHA_256,
    PSA_ALG_SHA_384,
    PSA_ALG_SHA_512,
    PSA_ALG_MD5,
    PSA_ALG_NONE,
    ECDSA,
    ECDSA,
    ECDSA,
    PSA_ALG_ECDSA_ANY,
    PSA_ALG_ECDSA(PSA_ALG_SHA_384),
    PSA_ALG_ECDSA(PSA_ALG_ANY_HASH),
    PSA_ALG_RSA_PSS(PSA_ALG_SHA_256),
    PSA_ALG_RSA_PKCS1V15_SIGN_RAW,
    PSA_ALG_CCM,
    PSA_ALG_CCM,
    PSA_ALG_GCM,
    PSA_ALG_GCM,
    PSA_ALG_GCM,
    PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_GCM, 4),
    PSA_ALG_ECDH,
    PSA_ALG_ECDH,
};
static const uint32_t types[] = {
    ECC_PAIR,         ECC_PAIR, ECC_PAIR, PSA_KEY_TYPE_AES, PSA_KEY_TYPE_AES,
    PSA_KEY_TYPE_AES, 0x4112,   0x1001,   0x1100,           0x1200,
    0x4001,           0x7130,   0};
static const uint32_t bit_counts[] = {0, 0, 256, 256, 384, 128, 8, 521, 65528, 65535};
static const uint32_t sizes[] = {0,  1,  4,  20, 24,  32,   32,   32,
                                 48, 64, 65, 97, 256, 1024, 3072, 3073};
static const uint32_t capacities[] = {0,  4,   20,   20,   32,   64,   64,
                                      96, 512, 4000, 4000, 4000, 4000, 4000};
static const int32_t clients[] = {-1, -2, 7, 8};

static int one_in(uint32_t count)
{
    return random_word() % count == 0;
}

/* An algorithm for the function's chapter, half of the time. */
static uint32_t random_algorithm(uint32_t function)
{
    static const uint32_t fitting[] = {0, 0, PSA_ALG_SHA_256, ECDSA, PSA_ALG_GCM, PSA_ALG_ECDH};

    if (one_in(16)) {
        return random_word();
    }
    return one_in(2) ? pick(algorithms, COUNT(algorithms)) : fitting[function >> 4];
}

static struct crypto_attributes random_attributes(void)
{
    static const struct {
        uint16_t type;
        uint16_t bits;
        uint32_t algorithm;
    } sound[] = {{ECC_PAIR, 256, ECDSA},
                 {ECC_PAIR, 256, PSA_ALG_ECDH},
                 {PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM}};
    const size_t choice = random_word() % COUNT(sound);
    struct crypto_attributes attributes = {
        .lifetime = one_in(16) ? random_word() % 300 : random_word() % 2,
        .id = one_in(8) ? random_word() : 1 + random_word() % PERSISTENT_IDS,
        .usage = one_in(4) ? random_word() : 0x7f03,
        .algorithm = sound[choice].algorithm,
        .type = sound[choice].type,
        .bits = sound[choice].bits,
    };

    if (one_in(2)) {
        attributes.algorithm = pick(algorithms, COUNT(algorithms));
        attributes.type = (uint16_t)pick(types, COUNT(types));
        attributes.bits = (uint16_t)pick(bit_counts, 10);
    }
    return attributes;
}

/* Sets up the request and the client that sends it: mostly one that owns what it names. */
static struct crypto_request random_request(const struct shape *shape)
{
    const struct remembered *key = &keys[random_word() % REMEMBERED];
    const struct remembered *handle =
        &handles[shape->number >> 6][random_word() % REMEMBERED_HANDLES];
    const int needs_handle = shape->mode == USE || shape->mode == END || shape->mode == CLONE;
    struct crypto_request request = {
        .function = one_in(32) ? random_word() % (CRYPTO_FUNCTION_MAX + 2) : shape->number,
        .key = one_in(16) ? random_word() : key->word,
        .algorithm = random_algorithm(shape->number),
        .operation = needs_handle || one_in(8) ? handle->word : 0,
        .value = shape->mode == NONCE ? 12 : (one_in(8) ? handle->word : 0),
        .reserved = one_in(64) ? random_word() : 0,
    };

    if (one_in(32)) {
        request.operation = random_word();
    }
    shim_client = needs_handle ? handle->client : key->client;
    if (one_in(4) || shim_client == 0) {
        shim_client = clients[random_word() % 4];
    }
    return request;
}

/* A valid public key, for agreements. */
static uint8_t peer[65];

/* The second vector as the function expects it, where it has a form. */
static psa_invec expected_input(const struct shape *shape,
                                const struct crypto_attributes *attributes)
{
    static const struct crypto_lengths lengths = {24, 32};

    if (shape->mode == CREATE) {
        return (psa_invec){attributes, sizeof *attributes};
    }
    if (shape->number == CRYPTO_NUMBER_psa_aead_set_lengths) {
        return (psa_invec){&lengths, sizeof lengths};
    }
    if (shape->number == CRYPTO_NUMBER_psa_raw_key_agreement) {
        return (psa_invec){peer, sizeof peer};
    }
    if (shape->number == CRYPTO_NUMBER_psa_aead_set_nonce) {
        return (psa_invec){scrap, 12};
    }
    return (psa_invec){scrap + random_word() % 64, pick(sizes, 16)};
}

/* Storage that fails now and then. */
static void random_storage(void)
{
    for (unsigned call = 0; call < SHIM_STORAGE_CALLS; call++) {
        shim_storage_answer[call] = one_in(64) ? PSA_ERROR_STORAGE_FAILURE : PSA_SUCCESS;
    }
}

static void abort_operation(uint32_t function, uint32_t handle)
{
    const struct crypto_request request = {.function = function, .operation = handle};
    const psa_invec in[] = {{&request, sizeof request}};

    assert_int_equal(psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, in, 1, NULL, 0), PSA_SUCCESS);
}

/* Keeps key, in place of one that would hold its slot for ever. */
static void remember_key(uint32_t key)
{
    const int32_t client = shim_client;
    struct remembered *place = &keys[random_word() % REMEMBERED];

    shim_client = place->client;
    (void)psa_destroy_key(place->word);
    shim_client = client;
    *place = (struct remembered){client, key};
}

/* Keeps handle, in place of one whose operation would hold its slot for ever. */
static void remember_handle(uint32_t function, uint32_t handle)
{
    const int32_t client = shim_client;
    struct remembered *place = &handles[function >> 6][random_word() % REMEMBERED_HANDLES];

    shim_client = place->client;
    if (place->client != 0) {
        abort_operation(function >> 6 != 0 ? CRYPTO_NUMBER_psa_aead_abort
                                           : CRYPTO_NUMBER_psa_hash_abort,
                        place->word);
    }
    shim_client = client;
    *place = (struct remembered){client, handle};
}

/* Keys are not destroyed as often as they are used. */
static const struct shape *random_shape(void)
{
    const struct shape *shape = &shapes[random_word() % COUNT(shapes)];

    if (shape->number == CRYPTO_NUMBER_psa_destroy_key && !one_in(16)) {
        shape++;
    }
    return shape;
}

static void random_message(void)
{
    const struct shape *shape = random_shape();
    const int words = shape->mode == CREATE || shape->mode == START || shape->mode == CLONE;
    const struct crypto_nonce_request request = {random_request(shape), {1, 2, 3}};
    const size_t request_size = shape->mode == NONCE ? sizeof request : sizeof request.request;
    const struct crypto_attributes attributes = random_attributes();
    psa_invec in[] = {
        {&request, one_in(64) ? random_word() % sizeof request : request_size},
        {scrap + random_word() % 64, pick(sizes, 16)},
        {scrap + random_word() % 64, pick(sizes, 16)},
    };
    static uint8_t second[32];
    psa_outvec out[] = {
        {scrap + 4096, words && !one_in(16) ? 4 : pick(capacities, COUNT(capacities))},
        {second, one_in(4) ? random_word() % 33 : 16}};
    const size_t inputs = one_in(16) ? 1 + random_word() % 3 : shape->inputs;
    uint32_t word;

    if (!one_in(16)) {
        in[1] = expected_input(shape, &attributes);
    }
    random_storage();
    if (psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, in, inputs, out,
                 one_in(16) || inputs + shape->outputs > 4 ? random_word() % 2 : shape->outputs) !=
        PSA_SUCCESS) {
        return;
    }
    memcpy(&word, scrap + 4096, sizeof word);
    if (request.request.function == shape->number) {
        successes[shape->number]++;
        if (shape->mode == CREATE) {
            remember_key(word);
        } else if (shape->mode == START || shape->mode == CLONE) {
            remember_handle(shape->number, word);
        }
    }
}

/* The random messages are only worth something if every function also succeeded. */
static void every_function_succeeded(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const int cannot = shapes[i].number == CRYPTO_NUMBER_psa_hash_compare ||
                           shapes[i].number == CRYPTO_NUMBER_psa_hash_verify ||
                           shapes[i].number == CRYPTO_NUMBER_psa_verify_hash ||
                           shapes[i].number == CRYPTO_NUMBER_psa_verify_message ||
                           shapes[i].number == CRYPTO_NUMBER_psa_aead_decrypt ||
                           shapes[i].number == CRYPTO_NUMBER_psa_aead_verify;

        if (!cannot && successes[shapes[i].number] == 0) {
            print_error("function 0x%02x never succeeded\n", (unsigned)shapes[i].number);
            fail();
        }
    }
}

/* Destroys all keys and operations of the attackers, remembered or not: identifiers are guessed
 * from one that the service gives now, handles by walking through all serial numbers that were
 * used. */
static void clean_up(uint32_t near_key)
{
    for (size_t i = 0; i < 4; i++) {
        shim_client = clients[i];
        for (uint32_t key = near_key - 2 * CRYPTO_KEYS; key < near_key + 2 * CRYPTO_KEYS; key++) {
            (void)psa_destroy_key(key);
        }
        for (uint32_t key = 1; key <= PERSISTENT_IDS; key++) {
            (void)psa_destroy_key(key);
        }
        for (uint32_t handle = 0; handle < (ROUNDS << 8); handle += 256) {
            for (uint32_t slot = 1; slot <= CRYPTO_OPERATIONS; slot++) {
                abort_operation(CRYPTO_NUMBER_psa_hash_abort, handle + slot);
                abort_operation(CRYPTO_NUMBER_psa_aead_abort, handle + slot);
            }
        }
    }
}

static void nothing_was_lost(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_hash_operation_t operations[CRYPTO_OPERATIONS];
    psa_key_id_t made[CRYPTO_KEYS - 1];

    memset(operations, 0, sizeof operations);
    psa_set_key_type(&attributes, ECC_PAIR);
    psa_set_key_bits(&attributes, 384);
    shim_client = -1;
    for (size_t i = 0; i < CRYPTO_KEYS - 1; i++) {
        assert_int_equal(psa_generate_key(&attributes, &made[i]), PSA_SUCCESS);
    }
    for (size_t i = 0; i < CRYPTO_OPERATIONS; i++) {
        assert_int_equal(psa_hash_setup(&operations[i], PSA_ALG_SHA_512), PSA_SUCCESS);
    }
}

static void random_messages(void **state)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t before[65];
    uint8_t after[65];
    uint8_t digest[32];
    uint8_t stored_before[65];
    psa_key_id_t stored;
    psa_key_id_t key;
    size_t length;

    (void)state;
    shim_client = VICTIM;
    psa_set_key_type(&attributes, ECC_PAIR);
    psa_set_key_bits(&attributes, 256);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    assert_int_equal(psa_export_public_key(key, before, sizeof before, &length), PSA_SUCCESS);
    memcpy(peer, before, sizeof peer);
    psa_set_key_id(&attributes, 1); /* persistent, of a name that the attackers use too */
    assert_int_equal(psa_generate_key(&attributes, &stored), PSA_SUCCESS);
    assert_int_equal(psa_export_public_key(stored, stored_before, 65, &length), PSA_SUCCESS);
    assert_int_equal(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
    assert_int_equal(psa_hash_update(&operation, (const uint8_t *)"abc", 3), PSA_SUCCESS);
    keys[0] = (struct remembered){-1, key};
    handles[0][0] = (struct remembered){-1, operation.private_handle};
    for (size_t i = 0; i < sizeof scrap; i++) {
        scrap[i] = (uint8_t)random_word();
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        random_message();
    }
    shim_client = VICTIM;
    assert_int_equal(psa_export_public_key(key, after, sizeof after, &length), PSA_SUCCESS);
    assert_memory_equal(before, after, sizeof after);
    memset(shim_storage_answer, 0, sizeof shim_storage_answer);
    shim_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest, 32);
    assert_int_equal(psa_hash_verify(&operation, digest, 32), PSA_SUCCESS);
    every_function_succeeded();
    clean_up(key);
    shim_client = VICTIM;
    assert_int_equal(psa_export_public_key(stored, after, sizeof after, &length), PSA_SUCCESS);
    assert_memory_equal(stored_before, after, sizeof after);
    assert_int_equal(psa_destroy_key(stored), PSA_SUCCESS);
    assert_int_equal(shim_storage_count(), 0);
    nothing_was_lost();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_a_wrong_shape), cmocka_unit_test(unknown_functions),
        cmocka_unit_test(vectors_that_do_not_fit),   cmocka_unit_test(oversized_inputs),
        cmocka_unit_test(lengths_that_do_not_fit),   cmocka_unit_test(random_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
