/*
 * The probe partition: an Application RoT that tries what its client asks, allowed or not.
 *
 * Part of the test product only.
 */
#include <stdbool.h>

#include "bartizan/platform_service.h"
#include "psa/initial_attestation.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"
#include "psa/service.h"
#include "psa/update.h"
#include "psa_manifest/sid.h"
#include "spm/partition.h"
#include "tests/qemu/probe/commands.h"

psa_status_t probe_init(void);
psa_status_t probe_sfn(const psa_msg_t *message);
psa_status_t probe_connected_sfn(const psa_msg_t *message);
psa_status_t probe_internal_sfn(const psa_msg_t *message);

static const uint32_t constant = 0x600DF00DU;
static uint32_t initialised = 0x1234U;
static uint32_t zeroed;
static uint32_t outer_stack[64] __attribute__((aligned(8)));
static int32_t next_connect; /* PROBE_REFUSE, PROBE_GREEDY or 0 */

psa_status_t probe_init(void)
{
    bool good = (initialised == 0x1234U) && (zeroed == 0U) && (constant == 0x600DF00DU);

    initialised = 0U;
    return good ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

static psa_status_t echo(const psa_msg_t *message)
{
    uint8_t piece[48];
    size_t room = message->out_size[0];
    size_t length;

    while ((length = psa_read(message->handle, 1U, piece,
                              (room < sizeof(piece)) ? room : sizeof(piece))) != 0U) {
        psa_write(message->handle, 0U, piece, length);
        room -= length;
    }
    return (psa_status_t)psa_skip(message->handle, 1U, SIZE_MAX);
}

static psa_status_t its_round_trip(const psa_msg_t *message)
{
    uint32_t value = 0x5EC0DEU;
    uint32_t back = 0U;
    size_t length = 0U;
    psa_status_t status = psa_its_set(1U, sizeof(value), &value, PSA_STORAGE_FLAG_NONE);

    if (status == PSA_SUCCESS) {
        status = psa_its_get(1U, 0U, sizeof(back), &back, &length);
    }
    psa_write(message->handle, 0U, &back, sizeof(back));
    return status;
}

static psa_status_t ps_round_trip(const psa_msg_t *message, uint32_t value)
{
    uint32_t back = 0U;
    size_t length = 0U;
    psa_status_t status = psa_ps_set(1U, sizeof(value), &value, PSA_STORAGE_FLAG_NONE);

    if (status == PSA_SUCCESS) {
        status = psa_ps_get(1U, 0U, sizeof(back), &back, &length);
    }
    psa_write(message->handle, 0U, &back, sizeof(back));
    return status;
}

/* Without end: depth wraps around long after the stack is gone. */
static uint32_t recurse(volatile uint32_t *depth)
{
    volatile uint32_t block[16];

    block[0] = *depth + 1U;
    return (block[0] == 0U) ? 0U : recurse(block) + block[0];
}

static void write_word(const psa_msg_t *message, uint32_t word)
{
    psa_write(message->handle, 0U, &word, sizeof(word));
}

static psa_status_t token_pass(const psa_msg_t *message)
{
    static uint8_t token[PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE];
    uint8_t challenge[PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64];
    size_t room = (message->out_size[0] < sizeof(token)) ? message->out_size[0] : sizeof(token);
    size_t length = psa_read(message->handle, 1U, challenge, sizeof(challenge));
    psa_status_t status = psa_initial_attest_get_token(challenge, length, token, room, &length);

    psa_write(message->handle, 0U, token, length);
    return status;
}

static psa_status_t ask_services(const psa_msg_t *message, uint32_t value)
{
    struct bartizan_status device = {0};
    size_t size = 0U;
    psa_status_t status;

    switch (message->type) {
    case PROBE_TOKEN:
        return token_pass(message);
    case PROBE_PS:
        return ps_round_trip(message, value);
    case PROBE_TOKEN_SIZE:
        status = psa_initial_attest_get_token_size(value, &size);
        write_word(message, size);
        return status;
    default:
        status = bartizan_get_status(&device);
        write_word(message, device.boot_count);
        return status;
    }
}

static void break_message_rule(const psa_msg_t *message, const struct probe_request *request)
{
    static uint8_t bytes[64];

    switch (message->type) {
    case PROBE_STALE_MESSAGE:
        (void)psa_read(message->handle + 1, 0U, bytes, sizeof(bytes));
        break;
    case PROBE_VECTOR_INDEX:
        (void)psa_read(message->handle, PSA_MAX_IOVEC, bytes, sizeof(bytes));
        break;
    case PROBE_OVERFLOW:
        psa_write(message->handle, 0U, bytes, message->out_size[0] + 1U);
        break;
    case PROBE_READ_INTO:
        (void)psa_read(message->handle, 1U, (void *)request->address, 4U);
        break;
    case PROBE_WRITE_FROM:
        psa_write(message->handle, 0U, (const void *)request->address, 4U);
        break;
    default:
        break;
    }
}

static psa_status_t touch_oddly(int32_t type, const struct probe_request *request)
{
    switch (type) {
    case PROBE_UNDEFINED:
        __asm volatile("udf #1");
        return PSA_SUCCESS;
    case PROBE_BREAKPOINT:
        __asm volatile("bkpt #1");
        return PSA_SUCCESS;
    case PROBE_UNALIGNED:
        __asm volatile("ldrd r0, r1, [%0]" : : "r"(request->address) : "r0", "r1");
        return PSA_SUCCESS;
    case PROBE_BYTE:
        *(volatile uint8_t *)request->address = (uint8_t)request->value;
        return PSA_SUCCESS;
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

static psa_status_t touch(const psa_msg_t *message, const struct probe_request *request)
{
    uint32_t control;

    switch (message->type) {
    case PROBE_READ:
        write_word(message, *(volatile uint32_t *)request->address);
        return PSA_SUCCESS;
    case PROBE_WRITE:
        *(volatile uint32_t *)request->address = request->value;
        return PSA_SUCCESS;
    case PROBE_EXECUTE:
        ((void (*)(void))request->address)();
        return PSA_SUCCESS;
    case PROBE_STACK:
        return (psa_status_t)recurse(&zeroed);
    case PROBE_PRIVILEGE:
        __asm volatile("mrs %0, control" : "=r"(control));
        write_word(message, control & 1U);
        return PSA_SUCCESS;
    default:
        return touch_oddly(message->type, request);
    }
}

static psa_status_t use_right(uint32_t which)
{
    static struct handoff handoff;
    static struct fault_record record;

    switch (which) {
    case 0:
        spm_read_handoff(&handoff);
        return PSA_SUCCESS;
    case 1:
        return spm_read_fault(&record);
    default:
        spm_reset();
    }
}

static psa_status_t break_grant(const psa_msg_t *message, const struct probe_request *request)
{
    uint8_t bytes[48];
    psa_invec in[] = {{bytes, 4U}};

    switch (message->type) {
    case PROBE_FLASH:
        return spm_flash_read(request->value, 0U, bytes, 8U);
    case PROBE_SECRET:
        return spm_take_secret(request->value, bytes, 48U);
    case PROBE_RIGHT:
        return use_right(request->value);
    case PROBE_UNDECLARED:
        return psa_call(PSA_CRYPTO_HANDLE, 0, in, 1U, NULL, 0U);
    case PROBE_ABSENT:
        write_word(message, psa_version(PSA_FWU_SID));
        return (request->value == 0U) ? PSA_SUCCESS : psa_fwu_accept();
    case PROBE_TRAP:
        __asm volatile("svc #0");
        return PSA_SUCCESS;
    case PROBE_OUTER_STACK:
        __asm volatile("mov sp, %0\n\tsvc #10" : : "r"(&outer_stack[64]));
        return PSA_SUCCESS;
    case PROBE_PANIC:
        psa_panic();
    default:
        return touch(message, request);
    }
}

psa_status_t probe_sfn(const psa_msg_t *message)
{
    struct probe_request request = {0};

    (void)psa_read(message->handle, 0U, &request, sizeof(request));
    switch (message->type) {
    case PROBE_ECHO:
        return echo(message);
    case PROBE_ITS:
        return its_round_trip(message);
    case PROBE_CLIENT_ID:
        write_word(message, (uint32_t)message->client_id);
        return PSA_SUCCESS;
    case PROBE_LIFECYCLE:
        write_word(message, psa_rot_lifecycle_state());
        return PSA_SUCCESS;
    case PROBE_REFUSE:
    case PROBE_GREEDY:
        next_connect = message->type;
        return PSA_SUCCESS;
    case PROBE_MISUSED:
        return PSA_ERROR_PROGRAMMER_ERROR;
    case PROBE_PS:
    case PROBE_TOKEN:
    case PROBE_TOKEN_SIZE:
    case PROBE_BOOT_COUNT:
        return ask_services(message, request.value);
    default:
        break_message_rule(message, &request);
        return break_grant(message, &request);
    }
}

psa_status_t probe_connected_sfn(const psa_msg_t *message)
{
    uint32_t calls;

    if (message->type == PSA_IPC_CONNECT) {
        int32_t what = next_connect;

        next_connect = 0;
        if (what == PROBE_GREEDY) {
            (void)psa_read(message->handle, 0U, &calls, sizeof(calls));
        }
        return (what == PROBE_REFUSE) ? PSA_ERROR_CONNECTION_REFUSED : PSA_SUCCESS;
    }
    if (message->type == PROBE_MISUSED) {
        return PSA_ERROR_PROGRAMMER_ERROR;
    }
    if (message->type == PROBE_COUNT) {
        calls = (uint32_t)(uintptr_t)message->rhandle + 1U;
        psa_set_rhandle(message->handle, (void *)(uintptr_t)calls);
        write_word(message, calls);
    }
    return PSA_SUCCESS;
}

psa_status_t probe_internal_sfn(const psa_msg_t *message)
{
    (void)message;
    return PSA_SUCCESS;
}
