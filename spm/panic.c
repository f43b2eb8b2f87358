/*
 * The end of a caller that broke a rule: one table of rules, one function.
 *
 * FF-M calls a breach a PROGRAMMER ERROR (FF-M 1.0, 3.4.5). The non-secure side gets a status. A
 * partition is a part of the Root of Trust that can no longer be trusted: the device says why, in
 * the log and in the fault record, and resets; or, where the product says so, an Application RoT
 * partition starts afresh.
 */
#include "spm/fault.h"
#include "spm/spm.h"

#include "lib/log/log.h"
#include "platform/platform.h"

static const char *const rule_texts[] = {
    [RULE_HANDLE] = "a handle that is not one of its own",
    [RULE_SERVICE] = "a service that it may not use that way",
    [RULE_VERSION] = "a service version that the policy refuses",
    [RULE_TYPE] = "a call type that is not 0..32767",
    [RULE_VECTOR_COUNT] = "more than 4 vectors",
    [RULE_VECTOR_MEMORY] = "a vector in memory that it may not access",
    [RULE_VECTOR_BLOCK] = "a vector that its service maps and that is not made of 32-byte blocks",
    [RULE_CIRCLE] = "psa_close() to a partition that waits for it",
    [RULE_MESSAGE] = "a message handle that it does not serve",
    [RULE_VECTOR_INDEX] = "a vector index above 3",
    [RULE_BUFFER] = "a buffer in memory that it may not access",
    [RULE_OVERFLOW] = "more output than the client's vector holds",
    [RULE_STATUS] = "a status that does not answer a connection",
    [RULE_MAP] = "a vector that it may not map, unmap or use now",
    [RULE_SIGNAL] = "a signal that it does not have, or not now",
    [RULE_NOTIFY] = "psa_notify() to no partition that has a doorbell",
    [RULE_FLASH] = "a flash region that it has no grant for",
    [RULE_SECRET] = "a secret that it has no grant for",
    [RULE_REQUEST] = "a request that its service calls a programmer error",
    [RULE_STACK] = "a stack pointer outside its stack",
    [RULE_RIGHT] = "a request that it has no right to",
    [RULE_TRAP] = "a trap that it may not raise",
    [RULE_PANIC] = "psa_panic()",
};

/* A partition that ends before its first wait would do so for ever, and one that waits for an
 * answer leaves a server with its message: the device resets. */
static bool may_restart(const struct spm_thread *thread)
{
    return (SPM_HAS_RESTART != 0U) && (thread->partition->restart != 0U) && thread->started &&
           (thread->server == NULL);
}

static void partition_restart(struct spm_thread *thread) __attribute__((noreturn));
static void partition_restart(struct spm_thread *thread)
{
    log_text("spm: partition ");
    log_text(thread->partition->name);
    log_text(" starts afresh\n");
    thread_restart(thread);
    trap_end_long();
    spm_state.regions_key = NULL;   /* its maps are gone */
    spm_resume(interrupt_take(0U)); /* what has waited for the end of its first-level handler */
}

void panic_partition(struct spm_thread *thread, enum spm_rule rule)
{
    trap_begin_long();
    fault_record_panic(thread, rule, rule_texts[rule]);
    if (!may_restart(thread)) {
        platform_reset(PLATFORM_RESET_PANIC);
    }
    partition_restart(thread);
}

void panic_after_fault(struct spm_thread *thread)
{
    if (!may_restart(thread)) {
        log_text("spm: resetting\n");
        platform_reset(PLATFORM_RESET_FAULT);
    }
    trap_begin_long();
    partition_restart(thread);
}

struct spm_thread *panic_programmer_error(struct spm_frame *frame, struct spm_thread *thread,
                                          enum spm_rule rule)
{
    if (thread->partition != NULL) {
        panic_partition(thread, rule);
    }
    frame->r0 = (uint32_t)PSA_ERROR_PROGRAMMER_ERROR;
    return thread;
}

struct spm_thread *panic_trap(struct spm_frame *frame, struct spm_thread *thread)
{
    (void)frame;
    panic_partition(thread, RULE_PANIC);
}

struct spm_thread *panic_trap_request(struct spm_frame *frame, struct spm_thread *thread)
{
    frame->pc = frame->r0;
    panic_partition(thread, RULE_REQUEST);
}

struct spm_thread *panic_trap_refused(struct spm_frame *frame, struct spm_thread *thread)
{
    return panic_programmer_error(frame, thread, RULE_TRAP);
}

void spm_bad_stack(struct spm_frame *frame, struct spm_thread *thread)
{
    (void)frame;
    panic_partition(thread, RULE_STACK);
}
