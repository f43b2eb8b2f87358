/*
 * Client stubs, host test: what each of them puts on the wire, and what it makes of the answer.
 *
 * The transport records the call and plays the service. Every stub of *_calls.def goes through it:
 * request, vectors and their order, capacities; on success each output reaches the caller, on an
 * error it is 0 or left alone, as the API says. Numbers and layouts are permanent, so a row that
 * fails here is a change of the wire format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "psa_manifest/sid.h"
#include "services/tests/calls.h"

#define RECORDED_BYTES 64u
#define ANSWER_WORD    0x0000beefu

/* ---- The transport ---- */

static struct {
    unsigned calls;
    psa_handle_t handle;
    int32_t type;
    size_t in_count;
    size_t out_count;
    size_t in_length[PSA_MAX_IOVEC];
    uint8_t in[PSA_MAX_IOVEC][RECORDED_BYTES];
    const void *out[PSA_MAX_IOVEC];
    size_t out_size[PSA_MAX_IOVEC];
} sent;

static psa_status_t answer;  /* of the service */
static uint32_t present;     /* what psa_version() says */
static uint32_t version_sid; /* what it was asked for */

uint32_t psa_version(uint32_t sid)
{
    version_sid = sid;
    return present;
}

/* A service that succeeds fills outputs of 4 bytes with ANSWER_WORD, others with bytes 0x77 and
 * leaves one byte of a buffer unused. */
static void outputs_write(psa_outvec *out)
{
    const uint32_t word = ANSWER_WORD;

    if (out->len == sizeof word) {
        memcpy(out->base, &word, sizeof word);
    } else {
        out->len--;
        memset(out->base, 0x77, out->len);
    }
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    assert_true(in_len >= 1u && in_len + out_len <= PSA_MAX_IOVEC);
    memset(&sent.in, 0, sizeof sent.in);
    sent.calls++;
    sent.handle = handle;
    sent.type = type;
    sent.in_count = in_len;
    sent.out_count = out_len;
    for (size_t i = 0; i < in_len; i++) {
        assert_true(in_vec[i].len <= RECORDED_BYTES);
        sent.in_length[i] = in_vec[i].len;
        memcpy(sent.in[i], in_vec[i].base, in_vec[i].len);
    }
    for (size_t i = 0; i < out_len; i++) {
        sent.out[i] = out_vec[i].base;
        sent.out_size[i] = out_vec[i].len;
        if (answer >= PSA_SUCCESS) {
            outputs_write(&out_vec[i]);
        } else {
            out_vec[i].len = 0;
        }
    }
    return answer;
}

/* ---- What was sent ---- */

static psa_status_t call_with(const struct call *row, psa_status_t status)
{
    calls_prepare();
    memset(&sent, 0, sizeof sent);
    answer = status;
    return row->function();
}

static size_t inputs_of(const struct call *row)
{
    size_t count = 0;

    while (count < 3u && row->in[count].data != NULL) {
        count++;
    }
    return count;
}

static size_t outputs_of(const struct call *row)
{
    size_t count = 0;

    while (count < 2u && row->out[count].kind != NO_OUTPUT) {
        count++;
    }
    return count;
}

static void check_vectors(const struct call *row)
{
    assert_int_equal(sent.in_length[0], 4u * row->request_words);
    assert_memory_equal(sent.in[0], row->request, 4u * row->request_words);
    assert_int_equal(sent.in_count, 1u + inputs_of(row));
    for (size_t i = 0; i < inputs_of(row); i++) {
        assert_int_equal(sent.in_length[i + 1u], row->in[i].length);
        assert_memory_equal(sent.in[i + 1u], row->in[i].data, row->in[i].length);
    }
    assert_int_equal(sent.out_count, outputs_of(row));
    for (size_t i = 0; i < outputs_of(row); i++) {
        const enum output_kind kind = row->out[i].kind;

        assert_int_equal(sent.out_size[i], row->out[i].size);
        if (kind == BUFFER || kind == LEFT || kind == FILL) {
            assert_ptr_equal(sent.out[i], row->out[i].data);
        }
    }
}

/* ---- What the caller gets ---- */

static uint32_t handle_after(enum step step, psa_status_t status)
{
    if (step == ABORT || (step == END && status == PSA_SUCCESS)) {
        return 0;
    }
    return (step == START || step == TARGET) && status == PSA_SUCCESS ? ANSWER_WORD : CALLS_HANDLE;
}

static void check_output(const struct output *out, psa_status_t status)
{
    const int done = status == PSA_SUCCESS;

    switch (out->kind) {
    case BUFFER:
        assert_int_equal(*out->length, done ? out->size - 1u : 0u);
        break;
    case LEFT:
        assert_int_equal(*out->length, done ? out->size - 1u : POISON);
        break;
    case WORD:
        assert_int_equal(*(const size_t *)out->data, done ? ANSWER_WORD : 0u);
        break;
    case KEY:
        assert_int_equal(*(const psa_key_id_t *)out->data, done ? ANSWER_WORD : PSA_KEY_ID_NULL);
        break;
    case NO_OUTPUT: /* the others have tests of their own, or nothing of the stub's */
    case FILL:
    case HANDLE:
    case OBJECT:
        break;
    }
}

static void check_row(const struct call *row, psa_handle_t handle, psa_status_t status)
{
    assert_int_equal(call_with(row, status), status);
    assert_int_equal(sent.calls, 1);
    assert_int_equal(sent.handle, handle);
    assert_int_equal(sent.type, row->type);
    check_vectors(row);
    for (size_t i = 0; i < outputs_of(row); i++) {
        check_output(&row->out[i], status);
    }
    if (row->step != NO_OPERATION) {
        assert_int_equal(*row->operation, handle_after(row->step, status));
    }
}

static void check_rows(const struct call *rows, size_t count, psa_handle_t handle)
{
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", rows[i].name);
        check_row(&rows[i], handle, PSA_SUCCESS);
        check_row(&rows[i], handle, PSA_ERROR_BUFFER_TOO_SMALL);
    }
}

static void crypto_stubs(void **state)
{
    (void)state;
    check_rows(crypto_calls, crypto_call_count, (psa_handle_t)PSA_CRYPTO_HANDLE);
}

static void storage_stubs(void **state)
{
    (void)state;
    check_rows(storage_calls, storage_call_count, (psa_handle_t)PSA_PS_HANDLE);
}

static void update_stubs(void **state)
{
    (void)state;
    check_rows(update_calls, update_call_count, (psa_handle_t)PSA_FWU_HANDLE);
}

static void no_two_rows_share_a_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < crypto_call_count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(crypto_calls[i].request[0], crypto_calls[j].request[0]);
        }
    }
}

/* ---- Structs ---- */

static void attributes_come_and_go(void **state)
{
    const psa_key_attributes_t fresh = psa_key_attributes_init();

    (void)state;
    calls_prepare();
    answer = PSA_ERROR_INVALID_HANDLE;
    assert_int_equal(psa_get_key_attributes(1, &made_attributes), PSA_ERROR_INVALID_HANDLE);
    assert_memory_equal(&made_attributes, &fresh, sizeof fresh);
    answer = PSA_SUCCESS;
    assert_int_equal(psa_get_key_attributes(1, &made_attributes), PSA_SUCCESS);
    assert_int_equal(psa_get_key_lifetime(&made_attributes), 0x77777777);
    assert_int_equal(psa_get_key_id(&made_attributes), 0x77777777);
    assert_int_equal(psa_get_key_usage_flags(&made_attributes), 0x77777f77); /* + messages */
    assert_int_equal(psa_get_key_algorithm(&made_attributes), 0x77777777);
    assert_int_equal(psa_get_key_type(&made_attributes), 0x7777);
    assert_int_equal(psa_get_key_bits(&made_attributes), 0x0077); /* the last byte is not written */
}

static void storage_info_is_left_on_an_error(void **state)
{
    struct psa_storage_info_t before;

    (void)state;
    calls_prepare();
    before = made_storage_info;
    answer = PSA_ERROR_DOES_NOT_EXIST;
    assert_int_equal(psa_ps_get_info(1, &made_storage_info), PSA_ERROR_DOES_NOT_EXIST);
    assert_memory_equal(&made_storage_info, &before, sizeof before);
    answer = PSA_SUCCESS;
    assert_int_equal(psa_ps_get_info(1, &made_storage_info), PSA_SUCCESS);
    assert_int_equal(made_storage_info.capacity, 0x77777777);
    assert_int_equal(made_storage_info.size, 0x77777777);
    assert_int_equal(made_storage_info.flags, 0x00777777);
}

static void component_info_is_zero_on_an_error(void **state)
{
    psa_fwu_component_info_t zeros;

    (void)state;
    memset(&zeros, 0, sizeof zeros);
    calls_prepare();
    answer = PSA_ERROR_DOES_NOT_EXIST;
    assert_int_equal(psa_fwu_query(1, &made_component_info), PSA_ERROR_DOES_NOT_EXIST);
    assert_memory_equal(&made_component_info, &zeros, sizeof zeros);
    answer = PSA_SUCCESS;
    assert_int_equal(psa_fwu_query(1, &made_component_info), PSA_SUCCESS);
    assert_int_equal(made_component_info.state, 0x77);
    assert_int_equal(made_component_info.error, 0x77777777);
    assert_int_equal(made_component_info.version.major, 0x77);
    assert_int_equal(made_component_info.version.patch, 0x7777);
    assert_int_equal(made_component_info.version.build, 0x77777777);
    assert_int_equal(made_component_info.max_size, 0x77777777);
    assert_int_equal(made_component_info.impl.candidate_digest[30], 0x77);
    assert_int_equal(made_component_info.impl.candidate_digest[31], 0);
}

static void support_is_a_word_or_nothing(void **state)
{
    (void)state;
    memset(&sent, 0, sizeof sent);
    answer = PSA_SUCCESS;
    assert_int_equal(psa_ps_get_support(), ANSWER_WORD);
    assert_int_equal(sent.type, 7);
    assert_int_equal(sent.in_length[0], 20);
    answer = PSA_ERROR_PROGRAMMER_ERROR;
    present = PSA_VERSION_NONE;
    assert_int_equal(psa_ps_get_support(), 0);
}

/* ---- Special cases of stubs ---- */

static void abort_of_what_is_not_active_calls_nobody(void **state)
{
    unsigned aborts = 0;

    (void)state;
    for (size_t i = 0; i < crypto_call_count; i++) {
        if (crypto_calls[i].step == ABORT) {
            calls_prepare();
            memset(&sent, 0, sizeof sent);
            answer = PSA_ERROR_BAD_STATE;
            *crypto_calls[i].operation = 0;
            assert_int_equal(crypto_calls[i].function(), PSA_SUCCESS);
            assert_int_equal(sent.calls, 0);
            aborts++;
        }
    }
    assert_int_equal(aborts, 9);
}

/* A nonce that does not fit is not copied; its length tells the service. */
static void nonce_that_is_too_long(void **state)
{
    static const uint8_t nonce[17] = {1, 2, 3};
    static const uint8_t zeros[16];
    uint8_t out[4];
    size_t length;

    (void)state;
    answer = PSA_ERROR_NOT_SUPPORTED;
    assert_int_equal(
        psa_aead_encrypt(1, 2, nonce, sizeof nonce, zeros, 1, zeros, 1, out, sizeof out, &length),
        PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(sent.in[0][16], 17);
    assert_memory_equal(sent.in[0] + 24, zeros, sizeof zeros);
}

static void results_that_have_no_place(void **state)
{
    uint8_t bytes[4];

    (void)state;
    memset(&sent, 0, sizeof sent);
    assert_int_equal(psa_ps_get(1, 0, sizeof bytes, bytes, NULL), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_ps_get_info(1, NULL), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_fwu_query(1, NULL), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_get_key_attributes(1, NULL), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(sent.calls, 0);
}

/* ---- The manager refuses ---- */

static void check_refused(const struct call *rows, size_t count, uint32_t sid)
{
    for (size_t i = 0; i < count; i++) {
        present = PSA_VERSION_NONE;
        assert_int_equal(call_with(&rows[i], PSA_ERROR_PROGRAMMER_ERROR), PSA_ERROR_NOT_SUPPORTED);
        assert_int_equal(version_sid, sid);
        present = 1;
        assert_int_equal(call_with(&rows[i], PSA_ERROR_PROGRAMMER_ERROR),
                         PSA_ERROR_INVALID_ARGUMENT);
    }
}

static void absent_service_is_not_supported(void **state)
{
    (void)state;
    check_refused(crypto_calls, crypto_call_count, PSA_CRYPTO_SID);
    check_refused(storage_calls, storage_call_count, PSA_PS_SID);
    check_refused(update_calls, update_call_count, PSA_FWU_SID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crypto_stubs),
        cmocka_unit_test(storage_stubs),
        cmocka_unit_test(update_stubs),
        cmocka_unit_test(no_two_rows_share_a_number),
        cmocka_unit_test(attributes_come_and_go),
        cmocka_unit_test(storage_info_is_left_on_an_error),
        cmocka_unit_test(component_info_is_zero_on_an_error),
        cmocka_unit_test(support_is_a_word_or_nothing),
        cmocka_unit_test(abort_of_what_is_not_active_calls_nobody),
        cmocka_unit_test(nonce_that_is_too_long),
        cmocka_unit_test(results_that_have_no_place),
        cmocka_unit_test(absent_service_is_not_supported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
