/*
 * The reference model: see model.h. FF-M 1.0 and 1.1, function by function.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "bartizan/call.h"
#include "symbols.h"

struct model model;
uint8_t model_secure_ram[SECURE_RAM_SIZE];
uint8_t model_nonsecure_ram[NS_RAM_SIZE];
uint8_t model_peripheral[PERIPHERAL_SIZE];

#define T(thread) (&model.threads[thread])

static void closing_continue(int thread);
static void breach(int thread);

static int service_owner(int service)
{
    return (int)(spm_services[service].thread - spm_threads);
}

static bool is_sfn(int thread)
{
    return (thread < (int)SPM_PARTITIONS) && (spm_partitions[thread].entry == NULL);
}

static bool is_agent(int thread)
{
    return thread == (int)SPM_AGENT;
}

/* ---- Memory ---- */

uint8_t *model_byte(uint32_t address)
{
    if (address - SECURE_RAM_BASE < SECURE_RAM_SIZE) {
        return &model_secure_ram[address - SECURE_RAM_BASE];
    }
    if (address - NS_RAM_BASE < NS_RAM_SIZE) {
        return &model_nonsecure_ram[address - NS_RAM_BASE];
    }
    if (address - PERIPHERAL_BASE < PERIPHERAL_SIZE) {
        return &model_peripheral[address - PERIPHERAL_BASE];
    }
    return (uint8_t *)(uintptr_t)address; /* code: never written */
}

static uint64_t word_at(uint32_t address)
{
    uint64_t word;

    (void)memcpy(&word, model_byte(address), sizeof(word));
    return word;
}

static bool inside(uint32_t base, uint32_t last, uint32_t start, uint32_t end)
{
    return (base >= start) && (last < end);
}

static bool nonsecure_may(uint32_t base, uint32_t last, bool write)
{
    bool low = machine.unprivileged;

    if (inside(base, last, NS_CODE_BASE, NS_CODE_BASE + NS_CODE_SIZE)) {
        return !write;
    }
    if (inside(base, last, NS_RAM_BASE, NS_RAM_READABLE)) {
        return true;
    }
    if (inside(base, last, NS_RAM_READABLE, NS_RAM_PRIVILEGED)) {
        return !(low && write);
    }
    return inside(base, last, NS_RAM_PRIVILEGED, NS_RAM_BASE + NS_RAM_SIZE) && !low;
}

/* By the product's rules for its level, not by the lists of regions. */
static bool partition_may(int thread, uint32_t base, uint32_t last, bool write)
{
#define CODE_OF(name)                                                                              \
    {                                                                                              \
        __part_##name##_code_start, __part_##name##_code_end                                       \
    }
#define RAM_OF(name)                                                                               \
    {                                                                                              \
        __part_##name##_ram_start, __part_##name##_ram_end                                         \
    }
    static const uint32_t code[SPM_PARTITIONS][2] = {CODE_OF(driver), CODE_OF(vault),
                                                     CODE_OF(relay),  CODE_OF(shelf),
                                                     CODE_OF(keeper), CODE_OF(guest)};
    static const uint32_t ram[SPM_PARTITIONS][2] = {RAM_OF(driver), RAM_OF(vault),  RAM_OF(relay),
                                                    RAM_OF(shelf),  RAM_OF(keeper), RAM_OF(guest)};
    bool psa_rot = spm_partitions[thread].rot == SPM_ROT_PSA;

    if ((spm_partitions[thread].peripheral_count != 0U) &&
        inside(base, last, PERIPHERAL_BASE, PERIPHERAL_BASE + PERIPHERAL_SIZE)) {
        return true;
    }
    if (PRODUCT_ISOLATION == 3) {
        return inside(base, last, ram[thread][0], ram[thread][1]) ||
               (!write && (inside(base, last, code[thread][0], code[thread][1]) ||
                           inside(base, last, __gateways_start, __shared_code_end)));
    }
    if (!write && inside(base, last, __code_start, __code_end)) {
        return true;
    }
    if (psa_rot || (PRODUCT_ISOLATION == 1)) {
        return inside(base, last, __agent_ram_start,
                      (PRODUCT_ISOLATION == 1) ? __partitions_ram_end : __psa_rot_ram_end);
    }
    return inside(base, last, ram[thread][0], ram[thread][1]);
}

bool model_may(int thread, uint32_t base, uint32_t size_bytes, bool write)
{
    uint32_t last = base + size_bytes - 1U;

    if (size_bytes == 0U) {
        return true;
    }
    if (last < base) {
        return false;
    }
    return is_agent(thread) ? nonsecure_may(base, last, write)
                            : partition_may(thread, base, last, write);
}

static void copy(uint32_t to, uint32_t from, uint32_t size_bytes)
{
    if (size_bytes != 0U) {
        model.copies[model.copy_count++] = (struct machine_copy){to, from, size_bytes};
        (void)memmove(model_byte(to), model_byte(from), size_bytes);
    }
}

static void clear(uint32_t base, uint32_t size_bytes)
{
    model.copies[model.copy_count++] = (struct machine_copy){base, 0U, size_bytes};
    (void)memset(model_byte(base), 0, size_bytes);
}

/* ---- Threads ---- */

static void answer(int thread, uint32_t value)
{
    T(thread)->kind = ANSWER_VALUE;
    T(thread)->value = value;
}

uint32_t model_signals(int thread)
{
    uint32_t signals = T(thread)->signals;

    for (int i = 0; !is_sfn(thread) && (i < T(thread)->queue_count); i++) {
        signals |= spm_services[T(T(thread)->queue[i])->service].signal;
    }
    return signals;
}

static int waits_for(int thread)
{
    while (T(thread)->calling) {
        thread = T(thread)->server;
    }
    return thread;
}

/* FF-M leaves the order to the implementation; ours: by priority, and who waits for an answer lends
 * its own to who works on it. */
int model_running(void)
{
    if (model.flih >= 0) {
        return spm_irqs[model.flih].partition;
    }
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        if ((T(i)->wait_mask == 0U) && (T(waits_for(i))->wait_mask == 0U)) {
            return waits_for(i);
        }
    }
    abort();
}

static void wake(int thread)
{
    uint32_t hit = T(thread)->wait_mask & model_signals(thread);

    if (!is_sfn(thread) && (hit != 0U)) {
        T(thread)->wait_mask = 0U;
        answer(thread, hit);
    }
}

static void begin(int thread)
{
    const struct spm_memory_init *memory = &spm_partitions[thread].memory;
    uint32_t data = (uint32_t)(uintptr_t)memory->data;
    uint32_t bss = (uint32_t)(uintptr_t)memory->bss;

    copy(data, (uint32_t)(uintptr_t)memory->load, (uint32_t)(uintptr_t)memory->data_end - data);
    clear(bss, (uint32_t)(uintptr_t)memory->bss_end - bss);
    clear(spm_partitions[thread].stack_limit,
          spm_partitions[thread].stack_top - spm_partitions[thread].stack_limit);
    T(thread)->kind = ANSWER_FRESH;
    for (uint32_t i = 0; i < SPM_IRQS; i++) {
        if ((spm_irqs[i].partition == thread) && (spm_irqs[i].from_start != 0U)) {
            model.opened |= 1U << i;
            model.enabled |= 1ULL << spm_irqs[i].number;
        }
    }
}

void model_boot(void)
{
    (void)memset(&model, 0, sizeof(model));
    (void)memset(model_secure_ram, 0, sizeof(model_secure_ram));
    (void)memset(model_nonsecure_ram, 0, sizeof(model_nonsecure_ram));
    (void)memset(model_peripheral, 0, sizeof(model_peripheral));
    model.flih = NOBODY;
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        T(i)->serving = NOBODY;
        T(i)->connection = NOBODY;
        T(i)->kind = ANSWER_FRESH;
        if (i < (int)SPM_PARTITIONS) {
            begin(i);
            model.copy_count = 0U;
        }
    }
}

/* ---- Messages ---- */

static void take(int server, int client, uint32_t address)
{
    T(client)->taken = true;
    T(client)->handle = 0; /* the test looks it up */
    model.views[model.view_count++] = (struct model_view){server, client, address};
}

static void serve(int server, int client)
{
    uint32_t place = spm_partitions[server].stack_top - 8U - (uint32_t)sizeof(psa_msg_t);

    T(server)->wait_mask = 0U;
    T(server)->serving = client;
    T(server)->kind = ANSWER_MESSAGE;
    T(server)->value = place;
    take(server, client, place);
}

static void post(int client, int service, int32_t type)
{
    int server = service_owner(service);

    T(client)->service = service;
    T(client)->server = server;
    T(client)->type = type;
    T(client)->calling = true;
    T(client)->taken = false;
    if (is_sfn(server) && (T(server)->wait_mask != 0U)) {
        serve(server, client);
        return;
    }
    T(server)->queue[T(server)->queue_count++] = client;
    wake(server);
}

static void queue_remove(int server, int place)
{
    T(server)->queue_count--;
    for (int i = place; i < T(server)->queue_count; i++) {
        T(server)->queue[i] = T(server)->queue[i + 1];
    }
}

static void sfn_next(int server)
{
    if (T(server)->queue_count != 0) {
        int client = T(server)->queue[0];

        queue_remove(server, 0);
        serve(server, client);
    } else {
        T(server)->wait_mask = SPM_SIGNAL_SFN;
        T(server)->kind = ANSWER_ANY;
    }
}

int model_client_of(int server, uint32_t handle)
{
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        if (T(i)->calling && T(i)->taken && (T(i)->server == server) &&
            (T(i)->handle == (psa_handle_t)handle)) {
            return i;
        }
    }
    return NOBODY;
}

static void release(int client)
{
    T(client)->calling = false;
    T(client)->last_handle = T(client)->handle;
    for (uint32_t i = 0; i < PSA_MAX_IOVEC; i++) {
        T(client)->vectors[i] = (struct model_vector){0};
    }
    T(client)->in_count = 0U;
    T(client)->out_count = 0U;
}

static void connection_free(int connection)
{
    model.connections[connection] = (struct model_connection){0};
}

static void connect_end(int client, psa_status_t status)
{
    int connection = T(client)->connection;

    release(client);
    if (status == PSA_SUCCESS) {
        T(client)->kind = ANSWER_CONNECTION;
        T(client)->value = (uint32_t)connection;
    } else {
        connection_free(connection);
        answer(client, (uint32_t)status);
    }
}

static void close_end(int client)
{
    connection_free(T(client)->connection);
    release(client);
    if (T(client)->closing) {
        closing_continue(client);
    }
}

static void request_end(int client, psa_status_t status)
{
    for (uint32_t i = 0; i < T(client)->out_count; i++) {
        uint64_t written = T(client)->vectors[T(client)->in_count + i].done;
        uint32_t place = T(client)->out_array + 16U * i + 8U;

        (void)memcpy(model_byte(place), &written, sizeof(written));
    }
    release(client);
    answer(client, (uint32_t)status);
    if (status == PSA_ERROR_PROGRAMMER_ERROR) {
        if (T(client)->connection != NOBODY) {
            model.connections[T(client)->connection].state = SPM_CONNECTION_MISUSED;
        }
        if (!is_agent(client)) {
            T(client)->refused = true;
            T(client)->kind = ANSWER_ANY;
        }
    }
}

/* FF-M 1.0, 4.4.2, psa_reply(). False: a breach. */
static bool reply(int server, int client, psa_status_t status)
{
    if (T(client)->type == PSA_IPC_DISCONNECT) {
        close_end(client);
    } else if (T(client)->type == PSA_IPC_CONNECT) {
        if ((status != PSA_SUCCESS) && (status != PSA_ERROR_CONNECTION_REFUSED) &&
            (status != PSA_ERROR_CONNECTION_BUSY)) {
            breach(server);
            return false;
        }
        connect_end(client, status);
    } else {
        request_end(client, status);
    }
    return true;
}

/* ---- The end of a partition ---- */

static void closing_continue(int thread)
{
    for (int i = 0; i < (int)SPM_CONNECTIONS; i++) {
        struct model_connection *connection = &model.connections[i];

        if (!connection->live || (connection->client != thread)) {
            continue;
        }
        if ((connection->state == SPM_CONNECTION_LOST) ||
            (waits_for(service_owner(connection->service)) == thread)) {
            connection_free(i);
            continue;
        }
        T(thread)->connection = i;
        T(thread)->rhandle = connection->rhandle;
        post(thread, connection->service, PSA_IPC_DISCONNECT);
        return;
    }
    T(thread)->closing = false;
    begin(thread);
}

static void end_all_calls(int server)
{
    for (int i = 0; i < (int)SPM_THREADS; i++) {
        if (!T(i)->calling || (T(i)->server != server)) {
            continue;
        }
        if (T(i)->type == PSA_IPC_CONNECT) {
            connect_end(i, PSA_ERROR_CONNECTION_REFUSED);
        } else if (T(i)->type == PSA_IPC_DISCONNECT) {
            close_end(i);
        } else {
            release(i);
            answer(i, (uint32_t)PSA_ERROR_COMMUNICATION_FAILURE);
        }
    }
}

static void restart(int thread)
{
    for (uint32_t i = 0; i < SPM_IRQS; i++) {
        if (spm_irqs[i].partition == thread) {
            model.opened &= ~(1U << i);
            model.pending &= ~(1U << i);
            model.enabled &= ~(1ULL << spm_irqs[i].number);
        }
    }
    if ((model.flih >= 0) && (spm_irqs[model.flih].partition == thread)) {
        model.flih = NOBODY;
    }
    for (uint32_t i = 0; i < SPM_CONNECTIONS; i++) {
        if (model.connections[i].live && (service_owner(model.connections[i].service) == thread)) {
            model.connections[i].state = SPM_CONNECTION_LOST;
        }
    }
    T(thread)->queue_count = 0;
    T(thread)->serving = NOBODY;
    T(thread)->signals = 0U;
    T(thread)->wait_mask = 0U;
    T(thread)->started = false;
    T(thread)->closing = true;
    T(thread)->refused = false;
    T(thread)->kind = ANSWER_ANY;
    end_all_calls(thread);
    closing_continue(thread);
    model_deliver();
}

static void partition_end(int thread)
{
    if ((spm_partitions[thread].restart == 0U) || !T(thread)->started || T(thread)->calling) {
        model.end = MACHINE_RESET;
    } else {
        restart(thread);
    }
}

static void breach(int thread)
{
    model.ended = thread;
    if (is_agent(thread)) {
        answer(thread, (uint32_t)PSA_ERROR_PROGRAMMER_ERROR);
    } else {
        partition_end(thread);
    }
}

void model_fault(int thread)
{
    model.end = MACHINE_RUNS;
    model.ended = thread;
    model.copy_count = 0U;
    model.view_count = 0U;
    partition_end(thread);
}

/* ---- Clients ---- */

static int service_of(uint32_t sid)
{
    for (int i = 0; i < (int)SPM_SERVICES; i++) {
        if (spm_services[i].sid == sid) {
            return i;
        }
    }
    return NOBODY;
}

static bool allowed(int thread, int service)
{
    uint32_t word = is_agent(thread) ? spm_agent_services[0] : spm_partitions[thread].services[0];

    return ((word >> service) & 1U) != 0U;
}

static bool version_good(int service, uint32_t version)
{
    if (spm_services[service].version_policy == SPM_VERSION_STRICT) {
        return version == spm_services[service].version;
    }
    return (version >= 1U) && (version <= spm_services[service].version);
}

static void do_version(int thread, uint32_t sid)
{
    int service = service_of(sid);

    answer(thread, ((service != NOBODY) && allowed(thread, service)) ? spm_services[service].version
                                                                     : PSA_VERSION_NONE);
}

static int connection_new(void)
{
    for (int i = 0; i < (int)SPM_CONNECTIONS; i++) {
        if (!model.connections[i].live) {
            return i;
        }
    }
    return NOBODY;
}

/* What the non-secure side is told, and a partition ends for. */
static void connect_refuse(int thread)
{
    if (is_agent(thread)) {
        answer(thread, (uint32_t)PSA_ERROR_CONNECTION_REFUSED);
    } else {
        breach(thread);
    }
}

static void do_connect(int thread, uint32_t sid, uint32_t version)
{
    int service = service_of(sid);
    int connection = connection_new();

    if ((service == NOBODY) || !allowed(thread, service)) {
        connect_refuse(thread);
    } else if (spm_services[service].connection_based == 0U) {
        breach(thread);
    } else if (!version_good(service, version)) {
        connect_refuse(thread);
    } else if ((waits_for(service_owner(service)) == thread) || (connection == NOBODY)) {
        answer(thread, (uint32_t)PSA_ERROR_CONNECTION_BUSY);
    } else {
        model.connections[connection] = (struct model_connection){
            .live = true, .client = thread, .service = service, .state = SPM_CONNECTION_OPEN};
        T(thread)->connection = connection;
        T(thread)->rhandle = NULL;
        post(thread, service, PSA_IPC_CONNECT);
    }
}

static int connection_of(int thread, uint32_t handle)
{
    for (int i = 0; i < (int)SPM_CONNECTIONS; i++) {
        if (model.connections[i].live && (model.connections[i].client == thread) &&
            (handle != 0U) && (model.connections[i].handle == (psa_handle_t)handle)) {
            return i;
        }
    }
    return NOBODY;
}

static void do_close(int thread, uint32_t handle)
{
    int connection = connection_of(thread, handle);
    int service;

    if (handle == (uint32_t)PSA_NULL_HANDLE) {
        answer(thread, handle);
        return;
    }
    if (connection == NOBODY) {
        breach(thread);
        return;
    }
    service = model.connections[connection].service;
    if (waits_for(service_owner(service)) == thread) {
        breach(thread);
        return;
    }
    answer(thread, (uint32_t)PSA_SUCCESS);
    if (model.connections[connection].state == SPM_CONNECTION_LOST) {
        connection_free(connection);
        return;
    }
    T(thread)->connection = connection;
    T(thread)->rhandle = model.connections[connection].rhandle;
    post(thread, service, PSA_IPC_DISCONNECT);
}

/* FF-M 1.1, 3.4.2: the service behind a static handle, or NOBODY. */
static int stateless_of(int thread, uint32_t handle)
{
    uint32_t index = handle & 0x1FU;
    int service;

    if (((handle & ~0xFF1FU) != 0x40000000U) || (spm_stateless_services[index] == NULL)) {
        return NOBODY;
    }
    service = (int)(spm_stateless_services[index] - spm_services);
    return (allowed(thread, service) && version_good(service, (handle >> 8) & 0xFFU)) ? service
                                                                                      : NOBODY;
}

/* The vectors as the manager should have found them. */
static bool vectors_good(int thread, struct model_vector *vectors, uint32_t array, uint32_t count,
                         bool out)
{
    if (count == 0U) {
        return true;
    }
    if ((array % 8U != 0U) || !model_may(thread, array, 16U * count, out)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        vectors[i] = (struct model_vector){.base = (uint32_t)word_at(array + 16U * i),
                                           .size = (uint32_t)word_at(array + 16U * i + 8U),
                                           .out = out};
        if (!model_may(thread, vectors[i].base, vectors[i].size, out)) {
            return false;
        }
    }
    return true;
}

/* FF-M 1.1, 3.5, as far as regions of 32 bytes can do it. */
static bool mappable(int thread, int service, const struct model_vector *vectors, uint32_t count)
{
    if (is_agent(thread) || (spm_services[service].mm_iovec == 0U)) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (((vectors[i].base | vectors[i].size) % 32U != 0U) &&
            !model_may(service_owner(service), vectors[i].base, vectors[i].size, vectors[i].out)) {
            return false;
        }
    }
    return true;
}

/* Vectors that changed while the manager looked at them: whatever it took must be good. */
static void vectors_adopt(int thread, struct model_vector *vectors, uint32_t in, uint32_t out)
{
    const struct spm_message *message = &spm_threads[thread].message;

    for (uint32_t i = 0; i < in + out; i++) {
        bool is_out = i >= in;

        vectors[i] = (struct model_vector){
            .base = (uint32_t)(uintptr_t)message->vectors[i].base,
            .size = is_out ? (uint32_t)message->view.out_size[i - in]
                           : (uint32_t)message->view.in_size[i],
            .out = is_out,
        };
        require(vectors[i].size == message->vectors[i].size_bytes);
        require(model_may(thread, vectors[i].base, vectors[i].size, is_out));
    }
}

static void do_call(int thread, const uint32_t r[4])
{
    struct model_vector vectors[PSA_MAX_IOVEC] = {0};
    uint32_t in = CALL_CONTROL_IN_LEN(r[1]);
    uint32_t out = CALL_CONTROL_OUT_LEN(r[1]);
    int connection = NOBODY;
    int service = stateless_of(thread, r[0]);
    bool good;

    if (service == NOBODY) {
        connection = connection_of(thread, r[0]);
        if ((connection != NOBODY) &&
            (model.connections[connection].state == SPM_CONNECTION_LOST)) {
            answer(thread, (uint32_t)PSA_ERROR_COMMUNICATION_FAILURE);
            return;
        }
        if ((connection == NOBODY) ||
            (model.connections[connection].state != SPM_CONNECTION_OPEN)) {
            breach(thread);
            return;
        }
        service = model.connections[connection].service;
    }
    good = (CALL_CONTROL_TYPE(r[1]) >= 0) && (in + out <= PSA_MAX_IOVEC);
    if (good && machine.changed) {
        good = spm_threads[thread].server != NULL; /* it may refuse them or not */
        if (good) {
            vectors_adopt(thread, vectors, in, out);
        } else if (waits_for(service_owner(service)) == thread) {
            T(thread)->kind = ANSWER_ANY;
            return;
        }
    } else if (good) {
        good = vectors_good(thread, vectors, r[2], in, false) &&
               vectors_good(thread, &vectors[in], r[3], out, true) &&
               mappable(thread, service, vectors, in + out);
    }
    if (!good) {
        breach(thread);
    } else if (waits_for(service_owner(service)) == thread) {
        answer(thread, (uint32_t)PSA_ERROR_CONNECTION_BUSY);
    } else {
        (void)memcpy(T(thread)->vectors, vectors, sizeof(vectors));
        T(thread)->in_count = in;
        T(thread)->out_count = out;
        T(thread)->out_array = r[3];
        T(thread)->connection = connection;
        T(thread)->rhandle = (connection == NOBODY) ? NULL : model.connections[connection].rhandle;
        post(thread, service, CALL_CONTROL_TYPE(r[1]));
    }
}

/* ---- Servers ---- */

static void do_wait(int thread, uint32_t mask, uint32_t timeout)
{
    uint32_t own = mask & spm_partitions[thread].signals;
    uint32_t ready = own & model_signals(thread);

    if (own == 0U) {
        breach(thread);
        return;
    }
    T(thread)->started = true;
    if ((ready != 0U) || ((timeout & PSA_BLOCK) == 0U)) {
        answer(thread, ready);
    } else {
        T(thread)->wait_mask = own;
        T(thread)->kind = ANSWER_ANY;
    }
}

static void do_get(int thread, uint32_t signal, uint32_t address)
{
    int place = 0;

    while ((place < T(thread)->queue_count) &&
           (spm_services[T(T(thread)->queue[place])->service].signal != signal)) {
        place++;
    }
    if ((place == T(thread)->queue_count) || (address % 8U != 0U) ||
        !model_may(thread, address, sizeof(psa_msg_t), true)) {
        breach(thread);
        return;
    }
    take(thread, T(thread)->queue[place], address);
    queue_remove(thread, place);
    answer(thread, (uint32_t)PSA_SUCCESS);
}

static void do_reply(int thread, uint32_t handle, psa_status_t status)
{
    int client = model_client_of(thread, handle);

    if (client == NOBODY) {
        breach(thread);
    } else if (reply(thread, client, status)) {
        T(thread)->kind = (T(thread)->kind == ANSWER_FRESH) ? ANSWER_FRESH : ANSWER_ANY;
    }
}

static void do_next(int thread, psa_status_t status)
{
    int client = T(thread)->serving;

    if (client == NOBODY) {
        breach(thread);
    } else if (reply(thread, client, status)) {
        T(thread)->serving = NOBODY;
        sfn_next(thread);
    }
}

static void do_init_done(int thread, psa_status_t status)
{
    if (T(thread)->started) {
        breach(thread);
    } else if (status != PSA_SUCCESS) {
        model.end = MACHINE_HALTED;
    } else {
        T(thread)->started = true;
        sfn_next(thread);
    }
}

/* Vector `index` of the message: NULL after a breach. One that there is not is empty. */
static struct model_vector *vector_of(int thread, const uint32_t r[4], bool out)
{
    static struct model_vector none;
    int client = model_client_of(thread, r[0]);

    if ((client == NOBODY) || (T(client)->type < 0) || (r[1] >= PSA_MAX_IOVEC)) {
        breach(thread);
        return NULL;
    }
    none = (struct model_vector){0};
    if (r[1] >= (out ? T(client)->out_count : T(client)->in_count)) {
        return &none;
    }
    return &T(client)->vectors[r[1] + (out ? T(client)->in_count : 0U)];
}

static void do_read(int thread, const uint32_t r[4], bool skip)
{
    struct model_vector *vector = vector_of(thread, r, false);
    uint32_t wanted = skip ? r[2] : r[3];
    uint32_t size;

    if (vector == NULL) {
        return;
    }
    size = (wanted < vector->size - vector->done) ? wanted : vector->size - vector->done;
    if (vector->used || (!skip && !model_may(thread, r[2], size, true))) {
        breach(thread);
        return;
    }
    vector->touched = true;
    if (!skip) {
        copy(r[2], vector->base + vector->done, size);
    }
    vector->done += size;
    answer(thread, size);
}

static void do_write(int thread, const uint32_t r[4])
{
    struct model_vector *vector = vector_of(thread, r, true);

    if (vector == NULL) {
        return;
    }
    if (vector->used || (r[3] > vector->size - vector->done) ||
        !model_may(thread, r[2], r[3], false)) {
        breach(thread);
        return;
    }
    vector->touched = true;
    copy(vector->base + vector->done, r[2], r[3]);
    vector->done += r[3];
    T(thread)->kind = ANSWER_ANY;
}

static uint32_t regions_used(int server)
{
    uint32_t count = 0U;

    for (int i = 0; i < (int)SPM_THREADS; i++) {
        for (uint32_t j = 0; j < PSA_MAX_IOVEC; j++) {
            count += (T(i)->calling && (T(i)->server == server) && T(i)->vectors[j].in_region);
        }
    }
    return count;
}

/* A vector that there is, of a service that maps: NULL after a breach. */
static struct model_vector *vector_to_map(int thread, const uint32_t r[4], bool out)
{
    struct model_vector *vector = vector_of(thread, r, out);
    int client = model_client_of(thread, r[0]);

    if (vector == NULL) {
        return NULL;
    }
    if ((spm_services[T(client)->service].mm_iovec == 0U) ||
        (r[1] >= (out ? T(client)->out_count : T(client)->in_count))) {
        breach(thread);
        return NULL;
    }
    return vector;
}

static void do_map(int thread, const uint32_t r[4], bool out)
{
    struct model_vector *vector = vector_to_map(thread, r, out);
    bool needs;

    if (vector == NULL) {
        return;
    }
    needs = !model_may(thread, vector->base, vector->size, out);
    if (vector->touched || vector->used || (vector->size == 0U) ||
        (needs && (regions_used(thread) == SPM_MAPS_MAX))) {
        breach(thread);
        return;
    }
    vector->used = true;
    vector->mapped = true;
    vector->in_region = needs;
    answer(thread, vector->base);
}

static void do_unmap(int thread, const uint32_t r[4], bool out)
{
    struct model_vector *vector = vector_to_map(thread, r, out);

    if (vector == NULL) {
        return;
    }
    if (!vector->mapped || (out && (r[2] > vector->size))) {
        breach(thread);
        return;
    }
    vector->mapped = false;
    vector->in_region = false;
    vector->done = out ? r[2] : 0U;
    T(thread)->kind = ANSWER_ANY;
}

static void do_set_rhandle(int thread, uint32_t handle, uint32_t value)
{
    int client = model_client_of(thread, handle);

    if ((client == NOBODY) || (T(client)->connection == NOBODY)) {
        breach(thread);
        return;
    }
    model.connections[T(client)->connection].rhandle = (void *)(uintptr_t)value;
    T(thread)->kind = ANSWER_ANY;
}

static void do_notify(int thread, uint32_t id)
{
    for (int i = 0; i < (int)SPM_PARTITIONS; i++) {
        if ((spm_partitions[i].id == (int32_t)id) && !is_sfn(i)) {
            T(thread)->kind = ANSWER_ANY;
            T(i)->signals |= PSA_DOORBELL;
            wake(i);
            return;
        }
    }
    breach(thread);
}

static void do_clear(int thread)
{
    if ((T(thread)->signals & PSA_DOORBELL) == 0U) {
        breach(thread);
        return;
    }
    T(thread)->signals &= ~PSA_DOORBELL;
    T(thread)->kind = ANSWER_ANY;
}

/* ---- Interrupts ---- */

void model_arrive(uint32_t irq)
{
    model.enabled &= ~(1ULL << spm_irqs[irq].number);
    model.pending |= 1U << irq;
}

/* Handlers run one at a time; which of two comes first is nobody's promise. */
void model_deliver(void)
{
    for (uint32_t i = SPM_IRQS; i-- != 0U;) {
        if (((model.pending >> i) & 1U) == 0U) {
            continue;
        }
        if (spm_irqs[i].flih == NULL) {
            model.pending &= ~(1U << i);
            T(spm_irqs[i].partition)->signals |= spm_irqs[i].signal;
            wake(spm_irqs[i].partition);
        } else if (model.flih < 0) {
            model.pending &= ~(1U << i);
            model.flih = (int)i;
        }
    }
}

static int irq_of(int thread, uint32_t signal)
{
    for (int i = 0; i < (int)SPM_IRQS; i++) {
        if ((spm_irqs[i].partition == thread) && (spm_irqs[i].signal == signal)) {
            return i;
        }
    }
    return NOBODY;
}

/* Open, unless it is being dealt with. */
static void irq_release(int irq)
{
    const struct spm_irq *row = &spm_irqs[irq];
    bool waits = (row->flih == NULL) && ((T(row->partition)->signals & row->signal) != 0U);

    if ((((model.opened >> irq) & 1U) != 0U) && (((model.pending >> irq) & 1U) == 0U) && !waits &&
        (model.flih != irq)) {
        model.enabled |= 1ULL << row->number;
    }
}

static void do_irq(int thread, uint32_t number, uint32_t signal)
{
    int irq = irq_of(thread, signal);
    bool flih = (irq != NOBODY) && (spm_irqs[irq].flih != NULL);
    bool asserted = (irq != NOBODY) && ((T(thread)->signals & signal) != 0U);

    if ((irq == NOBODY) || ((number == TRAP_EOI) && (flih || !asserted)) ||
        ((number == TRAP_RESET_SIGNAL) && (!flih || !asserted))) {
        breach(thread);
        return;
    }
    T(thread)->kind = ANSWER_ANY;
    if (number == TRAP_IRQ_ENABLE) {
        model.opened |= 1U << irq;
        irq_release(irq);
    } else if (number == TRAP_IRQ_DISABLE) {
        answer(thread, (model.opened >> irq) & 1U);
        model.opened &= ~(1U << irq);
        model.enabled &= ~(1ULL << spm_irqs[irq].number);
    } else {
        T(thread)->signals &= ~signal;
        if (number == TRAP_EOI) {
            irq_release(irq);
        }
    }
}

static void do_flih_return(uint32_t result)
{
    int irq = model.flih;
    int thread = spm_irqs[irq].partition;

    model.flih = NOBODY;
    if (result == PSA_FLIH_SIGNAL) {
        T(thread)->signals |= spm_irqs[irq].signal;
        wake(thread);
    }
    irq_release(irq);
    model_deliver();
}

static void trap_of_flih(int thread, uint32_t number, const uint32_t r[4])
{
    enum answer_kind kind = T(thread)->kind; /* of what the thread itself is at */
    uint32_t value = T(thread)->value;

    switch (number) {
    case TRAP_FLIH_RETURN:
        do_flih_return(r[0]);
        return;
    case TRAP_IRQ_ENABLE:
    case TRAP_IRQ_DISABLE:
    case TRAP_RESET_SIGNAL:
        do_irq(thread, number, r[0]);
        break;
    default:
        breach(thread);
        break;
    }
    if (model.ended == NOBODY) {
        T(thread)->kind = kind;
        T(thread)->value = value;
    }
}

/* ---- Traps ---- */

static void trap_of_partition(int thread, uint32_t number, const uint32_t r[4])
{
    switch (number) {
    case TRAP_READ:
        do_read(thread, r, false);
        break;
    case TRAP_SKIP:
        do_read(thread, r, true);
        break;
    case TRAP_WRITE:
        do_write(thread, r);
        break;
    case TRAP_SET_RHANDLE:
        do_set_rhandle(thread, r[0], r[1]);
        break;
    case TRAP_MAP_IN:
    case TRAP_MAP_OUT:
        do_map(thread, r, number == TRAP_MAP_OUT);
        break;
    case TRAP_UNMAP_IN:
    case TRAP_UNMAP_OUT:
        do_unmap(thread, r, number == TRAP_UNMAP_OUT);
        break;
    case TRAP_NOTIFY:
        do_notify(thread, r[0]);
        break;
    case TRAP_IRQ_ENABLE:
    case TRAP_IRQ_DISABLE:
    case TRAP_RESET_SIGNAL:
        do_irq(thread, number, r[0]);
        break;
    default:
        breach(thread);
        break;
    }
}

static void trap_of_server(int thread, uint32_t number, const uint32_t r[4])
{
    bool sfn = is_sfn(thread);

    if (sfn && (number == TRAP_NEXT)) {
        do_next(thread, (psa_status_t)r[0]);
    } else if (sfn && (number == TRAP_INIT_DONE)) {
        do_init_done(thread, (psa_status_t)r[0]);
    } else if (!sfn && (number == TRAP_WAIT)) {
        do_wait(thread, r[0], r[1]);
    } else if (!sfn && (number == TRAP_GET)) {
        do_get(thread, r[0], r[1]);
    } else if (!sfn && (number == TRAP_REPLY)) {
        do_reply(thread, r[0], (psa_status_t)r[1]);
    } else if (!sfn && (number == TRAP_CLEAR)) {
        do_clear(thread);
    } else if (!sfn && (number == TRAP_EOI)) {
        do_irq(thread, number, r[0]);
    } else {
        trap_of_partition(thread, number, r);
    }
}

void model_trap(int thread, uint32_t number, const uint32_t r[4])
{
    model.end = MACHINE_RUNS;
    model.ended = NOBODY;
    model.copy_count = 0U;
    model.view_count = 0U;
    if (model.flih >= 0) {
        trap_of_flih(thread, number, r);
        return;
    }
    switch (number) {
    case TRAP_VERSION:
        do_version(thread, r[0]);
        break;
    case TRAP_CONNECT:
        do_connect(thread, r[0], r[1]);
        break;
    case TRAP_CALL:
        do_call(thread, r);
        break;
    case TRAP_CLOSE:
        do_close(thread, r[0]);
        break;
    default:
        if (is_agent(thread)) {
            breach(thread);
        } else {
            trap_of_server(thread, number, r);
        }
        break;
    }
}
