/*
 * Checks of the client API from the non-secure side: every way to call it wrongly, and the right
 * ones.
 */
#include "attack.h"

#include <string.h>

#include "layout.h"
#include "psa_manifest/sid.h"

#define MISUSE PSA_ERROR_PROGRAMMER_ERROR

static psa_status_t call_plain(psa_handle_t handle)
{
    return psa_call(handle, INT16_MAX, NULL, 0, NULL, 0);
}

void check_framework(void)
{
    check_equal("framework version", (int32_t)psa_framework_version(), 0x0101);
    check_equal("version of a service", (int32_t)psa_version(PROBE_SID), 3);
    check_equal("version of no service", (int32_t)psa_version(0x12345678U), 0);
    check_equal("version of an internal service", (int32_t)psa_version(PROBE_INTERNAL_SID), 0);
}

void check_handles(void)
{
    static const uint32_t wild[] = {1U,          0x101U,      0x3FFFFFFFU, 0x40000000U,
                                    0x4000001EU, 0x4000031DU, 0x40010300U, 0x7FFFFFFFU,
                                    0x80000000U, 0xFFFFFFFFU};
    uint32_t handle = (uint32_t)PROBE_HANDLE;

    check_equal("version 0 in a handle", call_plain((psa_handle_t)(handle & ~0xFF00U)), MISUSE);
    check_equal("null handle", call_plain(PSA_NULL_HANDLE), MISUSE);
    for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
        check_equal("wild handle", call_plain((psa_handle_t)wild[i]), MISUSE);
    }
    for (uint32_t bit = 0; bit < 32U; bit++) { /* each bit of a good static handle */
        uint32_t flipped = handle ^ (1UL << bit);
        psa_status_t status = call_plain((psa_handle_t)flipped);
        bool older = (flipped == (handle ^ 0x100U)) || (flipped == (handle ^ 0x200U));
        bool other =
            (flipped == (uint32_t)PSA_ITS_HANDLE) || (flipped == (uint32_t)PSA_CRYPTO_HANDLE);

        if (!other) { /* RELAXED: versions 1 and 2 are good too */
            check_equal("flipped handle", (status == MISUSE) ? 0 : 1, older ? 1 : 0);
        }
    }
    check_equal("internal service", call_plain(PROBE_INTERNAL_HANDLE), MISUSE);
    check_equal("internal service, older",
                call_plain((psa_handle_t)(PROBE_INTERNAL_HANDLE ^ 0x300U)), MISUSE);
    check_equal("internal service connect", psa_connect(PROBE_INTERNAL_SID, 1),
                PSA_ERROR_CONNECTION_REFUSED);
    check_equal("connect to a stateless service", psa_connect(PROBE_SID, 3), MISUSE);
    check_equal("connect to no service", psa_connect(0x1234U, 1), PSA_ERROR_CONNECTION_REFUSED);
    check_equal("strict version 1", psa_connect(PROBE_CONNECTED_SID, 1),
                PSA_ERROR_CONNECTION_REFUSED);
    check_equal("strict version 3", psa_connect(PROBE_CONNECTED_SID, 3),
                PSA_ERROR_CONNECTION_REFUSED);
}

void check_types(void)
{
    static const int32_t wrong[] = {-1, -2, -1000, 32768, 65536, 0x00010001, INT32_MAX, INT32_MIN};
    uint32_t word = 0;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        check_equal("wrong type", psa_call(PROBE_HANDLE, wrong[i], NULL, 0, NULL, 0), MISUSE);
    }
    check_equal("largest type", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
    check_equal("after all that", probe(PROBE_CLIENT_ID, 0, 0, &word), PSA_SUCCESS);
    check_equal("own client id", (int32_t)word, -1);
}

psa_status_t call_echo(const void *in_base, size_t in_len, void *out_base, size_t out_len)
{
    struct probe_request request = {0};
    psa_invec in[] = {{&request, sizeof(request)}, {in_base, in_len}};
    psa_outvec out[] = {{out_base, out_len}};

    return psa_call(PROBE_HANDLE, PROBE_ECHO, in, 2, out, 1);
}

void check_vectors(void)
{
    static uint8_t buffer[64];
    static psa_invec many_in[8];
    static psa_outvec many_out[8];
    /* Registers of the core, both banks: exempt from the SAU. */
    static const uint32_t system[] = {0xE000ED94U, 0xE000EDD0U, 0xE002ED94U, 0xE0000000U,
                                      0xE000E100U, 0xE00FF000U, 0xF0000000U};
    uint8_t *secure = (uint8_t *)SECURE_RAM_BASE;
    uint8_t *edge = (uint8_t *)(NS_RAM_BASE + NS_RAM_SIZE - 8U);

    check_equal("5 in", psa_call(PROBE_HANDLE, 0, many_in, 5, NULL, 0), MISUSE);
    check_equal("5 out", psa_call(PROBE_HANDLE, 0, NULL, 0, many_out, 5), MISUSE);
    check_equal("3 in and 2 out", psa_call(PROBE_HANDLE, 0, many_in, 3, many_out, 2), MISUSE);
    check_equal("2^31 in", psa_call(PROBE_HANDLE, 0, many_in, 0x80000000U, NULL, 0), MISUSE);
    check_equal("16 in", psa_call(PROBE_HANDLE, 0, many_in, 16, NULL, 0), MISUSE);
    check_equal("no array", psa_call(PROBE_HANDLE, 0, NULL, 1, NULL, 0), MISUSE);
    check_equal("array in secure memory",
                psa_call(PROBE_HANDLE, 0, (psa_invec *)(void *)secure, 1, NULL, 0), MISUSE);
    check_equal("out array in secure memory",
                psa_call(PROBE_HANDLE, 0, NULL, 0, (psa_outvec *)(void *)secure, 1), MISUSE);
    check_equal("array at the end of the address space",
                psa_call(PROBE_HANDLE, 0, (psa_invec *)0xFFFFFFFCU, 1, NULL, 0), MISUSE);
    check_equal("in from secure memory", call_echo(secure, 4, buffer, 4), MISUSE);
    check_equal("out to secure memory", call_echo(buffer, 4, secure, 4), MISUSE);
    check_equal("in from secure flash", call_echo((void *)FLASH_BASE, 4, buffer, 4), MISUSE);
    for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++) {
        void *base = (void *)system[i];

        check_equal("in from the system space", call_echo(base, 4, buffer, 4), MISUSE);
        check_equal("out to the system space", call_echo(buffer, 4, base, 4), MISUSE);
        check_equal("array in the system space", psa_call(PROBE_HANDLE, 0, base, 1, NULL, 0),
                    MISUSE);
    }
    check_equal("in over the edge", call_echo(edge, 9, buffer, 16), MISUSE);
    check_equal("out over the edge", call_echo(buffer, 4, edge, 9), MISUSE);
    check_equal("in up to the edge", call_echo(edge, 8, buffer, 16), PSA_SUCCESS);
    check_equal("in wraps around", call_echo((void *)0xFFFFFFF0U, 0x20, buffer, 4), MISUSE);
    check_equal("in of all memory", call_echo(buffer, SIZE_MAX, buffer, 4), MISUSE);
    check_equal("in from null", call_echo(NULL, 4, buffer, 4), MISUSE);
    check_equal("out to null", call_echo(buffer, 4, NULL, 4), MISUSE);
    check_equal("empty in anywhere", call_echo(secure, 0, buffer, 4), PSA_SUCCESS);
    check_equal("empty out anywhere", call_echo(buffer, 0, secure, 0), PSA_SUCCESS);
}

void check_echo(void)
{
    static uint8_t from[1000];
    static uint8_t to[1000];
    struct probe_request request = {0};
    psa_invec in[] = {{&request, sizeof(request)}, {from, sizeof(from)}};
    psa_outvec out[] = {{to, sizeof(to)}};

    for (size_t i = 0; i < sizeof(from); i++) {
        from[i] = (uint8_t)(i * 7U);
    }
    check_equal("echo", psa_call(PROBE_HANDLE, PROBE_ECHO, in, 2, out, 1), 0);
    check_equal("echo length", (int32_t)out[0].len, sizeof(from));
    check_equal("echo data", memcmp(from, to, sizeof(from)), 0);
    out[0] = (psa_outvec){to + 1, 99};
    in[1] = (psa_invec){from + 3, 200};
    check_equal("short echo skips the rest", psa_call(PROBE_HANDLE, PROBE_ECHO, in, 2, out, 1),
                101);
    check_equal("short echo length", (int32_t)out[0].len, 99);
    check_equal("short echo data", memcmp(from + 3, to + 1, 99), 0);
    check_equal("short echo ends", to[100], from[100]);
    out[0] = (psa_outvec){to, sizeof(to)};
    check_equal("echo of no vector", psa_call(PROBE_HANDLE, PROBE_ECHO, in, 1, out, 1), 0);
    check_equal("its length", (int32_t)out[0].len, 0);
}

void check_connections(void)
{
    psa_handle_t handle = psa_connect(PROBE_CONNECTED_SID, 2);
    psa_handle_t second = psa_connect(PROBE_CONNECTED_SID, 2);
    psa_handle_t third = psa_connect(PROBE_CONNECTED_SID, 2);
    psa_handle_t stale;
    uint32_t count = 0;
    psa_outvec out[] = {{&count, sizeof(count)}};

    check_equal("connected", PSA_HANDLE_IS_VALID(handle), 1);
    check_equal("different handles", handle == second, 0);
    check_equal("no room for a fourth", psa_connect(PROBE_CONNECTED_SID, 2),
                PSA_ERROR_CONNECTION_BUSY);
    check_equal("first call", psa_call(handle, PROBE_COUNT, NULL, 0, out, 1), PSA_SUCCESS);
    check_equal("first count", (int32_t)count, 1);
    check_equal("second call", psa_call(handle, PROBE_COUNT, NULL, 0, out, 1), PSA_SUCCESS);
    check_equal("second count", (int32_t)count, 2);
    check_equal("other connection", psa_call(second, PROBE_COUNT, NULL, 0, out, 1), PSA_SUCCESS);
    check_equal("other count", (int32_t)count, 1);
    psa_close(handle);
    check_equal("closed handle", psa_call(handle, PROBE_COUNT, NULL, 0, out, 1), MISUSE);
    psa_close(handle); /* a misuse that has no status */
    psa_close(PSA_NULL_HANDLE);
    psa_close(PROBE_HANDLE);
    check_equal("refusal asked for", psa_call(PROBE_HANDLE, PROBE_REFUSE, NULL, 0, NULL, 0), 0);
    check_equal("refused", psa_connect(PROBE_CONNECTED_SID, 2), PSA_ERROR_CONNECTION_REFUSED);
    stale = handle;
    handle = psa_connect(PROBE_CONNECTED_SID, 2);
    check_equal("again", PSA_HANDLE_IS_VALID(handle), 1);
    check_equal("another handle for the same place", handle == stale, 0);
    check_equal("stale handle", psa_call(stale, PROBE_COUNT, NULL, 0, out, 1), MISUSE);
    check_equal("misused", psa_call(handle, PROBE_MISUSED, NULL, 0, NULL, 0), MISUSE);
    check_equal("of no more use", psa_call(handle, PROBE_COUNT, NULL, 0, out, 1), MISUSE);
    psa_close(handle);
    handle = psa_connect(PROBE_CONNECTED_SID, 2);
    check_equal("closed, and room again", PSA_HANDLE_IS_VALID(handle), 1);
    check_equal("misused without connection", probe(PROBE_MISUSED, 0, 0, NULL), MISUSE);
    check_equal("of use still", probe(PROBE_CLIENT_ID, 0, 0, &count), PSA_SUCCESS);
    psa_close(handle);
    psa_close(second);
    psa_close(third);
}

void check_partition(void)
{
    uint32_t word = 0;

    check_equal("partition as a client of ITS", probe(PROBE_ITS, 0, 0, &word), PSA_SUCCESS);
    check_equal("its data", (int32_t)word, 0x5EC0DE);
    check_equal("partition is unprivileged", probe(PROBE_PRIVILEGE, 0, 0, &word), PSA_SUCCESS);
    check_equal("CONTROL.nPRIV", (int32_t)word, 1);
    check_equal("life cycle", probe(PROBE_LIFECYCLE, 0, 0, &word), PSA_SUCCESS);
    check_equal("life cycle secured", (int32_t)word, 0x3000);
}
