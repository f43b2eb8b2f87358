/*
 * The comparison after each step: the manager's own structures, its memory and its MPU against the
 * model, and the rules that hold whatever the model says.
 */
#include "check.h"

#include <string.h>

#include "insides.h"
#include "symbols.h"

#define PATTERN 0xA0000000U

static psa_handle_t connection_before[SPM_CONNECTIONS];

static bool is_running_handler(void)
{
    return model.flih >= 0;
}

void check_begin(void)
{
    (void)memset(connection_before, 0, sizeof(connection_before));
}

void check_trap(enum machine_end end)
{
    require(end == model.end);
    if ((model.ended != NOBODY) && (model.ended != (int)SPM_AGENT)) {
        require(machine.panicked == &spm_threads[model.ended]);
    } else {
        require(machine.panicked == NULL);
    }
    if (end != MACHINE_RUNS) {
        return;
    }
    require(machine.copy_count == model.copy_count);
    require(memcmp(machine.copies, model.copies, machine.copy_count * sizeof(model.copies[0])) ==
            0);
}

/* ---- Messages ---- */

static void check_view(const struct model_view *row)
{
    struct model_thread *client = &model.threads[row->client];
    psa_msg_t view;

    (void)memcpy(&view, (const void *)(uintptr_t)row->address, sizeof(view));
    require(view.handle > 0);
    require(view.handle != client->last_handle);
    require(view.type == client->type);
    require(view.client_id ==
            ((row->client == (int)SPM_AGENT) ? -1 : spm_partitions[row->client].id));
    require(view.rhandle == client->rhandle);
    for (uint32_t i = 0; i < PSA_MAX_IOVEC; i++) {
        uint32_t out = client->in_count + i;

        require(view.in_size[i] == ((i < client->in_count) ? client->vectors[i].size : 0U));
        require(view.out_size[i] == ((i < client->out_count) ? client->vectors[out].size : 0U));
    }
    for (uint32_t i = 0; i < SPM_THREADS; i++) {
        require(!model.threads[i].calling || !model.threads[i].taken ||
                (model.threads[i].handle != view.handle));
    }
    client->handle = view.handle;
    (void)memcpy(model_byte(row->address), &view, sizeof(view));
}

static void check_queue(const struct spm_thread *thread, const struct model_thread *expected)
{
    const struct spm_thread *client = thread->queue;

    for (int i = 0; i < expected->queue_count; i++) {
        require(client == &spm_threads[expected->queue[i]]);
        require(client->server == thread);
        require(client->message.view.handle == PSA_NULL_HANDLE);
        client = client->next;
    }
    require(client == NULL);
}

static bool is_mapped(int server, const struct spm_buffer *vector)
{
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        const struct model_thread *client = &model.threads[i];

        for (uint32_t j = 0; j < PSA_MAX_IOVEC; j++) {
            if (vector == &spm_threads[i].message.vectors[j]) {
                return client->calling && (client->server == server) &&
                       client->vectors[j].in_region;
            }
        }
    }
    return false;
}

/* No map without its vector, no vector without its map. */
static void check_maps(int server)
{
    int count = 0;

    for (uint32_t i = 0; i < SPM_MAPS_MAX; i++) {
        if (spm_threads[server].maps[i].vector != NULL) {
            require(is_mapped(server, spm_threads[server].maps[i].vector));
            count++;
        }
    }
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        const struct model_thread *client = &model.threads[i];

        for (uint32_t j = 0; client->calling && (client->server == server) && (j < PSA_MAX_IOVEC);
             j++) {
            count -= client->vectors[j].in_region;
        }
    }
    require(count == 0);
}

static void check_thread(int place)
{
    const struct spm_thread *thread = &spm_threads[place];
    const struct model_thread *expected = &model.threads[place];
    bool sfn = (place < (int)SPM_PARTITIONS) && (thread->partition->entry == NULL);
    const struct spm_thread *last = thread;

    require(thread->wait_mask == expected->wait_mask);
    require(thread->server == (expected->calling ? &spm_threads[expected->server] : NULL));
    require(((spm_state.active & thread->active_bit) != 0U) == (expected->wait_mask == 0U));
    require(thread->signals == (sfn ? expected->signals : model_signals(place)));
    require(thread->closing == expected->closing);
    require((thread->serving != NULL) == (expected->serving != NOBODY));
    require((expected->serving == NOBODY) || (thread->serving == &spm_threads[expected->serving]));
    require(thread->message.view.handle ==
            ((expected->calling && expected->taken) ? expected->handle : PSA_NULL_HANDLE));
    for (uint32_t i = 0; i < SPM_THREADS; i++) { /* nobody waits for itself */
        last = (last->server != NULL) ? last->server : last;
        require((last != thread) || (thread->server == NULL));
    }
    check_queue(thread, expected);
    check_maps(place);
}

static void check_connections(void)
{
    for (uint32_t i = 0; i < SPM_CONNECTIONS; i++) {
        const struct spm_connection *connection = insides_connection(i);
        const struct model_connection *expected = &model.connections[i];

        require((connection->handle != PSA_NULL_HANDLE) == expected->live);
        if (!expected->live) {
            continue;
        }
        require((expected->handle == 0) || (connection->handle == expected->handle));
        require(connection->client_id == spm_threads[expected->client].message.view.client_id);
        require(connection->service == &spm_services[expected->service]);
        require(connection->state == expected->state);
        require(connection->rhandle == expected->rhandle);
    }
}

/* ---- Protection ---- */

static uint32_t granule(uint32_t address)
{
    return address & ~31U;
}

/* A vector in a region of its own gives its server what lies in its granules. */
static bool mapped_may(int server, uint32_t address, bool write)
{
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        const struct model_thread *client = &model.threads[i];

        for (uint32_t j = 0; client->calling && (client->server == server) && (j < PSA_MAX_IOVEC);
             j++) {
            const struct model_vector *vector = &client->vectors[j];

            if (vector->in_region && (!write || vector->out) &&
                (granule(address) >= granule(vector->base)) &&
                (granule(address) <= granule(vector->base + vector->size - 1U))) {
                return true;
            }
        }
    }
    return false;
}

static void check_byte(int running, uint32_t address)
{
    bool read = mapped_may(running, address, false);

    require(machine_may(address, false) == (read || model_may(running, address, 1U, false)));
    if (mapped_may(running, address, true) || model_may(running, address, 1U, true)) {
        require(machine_may(address, true));
    } else if (!read) { /* a granule that a vector to write shares with one to read is one region */
        require(!machine_may(address, true));
    }
}

static void check_regions(int running)
{
    if (running >= (int)SPM_PARTITIONS) {
        require(machine_may(__gateways_start, false));
        require(machine_may(__part_vault_ram_start, true) == (PRODUCT_ISOLATION < 3));
        require(machine_may(__part_guest_ram_start, true) == (PRODUCT_ISOLATION < 2));
        require(!machine_may(NS_RAM_BASE, false));
        return;
    }
    for (uint32_t i = 0; i < SPM_PARTITIONS; i++) {
        check_byte(running, spm_partitions[i].stack_limit);
        check_byte(running, spm_partitions[i].stack_limit + 0x7FFU);
    }
    check_byte(running, __gateways_start);
    check_byte(running, __manager_ram_start);
    check_byte(running, NS_RAM_BASE);
    for (uint32_t i = 0; i < SPM_THREADS; i++) {
        const struct model_thread *client = &model.threads[i];

        for (uint32_t j = 0; client->calling && (j < client->in_count + client->out_count); j++) {
            check_byte(running, client->vectors[j].base);
            check_byte(running, client->vectors[j].base - 32U);
            check_byte(running, client->vectors[j].base + client->vectors[j].size - 1U);
            check_byte(running, client->vectors[j].base + client->vectors[j].size + 31U);
        }
    }
}

static void check_memory(void)
{
    require(memcmp((const void *)(uintptr_t)NS_RAM_BASE, model_nonsecure_ram, NS_RAM_SIZE) == 0);
    require(memcmp((const void *)(uintptr_t)PERIPHERAL_BASE, model_peripheral, PERIPHERAL_SIZE) ==
            0);
    for (uint32_t i = 0; i < SPM_PARTITIONS; i++) {
        uint32_t base = spm_partitions[i].stack_top;

        require(memcmp((const void *)(uintptr_t)base, model_byte(base),
                       spm_partitions[i].stack_limit + 0x800U - base) == 0);
    }
}

/* ---- What the running thread finds ---- */

static void pattern_set(int running)
{
    for (uint32_t i = 0; i < 8U; i++) {
        machine.high[i] = PATTERN + 16U * (uint32_t)running + i;
    }
}

static bool pattern_is(int running)
{
    for (uint32_t i = 0; i < 8U; i++) {
        if (machine.high[i] != PATTERN + 16U * (uint32_t)running + i) {
            return false;
        }
    }
    return true;
}

static bool high_is_zero(void)
{
    static const uint32_t zeros[8];

    return memcmp(machine.high, zeros, sizeof(zeros)) == 0;
}

static void check_handler(void)
{
    const struct spm_irq *irq = &spm_irqs[model.flih];

    if (high_is_zero()) {
        require(machine.registers.pc == ((uint32_t)(uintptr_t)irq->flih & ~1U));
        require(machine.registers.lr == (uint32_t)(uintptr_t)spm_flih_return);
        pattern_set((int)SPM_THREADS);
    }
    require(pattern_is((int)SPM_THREADS));
}

static void check_fresh(int running)
{
    const struct spm_partition *partition = spm_threads[running].partition;
    void (*entry)(void) = (running == (int)SPM_AGENT)  ? spm_agent_start
                          : (running == (int)SPM_IDLE) ? spm_idle
                          : (partition->entry != NULL) ? partition->entry
                                                       : spm_sfn_main;

    require(high_is_zero());
    require(machine.registers.pc == ((uint32_t)(uintptr_t)entry & ~1U));
    if (running < (int)SPM_PARTITIONS) {
        require(machine.registers.lr == (uint32_t)(uintptr_t)spm_ended);
        require(machine.registers.r0 == (uint32_t)(uintptr_t)partition->sfn_init);
    }
    pattern_set(running);
}

static void check_connection_handle(uint32_t place)
{
    psa_handle_t handle = (psa_handle_t)machine.registers.r0;
    struct model_connection *connection = &model.connections[place];

    require(handle > 0);
    require(((uint32_t)handle & 0x40000000U) == 0U);
    require(handle != connection_before[place]);
    connection_before[place] = handle;
    connection->handle = handle;
}

static void check_registers(int running)
{
    struct model_thread *thread = &model.threads[running];

    if (thread->kind == ANSWER_FRESH) {
        check_fresh(running);
        thread->kind = ANSWER_ANY;
    }
    require(pattern_is(running));
    if (thread->refused) {
        require(machine.registers.pc == ((uint32_t)(uintptr_t)spm_refused & ~1U));
    } else if (thread->kind == ANSWER_MESSAGE) {
        require(machine.registers.r0 == thread->value);
        require(machine.registers.r1 ==
                (uint32_t)(uintptr_t)spm_services[model.threads[thread->serving].service].sfn);
    } else if (thread->kind == ANSWER_CONNECTION) {
        check_connection_handle(thread->value);
        thread->kind = ANSWER_VALUE;
        thread->value = machine.registers.r0;
    } else if (thread->kind == ANSWER_VALUE) {
        require(machine.registers.r0 == thread->value);
    }
}

void check_state(void)
{
    int running = model_running();

    require(spm_state.current == &spm_threads[running]);
    for (uint32_t i = 0; i < model.view_count; i++) {
        check_view(&model.views[i]);
    }
    model.view_count = 0U;
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        check_thread(i);
    }
    require(insides_opened() == model.opened);
    require(insides_pending() == model.pending);
    require(machine.enabled == model.enabled);
    if (is_running_handler()) {
        check_handler();
    } else {
        check_registers(running);
    }
    check_connections();
    check_regions(running);
    check_memory();
}
