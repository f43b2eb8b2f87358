/*
 * Threads: one for each partition, one for the non-secure side, one that idles; how they start, and
 * how that of a partition starts afresh.
 *
 * All threads run unprivileged with the process stack; what they may touch is a list of regions
 * from the product's tables. Who runs is decided in call.c.
 */
#include "spm/spm.h"

#include <string.h>

#define THREAD_EXC_RETURN                                                                          \
    0xFFFFFFFDU                 /* Secure, Thread mode, process stack, no FP frame, DCRS default */
#define FRAME_XPSR  0x01000000U /* Thumb */
#define REGION_MASK 0x1FU       /* of a region's registers: what is not address */

extern uint8_t __agent_stack_limit[];
extern uint8_t __agent_stack_top[];
extern uint8_t __idle_stack_limit[];
extern uint8_t __idle_stack_top[];

struct spm_thread spm_threads[SPM_THREADS];
struct spm_state spm_state;
uint32_t spm_nonsecure_fp[16];

/* The address of the seal, which is where the stack begins. */
static uint32_t stack_seal(uint32_t stack_top)
{
    uint32_t *seal = (uint32_t *)(uintptr_t)stack_top - 2;

    seal[0] = STACK_SEAL;
    seal[1] = STACK_SEAL;
    return (uint32_t)(uintptr_t)seal;
}

void thread_build_context(struct spm_thread *thread, uint32_t sp, uintptr_t function,
                          uintptr_t back, uint32_t argument)
{
    struct spm_frame *frame = (struct spm_frame *)(uintptr_t)sp - 1;

    *frame = (struct spm_frame){
        .r0 = argument,
        .lr = (uint32_t)back,
        .pc = (uint32_t)function & ~1U,
        .xpsr = FRAME_XPSR,
    };
    (void)memset(thread->context.r4_to_r11, 0, sizeof(thread->context.r4_to_r11));
    thread->context.psp = (uint32_t)(uintptr_t)frame;
    thread->context.exc_return = THREAD_EXC_RETURN;
}

static void stack_set(struct spm_thread *thread, uint32_t limit, uint32_t top)
{
    thread->context.psplim = limit;
    thread->stack_last = top - (uint32_t)sizeof(struct spm_frame);
}

/* The thread of a partition at its beginning; its memory is as the image has it. */
static void partition_begin(struct spm_thread *thread)
{
    const struct spm_partition *partition = thread->partition;
    uint32_t sp = stack_seal(partition->stack_top);

    spm_state.active |= thread->active_bit;
    if (partition->entry != NULL) {
        thread->traps = spm_traps_of_ipc;
        thread_build_context(thread, sp, (uintptr_t)partition->entry, (uintptr_t)spm_ended, 0U);
    } else { /* above its frames is room for the message that it serves */
        thread->traps = spm_traps_of_sfn;
        thread->place = (psa_msg_t *)(uintptr_t)sp - 1;
        thread_build_context(thread, (uint32_t)(uintptr_t)thread->place & ~7U,
                             (uintptr_t)spm_sfn_main, (uintptr_t)spm_ended,
                             (uint32_t)(uintptr_t)partition->sfn_init);
    }
    interrupt_open(thread);
}

/* The two threads without a partition; their stacks lie in one region. */
static void helper_begin(struct spm_thread *thread, uint8_t *limit, uint8_t *top,
                         uintptr_t function, uint32_t argument)
{
    thread->regions = spm_agent_regions;
    thread->region_count = spm_agent_region_count;
    thread->regions_key = spm_agent_regions;
    thread->services = spm_agent_services;
    thread->message.view.client_id = -1;
    thread->traps = spm_traps_of_agent;
    stack_set(thread, (uint32_t)(uintptr_t)limit, (uint32_t)(uintptr_t)top);
    thread_build_context(thread, stack_seal((uint32_t)(uintptr_t)top), function, 0U, argument);
    spm_state.active |= thread->active_bit;
}

void thread_init_all(uint32_t nonsecure_reset_handler)
{
    for (uint32_t i = 0; i < SPM_THREADS; i++) {
        spm_threads[i].rank = i;
        spm_threads[i].active_bit = 0x80000000U >> i;
        spm_threads[i].message.serial = i + 1U;
    }
    for (uint32_t i = 0; i < spm_partition_count; i++) {
        const struct spm_partition *partition = &spm_partitions[i];
        struct spm_thread *thread = &spm_threads[i];

        thread->partition = partition;
        thread->message.view.client_id = partition->id;
        thread->regions = partition->regions;
        thread->region_count = partition->region_count;
        thread->regions_key = partition->regions;
        thread->services = partition->services;
        thread->ram_base = partition->regions[1].rbar & ~REGION_MASK;
        thread->ram_size = (partition->regions[1].rlar | REGION_MASK) + 1U - thread->ram_base;
        stack_set(thread, partition->stack_limit, partition->stack_top);
        start_memory_init(partition);
        partition_begin(thread);
    }
    helper_begin(&spm_threads[SPM_AGENT], __agent_stack_limit, __agent_stack_top,
                 (uintptr_t)spm_agent_start, nonsecure_reset_handler & ~1U);
    helper_begin(&spm_threads[SPM_IDLE], __idle_stack_limit, __idle_stack_top, (uintptr_t)spm_idle,
                 0U);
}

/* ---- Starting afresh ---- */

void thread_restart(struct spm_thread *thread)
{
    interrupt_close(thread);
    connection_lose_all(thread);
    call_end_all(thread);
    (void)memset(thread->maps, 0, sizeof(thread->maps));
    thread->regions_key = thread->regions;
    spm_state.active |= thread->active_bit;
    thread->signals = 0U;
    thread->wait_mask = 0U;
    thread->started = false;
    thread->closing = true;
    thread_restart_continue(thread);
}

void thread_restart_continue(struct spm_thread *thread)
{
    struct spm_connection *connection;

    while ((connection = connection_of_client(thread->message.view.client_id)) != NULL) {
        if (call_close_for(thread, connection)) {
            return;
        }
    }
    thread->closing = false;
    start_memory_init(thread->partition);
    partition_begin(thread);
}
