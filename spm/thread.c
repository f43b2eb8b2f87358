/*
 * Threads: one for each partition, one for the non-secure side; whose registers and MPU regions are
 * in force.
 *
 * A call is a direct switch: the client's thread rests where it is, the server's gets a fresh frame
 * on its own stack. All threads run unprivileged with the process stack; what they may touch is a
 * list of regions from the product's tables, loaded when the list changes.
 */
#include "spm/spm.h"

#include <string.h>

#include "layout.h"

#define THREAD_EXC_RETURN                                                                          \
    0xFFFFFFFDU /* Secure, Thread mode, process stack, no FP frame, DCRS default */
#define STACK_SEAL_BYTES 8U
#define FRAME_XPSR       0x01000000U /* Thumb */

extern uint8_t __agent_stack_limit[];
extern uint8_t __agent_stack_top[];

struct spm_thread *spm_current;

static struct spm_thread threads[SPM_PARTITIONS]; /* in table order */
static struct spm_thread agent;

static uint32_t stack_seal(uint32_t stack_top)
{
    uint32_t *seal = (uint32_t *)stack_top - 2;

    seal[0] = STACK_SEAL;
    seal[1] = STACK_SEAL;
    return (uint32_t)seal;
}

/* A context that starts function(argument) with every other register zero. */
static void context_build(struct spm_thread *thread, uint32_t stack_limit, uint32_t sp,
                          uintptr_t function, uint32_t argument)
{
    struct spm_frame *frame = (struct spm_frame *)sp - 1;

    frame->r0 = argument;
    frame->r1 = 0U;
    frame->r2 = 0U;
    frame->r3 = 0U;
    frame->r12 = 0U;
    frame->lr = (uint32_t)(uintptr_t)spm_partition_return;
    frame->pc = (uint32_t)function & ~1U;
    frame->xpsr = FRAME_XPSR;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < 8U; i++) {
        thread->context.r4_to_r11[i] = 0U;
    }
    thread->context.psp = (uint32_t)(uintptr_t)frame;
    thread->context.exc_return = THREAD_EXC_RETURN;
    thread->context.psplim = stack_limit;
}

void thread_init_all(uint32_t nonsecure_reset_handler)
{
    for (uint32_t i = 0; i < SPM_PARTITIONS; i++) {
        const struct spm_partition *partition = &spm_partitions[i];

        threads[i].partition = partition;
        threads[i].regions = partition->regions;
        threads[i].region_count = partition->region_count;
        threads[i].state = SPM_THREAD_NEW;
        (void)memset((void *)partition->stack_limit, 0,
                     partition->stack_top - partition->stack_limit);
        (void)stack_seal(partition->stack_top);
    }
    agent.regions = spm_agent_regions;
    agent.region_count = spm_agent_region_count;
    agent.state = SPM_THREAD_RUNNING;
    context_build(&agent, (uint32_t)__agent_stack_limit, stack_seal((uint32_t)__agent_stack_top),
                  (uintptr_t)spm_agent_start, nonsecure_reset_handler & ~1U);
}

struct spm_thread *thread_of_partition(uint32_t index)
{
    return &threads[index];
}

int32_t thread_client_id(const struct spm_thread *thread)
{
    return (thread->partition != NULL) ? thread->partition->id : -1;
}

void thread_switch(struct spm_thread *thread)
{
    spm_current = thread;
    isolate_load(thread->regions, thread->region_count);
}

psa_msg_t *thread_message_place(const struct spm_thread *server)
{
    return (psa_msg_t *)(server->partition->stack_top - STACK_SEAL_BYTES) - 1;
}

void thread_enter(struct spm_thread *server, uintptr_t function)
{
    context_build(server, server->partition->stack_limit, (uint32_t)thread_message_place(server),
                  function, (uint32_t)thread_message_place(server));
    thread_switch(server);
}

void thread_start_next(void)
{
    for (uint32_t i = 0; i < SPM_PARTITIONS; i++) {
        struct spm_thread *thread = &threads[spm_start_order[i]];

        if (thread->state == SPM_THREAD_NEW) {
            if (thread->partition->init != NULL) {
                thread_enter(thread, (uintptr_t)thread->partition->init);
                return;
            }
            thread->state = SPM_THREAD_IDLE;
        }
    }
    start_all_done();
    thread_switch(&agent);
}
