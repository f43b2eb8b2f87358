/*
 * The partition template: decodes messages, answers them.
 *
 * The manager calls template_init() once, before the first message, and template_sfn() for each
 * message. All data here are the partition's own.
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

psa_status_t template_init(void)
{
    sum = 0U;
    return PSA_SUCCESS;
}

psa_status_t template_sfn(const psa_msg_t *message)
{
    switch (message->type) {
    case TEMPLATE_ADD:
        return serve_add(message);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}
