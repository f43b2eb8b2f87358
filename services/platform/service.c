/*
 * The Platform service as a partition: decodes messages, answers them.
 *
 * Called by the manager for each message on PSA_PLATFORM. What it tells comes from the hand-off,
 * fetched when it is first asked for, and the fault record; nothing of it is secret. Runtime
 * counters are counters.c's, which is linked only where the product declares some.
 */
#include "psa/service.h"
#include "bartizan/platform_service.h"
#include "layout.h"
#include "services/platform/counters.h"
#include "services/platform/protocol.h"
#include "spm/partition.h"

psa_status_t psa_platform_sfn(const psa_msg_t *message);

_Static_assert(BARTIZAN_FAULT_TEXT_BYTES == FAULT_TEXT_BYTES + 1U, "the text and its zero");

static struct handoff handoff;
static struct fault_record fault;

static psa_status_t serve_status(const psa_msg_t *message)
{
    struct bartizan_status status;
    size_t length = message->out_size[0];

    if (handoff.magic != HANDOFF_MAGIC) {
        spm_read_handoff(&handoff);
    }
    status = (struct bartizan_status){
        .life_cycle = psa_rot_lifecycle_state(),
        .reset_reason = handoff.reset_reason,
        .boot_count = handoff.boot_count,
        .update_result = handoff.update_result,
    };
    psa_write(message->handle, 0U, &status, (length < sizeof(status)) ? length : sizeof(status));
    return PSA_SUCCESS;
}

static psa_status_t serve_fault(const psa_msg_t *message)
{
    psa_status_t status = spm_read_fault(&fault);

    if (status != PSA_SUCCESS) {
        return status;
    }
    if (fault.text_length > message->out_size[0]) {
        return PSA_ERROR_BUFFER_TOO_SMALL;
    }
    psa_write(message->handle, 0U, fault.text, fault.text_length);
    return PSA_SUCCESS;
}

static psa_status_t serve_counter(const psa_msg_t *message)
{
    uint32_t counter;
    uint32_t value = 0;
    psa_status_t status;

    if ((message->in_size[0] != sizeof(counter)) ||
        (psa_read(message->handle, 0U, &counter, sizeof(counter)) != sizeof(counter))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    if (message->type == PLATFORM_INCREMENT_COUNTER) {
        return counter_increment(message->client_id, counter);
    }
    if (message->out_size[0] != sizeof(value)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = counter_read(message->client_id, counter, &value);
    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, &value, sizeof(value));
    }
    return status;
}

psa_status_t psa_platform_sfn(const psa_msg_t *message)
{
    switch (message->type) {
    case PLATFORM_RESET:
        spm_reset();
    case PLATFORM_GET_STATUS:
        return serve_status(message);
    case PLATFORM_GET_FAULT:
        return serve_fault(message);
    case PLATFORM_READ_COUNTER:
    case PLATFORM_INCREMENT_COUNTER:
        return (NV_COUNTERS != 0U) ? serve_counter(message) : PSA_ERROR_NOT_SUPPORTED;
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}
