/*
 * From boot's jump to the non-secure world: hand-off, worlds, memory, partitions, application.
 *
 * Runs once, on the main stack, privileged; entry.S calls spm_start(), then traps into
 * spm_first_thread(), and from there on only threads run. Every failure ends in one line and
 * platform_halt().
 */
#include "spm/spm.h"

#include "layout.h"
#include "lib/log/log.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"

static uint32_t nonsecure_vectors;

static void start_refuse(const char *what)
{
    log_text("spm: ");
    log_text(what);
    log_text("\nspm: halted\n");
    platform_halt();
}

static void partitions_memory_init(void)
{
    for (uint32_t i = 0; i < spm_memory_init_count; i++) {
        const struct spm_memory_init *init = &spm_memory_inits[i];
        const uint32_t *load = init->load;

        for (uint32_t *word = init->data; word < init->data_end; word++) {
            *word = *load++;
        }
        for (uint32_t *word = init->bss; word < init->bss_end; word++) {
            *word = 0U;
        }
    }
}

static void peripherals_grant(void)
{
    for (uint32_t i = 0; i < spm_partition_count; i++) {
        for (uint32_t j = 0; j < spm_partitions[i].peripheral_count; j++) {
            platform_grant_peripheral(spm_partitions[i].peripherals[j], true);
        }
    }
}

/* Faults of the secure world are told apart, and come before everything else. */
static void exceptions_start(void)
{
    SCB_SHCSR |= SCB_SHCSR_MEMFAULTENA | SCB_SHCSR_BUSFAULTENA | SCB_SHCSR_USGFAULTENA |
                 SCB_SHCSR_SECUREFAULTENA;
    SCB_SHPR1 = 0U;
    SCB_SHPR2 = (uint32_t)TRAP_PRIORITY_LOW << 24; /* until the first thread runs */
    core_barrier_context();
    core_interrupts_restore(0U);
}

/* The state in which a processor without a secure world would come out of reset. */
static void nonsecure_prepare(uint32_t stack_top)
{
    ARMV8M_NS(SCB_VTOR_AT) = nonsecure_vectors;
    core_set_nonsecure_stacks(stack_top);
}

void spm_start(void)
{
    platform_init();
    if (!grant_take_handoff()) {
        start_refuse("the hand-off from boot is not valid");
    }
    nonsecure_vectors = grant_nonsecure_vectors();
    if (nonsecure_vectors == 0U) {
        start_refuse("boot handed over no non-secure image");
    }
    platform_split_worlds();
    partitions_memory_init();
    peripherals_grant();
    isolate_start();
    exceptions_start();
    platform_lock_worlds();
}

struct spm_thread *spm_first_thread(void)
{
    const uint32_t *vectors = (const uint32_t *)nonsecure_vectors;

    nonsecure_prepare(vectors[0]);
    thread_init_all(vectors[1]);
    thread_start_next();
    return spm_current;
}

void start_init_done(const struct spm_partition *partition, psa_status_t status)
{
    if (status != PSA_SUCCESS) {
        log_text("spm: partition ");
        log_text(partition->name);
        log_text(" did not start, status ");
        log_hex((uint32_t)status);
        log_newline();
        log_text("spm: halted\n");
        platform_halt();
    }
}

void start_all_done(void)
{
    grant_wipe_unclaimed();
    log_text("spm: partitions ready, starting the non-secure world\n");
}
