/*
 * The client API rightly used, as a client of the server sees it. See cases.h.
 */
#include "tests/qemu/ff/cases.h"

#include <string.h>

#include "psa_manifest/sid.h"

static uint8_t from[256] __attribute__((aligned(32)));
static uint8_t to[256] __attribute__((aligned(32)));

psa_status_t ff_ask(psa_handle_t handle, int32_t type, struct ff_request request,
                    const psa_invec *more, psa_outvec *answer)
{
    psa_invec in[2] = {{&request, sizeof(request)}, {NULL, 0U}};

    if (more != NULL) {
        in[1] = *more;
    }
    return psa_call(handle, type, in, (more != NULL) ? 2U : 1U, answer, (answer != NULL) ? 1U : 0U);
}

static psa_status_t ask_word(psa_handle_t handle, int32_t type, uint32_t a, uint32_t *word)
{
    psa_outvec out = {word, sizeof(*word)};

    return ff_ask(handle, type, (struct ff_request){a, 0U}, NULL, &out);
}

static psa_status_t next_connect(psa_status_t status)
{
    return ff_ask(FF_SERVER_HANDLE, SERVER_CONNECT, (struct ff_request){(uint32_t)status, 0U}, NULL,
                  NULL);
}

static int32_t case_versions(void)
{
    EXPECT(psa_framework_version() == PSA_FRAMEWORK_VERSION);
    EXPECT(psa_version(FF_SERVER_SID) == 3U);
    EXPECT(psa_version(FF_STRICT_SID) == 2U);
    EXPECT(psa_version(FF_RELAXED_SID) == 5U);
    EXPECT(psa_version(0x1234U) == PSA_VERSION_NONE);
    EXPECT(psa_version(0U) == PSA_VERSION_NONE);
    EXPECT(psa_version(UINT32_MAX) == PSA_VERSION_NONE);
    return 0;
}

static int32_t case_connect(void)
{
    psa_handle_t handle = psa_connect(FF_STRICT_SID, 2U);
    psa_handle_t other;

    EXPECT(PSA_HANDLE_IS_VALID(handle));
    EXPECT(next_connect(PSA_ERROR_CONNECTION_REFUSED) == PSA_SUCCESS);
    EXPECT(psa_connect(FF_STRICT_SID, 2U) == PSA_ERROR_CONNECTION_REFUSED);
    EXPECT(next_connect(PSA_ERROR_CONNECTION_BUSY) == PSA_SUCCESS);
    EXPECT(psa_connect(FF_RELAXED_SID, 5U) == PSA_ERROR_CONNECTION_BUSY);
    for (uint32_t version = 1U; version <= 5U; version++) {
        other = psa_connect(FF_RELAXED_SID, version);
        EXPECT(PSA_HANDLE_IS_VALID(other));
        EXPECT(other != handle);
        psa_close(other);
    }
    psa_close(handle);
    psa_close(PSA_NULL_HANDLE);
    return 0;
}

/* Every refused connection gives its place back; when all are open there is no room. */
static int32_t case_room(void)
{
    psa_handle_t handles[16];
    uint32_t count = 0U;
    uint32_t again = 0U;

    while ((count < 16U) && PSA_HANDLE_IS_VALID(handles[count] = psa_connect(FF_STRICT_SID, 2U))) {
        count++;
    }
    EXPECT((count > 2U) && (count < 16U));
    EXPECT(handles[count] == PSA_ERROR_CONNECTION_BUSY);
    for (uint32_t i = 0U; i < count; i++) {
        psa_close(handles[i]);
    }
    for (uint32_t i = 0U; i < 20U; i++) {
        EXPECT(next_connect(PSA_ERROR_CONNECTION_REFUSED) == PSA_SUCCESS);
        EXPECT(psa_connect(FF_STRICT_SID, 2U) == PSA_ERROR_CONNECTION_REFUSED);
    }
    while ((again < 16U) && PSA_HANDLE_IS_VALID(handles[again] = psa_connect(FF_STRICT_SID, 2U))) {
        again++;
    }
    for (uint32_t i = 0U; i < again; i++) {
        psa_close(handles[i]);
    }
    EXPECT(again == count);
    return 0;
}

static int32_t case_rhandle(void)
{
    psa_handle_t one = psa_connect(FF_STRICT_SID, 2U);
    psa_handle_t two = psa_connect(FF_RELAXED_SID, 4U);
    uint32_t before = 0U;
    uint32_t after = 0U;
    uint32_t word = 0U;

    (void)ask_word(FF_SERVER_HANDLE, SERVER_CLOSED, 0U, &before);
    for (uint32_t i = 1U; i < 4U; i++) {
        EXPECT(ask_word(one, SERVER_COUNT, 0U, &word) == PSA_SUCCESS);
        EXPECT(word == i);
    }
    EXPECT(ask_word(two, SERVER_COUNT, 0U, &word) == PSA_SUCCESS);
    EXPECT(word == 1U);
    psa_close(one);
    EXPECT(ask_word(FF_SERVER_HANDLE, SERVER_CLOSED, 0U, &after) == 3);
    EXPECT(after == before + 1U);
    EXPECT(ask_word(two, SERVER_COUNT, 0U, &word) == PSA_SUCCESS);
    EXPECT(word == 2U);
    psa_close(two);
    EXPECT(ask_word(FF_SERVER_HANDLE, SERVER_CLOSED, 0U, &after) == 2);
    EXPECT(after == before + 2U);
    return 0;
}

static int32_t case_status(void)
{
    static const int32_t statuses[] = {PSA_SUCCESS,
                                       1,
                                       77,
                                       INT32_MAX,
                                       PSA_ERROR_NOT_PERMITTED,
                                       -1,
                                       PSA_ERROR_CONNECTION_BUSY,
                                       -1000,
                                       INT32_MIN};
    psa_handle_t handle = psa_connect(FF_STRICT_SID, 2U);

    for (uint32_t i = 0U; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct ff_request request = {(uint32_t)statuses[i], 0U};

        EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_STATUS, request, NULL, NULL) == statuses[i]);
        EXPECT(ff_ask(handle, SERVER_STATUS, request, NULL, NULL) == statuses[i]);
    }
    psa_close(handle);
    return 0;
}

static int32_t case_types(void)
{
    static const int32_t types[] = {PSA_IPC_CALL, 99, 32766, INT16_MAX};

    for (uint32_t i = 0U; i < sizeof(types) / sizeof(types[0]); i++) {
        EXPECT(psa_call(FF_SERVER_HANDLE, types[i], NULL, 0U, NULL, 0U) == PSA_ERROR_NOT_SUPPORTED);
    }
    /* RELAXED: an older version in the static handle is good. */
    EXPECT(psa_call(FF_SERVER_HANDLE - 0x100, 99, NULL, 0U, NULL, 0U) == PSA_ERROR_NOT_SUPPORTED);
    return 0;
}

/* Every combination of counts; a message tells sizes, and 0 where there is no vector. */
static int32_t case_shapes(void)
{
    for (uint32_t ins = 0U; ins < PSA_MAX_IOVEC; ins++) {
        for (uint32_t outs = 1U; ins + outs <= PSA_MAX_IOVEC; outs++) {
            struct ff_shape shape = {0};
            psa_invec in[PSA_MAX_IOVEC] = {{from, 10U}, {from, 0U}, {NULL, 0U}, {from, 33U}};
            psa_outvec out[PSA_MAX_IOVEC] = {
                {&shape, sizeof(shape)}, {to, 21U}, {NULL, 0U}, {to, 1U}};

            EXPECT(psa_call(FF_SERVER_HANDLE, SERVER_SHAPE, in, ins, out, outs) == PSA_SUCCESS);
            EXPECT(shape.type == SERVER_SHAPE);
            EXPECT(shape.rhandle == NULL);
            EXPECT(out[0].len == sizeof(shape));
            for (uint32_t i = 0U; i < PSA_MAX_IOVEC; i++) {
                EXPECT(shape.in_size[i] == ((i < ins) ? in[i].len : 0U));
                EXPECT((i == 0U) || (i >= outs) || (out[i].len == 0U));
            }
            EXPECT(shape.out_size[1] == ((outs > 1U) ? 21U : 0U));
            EXPECT(shape.out_size[3] == ((outs > 3U) ? 1U : 0U));
        }
    }
    EXPECT(psa_call(FF_SERVER_HANDLE, 99, (psa_invec[4]){{0}}, 4U, NULL, 0U) ==
           PSA_ERROR_NOT_SUPPORTED);
    return 0;
}

static int32_t case_echo(void)
{
    psa_outvec out;

    for (uint32_t i = 0U; i < sizeof(from); i++) {
        from[i] = (uint8_t)(7U * i);
    }
    for (uint32_t size = 0U; size <= sizeof(from); size += 17U) {
        for (uint32_t piece = 0U; piece < 70U; piece += 23U) {
            psa_invec more = {from, size};

            memset(to, 0xEE, sizeof(to));
            out = (psa_outvec){to, sizeof(to)};
            EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_ECHO, (struct ff_request){piece, 0U}, &more,
                          &out) == PSA_SUCCESS);
            EXPECT(out.len == size);
            EXPECT(memcmp(from, to, size) == 0);
            EXPECT((size == sizeof(to)) || (to[size] == 0xEEU));
        }
    }
    return 0;
}

static int32_t case_skip(void)
{
    psa_invec more = {from, 50U};
    psa_outvec out = {to, 64U};

    for (uint32_t i = 0U; i < sizeof(from); i++) {
        from[i] = (uint8_t)i;
    }
    EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_SKIP, (struct ff_request){20U, 64U}, &more, &out) == 20);
    EXPECT(out.len == 30U);
    EXPECT((to[0] == 20U) && (to[29] == 49U));
    out.len = 64U;
    EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_SKIP, (struct ff_request){20U, 7U}, &more, &out) == 20);
    EXPECT(out.len == 7U);
    out.len = 64U;
    EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_SKIP, (struct ff_request){UINT32_MAX, 64U}, &more,
                  &out) == 50);
    EXPECT(out.len == 0U);
    return 0;
}

static int32_t case_client_id(void)
{
    psa_handle_t handle = psa_connect(FF_STRICT_SID, 2U);
    uint32_t word = 0U;

    EXPECT(ask_word(FF_SERVER_HANDLE, SERVER_CLIENT, 0U, &word) == PSA_SUCCESS);
    EXPECT((int32_t)word == ff_own_id);
    EXPECT(ask_word(handle, SERVER_CLIENT, 0U, &word) == PSA_SUCCESS);
    EXPECT((int32_t)word == ff_own_id);
    psa_close(handle);
    return 0;
}

/* A partition with a manifest of FF-M 1.0 is like any other. */
static int32_t case_legacy(void)
{
    psa_handle_t handle = psa_connect(FF_LEGACY_SID, 1U);
    psa_invec in = {"", 0U};

    EXPECT(psa_version(FF_LEGACY_SID) == 1U);
    EXPECT(PSA_HANDLE_IS_VALID(handle));
    EXPECT(psa_call(handle, FF_PLAY, &in, 1U, NULL, 0U) == PSA_SUCCESS);
    EXPECT(psa_call(handle, 77, NULL, 0U, NULL, 0U) == PSA_ERROR_NOT_SUPPORTED);
    psa_close(handle);
    return 0;
}

const struct ff_case ff_cases[] = {
    {"versions", case_versions},   {"connect", case_connect}, {"room", case_room},
    {"rhandle", case_rhandle},     {"status", case_status},   {"types", case_types},
    {"shapes", case_shapes},       {"echo", case_echo},       {"skip", case_skip},
    {"client-id", case_client_id}, {"legacy", case_legacy},
};
const uint32_t ff_case_count = sizeof(ff_cases) / sizeof(ff_cases[0]);
