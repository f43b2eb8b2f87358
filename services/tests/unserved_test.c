/*
 * Client stubs, host test: every function of the PSA Crypto API, sent to the real service.
 *
 * What the service does not do answers PSA_ERROR_NOT_SUPPORTED, before the engine starts, and
 * leaves nothing behind: outputs empty, no key, operations not active. What it does gives another
 * answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/crypto/service.h"
#include "services/crypto/tests/shim.h"
#include "services/tests/calls.h"

static void outputs_are_empty(const struct call *row)
{
    for (size_t i = 0; i < 2u && row->out[i].kind != NO_OUTPUT; i++) {
        const struct output *out = &row->out[i];

        if (out->kind == BUFFER) {
            assert_int_equal(*out->length, 0);
        } else if (out->kind == KEY) {
            assert_int_equal(*(const psa_key_id_t *)out->data, PSA_KEY_ID_NULL);
        } else if (out->kind == WORD) {
            assert_int_equal(*(const size_t *)out->data, 0);
        }
    }
}

static void unserved_functions_say_so(void **state)
{
    unsigned unserved = 0;

    (void)state;
    shim_restart();
    for (size_t i = 0; i < crypto_call_count; i++) {
        const struct call *row = &crypto_calls[i];
        const uint32_t handle = row->step == START ? 0 : CALLS_HANDLE;

        if (row->served) {
            continue;
        }
        print_message("%s\n", row->name);
        calls_prepare();
        *row->operation = handle;
        assert_int_equal(row->function(), PSA_ERROR_NOT_SUPPORTED);
        outputs_are_empty(row);
        assert_int_equal(*row->operation, row->step == ABORT ? 0 : handle);
        unserved++;
    }
    assert_int_equal(engine_status, ENGINE_NEW);
    assert_int_equal(unserved, 70);
}

/* What the objects of the calls hold means nothing to the service: each function has an answer of
 * its own, and none is left out of the dispatch table. */
static void served_functions_do_something(void **state)
{
    unsigned served = 0;

    (void)state;
    for (size_t i = 0; i < crypto_call_count; i++) {
        const struct call *row = &crypto_calls[i];
        const unsigned before = shim_calls;

        if (!row->served) {
            continue;
        }
        print_message("%s\n", row->name);
        calls_prepare();
        (void)row->function();
        assert_int_equal(shim_calls, before + 1);
        assert_int_not_equal(row->function(), PSA_ERROR_PROGRAMMER_ERROR);
        served++;
    }
    assert_int_equal(served, 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unserved_functions_say_so),
        cmocka_unit_test(served_functions_do_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
