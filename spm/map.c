/*
 * Vectors that the server reaches in place: MM-IOVEC, FF-M 1.1, 3.5.
 *
 * Called for services whose manifest enables it. A vector that the server can reach anyway is
 * handed out as it is; any other gets one of the server's spare MPU regions, from psa_map_...() to
 * psa_unmap_...() or the reply. Regions end at granules of 32 bytes: non-secure memory around a
 * vector may come with it, memory of another partition never (map_is_possible).
 */
#include "spm/spm.h"

#include "platform/armv8m/core.h"

#define GRANULE ARMV8M_REGION_ALIGNMENT

static bool is_reachable(const struct spm_thread *server, const struct spm_buffer *vector,
                         bool write)
{
    struct spm_buffer same;

    return memory_check(server, (uint32_t)(uintptr_t)vector->base, vector->size_bytes, write,
                        &same);
}

bool map_is_possible(const struct spm_thread *client, const struct spm_thread *server,
                     const struct spm_message *message)
{
    if (client->partition == NULL) {
        return true;
    }
    for (uint32_t i = 0; i < message->in_count + message->out_count; i++) {
        const struct spm_buffer *vector = &message->vectors[i];

        if ((((uint32_t)(uintptr_t)vector->base | vector->size_bytes) % GRANULE != 0U) &&
            !is_reachable(server, vector, i >= message->in_count)) {
            return false;
        }
    }
    return true;
}

static void region_add(struct spm_thread *server, const struct spm_buffer *vector, bool writable)
{
    for (uint32_t i = 0; i < SPM_MAPS_MAX; i++) {
        struct spm_map *map = &server->maps[i];
        uint32_t base = (uint32_t)(uintptr_t)vector->base;

        if (map->vector == NULL) {
            *map = (struct spm_map){vector, base & ~(GRANULE - 1U), base + vector->size_bytes - 1U,
                                    writable};
            server->regions_key = server;
            isolate_load(server);
            return;
        }
    }
    panic_partition(server, RULE_MAP);
}

static void region_remove(struct spm_thread *server, const struct spm_buffer *vector)
{
    for (uint32_t i = 0; i < SPM_MAPS_MAX; i++) {
        if (server->maps[i].vector == vector) {
            server->maps[i] = (struct spm_map){0};
            if ((server->maps[0].vector == NULL) && (server->maps[1].vector == NULL)) {
                server->regions_key = server->regions;
            }
            isolate_load(server);
        }
    }
}

/* The place of vector r1 of a message of a service that maps. */
static uint32_t place_find(const struct spm_frame *frame, struct spm_thread *server,
                           const struct spm_message *message, bool out)
{
    uint32_t count = out ? message->out_count : message->in_count;

    if (frame->r1 >= PSA_MAX_IOVEC) {
        panic_partition(server, RULE_VECTOR_INDEX);
    }
    if ((message->service->mm_iovec == 0U) || (frame->r1 >= count)) {
        panic_partition(server, RULE_MAP);
    }
    return frame->r1 + (out ? message->in_count : 0U);
}

/* A vector is mapped once, and not read or written otherwise; one of length 0 never. */
static struct spm_thread *map_vector(struct spm_frame *frame, struct spm_thread *server, bool out)
{
    struct spm_message *message = call_find_request(frame, server);
    uint32_t place = place_find(frame, server, message, out);
    const struct spm_buffer *vector = &message->vectors[place];

    if ((((message->access >> place) & (MESSAGE_TOUCHED | MESSAGE_USED)) != 0U) ||
        (vector->size_bytes == 0U)) {
        panic_partition(server, RULE_MAP);
    }
    if (!is_reachable(server, vector, out)) {
        region_add(server, vector, out);
    }
    message->access |= (MESSAGE_USED | MESSAGE_MAPPED) << place;
    message->after = 1U;
    frame->r0 = (uint32_t)(uintptr_t)vector->base;
    return server;
}

static struct spm_buffer *unmap_vector(const struct spm_frame *frame, struct spm_thread *server,
                                       struct spm_message *message, bool out)
{
    uint32_t place = place_find(frame, server, message, out);

    if ((message->access & (MESSAGE_MAPPED << place)) == 0U) {
        panic_partition(server, RULE_MAP);
    }
    message->access &= ~(MESSAGE_MAPPED << place);
    region_remove(server, &message->vectors[place]);
    return &message->vectors[place];
}

struct spm_thread *map_trap_in(struct spm_frame *frame, struct spm_thread *server)
{
    return map_vector(frame, server, false);
}

struct spm_thread *map_trap_out(struct spm_frame *frame, struct spm_thread *server)
{
    return map_vector(frame, server, true);
}

struct spm_thread *map_trap_unmap_in(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_message *message = call_find_request(frame, server);

    (void)unmap_vector(frame, server, message, false);
    return server;
}

/* What is left of the vector says how much was written: as if it had been by psa_write(). */
struct spm_thread *map_trap_unmap_out(struct spm_frame *frame, struct spm_thread *server)
{
    struct spm_message *message = call_find_request(frame, server);
    struct spm_buffer *vector = unmap_vector(frame, server, message, true);

    if (frame->r2 > vector->size_bytes) {
        panic_partition(server, RULE_OVERFLOW);
    }
    vector->size_bytes -= frame->r2;
    return server;
}

void map_end(struct spm_thread *server, const struct spm_message *message)
{
    for (uint32_t i = 0; i < message->in_count + message->out_count; i++) {
        region_remove(server, &message->vectors[i]);
    }
}
