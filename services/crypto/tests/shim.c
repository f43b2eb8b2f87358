/*
 * Test shim: the manager's part of a call to the Crypto service, without a manager. See shim.h.
 *
 * A rule of FF-M that the service breaks ends the test at once: reading a vector that does not
 * exist, writing more than there is room for.
 */
#include "services/crypto/tests/shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "psa/client.h"
#include "psa/service.h"
#include "psa_manifest/sid.h"
#include "services/crypto/service.h"
#include "spm/partition.h"

#define MESSAGE_HANDLE 77

psa_status_t psa_crypto_sfn(const psa_msg_t *message);

int32_t shim_client = -1;
int32_t shim_type;
int shim_short_reads;
unsigned shim_calls;
size_t shim_largest_read;

static struct {
    uint8_t *in[PSA_MAX_IOVEC];
    size_t in_left[PSA_MAX_IOVEC];
    size_t in_done[PSA_MAX_IOVEC];
    uint8_t *out[PSA_MAX_IOVEC];
    size_t out_size[PSA_MAX_IOVEC];
    size_t out_done[PSA_MAX_IOVEC];
} current;

static void require(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "shim: the service broke a rule: %s\n", what);
        abort();
    }
}

bool shim_seed_missing;
unsigned shim_seed_requests;
uint8_t shim_boot_number = 0x5a;

psa_status_t spm_take_secret(uint32_t secret, void *buffer, size_t length)
{
    require(secret == SPM_SECRET_GENERATOR_SEED && length == 48,
            "asks for a secret it has no right to");
    if (shim_seed_requests++ != 0 || shim_seed_missing) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    memset(buffer, shim_boot_number, length);
    return PSA_SUCCESS;
}

void psa_panic(void)
{
    require(0, "panics");
    abort();
}

size_t psa_read(psa_handle_t msg_handle, uint32_t invec_idx, void *buffer, size_t num_bytes)
{
    size_t length = num_bytes;

    require(msg_handle == MESSAGE_HANDLE, "reads with a wrong handle");
    require(invec_idx < PSA_MAX_IOVEC, "reads a vector that cannot exist");
    if (length > current.in_left[invec_idx]) {
        length = current.in_left[invec_idx];
    }
    if (shim_short_reads && invec_idx > 0 && length > 0) {
        length--;
    }
    if (length > 0) {
        memcpy(buffer, current.in[invec_idx] + current.in_done[invec_idx], length);
    }
    current.in_left[invec_idx] -= length;
    current.in_done[invec_idx] += length;
    if (length > shim_largest_read) {
        shim_largest_read = length;
    }
    return length;
}

void psa_write(psa_handle_t msg_handle, uint32_t outvec_idx, const void *buffer, size_t num_bytes)
{
    require(msg_handle == MESSAGE_HANDLE, "writes with a wrong handle");
    require(outvec_idx < PSA_MAX_IOVEC, "writes a vector that cannot exist");
    require(num_bytes <= current.out_size[outvec_idx] - current.out_done[outvec_idx],
            "writes more than there is room for");
    if (num_bytes > 0) {
        memcpy(current.out[outvec_idx] + current.out_done[outvec_idx], buffer, num_bytes);
    }
    current.out_done[outvec_idx] += num_bytes;
}

static void inputs_drop(void)
{
    for (size_t i = 0; i < PSA_MAX_IOVEC; i++) {
        free(current.in[i]);
        current.in[i] = NULL;
    }
}

uint32_t psa_version(uint32_t sid)
{
    require(sid == PSA_CRYPTO_SID, "stub: asks for another service");
    return PSA_CRYPTO_VERSION;
}

psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len)
{
    psa_msg_t message = {.handle = MESSAGE_HANDLE, .client_id = shim_client};
    psa_status_t status;

    require(handle == PSA_CRYPTO_HANDLE && in_len + out_len <= PSA_MAX_IOVEC, "stub: bad call");
    message.type = shim_type != 0 ? shim_type : type;
    memset(&current, 0, sizeof current);
    shim_calls++;
    for (size_t i = 0; i < in_len; i++) {
        message.in_size[i] = current.in_left[i] = in_vec[i].len;
        current.in[i] = malloc(in_vec[i].len + 1);
        require(current.in[i] != NULL, "no memory");
        if (in_vec[i].len > 0) {
            memcpy(current.in[i], in_vec[i].base, in_vec[i].len);
        }
    }
    for (size_t i = 0; i < out_len; i++) {
        message.out_size[i] = current.out_size[i] = out_vec[i].len;
        current.out[i] = out_vec[i].base;
    }
    status = psa_crypto_sfn(&message);
    inputs_drop();
    for (size_t i = 0; i < out_len; i++) {
        out_vec[i].len = current.out_done[i];
    }
    return status;
}

void shim_start_again(void)
{
    inputs_drop();
    shim_seed_requests = 0;
    shim_boot_number++;
    engine_status = ENGINE_NEW;
}

size_t shim_hex(const char *digits, uint8_t *bytes, size_t size)
{
    size_t count = strlen(digits) / 2;

    require(count <= size, "test vector too long");
    for (size_t i = 0; i < count; i++) {
        unsigned value;

        require(sscanf(digits + 2 * i, "%2x", &value) == 1, "test vector not hexadecimal");
        bytes[i] = (uint8_t)value;
    }
    return count;
}

/* All static data of the program, the service's and the engine's among it. */
extern const uint8_t __bss_start[];
extern const uint8_t _end[];

__attribute__((no_sanitize("address"))) size_t shim_copies_of(const uint8_t *bytes, size_t length)
{
    size_t copies = 0;

    for (const uint8_t *place = __bss_start; place < _end - length; place++) {
        size_t same = 0;

        while (same < length && place[same] == bytes[same]) {
            same++;
        }
        copies += same == length ? 1 : 0;
    }
    return copies;
}
