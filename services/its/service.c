/*
 * Internal Trusted Storage as a partition: decodes messages, answers them.
 *
 * Called by the manager for each message on PSA_ITS. Every byte of the client is copied once, into
 * the buffer here, which is wiped before the answer.
 */
#include "psa/service.h"
#include "layout.h"
#include "services/its/its.h"
#include "services/its/protocol.h"

#include <string.h>

psa_status_t its_init(void);
psa_status_t psa_its_sfn(const psa_msg_t *message);

static uint8_t data[ITS_ASSET_SIZE];

static void data_wipe(size_t length)
{
    (void)memset(data, 0, length);
    __asm volatile("" : : "r"(data) : "memory"); /* the compiler may not leave it out */
}

static psa_status_t serve_set(const psa_msg_t *message, const struct its_name *name, uint32_t flags)
{
    size_t length = message->in_size[1];
    psa_status_t status;

    if (length > sizeof(data)) {
        return PSA_ERROR_INSUFFICIENT_STORAGE;
    }
    (void)psa_read(message->handle, 1U, data, length);
    status = its_set(name, data, length, flags);
    data_wipe(length);
    return status;
}

static psa_status_t serve_get(const psa_msg_t *message, const struct its_name *name, size_t offset)
{
    size_t length = (message->out_size[0] < sizeof(data)) ? message->out_size[0] : sizeof(data);
    size_t actual = 0U;
    psa_status_t status = its_get(name, offset, data, length, &actual);

    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, data, actual);
    }
    data_wipe(length);
    return status;
}

static psa_status_t serve_get_info(const psa_msg_t *message, const struct its_name *name)
{
    struct its_info info;
    psa_status_t status;

    if (message->out_size[0] != sizeof(info)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = its_get_info(name, &info);
    if (status == PSA_SUCCESS) {
        psa_write(message->handle, 0U, &info, sizeof(info));
    }
    return status;
}

psa_status_t its_init(void)
{
    its_mount();
    return PSA_SUCCESS;
}

psa_status_t psa_its_sfn(const psa_msg_t *message)
{
    struct its_request request;
    struct its_name name;

    if ((message->in_size[0] != sizeof(request)) ||
        (psa_read(message->handle, 0U, &request, sizeof(request)) != sizeof(request))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    name = (struct its_name){
        .client_id = message->client_id,
        .uid = ((uint64_t)request.uid_high << 32) | request.uid_low,
    };
    switch (message->type) {
    case ITS_SET:
        return serve_set(message, &name, request.flags);
    case ITS_GET:
        return serve_get(message, &name, request.offset_bytes);
    case ITS_GET_INFO:
        return serve_get_info(message, &name);
    case ITS_REMOVE:
        return its_remove(&name);
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}
