/*
 * FreeRTOS on the non-secure side: tasks of different priorities, unprivileged behind the MPU, that
 * call secure services at the same time; one of them attacks another.
 *
 * main() makes the tasks; the supervisor, the only privileged one, waits for their ends and says
 * what came of them, one line each, each starting with "rtos:". The last line is "rtos: done" or
 * "rtos: FAILED".
 */
#include <stdio.h>
#include <string.h>

#include "bartizan/board.h"
#include "psa/crypto.h"
#include "tasks.h"

#define MPU_TYPE         (*(volatile uint32_t *)0xE000ED90u)
#define MPU_TYPE_REGIONS (MPU_TYPE >> 8 & 0xFFu)
#define SUPERVISOR_WORDS 768u
#define TASKS            3u
#define SECRET           0x5Au /* every byte of it */

extern uint8_t __privileged_sram_start__[];
extern uint8_t __privileged_sram_end__[]; /* the last byte */
extern uint8_t __privileged_data_load__[];

int main(void);

struct shared shared;
struct task_space high_space;
struct task_space low_space;
struct task_space intruder_space;

static PRIVILEGED_DATA StaticSemaphore_t lock_memory;
static PRIVILEGED_DATA StaticTask_t task_memory[TASKS];
static PRIVILEGED_DATA StaticTask_t supervisor_memory;
static PRIVILEGED_DATA StaticTask_t idle_memory;
static StackType_t supervisor_stack[SUPERVISOR_WORDS] __attribute__((aligned(MPU_GRANULE)));
static StackType_t idle_stack[configMINIMAL_STACK_SIZE] __attribute__((aligned(MPU_GRANULE)));
static bool all_good = true;

static void print_result(const char *task, bool good)
{
    printf("%s%s\n", task, good ? "ok" : "FAILED");
    all_good = all_good && good;
}

void vApplicationGetIdleTaskMemory(StaticTask_t **memory, StackType_t **stack,
                                   configSTACK_DEPTH_TYPE *stack_words)
{
    *memory = &idle_memory;
    *stack = idle_stack;
    *stack_words = configMINIMAL_STACK_SIZE;
}

/* ---- The supervisor ---- */

static bool secret_is_kept(const struct task_space *space)
{
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        if (space->data.secret[i] != SECRET) {
            return false;
        }
    }
    return true;
}

static void tell_worker(const char *name, const struct task_data *data)
{
    printf("rtos: %s: %lu rounds, %lu calls, %lu wrong, %lu refused as busy: ", name,
           (unsigned long)data->rounds, (unsigned long)data->calls, (unsigned long)data->wrong,
           (unsigned long)data->busy);
    print_result("", (data->rounds == WORKER_ROUNDS) && (data->wrong == 0u));
}

/* The same call from here is served: what the intruder was refused for is its privilege. */
static bool served_when_privileged(void)
{
    uint8_t hash[32];
    size_t length;

    return psa_hash_compute(PSA_ALG_SHA_256, low_space.data.secret, SECRET_BYTES, hash, sizeof hash,
                            &length) == PSA_SUCCESS;
}

static bool stopped_in(const struct task_space *space)
{
    const uint8_t *stack = (const uint8_t *)rtos_counts.stopped_stack;

    return (stack >= (const uint8_t *)space->stack) && (stack < (const uint8_t *)&space->data);
}

static void tell_intruder(const struct task_data *data)
{
    printf("rtos: intruder: %lu calls with memory of others in vectors, %lu refused: ",
           (unsigned long)data->calls, (unsigned long)data->refused);
    print_result("", (data->calls != 0u) && (data->refused == data->calls) && (data->wrong == 0u));
    print_result("rtos: intruder: what it wanted is as it was: ", secret_is_kept(&low_space));
    print_result("rtos: intruder: the same call by a privileged task is served: ",
                 served_when_privileged());
    printf("rtos: intruder: stopped by the MPU reading 0x%08lx: ",
           (unsigned long)rtos_counts.stopped_address);
    print_result("", stopped_in(&intruder_space) && !data->has_read &&
                         (rtos_counts.stopped_address == (uint32_t)low_space.data.secret));
}

static void tell_counts(void)
{
    printf(
        "rtos: %lu secure calls, %lu ticks and %lu switches of tasks in the middle of one: ",
        (unsigned long)(high_space.data.calls + low_space.data.calls + intruder_space.data.calls),
        (unsigned long)rtos_counts.ticks_in_calls, (unsigned long)rtos_counts.switches_in_calls);
    print_result("", (rtos_counts.ticks_in_calls != 0u) && (rtos_counts.switches_in_calls != 0u));
}

static void supervisor(void *unused)
{
    (void)unused;
    for (uint32_t ended = 0; ended < TASKS;) {
        ended += ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    }
    tell_worker("worker_high", &high_space.data);
    tell_worker("worker_low", &low_space.data);
    tell_intruder(&intruder_space.data);
    tell_counts();
    printf(all_good ? "rtos: done\n" : "rtos: FAILED\n");
    vTaskSuspend(NULL);
}

/* ---- Start ---- */

static bool code_hash_make(void)
{
    size_t length = 0;

    return (psa_crypto_init() == PSA_SUCCESS) &&
           (psa_hash_compute(PSA_ALG_SHA_256, __unprivileged_flash_start__, CODE_BYTES,
                             shared.code_hash, HASH_BYTES, &length) == PSA_SUCCESS);
}

static void task_make(const char *name, TaskFunction_t function, UBaseType_t priority,
                      struct task_space *space, StaticTask_t *memory)
{
    TaskHandle_t handle = NULL;
    const TaskParameters_t parameters = {
        .pvTaskCode = function,
        .pcName = name,
        .usStackDepth = STACK_WORDS,
        .pvParameters = &space->data,
        .uxPriority = priority,
        .puxStackBuffer = space->stack,
        .pxTaskBuffer = memory,
        .xRegions =
            {
                {&space->data, sizeof space->data,
                 tskMPU_REGION_READ_WRITE | tskMPU_REGION_EXECUTE_NEVER},
                {&shared, sizeof shared, tskMPU_REGION_READ_ONLY | tskMPU_REGION_EXECUTE_NEVER},
            },
    };

    memset(space->data.secret, SECRET, SECRET_BYTES);
    space->data.vectors[0] = (psa_invec){.base = tskKERNEL_VERSION_NUMBER, .len = 1};
    configASSERT(xTaskCreateRestrictedStatic(&parameters, &handle) == pdPASS);
}

static void tasks_make(void)
{
    task_make("worker_high", worker_high, 3, &high_space, &task_memory[0]);
    task_make("intruder", intruder, 2, &intruder_space, &task_memory[1]);
    task_make("worker_low", worker_low, 1, &low_space, &task_memory[2]);
    shared.supervisor =
        xTaskCreateStatic(supervisor, "supervisor", SUPERVISOR_WORDS, NULL, 4 | portPRIVILEGE_BIT,
                          supervisor_stack, &supervisor_memory);
    shared.lock = xSemaphoreCreateMutexStatic(&lock_memory);
}

int main(void)
{
    memcpy(__privileged_sram_start__, __privileged_data_load__,
           (size_t)(__privileged_sram_end__ + 1 - __privileged_sram_start__));
    board_init();
    printf("rtos: FreeRTOS %s\n", tskKERNEL_VERSION_NUMBER);
    if (MPU_TYPE_REGIONS != RTOS_MPU_REGIONS) {
        printf("rtos: FAILED: the MPU has %lu regions, build with -DMPU_REGIONS=%lu\n",
               (unsigned long)MPU_TYPE_REGIONS, (unsigned long)MPU_TYPE_REGIONS);
        return 1;
    }
    print_result("rtos: calls before the scheduler runs: ", code_hash_make());
    tasks_make();
    vTaskStartScheduler();
    return 1;
}
