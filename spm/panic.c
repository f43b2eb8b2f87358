/*
 * The end of a caller that broke a rule: one table of rules, one function.
 *
 * FF-M calls a breach a PROGRAMMER ERROR (FF-M 1.0, 3.4.5). The non-secure side gets a status; a
 * partition is a part of the Root of Trust that can no longer be trusted: the device resets and
 * says why, in the log and in the fault record.
 */
#include "spm/fault.h"
#include "spm/spm.h"

#include "platform/platform.h"

static const char *const rule_texts[] = {
    [RULE_HANDLE] = "a handle that is not one of its own",
    [RULE_SERVICE] = "a service that it may not use that way",
    [RULE_VERSION] = "a service version that the policy refuses",
    [RULE_TYPE] = "a call type that is not 0..32767",
    [RULE_VECTOR_COUNT] = "more than 4 vectors",
    [RULE_VECTOR_MEMORY] = "a vector in memory that it may not access",
    [RULE_MESSAGE] = "a message handle that it does not serve",
    [RULE_VECTOR_INDEX] = "a vector index above 3",
    [RULE_BUFFER] = "a buffer in memory that it may not access",
    [RULE_OVERFLOW] = "more output than the client's vector holds",
    [RULE_STATUS] = "a status that does not answer a connection",
    [RULE_FLASH] = "a flash region that it has no grant for",
    [RULE_SECRET] = "a secret that it has no grant for",
    [RULE_REQUEST] = "a request that its service calls a programmer error",
    [RULE_STACK] = "a stack pointer outside its stack",
    [RULE_RIGHT] = "a request that it has no right to",
    [RULE_TRAP] = "a trap that it may not raise",
    [RULE_PANIC] = "psa_panic()",
};

void panic_partition(const struct spm_partition *partition, enum spm_rule rule)
{
    fault_record_panic(partition, rule, rule_texts[rule]);
    platform_reset(PLATFORM_RESET_PANIC);
}

void panic_programmer_error(struct spm_frame *frame, enum spm_rule rule)
{
    if (spm_current->partition != NULL) {
        panic_partition(spm_current->partition, rule);
    }
    frame->r0 = (uint32_t)PSA_ERROR_PROGRAMMER_ERROR;
}

void panic_trap(struct spm_frame *frame)
{
    panic_programmer_error(frame, RULE_PANIC);
}
