/*
 * Random histories of the manager: the input says what the running thread does, which interrupts
 * come, and what changes in memory; after each step the manager is compared with the model.
 *
 * Only who runs can trap. Arguments are good most of the time (held handles, own memory), so that
 * histories get long; the first byte of a history says how often they are not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "platform/armv8m/core.h"
#include "symbols.h"

#define STARTS_MAX     12U
#define FIRST_EXTERNAL 16U
#define IDLE_STEPS_MAX 4U
#define PENDSV         14U
#define SYSTICK        15U
#define DATA_BYTES     0x500U
#define ARRAY_IN       0x580U
#define ARRAY_OUT      0x5C0U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_told; /* BZ_TRACE: what happens, for people */
static const uint8_t *input;
static size_t input_left;
static uint32_t idle_steps;
static uint32_t mistakes; /* how often arguments are wrong in this history */

static uint32_t byte(void)
{
    if (input_left == 0U) {
        return 0xFFU;
    }
    input_left--;
    return *input++;
}

/* One byte of 43, of 128, of 256 or none: histories of many mistakes end early. */
static bool rarely(void)
{
    static const uint32_t limits[] = {0U, 1U, 2U, 6U};

    return byte() < limits[mistakes % 4U];
}

static uint32_t below(uint32_t count)
{
    return byte() % count;
}

/* ---- Memory of threads ---- */

static uint32_t data_of(int thread)
{
    return (thread >= (int)SPM_PARTITIONS) ? NS_RAM_BASE : spm_partitions[thread].stack_top;
}

static void put(uint32_t address, const void *bytes, size_t size_bytes)
{
    (void)memcpy((void *)(uintptr_t)address, bytes, size_bytes);
    (void)memcpy(model_byte(address), bytes, size_bytes);
}

/* Memory that the thread may read but not write, or only in part; the end of all addresses; where
 * the caller's privilege or a register of the system would be mistaken. */
static uint32_t nearly_good_address(int thread)
{
    static const uint32_t nonsecure[] = {0xE000E100U,
                                         NS_CODE_BASE + 0x100U,
                                         NS_RAM_READABLE - 0x8U,
                                         NS_RAM_READABLE + 0x10U,
                                         NS_RAM_PRIVILEGED + 0x10U,
                                         NS_RAM_BASE + NS_RAM_SIZE - 8U,
                                         0xFFFFFFF0U};
    uint32_t what = byte();

    if (thread == (int)SPM_AGENT) {
        return nonsecure[what % 7U];
    }
    return (what % 3U == 0U)   ? 0xFFFFFFE0U
           : (what % 3U == 1U) ? spm_partitions[thread].stack_limit + 0x7E0U
                               : __gateways_start + 32U * (what % 8U);
}

static uint32_t wrong_address(int thread)
{
    static const uint32_t addresses[] = {
        0U,
        0xFFFFFFF0U,
        0xE000E100U,
        NS_CODE_BASE,
        NS_CODE_BASE + NS_CODE_SIZE - 8U,
        NS_RAM_READABLE - 8U,
        NS_RAM_READABLE,
        NS_RAM_PRIVILEGED,
        NS_RAM_BASE + NS_RAM_SIZE - 8U,
        NS_RAM_BASE - 8U,
        SECURE_RAM_BASE,
        __part_driver_ram_start + 0x300U,
        __part_vault_ram_start + 0x300U,
        __part_keeper_ram_end - 8U,
        __part_relay_ram_end - 8U,
        __part_relay_code_start,
        __part_guest_ram_start + 0x300U,
        __gateways_start,
        PERIPHERAL_BASE + 0x10U,
    };

    return (byte() < 128U) ? nearly_good_address(thread)
                           : addresses[below(sizeof(addresses) / sizeof(addresses[0]))];
}

static uint32_t some_size(void)
{
    static const uint32_t sizes[] = {0U,  1U,  4U,  8U,  16U,  31U,  32U,  32U,
                                     33U, 64U, 64U, 96U, 128U, 160U, 192U, 200U};

    return sizes[below(sizeof(sizes) / sizeof(sizes[0]))];
}

static uint32_t some_address(int thread)
{
    uint32_t offset = (byte() << 3) % DATA_BYTES;

    return rarely() ? wrong_address(thread) : data_of(thread) + offset;
}

static uint32_t wrong_word(void)
{
    uint32_t word = 0U;

    for (uint32_t i = 0; i < 4U; i++) {
        word = (word << 8) | byte();
    }
    return word;
}

/* The running thread, or an interrupt of the non-secure world, changes memory that it may. */
static void scribble(int thread)
{
    uint8_t bytes[16];
    uint32_t base = data_of(thread) + ((byte() << 3) % (ARRAY_OUT + 0x30U));

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)byte();
    }
    put(base, bytes, sizeof(bytes));
}

/* ---- What a client does ---- */

static int connection_to(int thread, int service)
{
    for (int i = 0; i < (int)SPM_CONNECTIONS; i++) {
        const struct model_connection *connection = &model.connections[i];

        if (connection->live && (connection->client == thread) && (connection->handle != 0) &&
            (connection->service == service)) {
            return i;
        }
    }
    return NOBODY;
}

static int some_service(int thread)
{
    uint32_t word =
        (thread == (int)SPM_AGENT) ? spm_agent_services[0] : spm_partitions[thread].services[0];
    uint32_t service = below(SPM_SERVICES);

    if (!rarely()) {
        while (((word >> service) & 1U) == 0U) {
            service = (service + 1U) % SPM_SERVICES;
        }
    }
    return (int)service;
}

/* A connection of somebody, or a message of another server: the first from a random place on. */
static uint32_t live_handle(bool connection)
{
    uint32_t from = byte();

    for (uint32_t i = 0; i < 8U; i++) {
        const struct model_connection *opened = &model.connections[(from + i) % SPM_CONNECTIONS];
        const struct model_thread *client = &model.threads[(from + i) % SPM_THREADS];

        if (connection && opened->live) {
            return (uint32_t)opened->handle;
        }
        if (!connection && client->calling && client->taken &&
            (client->server != model_running())) {
            return (uint32_t)client->handle;
        }
    }
    return from;
}

static uint32_t wrong_handle(uint32_t handle)
{
    switch (below(8U)) {
    case 0:
        return handle + 0x100U;
    case 1:
        return handle ^ (1U << below(32U));
    case 2:
        return (uint32_t)model.threads[below(SPM_THREADS)].last_handle;
    case 3:
        return wrong_word();
    case 4:
    case 5:
        return live_handle(false);
    default:
        return live_handle(true);
    }
}

/* One vector of an array in the thread's memory. Multiples of 32 where they may have to be. */
static void vector_put(int thread, int service, uint32_t place)
{
    uint64_t words[2] = {some_address(thread), some_size()};

    if ((thread != (int)SPM_AGENT) && (spm_services[service].mm_iovec != 0U) && !rarely()) {
        words[0] &= ~31ULL;
        words[1] &= ~31ULL;
    }
    put(place, words, sizeof(words));
}

static void do_call(int thread, int service, uint32_t handle, uint32_t r[4])
{
    uint32_t counts = byte();
    uint32_t in = counts & 3U;
    uint32_t out = (counts >> 2) & 3U;
    uint32_t room = (thread == (int)SPM_AGENT) && rarely() ? 0x600U : 0U;

    if (counts >= 0xF8U) {
        in = counts & 7U;
    } else if (in + out > PSA_MAX_IOVEC) {
        out = 1U;
    }
    r[0] = (rarely() || rarely()) ? wrong_handle(handle) : handle;
    r[1] = (byte() & 0x7FU) | (in << 16) | (out << 20);
    if (rarely()) {
        r[1] ^= 0x8000U;
    }
    r[2] = rarely() ? wrong_address(thread) : data_of(thread) + ARRAY_IN + room;
    r[3] = rarely() ? wrong_address(thread) : data_of(thread) + ARRAY_OUT + room;
    for (uint32_t i = 0; i < ((in < 4U) ? in : 4U); i++) {
        vector_put(thread, service, data_of(thread) + ARRAY_IN + room + 16U * i);
    }
    for (uint32_t i = 0; i < ((out < 4U) ? out : 4U); i++) {
        vector_put(thread, service, data_of(thread) + ARRAY_OUT + room + 16U * i);
    }
    machine.unprivileged = (counts & 0x20U) != 0U;
    machine.hostile =
        ((thread == (int)SPM_AGENT) && ((counts & 0xC0U) == 0x40U)) ? 1U + below(8U) : 0U;
    machine.array = (counts & 0x10U) ? r[2] : r[3];
}

static uint32_t client_act(int thread, uint32_t r[4])
{
    int service = some_service(thread);
    const struct spm_service *row = &spm_services[service];
    int connection = connection_to(thread, service);
    uint32_t what = byte();

    if (what < 8U) {
        r[0] = rarely() ? wrong_word() : row->sid;
        return TRAP_VERSION;
    }
    if ((row->connection_based != 0U) && ((connection == NOBODY) || (what < 32U))) {
        r[0] = rarely() ? wrong_word() : row->sid;
        r[1] = rarely() ? byte() : (rarely() || rarely()) ? row->version - 1U : row->version;
        return TRAP_CONNECT;
    }
    if (what < 16U) {
        r[0] = row->sid;
        r[1] = row->version;
        return rarely() ? TRAP_CONNECT : TRAP_VERSION;
    }
    if ((row->connection_based != 0U) && (what >= 200U)) {
        r[0] = (uint32_t)model.connections[connection].handle;
        r[0] = rarely() ? wrong_handle(r[0]) : r[0];
        r[0] = rarely() ? 0U : r[0];
        return TRAP_CLOSE;
    }
    do_call(thread, service,
            (connection == NOBODY) ? row->handle : (uint32_t)model.connections[connection].handle,
            r);
    return TRAP_CALL;
}

/* ---- What a server does ---- */

static uint32_t some_status(const struct model_thread *client)
{
    static const psa_status_t answers[] = {PSA_SUCCESS, PSA_SUCCESS, PSA_SUCCESS,
                                           PSA_ERROR_CONNECTION_REFUSED, PSA_ERROR_CONNECTION_BUSY};
    uint32_t what = byte();

    if ((client != NULL) && (client->type == PSA_IPC_CONNECT) && (what >= 6U)) {
        return (uint32_t)answers[what % 5U];
    }
    if ((what < 12U) || ((client == &model.threads[SPM_AGENT]) && (what < 50U))) {
        return (uint32_t)PSA_ERROR_PROGRAMMER_ERROR;
    }
    return (what < 200U) ? 0U : (what < 230U) ? what : (uint32_t)PSA_ERROR_CONNECTION_REFUSED;
}

/* A place among `count` vectors; sometimes one that is not there. */
static uint32_t some_vector(uint32_t count)
{
    uint32_t what = byte();

    return (what < 6U) ? what : (count == 0U) ? what % 4U : what % count;
}

/* Maps a vector, or takes the map of one away; sometimes too early, too late or for too much. */
static uint32_t map_act(const struct model_thread *client, uint32_t r[4])
{
    uint32_t count = client->in_count + client->out_count;
    uint32_t place = (count == 0U) ? 0U : below(count);
    const struct model_vector *vector = &client->vectors[place];
    uint32_t what = byte();
    bool maps = (vector->size != 0U) && !vector->touched && !vector->used;

    r[1] = vector->out ? place - client->in_count : place;
    if (vector->mapped || (vector->used && (what < 48U))) {
        r[2] = (what < 24U) ? vector->size + 1U : byte() % (vector->size + 1U);
        return vector->out ? TRAP_UNMAP_OUT : TRAP_UNMAP_IN;
    }
    if (maps || (what < 24U)) {
        return vector->out ? TRAP_MAP_OUT : TRAP_MAP_IN;
    }
    r[1] = 3U; /* harmless */
    r[2] = some_size();
    return TRAP_SKIP;
}

static uint32_t data_act(int thread, const struct model_thread *client, uint32_t what,
                         uint32_t r[4])
{
    bool out = (what % 2U) != 0U;
    uint32_t left;

    r[1] = some_vector(out ? client->out_count : client->in_count);
    left = 0U;
    if (out && (r[1] < client->out_count)) {
        const struct model_vector *vector = &client->vectors[client->in_count + r[1]];

        left = vector->size - vector->done;
    }
    r[2] = some_address(thread);
    r[3] = some_size();
    if (out) {
        r[3] = (r[3] <= left) || rarely() ? r[3] : left;
        return TRAP_WRITE;
    }
    return TRAP_READ;
}

/* A good handle, and something that this message does not allow. */
static uint32_t misuse(const struct model_thread *client, uint32_t r[4])
{
    uint32_t what = below(8U);
    bool out = client->out_count != 0U;
    const struct model_vector *vector = &client->vectors[out ? client->in_count : 0U];

    r[0] = ((what % 7U) == 0U) ? live_handle(false) : (uint32_t)client->handle;
    r[1] = (what == 1U) ? PSA_MAX_IOVEC : 0U;
    r[2] = 0U;
    r[3] = 0U;
    switch (what) {
    case 2:
        r[2] = data_of(client->server);
        r[3] = vector->size - vector->done + 1U;
        return TRAP_WRITE;
    case 3:
        r[2] = vector->size + 1U;
        return TRAP_UNMAP_OUT;
    case 4:
        return out ? TRAP_UNMAP_OUT : TRAP_UNMAP_IN;
    case 5:
        return out ? TRAP_MAP_OUT : TRAP_MAP_IN;
    case 6:
        r[2] = __gateways_start;
        r[3] = 8U;
        return TRAP_READ;
    default:
        return (what == 7U) ? TRAP_SET_RHANDLE : TRAP_SKIP;
    }
}

static uint32_t skip_act(const struct model_thread *client, uint32_t r[4])
{
    r[1] = some_vector(client->in_count);
    r[2] = some_size();
    return TRAP_SKIP;
}

/* On a message that the thread has; one that was mapped is not read by mistake too often. */
static uint32_t message_act(int thread, int place, uint32_t r[4])
{
    const struct model_thread *client = &model.threads[place];
    uint32_t what = below(10U);

    if (rarely() || rarely() || rarely()) {
        return misuse(client, r);
    }
    r[0] = rarely() ? wrong_handle((uint32_t)client->handle) : (uint32_t)client->handle;
    if (what == 9U) {
        if ((client->connection == NOBODY) && !rarely()) {
            r[1] = 0U;
            r[2] = 1U;
            return (client->type >= 0) ? TRAP_SKIP : TRAP_SET_RHANDLE;
        }
        r[1] = byte();
        return TRAP_SET_RHANDLE;
    }
    if ((client->type < 0) && !rarely()) {
        r[1] = byte();
        return TRAP_SET_RHANDLE;
    }
    if ((client->type >= 0) && (spm_services[client->service].mm_iovec != 0U) && (what >= 3U)) {
        return map_act(client, r);
    }
    what = ((what % 4U) == 3U) ? skip_act(client, r) : data_act(thread, client, what, r);
    if ((what == TRAP_READ) || (what == TRAP_WRITE) || (what == TRAP_SKIP)) {
        bool out = what == TRAP_WRITE;

        if ((r[1] < (out ? client->out_count : client->in_count)) &&
            client->vectors[r[1] + (out ? client->in_count : 0U)].used && !rarely()) {
            r[1] = 3U;
            r[3] = out ? 0U : r[3];
        }
    }
    return what;
}

static int held_by(int thread, uint32_t nth)
{
    int held[SPM_THREADS];
    uint32_t count = 0U;

    for (int i = 0; i < (int)SPM_THREADS; i++) {
        if (model.threads[i].calling && model.threads[i].taken &&
            (model.threads[i].server == thread)) {
            held[count++] = i;
        }
    }
    return (count == 0U) ? NOBODY : held[nth % count];
}

static uint32_t irq_act(int thread, uint32_t r[4])
{
    uint32_t what = byte();
    const struct spm_irq *irq = NULL;

    for (uint32_t i = 0; i < SPM_IRQS; i++) {
        if ((spm_irqs[i].partition == thread) && ((irq == NULL) || ((what & 1U) != 0U))) {
            irq = &spm_irqs[i];
        }
    }
    if (irq == NULL) {
        r[0] = 1U << below(8U);
        return rarely() ? TRAP_EOI : TRAP_VERSION;
    }
    r[0] = irq->signal;
    if (((model.threads[thread].signals & irq->signal) != 0U) && (what < 160U)) {
        return (irq->flih != NULL) ? TRAP_RESET_SIGNAL : TRAP_EOI;
    }
    if (rarely()) {
        r[0] = 1U << below(8U);
        return TRAP_EOI + below(4U);
    }
    return (what % 4U == 3U) ? TRAP_IRQ_DISABLE : TRAP_IRQ_ENABLE;
}

static uint32_t notify_act(uint32_t r[4])
{
    static const int others[] = {0, 2, 4};

    r[0] = rarely() ? byte() : (uint32_t)spm_partitions[others[below(3U)]].id;
    return TRAP_NOTIFY;
}

static uint32_t wrong_act(uint32_t r[4])
{
    static const uint32_t elsewhere[] = {TRAP_LIFECYCLE,  TRAP_TAKE_SECRET, TRAP_READ_HANDOFF,
                                         TRAP_READ_FAULT, TRAP_RESET,       TRAP_HEAP,
                                         TRAP_CONFIRM,    TRAP_STARTED};
    uint32_t number = byte() % TRAP_MAX;

    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (number == elsewhere[i]) {
            number = TRAP_PANIC;
        }
    }
    for (uint32_t i = 0; i < 4U; i++) {
        r[i] = wrong_word();
    }
    return number;
}

static uint32_t wait_act(uint32_t r[4])
{
    uint32_t what = byte();

    r[0] = (what < 200U) ? PSA_WAIT_ANY : (what < 204U) ? 0x100U : 1U << (3U + what % 5U);
    r[1] = ((what % 16U) == 0U) ? PSA_POLL : PSA_BLOCK;
    return TRAP_WAIT;
}

/* A handled partition takes a message if there is one. */
static uint32_t get_act(int thread, uint32_t r[4])
{
    const struct model_thread *own = &model.threads[thread];

    if (own->queue_count == 0) {
        return wait_act(r);
    }
    r[0] =
        spm_services[model.threads[own->queue[below((uint32_t)own->queue_count)]].service].signal;
    r[0] = rarely() ? 1U << below(8U) : r[0];
    r[1] = some_address(thread) + (rarely() ? 4U : 0U);
    return TRAP_GET;
}

static uint32_t ipc_act(int thread, uint32_t r[4])
{
    uint32_t what = below(16U);
    int client = held_by(thread, byte());

    if ((what < 4U) && (model.threads[thread].queue_count != 0)) {
        return get_act(thread, r);
    }
    if ((what < 9U) && (client != NOBODY)) {
        return message_act(thread, client, r);
    }
    if ((client != NOBODY) &&
        ((what < 11U) || (byte() < 200U))) { /* seldom waits while it has one */
        r[0] = (uint32_t)model.threads[client].handle;
        r[0] = rarely() ? wrong_handle(r[0]) : r[0];
        r[1] = some_status(&model.threads[client]);
        return TRAP_REPLY;
    }
    if ((what < 9U) && (model.threads[thread].queue_count != 0)) {
        return get_act(thread, r);
    }
    if (what == 11U) {
        return client_act(thread, r);
    }
    if (what == 12U) {
        return notify_act(r);
    }
    if (what == 13U) {
        return irq_act(thread, r);
    }
    if ((what == 14U) && ((model.threads[thread].signals & PSA_DOORBELL) != 0U)) {
        return TRAP_CLEAR;
    }
    if ((what == 15U) && rarely()) {
        return wrong_act(r);
    }
    return wait_act(r);
}

static uint32_t sfn_act(int thread, uint32_t r[4])
{
    uint32_t what = below(16U);
    int client = model.threads[thread].serving;

    if (((client == NOBODY) && (what < 10U)) || ((what == 15U) && rarely())) {
        r[0] = rarely() ? byte() : 0U;
        return TRAP_INIT_DONE;
    }
    if (((client != NOBODY) && ((what < 5U) || (what == 12U))) ||
        ((client == NOBODY) && rarely())) {
        r[0] = some_status((client == NOBODY) ? NULL : &model.threads[client]);
        return TRAP_NEXT;
    }
    if ((what < 10U) && (client != NOBODY)) {
        return message_act(thread, client, r);
    }
    if (what == 13U) {
        return irq_act(thread, r);
    }
    if (what == 14U) {
        return notify_act(r);
    }
    if ((what == 15U) && rarely()) {
        return wrong_act(r);
    }
    return client_act(thread, r);
}

static uint32_t handler_act(int thread, uint32_t r[4])
{
    uint32_t what = byte();

    if (what < 160U) {
        r[0] = what & 1U;
        return TRAP_FLIH_RETURN;
    }
    if (what >= 240U) {
        return wrong_act(r);
    }
    return irq_act(thread, r);
}

/* ---- Steps ---- */

static const char *name_of(int thread)
{
    return (thread == (int)SPM_AGENT)  ? "agent"
           : (thread == (int)SPM_IDLE) ? "idle"
                                       : spm_partitions[thread].name;
}

static void tell(const char *what, int thread, uint32_t number, const uint32_t r[4])
{
    if (is_told) {
        (void)fprintf(stderr, "%s%s: %s %u", name_of(thread), (model.flih >= 0) ? " handler" : "",
                      what, number);
        for (uint32_t i = 0; (r != NULL) && (i < 4U); i++) {
            (void)fprintf(stderr, " %x", r[i]);
        }
        (void)fprintf(stderr, "\n");
    }
}

static void interrupt_take_both(uint32_t irq)
{
    uint64_t bit = 1ULL << spm_irqs[irq].number;

    tell("interrupt", model_running(), irq, NULL);
    machine.latched &= ~bit;
    model_arrive(irq);
    model_deliver();
    require(machine_interrupt(FIRST_EXTERNAL + spm_irqs[irq].number) == MACHINE_RUNS);
    check_state();
}

/* Interrupts that wait come before the next instruction. */
static void settle(void)
{
    if (machine.pendsv) {
        tell("interrupt in the middle", model_running(), machine.noted, NULL);
        model_deliver();
        require(machine_interrupt(PENDSV) == MACHINE_RUNS);
    }
    check_state();
    for (uint32_t i = 0; i < SPM_IRQS; i++) {
        if ((machine.latched & machine.enabled & (1ULL << spm_irqs[i].number)) != 0U) {
            interrupt_take_both(i);
        }
    }
}

static void try_again(void)
{
    tell("timer", model_running(), 0U, NULL);
    model_deliver();
    require(machine_interrupt(SYSTICK) == MACHINE_RUNS);
    require(!machine_tries_again());
    check_state();
}

static void interrupt_step(void)
{
    uint32_t what = byte();
    uint32_t irq = what % SPM_IRQS;

    if (machine_tries_again() && (what >= 128U)) {
        try_again();
    } else if ((machine.enabled & (1ULL << spm_irqs[irq].number)) != 0U) {
        if (what < 240U) {
            interrupt_take_both(irq);
            return;
        }
        tell("put off", model_running(), irq, NULL);
        model_arrive(irq);
        machine_put_off(FIRST_EXTERNAL + spm_irqs[irq].number);
        require(machine_tries_again());
        check_state();
    } else {
        machine.latched |= 1ULL << spm_irqs[irq].number;
    }
}

static uint32_t act(int thread, uint32_t r[4])
{
    if (model.flih >= 0) {
        return handler_act(thread, r);
    }
    if (model.threads[thread].refused) {
        r[0] = machine.registers.r0;
        return TRAP_REQUEST;
    }
    if (thread == (int)SPM_AGENT) {
        return rarely() && rarely() ? wrong_act(r) : client_act(thread, r);
    }
    return (spm_partitions[thread].entry != NULL) ? ipc_act(thread, r) : sfn_act(thread, r);
}

static void noted_arrive(void)
{
    for (uint32_t i = 0; i < SPM_IRQS; i++) {
        if (FIRST_EXTERNAL + spm_irqs[i].number == machine.noted) {
            model_arrive(i);
        }
    }
}

static enum machine_end trap_step(int thread)
{
    uint32_t r[4] = {0U, 0U, 0U, 0U};
    uint32_t number = act(thread, r);
    enum machine_end end;

    machine.comes_in_trap = (byte() < 10U) ? FIRST_EXTERNAL + spm_irqs[below(SPM_IRQS)].number : 0U;
    tell("trap", thread, number, r);
    end = machine_trap(number, r);
    machine.hostile = 0U;
    if (machine.changed) {
        (void)memcpy(model_byte(machine.array), (const void *)(uintptr_t)machine.array, 64U);
    }
    noted_arrive();
    model_trap(thread, number, r);
    check_trap(end);
    return end;
}

static enum machine_end fault_step(int thread)
{
    enum machine_end end;

    tell("fault", thread, 0U, NULL);
    machine.comes_in_trap = 0U;
    end = machine_fault();
    model_fault(thread);
    machine.panicked = &spm_threads[thread];
    check_trap(end);
    return end;
}

static enum machine_end step(void)
{
    int thread = model_running();
    uint32_t what = byte();
    enum machine_end end;

    idle_steps = (thread == (int)SPM_IDLE) ? idle_steps + 1U : 0U;
    if (idle_steps > IDLE_STEPS_MAX) { /* nothing will ever happen again */
        return MACHINE_RESET;
    }
    if ((what < 14U) || (thread == (int)SPM_IDLE)) {
        interrupt_step();
        return MACHINE_RUNS;
    }
    if (what < 20U) {
        scribble(((what & 1U) != 0U) ? thread : (int)SPM_AGENT);
    }
    if ((what == 20U) && (thread < (int)SPM_PARTITIONS) && rarely()) {
        end = fault_step(thread);
    } else {
        end = trap_step(thread);
    }
    if (end == MACHINE_RUNS) {
        settle();
    }
    return end;
}

static void start(void)
{
    tell("start", (int)SPM_IDLE, 0U, NULL);
    require(machine_boot() == MACHINE_RUNS);
    model_boot();
    check_begin();
    check_state();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool mapped;

    if (!mapped) {
        machine_start();
        is_told = getenv("BZ_TRACE") != NULL;
        mapped = true;
    }
    input = data;
    input_left = size;
    mistakes = byte();
    for (uint32_t starts = 0; (starts < STARTS_MAX) && (input_left != 0U); starts++) {
        start();
        while (input_left != 0U) {
            if (step() != MACHINE_RUNS) {
                break;
            }
        }
    }
    return 0;
}
