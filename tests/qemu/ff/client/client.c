/*
 * The client partition: runs the cases of cases.c as a secure client, and its own.
 */
#include "tests/qemu/ff/client/client.h"

#include <string.h>

#include "psa_manifest/client.h"
#include "psa_manifest/pid.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/ff/cases.h"

const int32_t ff_own_id = FF_CLIENT_PARTITION;

/* Services that the non-secure side may not use. */
static int32_t case_secure_only(void)
{
    psa_handle_t handle = psa_connect(FF_SECURE_CONNECTED_SID, 1U);

    EXPECT(psa_version(FF_SECURE_ONLY_SID) == 1U);
    EXPECT(psa_version(FF_SECURE_CONNECTED_SID) == 1U);
    EXPECT(psa_version(FF_HIGH_SID) == PSA_VERSION_NONE); /* not among its dependencies */
    EXPECT(PSA_HANDLE_IS_VALID(handle));
    EXPECT(psa_call(handle, 99, NULL, 0U, NULL, 0U) == PSA_ERROR_NOT_SUPPORTED);
    psa_close(handle);
    EXPECT(psa_call(FF_SECURE_ONLY_HANDLE, 99, NULL, 0U, NULL, 0U) == PSA_ERROR_NOT_SUPPORTED);
    return 0;
}

/* Work in place: what is read and what is written may be the same memory. */
static int32_t case_overlap(void)
{
    static uint8_t bytes[100];
    psa_invec more = {bytes, sizeof(bytes)};
    psa_outvec out = {bytes, sizeof(bytes)};

    for (uint32_t i = 0U; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)i;
    }
    EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_ECHO, (struct ff_request){0U, 0U}, &more, &out) == 0);
    EXPECT((bytes[1] == 1U) && (bytes[99] == 99U));
    return 0;
}

static const struct ff_case own_cases[] = {
    {"secure-only", case_secure_only},
    {"overlap", case_overlap},
    {"mapping", client_case_mapping},
};

static int32_t run(const struct ff_case *cases, uint32_t count, const char *name)
{
    for (uint32_t i = 0U; i < count; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return cases[i].function();
        }
    }
    return PSA_ERROR_DOES_NOT_EXIST;
}

psa_status_t ff_client_sfn(const psa_msg_t *message)
{
    char name[32] = {0};
    int32_t result;

    if (message->type == FF_BREAK) {
        return actor_do(client_breaches, client_breach_count, message);
    }
    if (message->type != FF_CHECK) {
        return PSA_ERROR_NOT_SUPPORTED;
    }
    (void)psa_read(message->handle, 0U, name, sizeof(name) - 1U);
    result = run(ff_cases, ff_case_count, name);
    if (result == PSA_ERROR_DOES_NOT_EXIST) {
        result = run(own_cases, sizeof(own_cases) / sizeof(own_cases[0]), name);
    }
    return result;
}
