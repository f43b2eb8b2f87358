/*
 * Connections: the open handles of connection-based services, a fixed table of the product's size.
 *
 * A handle is an index and a number that changes at each use of the slot, so that a closed handle
 * is not found again; it is good only for the client that opened it.
 */
#include "spm/spm.h"

#include "layout.h"

#define HANDLE_INDEX_BITS  8U
#define HANDLE_SERIAL_MASK 0x3FFFFFU /* keeps bit 30, which marks static handles, clear */

static struct spm_connection connections[SPM_CONNECTIONS];
static uint32_t connection_serial;

_Static_assert(SPM_CONNECTIONS < (1U << HANDLE_INDEX_BITS), "connections do not fit in a handle");

struct spm_connection *connection_open(int32_t client_id, const struct spm_service *service)
{
    for (uint32_t i = 0; i < SPM_CONNECTIONS; i++) {
        if (connections[i].handle == PSA_NULL_HANDLE) {
            connection_serial = (connection_serial + 1U) & HANDLE_SERIAL_MASK;
            connections[i].handle =
                (psa_handle_t)((connection_serial << HANDLE_INDEX_BITS) | (i + 1U));
            connections[i].client_id = client_id;
            connections[i].state = SPM_CONNECTION_OPEN;
            connections[i].service = service;
            connections[i].rhandle = NULL;
            return &connections[i];
        }
    }
    return NULL;
}

struct spm_connection *connection_find(psa_handle_t handle, int32_t client_id)
{
    uint32_t index = ((uint32_t)handle & ((1U << HANDLE_INDEX_BITS) - 1U)) - 1U;

    if ((index >= SPM_CONNECTIONS) || (connections[index].handle != handle) ||
        (connections[index].client_id != client_id)) {
        return NULL;
    }
    return &connections[index];
}

void connection_close(struct spm_connection *connection)
{
    connection->handle = PSA_NULL_HANDLE;
}

struct spm_connection *connection_of_client(int32_t client_id)
{
    for (uint32_t i = 0; i < SPM_CONNECTIONS; i++) {
        if ((connections[i].handle != PSA_NULL_HANDLE) && (connections[i].client_id == client_id)) {
            return &connections[i];
        }
    }
    return NULL;
}

void connection_lose_all(const struct spm_thread *server)
{
    for (uint32_t i = 0; i < SPM_CONNECTIONS; i++) {
        if ((connections[i].handle != PSA_NULL_HANDLE) &&
            (connections[i].service->thread == server)) {
            connections[i].state = SPM_CONNECTION_LOST;
        }
    }
}
