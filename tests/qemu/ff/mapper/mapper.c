/*
 * The mapper: uses psa_map_invec() and psa_map_outvec() as its client asks. FF-M 1.1, 3.5.
 */
#include "tests/qemu/ff/mapper/mapper.h"

#include <string.h>

#include "psa_manifest/mapper.h"

static size_t smaller(size_t a, size_t b)
{
    return (a < b) ? a : b;
}

static psa_status_t copy(const psa_msg_t *message, uint32_t length)
{
    const uint8_t *from = psa_map_invec(message->handle, 1U);
    uint8_t *to = psa_map_outvec(message->handle, 0U);

    actor_trace('m');
    (void)memcpy(to, from, smaller(message->in_size[1], message->out_size[0]));
    psa_unmap_invec(message->handle, 1U);
    psa_unmap_outvec(message->handle, 0U, length);
    return PSA_SUCCESS;
}

/* Mapped once more by unmapping the first: at most two at a time, any number in turn. */
static psa_status_t both(const psa_msg_t *message)
{
    uint8_t *to = psa_map_outvec(message->handle, 0U);

    to[0] = 'm';
    psa_unmap_outvec(message->handle, 0U, 1U);
    psa_write(message->handle, 1U, "w", 1U);
    return PSA_SUCCESS;
}

static psa_status_t keep(const psa_msg_t *message)
{
    uint8_t *to = psa_map_outvec(message->handle, 0U);

    to[0] = 'k';
    return PSA_SUCCESS;
}

static psa_status_t places(const psa_msg_t *message)
{
    uint32_t place[2] = {(uint32_t)psa_map_invec(message->handle, 1U),
                         (uint32_t)psa_map_outvec(message->handle, 0U)};

    psa_write(message->handle, 1U, place, sizeof(place));
    return PSA_SUCCESS;
}

static psa_status_t serve_request(const psa_msg_t *message)
{
    struct ff_request request = {0};

    if (message->type == FF_BREAK) {
        return actor_do(mapper_breaches, mapper_breach_count, message);
    }
    if (message->type == MAPPER_KEEP) {
        return keep(message);
    }
    (void)psa_read(message->handle, 0U, &request, sizeof(request));
    switch (message->type) {
    case MAPPER_COPY:
        return copy(message, request.a);
    case MAPPER_BOTH:
        return both(message);
    case MAPPER_PLACES:
        return places(message);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

void mapper_main(void)
{
    psa_msg_t message;

    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if (psa_get(signals & (~signals + 1U), &message) == PSA_SUCCESS) {
            psa_reply(message.handle, (message.type < 0) ? PSA_SUCCESS : serve_request(&message));
        }
    }
}
