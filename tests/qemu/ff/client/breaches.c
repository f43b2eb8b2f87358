/*
 * Rules of psa/client.h that the client partition breaks on request; and functions of the IPC
 * model, which an SFN partition does not have. Each is expected to end the partition.
 */
#include <string.h>

#include "psa_manifest/client.h"
#include "psa_manifest/pid.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/ff/client/client.h"

#define ELSEWHERE ((void *)0x38000000U) /* memory of the manager */

static uint8_t bytes[64] __attribute__((aligned(32)));

#define BREACH(name, ...)                                                                          \
    static int32_t name(const psa_msg_t *message)                                                  \
    {                                                                                              \
        (void)message;                                                                             \
        __VA_ARGS__                                                                                \
        return PSA_SUCCESS;                                                                        \
    }

static void call_vectors(psa_handle_t handle, const void *in, size_t in_size, void *out,
                         size_t out_size)
{
    psa_invec in_vec[] = {{bytes, 0U}, {in, in_size}};
    psa_outvec out_vec[] = {{out, out_size}};

    (void)psa_call(handle, SERVER_ECHO, in_vec, 2U, out_vec, 1U);
}

static void call_plain(psa_handle_t handle)
{
    (void)psa_call(handle, 99, NULL, 0U, NULL, 0U);
}

static psa_handle_t handle_of_client(const psa_msg_t *message)
{
    psa_handle_t handle = PSA_NULL_HANDLE;

    (void)psa_read(message->handle, 1U, &handle, sizeof(handle));
    return handle;
}

BREACH(connect_unknown, (void)psa_connect(0x1234U, 1U);)
BREACH(connect_undeclared, (void)psa_connect(FF_CLIENT_SID, 1U);)
BREACH(connect_stateless, (void)psa_connect(FF_SERVER_SID, 3U);)
BREACH(connect_older, (void)psa_connect(FF_STRICT_SID, 1U);)
BREACH(connect_newer, (void)psa_connect(FF_RELAXED_SID, 6U);)
BREACH(call_null, call_plain(PSA_NULL_HANDLE);)
BREACH(call_negative, call_plain(-1);)
BREACH(call_unknown, call_plain(0x1234567);)
BREACH(call_closed, psa_handle_t handle = psa_connect(FF_STRICT_SID, 2U); psa_close(handle);
       call_plain(handle);)
BREACH(call_theirs, call_plain(handle_of_client(message));)
BREACH(call_undeclared, call_plain(FF_HIGH_HANDLE);)
BREACH(call_newer, call_plain(FF_SERVER_HANDLE + 0x100);)
BREACH(call_type, (void)psa_call(FF_SERVER_HANDLE, -1, NULL, 0U, NULL, 0U);)
BREACH(call_type_large, (void)psa_call(FF_SERVER_HANDLE, 32768, NULL, 0U, NULL, 0U);)
BREACH(call_many, static psa_invec in[3]; static psa_outvec out[2];
       (void)psa_call(FF_SERVER_HANDLE, 1, in, 3U, out, 2U);)
BREACH(call_array, (void)psa_call(FF_SERVER_HANDLE, 1, ELSEWHERE, 1U, NULL, 0U);)
BREACH(call_no_array, (void)psa_call(FF_SERVER_HANDLE, 1, NULL, 1U, NULL, 0U);)
BREACH(call_const_array, static const psa_outvec out[1] = {{NULL, 0U}};
       (void)psa_call(FF_SERVER_HANDLE, 1, NULL, 0U, (psa_outvec *)(uintptr_t)out, 1U);)
BREACH(call_in, call_vectors(FF_SERVER_HANDLE, ELSEWHERE, 4U, bytes, 4U);)
BREACH(call_out, call_vectors(FF_SERVER_HANDLE, bytes, 4U, ELSEWHERE, 4U);)
BREACH(call_out_nonsecure, call_vectors(FF_SERVER_HANDLE, bytes, 4U, (void *)0x28200000U, 4U);)
BREACH(call_wraps, call_vectors(FF_SERVER_HANDLE, bytes, UINT32_MAX, bytes, 4U);)
BREACH(close_unknown, psa_close(0x1234567);)
BREACH(close_stateless, psa_close(FF_SERVER_HANDLE);)
BREACH(close_twice, psa_handle_t handle = psa_connect(FF_STRICT_SID, 2U); psa_close(handle);
       psa_close(handle);)
BREACH(close_theirs, psa_close(handle_of_client(message));)
BREACH(misuse, uint32_t status = (uint32_t)PSA_ERROR_PROGRAMMER_ERROR;
       psa_invec in[] = {{&status, sizeof(status)}};
       (void)psa_call(FF_SERVER_HANDLE, SERVER_STATUS, in, 1U, NULL, 0U);)
BREACH(map_uneven_base, call_vectors(FF_MAPPER_HANDLE, bytes + 4, 32U, NULL, 0U);)
BREACH(map_uneven_size, call_vectors(FF_MAPPER_HANDLE, bytes, 33U, NULL, 0U);)
BREACH(map_uneven_out, call_vectors(FF_MAPPER_HANDLE, bytes, 32U, bytes + 8, 32U);)
BREACH(sfn_wait, (void)psa_wait(PSA_WAIT_ANY, PSA_POLL);)
BREACH(sfn_get, psa_msg_t other; (void)psa_get(16U, &other);)
BREACH(sfn_reply, psa_reply(message->handle, PSA_SUCCESS);)
BREACH(sfn_clear, psa_clear();)

/* The server uses the handle of a message that is this partition's. */
static void lend_message(const psa_msg_t *message, const char *what)
{
    psa_invec in[] = {{what, strlen(what)}, {&message->handle, sizeof(message->handle)}};

    (void)psa_call(FF_SERVER_HANDLE, FF_BREAK, in, 2U, NULL, 0U);
}
/* Its connections stay open, and it has called on both. */
static void panic_connected(void) __attribute__((noreturn));
static void panic_connected(void)
{
    psa_handle_t strict = psa_connect(FF_STRICT_SID, 2U);
    psa_handle_t relaxed = psa_connect(FF_RELAXED_SID, 3U);
    uint32_t word;
    psa_outvec out[] = {{&word, sizeof(word)}};

    (void)psa_call(strict, SERVER_COUNT, NULL, 0U, out, 1U);
    (void)psa_call(relaxed, SERVER_COUNT, NULL, 0U, out, 1U);
    psa_panic();
}
BREACH(connected, panic_connected();)
BREACH(lend_read, lend_message(message, "read-theirs");)
BREACH(lend_reply, lend_message(message, "reply-theirs");)

const struct actor_row client_breaches[] = {
    {"connect-unknown", connect_unknown},
    {"connect-undeclared", connect_undeclared},
    {"connect-stateless", connect_stateless},
    {"connect-older", connect_older},
    {"connect-newer", connect_newer},
    {"call-null", call_null},
    {"call-negative", call_negative},
    {"call-unknown", call_unknown},
    {"call-closed", call_closed},
    {"call-theirs", call_theirs},
    {"call-undeclared", call_undeclared},
    {"call-newer", call_newer},
    {"call-type", call_type},
    {"call-type-large", call_type_large},
    {"call-many", call_many},
    {"call-array", call_array},
    {"call-no-array", call_no_array},
    {"call-const-array", call_const_array},
    {"call-in", call_in},
    {"call-out", call_out},
    {"call-out-nonsecure", call_out_nonsecure},
    {"call-wraps", call_wraps},
    {"close-unknown", close_unknown},
    {"close-stateless", close_stateless},
    {"close-twice", close_twice},
    {"close-theirs", close_theirs},
    {"misuse", misuse},
    {"map-uneven-base", map_uneven_base},
    {"map-uneven-size", map_uneven_size},
    {"map-uneven-out", map_uneven_out},
    {"sfn-wait", sfn_wait},
    {"sfn-get", sfn_get},
    {"sfn-reply", sfn_reply},
    {"sfn-clear", sfn_clear},
    {"panic-connected", connected},
    {"lend-read", lend_read},
    {"lend-reply", lend_reply},
};
const uint32_t client_breach_count = sizeof(client_breaches) / sizeof(client_breaches[0]);
