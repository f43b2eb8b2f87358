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

void start_memory_init(const struct spm_partition *partition)
{
    const struct spm_memory_init *memory = &partition->memory;

    spm_copy(memory->data, memory->load,
             (uint32_t)((uintptr_t)memory->data_end - (uintptr_t)memory->data));
    spm_clear(memory->bss, (uint32_t)((uintptr_t)memory->bss_end - (uintptr_t)memory->bss));
    spm_clear((void *)(uintptr_t)partition->stack_limit,
              partition->stack_top - partition->stack_limit);
}

static void peripherals_grant(void)
{
    for (uint32_t i = 0; i < spm_partition_count; i++) {
        for (uint32_t j = 0; j < spm_partitions[i].peripheral_count; j++) {
            platform_grant_peripheral(spm_partitions[i].peripherals[j], true);
        }
    }
}

/* Faults of the secure world are told apart, and come before everything else. Where secure code has
 * live FP registers, an exception stacks all of them, and stacking clears them: nobody else sees one.
 * ARM DDI 0553, FPCCR.TS; without an FPU it does not exist. */
static void exceptions_start(void)
{
    SCB_SHCSR |= SCB_SHCSR_MEMFAULTENA | SCB_SHCSR_BUSFAULTENA | SCB_SHCSR_USGFAULTENA |
                 SCB_SHCSR_SECUREFAULTENA;
    SCB_SHPR1 = 0U;
    SCB_SHPR2 = (uint32_t)TRAP_PRIORITY_HIGH << 24;
    SCB_SHPR3 = (uint32_t)TRAP_PRIORITY_LOW << 16 | (uint32_t)TRAP_PRIORITY_LOW << 24;
    FPU_FPCCR |= FPU_FPCCR_TS;
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
    if (mpu_count_regions() < MPU_REGIONS_MIN) {
        start_refuse("this core has fewer MPU regions than the product plans for (mpu_regions)");
    }
    if (!grant_take_handoff()) {
        start_refuse("the hand-off from boot is not valid");
    }
    nonsecure_vectors = grant_nonsecure_vectors();
    if (nonsecure_vectors == 0U) {
        start_refuse("boot handed over no non-secure image");
    }
    platform_split_worlds();
    peripherals_grant();
    interrupt_start();
    isolate_start();
    exceptions_start();
    platform_lock_worlds();
}

struct spm_thread *spm_first_thread(void)
{
    const uint32_t *vectors = (const uint32_t *)(uintptr_t)nonsecure_vectors;

    nonsecure_prepare(vectors[0]);
    thread_init_all(vectors[1]);
    return call_run_next();
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

struct spm_thread *start_trap_started(struct spm_frame *frame, struct spm_thread *thread)
{
    (void)frame;
    grant_wipe_unclaimed();
    trap_begin_long();
    log_text("spm: partitions ready, starting the non-secure world\n");
    trap_end_long();
    return thread;
}
