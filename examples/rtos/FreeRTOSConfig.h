/*
 * The kernel's configuration: preemptive, static memory only, tasks unprivileged behind the MPU.
 *
 * Read by every file of the kernel and of this example. The clock comes from the SDK, the number of
 * MPU regions from CMakeLists.txt, the FPU from the compiler; everything else is decided here.
 */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include "bartizan/product.h"

/* ---- Processor: Cortex-M33, non-secure side of a TrustZone system that another image owns ---- */
#define configENABLE_TRUSTZONE         0 /* the secure world is Bartizan's: no secure contexts */
#define configRUN_FREERTOS_SECURE_ONLY 0
#define configENABLE_MPU               1
#define configTOTAL_MPU_REGIONS        RTOS_MPU_REGIONS
#define configCPU_CLOCK_HZ             BARTIZAN_CLOCK_HZ

#if defined(__ARM_FP)
#define configENABLE_FPU 1
#else
#define configENABLE_FPU 0
#endif

/* PendSV and SysTick are ours first, which count what they interrupt (handlers.c). */
#define configCHECK_HANDLER_INSTALLATION 0
#define PendSV_Handler                   freertos_switch
#define SysTick_Handler                  freertos_tick

/* Interrupts of this priority and below are masked in critical sections. Upper three bits. */
#define configMAX_SYSCALL_INTERRUPT_PRIORITY 0x20

/* ---- Scheduler ---- */
#define configUSE_PREEMPTION                    1
#define configUSE_TIME_SLICING                  0
#define configUSE_PORT_OPTIMISED_TASK_SELECTION 1
#define configTICK_RATE_HZ                      1000
#define configTICK_TYPE_WIDTH_IN_BITS           TICK_TYPE_WIDTH_32_BITS
#define configMAX_PRIORITIES                    5
#define configMINIMAL_STACK_SIZE                128 /* words: of the idle task */
#define configMAX_TASK_NAME_LEN                 12
#define configUSE_IDLE_HOOK                     0
#define configUSE_TICK_HOOK                     0
#define configCHECK_FOR_STACK_OVERFLOW          0 /* PSPLIM does it */
#define configUSE_TIMERS                        0
#define configUSE_MUTEXES                       1
#define configUSE_TASK_NOTIFICATIONS            1
#define configUSE_EVENT_GROUPS                  0
#define configUSE_STREAM_BUFFERS                0

/* ---- Memory ---- */
#define configSUPPORT_STATIC_ALLOCATION         1
#define configSUPPORT_DYNAMIC_ALLOCATION        0
#define configUSE_MPU_WRAPPERS_V1               0
#define configPROTECTED_KERNEL_OBJECT_POOL_SIZE 8
#define configSYSTEM_CALL_STACK_SIZE            128 /* words, for each task */
#define configENABLE_ACCESS_CONTROL_LIST        0

/* ---- What is used of the API ---- */
#define INCLUDE_vTaskDelay                1
#define INCLUDE_vTaskSuspend              1
#define INCLUDE_xTaskGetCurrentTaskHandle 1

/* Also in unprivileged tasks, which can print nothing: a fault, which the secure world records and
 * tells at the next start, with the place (bz why-reset). */
#define configASSERT(condition)                                                                    \
    if (!(condition)) {                                                                            \
        __builtin_trap();                                                                          \
    }

#endif
