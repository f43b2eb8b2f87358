/*
 * Checks of the application: what a partition ends for is answered to it with a status.
 */
#include "drive.h"

#include <string.h>

#include "layout.h"
#include "psa_manifest/sid.h"

#define MISUSE PSA_ERROR_PROGRAMMER_ERROR
#define SECURE ((void *)SECURE_RAM_BASE)

static uint8_t from[4096] __attribute__((aligned(32)));
static uint8_t to[4096] __attribute__((aligned(32)));

static psa_status_t plain(psa_handle_t handle)
{
    return psa_call(handle, 99, NULL, 0, NULL, 0);
}

static int32_t check_handles(void)
{
    psa_handle_t handle = psa_connect(FF_STRICT_SID, 2);
    psa_handle_t again;

    EXPECT(plain(PSA_NULL_HANDLE) == MISUSE);
    EXPECT(plain(-1) == MISUSE);
    EXPECT(plain(0x1234567) == MISUSE);
    EXPECT(plain(handle + 1) == MISUSE);
    EXPECT(plain(handle) == PSA_ERROR_NOT_SUPPORTED);
    psa_close(handle);
    EXPECT(plain(handle) == MISUSE);
    again = psa_connect(FF_STRICT_SID, 2);
    EXPECT(plain(handle) == MISUSE);
    psa_close(handle); /* no status; and no harm to the other */
    EXPECT(plain(again) == PSA_ERROR_NOT_SUPPORTED);
    psa_close(again);
    psa_close(FF_SERVER_HANDLE);
    EXPECT(plain(FF_SERVER_HANDLE) == PSA_ERROR_NOT_SUPPORTED);
    EXPECT(plain(FF_SERVER_HANDLE + 0x100) == MISUSE);
    EXPECT(plain(FF_SECURE_ONLY_HANDLE) == MISUSE);
    return 0;
}

static int32_t check_services(void)
{
    EXPECT(psa_version(FF_SECURE_ONLY_SID) == PSA_VERSION_NONE);
    EXPECT(psa_connect(0x1234U, 1) == PSA_ERROR_CONNECTION_REFUSED);
    EXPECT(psa_connect(FF_SERVER_SID, 3) == MISUSE);
    EXPECT(psa_connect(FF_SECURE_CONNECTED_SID, 1) == PSA_ERROR_CONNECTION_REFUSED);
    EXPECT(psa_connect(FF_STRICT_SID, 1) == PSA_ERROR_CONNECTION_REFUSED);
    EXPECT(psa_connect(FF_STRICT_SID, 3) == PSA_ERROR_CONNECTION_REFUSED);
    EXPECT(psa_connect(FF_STRICT_SID, 0) == PSA_ERROR_CONNECTION_REFUSED);
    EXPECT(psa_connect(FF_RELAXED_SID, 6) == PSA_ERROR_CONNECTION_REFUSED);
    return 0;
}

static psa_status_t echo(const void *in, size_t in_size, void *out, size_t out_size)
{
    psa_invec more = {in, in_size};
    psa_outvec answer = {out, out_size};

    return ff_ask(FF_SERVER_HANDLE, SERVER_ECHO, (struct ff_request){0, 0}, &more, &answer);
}

static int32_t check_vectors(void)
{
    static psa_invec in[5];
    static psa_outvec out[5];

    EXPECT(psa_call(FF_SERVER_HANDLE, -1, NULL, 0, NULL, 0) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, -2, NULL, 0, NULL, 0) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, 32768, NULL, 0, NULL, 0) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, 1, in, 3, out, 2) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, 1, in, 5, NULL, 0) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, 1, SECURE, 1, NULL, 0) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, 1, NULL, 0, SECURE, 1) == MISUSE);
    EXPECT(psa_call(FF_SERVER_HANDLE, 1, NULL, 1, NULL, 0) == MISUSE);
    EXPECT(echo(SECURE, 4, to, 4) == MISUSE);
    EXPECT(echo(from, 4, SECURE, 4) == MISUSE);
    EXPECT(echo(from, SIZE_MAX, to, 4) == MISUSE);
    EXPECT(echo(SECURE, 0, to, 4) == PSA_SUCCESS);
    return 0;
}

/* The service finds a programmer error: the connection is of no more use, a static handle is. */
static int32_t check_misuse_found(void)
{
    psa_handle_t handle = psa_connect(FF_STRICT_SID, 2);
    struct ff_request request = {(uint32_t)MISUSE, 0};

    EXPECT(ff_ask(FF_SERVER_HANDLE, SERVER_STATUS, request, NULL, NULL) == MISUSE);
    EXPECT(plain(FF_SERVER_HANDLE) == PSA_ERROR_NOT_SUPPORTED);
    EXPECT(ff_ask(handle, SERVER_STATUS, request, NULL, NULL) == MISUSE);
    EXPECT(plain(handle) == MISUSE);
    psa_close(handle);
    handle = psa_connect(FF_STRICT_SID, 2);
    EXPECT(plain(handle) == PSA_ERROR_NOT_SUPPORTED);
    psa_close(handle);
    return 0;
}

static psa_status_t map(psa_handle_t handle, int32_t type, uint32_t a, psa_invec more,
                        psa_outvec *out, size_t outs)
{
    struct ff_request request = {a, 0};
    psa_invec in[] = {{&request, sizeof(request)}, more};

    return psa_call(handle, type, in, 2, out, outs);
}

static int32_t map_copies(psa_handle_t handle)
{
    static const uint32_t sizes[] = {1, 4, 31, 32, 33, 1000, 4096 - 5};

    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        psa_outvec out = {to + 5, sizes[i]};

        memset(to, 0xEE, sizeof(to));
        EXPECT(map(handle, MAPPER_COPY, sizes[i], (psa_invec){from + 3, sizes[i]}, &out, 1) == 0);
        EXPECT(out.len == sizes[i]);
        EXPECT(memcmp(from + 3, to + 5, sizes[i]) == 0);
        EXPECT((to[4] == 0xEEU) && ((5 + sizes[i] >= sizeof(to)) || (to[5 + sizes[i]] == 0xEEU)));
    }
    return 0;
}

static int32_t check_mapping(void)
{
    psa_handle_t handle = psa_connect(FF_MAPPER_CONNECTED_SID, 1);
    psa_outvec out[] = {{to, 64}, {to + 128, 64}};
    int32_t line;

    for (uint32_t i = 0; i < sizeof(from); i++) {
        from[i] = (uint8_t)(i * 11U);
    }
    line = map_copies(FF_MAPPER_HANDLE);
    EXPECT(line == 0);
    line = map_copies(handle);
    EXPECT(line == 0);
    EXPECT(map(handle, MAPPER_COPY, 7, (psa_invec){from, 64}, out, 1) == 0);
    EXPECT(out[0].len == 7); /* as psa_unmap_outvec() says */
    out[0].len = 64;
    EXPECT(map(handle, MAPPER_COPY, 0, (psa_invec){from, 64}, out, 1) == 0);
    EXPECT(out[0].len == 0);
    out[0].len = 64;
    EXPECT(map(handle, MAPPER_KEEP, 0, (psa_invec){from, 64}, out, 1) == 0);
    EXPECT(out[0].len == 0); /* never unmapped */
    EXPECT(to[0] == 'k');
    out[0].len = 64;
    EXPECT(map(handle, MAPPER_BOTH, 0, (psa_invec){from, 64}, out, 2) == 0);
    EXPECT((out[0].len == 1) && (to[0] == 'm'));
    EXPECT((out[1].len == 1) && (to[128] == 'w'));
    psa_close(handle);
    return 0;
}

/* Where they lie, not copies. */
static int32_t check_places(void)
{
    uint32_t places[2] = {0};
    psa_outvec out[] = {{to + 40, 100}, {places, sizeof(places)}};

    EXPECT(map(FF_MAPPER_HANDLE, MAPPER_PLACES, 0, (psa_invec){from + 7, 50}, out, 2) == 0);
    EXPECT(places[0] == (uint32_t)(from + 7));
    EXPECT(places[1] == (uint32_t)(to + 40));
    EXPECT(map(FF_MAPPER_HANDLE, MAPPER_PLACES, 0, (psa_invec){SECURE, 50}, out, 2) == MISUSE);
    return 0;
}

/* Vectors that lie in the same granule of the MPU, or in each other: work in place. */
static int32_t check_near(void)
{
    psa_outvec out = {to + 40, 20};

    for (uint32_t i = 0; i < 100U; i++) {
        to[i] = (uint8_t)i;
    }
    EXPECT(map(FF_MAPPER_HANDLE, MAPPER_COPY, 20, (psa_invec){to + 5, 20}, &out, 1) == 0);
    EXPECT((out.len == 20) && (to[40] == 5) && (to[59] == 24) && (to[60] == 60));
    out = (psa_outvec){to + 70, 20}; /* both begin between 64 and 95 */
    EXPECT(map(FF_MAPPER_HANDLE, MAPPER_COPY, 20, (psa_invec){to + 64, 6}, &out, 1) == 0);
    EXPECT((to[70] == 64) && (to[75] == 69) && (to[76] == 76));
    out = (psa_outvec){to, 64};
    EXPECT(map(FF_MAPPER_HANDLE, MAPPER_COPY, 64, (psa_invec){to, 64}, &out, 1) == 0);
    EXPECT((out.len == 64) && (to[7] == 7));
    return 0;
}

static int32_t check_heapless(void)
{
    EXPECT(psa_call(FF_SERVER_HANDLE, SERVER_MALLOC, NULL, 0, NULL, 0) == PSA_SUCCESS);
    return 0;
}

const struct ff_case drive_checks[] = {
    {"handles", check_handles}, {"services", check_services},
    {"vectors", check_vectors}, {"misuse-found", check_misuse_found},
    {"mapping", check_mapping}, {"places", check_places},
    {"near", check_near},       {"heapless", check_heapless},
};
const uint32_t drive_check_count = sizeof(drive_checks) / sizeof(drive_checks[0]);
