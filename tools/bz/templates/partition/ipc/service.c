/*
 * The partition template: waits for messages, decodes and answers them.
 *
 * template_main() is the partition's one thread and never returns. All data here are the
 * partition's own.
 */
#include "template.h"

#include "psa/service.h"
#include "psa_manifest/template.h"

static uint32_t sum;

static psa_status_t serve_add(const psa_msg_t *message)
{
    uint32_t number;

    if ((message->in_size[0] != sizeof(number)) || (message->out_size[0] != sizeof(sum))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    (void)psa_read(message->handle, 0U, &number, sizeof(number));
    sum += number;
    psa_write(message->handle, 0U, &sum, sizeof(sum));
    return PSA_SUCCESS;
}

static psa_status_t serve(const psa_msg_t *message)
{
    switch (message->type) {
    case TEMPLATE_ADD:
        return serve_add(message);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

void template_main(void)
{
    psa_msg_t message;

    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if (((signals & TEMPLATE_SIGNAL) != 0U) &&
            (psa_get(TEMPLATE_SIGNAL, &message) == PSA_SUCCESS)) {
            psa_reply(message.handle, serve(&message));
        }
    }
}
