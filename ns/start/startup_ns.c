/*
 * Start-up of a non-secure application: vectors, memory, FPU, constructors, then main().
 *
 * Linked with ns.ld; needs memcpy() and memset(), and nothing else of Bartizan. The secure world
 * starts the application at its reset handler on the main stack, privileged, as a processor would
 * after reset. The last 1024 bytes of its memory (__nvmem_start) keep what a reset found there.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CPACR          (*(volatile uint32_t *)0xE000ED88U)
#define CPACR_FPU_FULL (0xFU << 20)

extern uint8_t __ns_stack_limit[];
extern uint8_t __ns_stack_top[];
extern uint8_t __data_load[];
extern uint8_t __data_start[];
extern uint8_t __data_end[];
extern uint8_t __bss_start[];
extern uint8_t __bss_end[];
extern void (*__preinit_array_start[])(void);
extern void (*__init_array_end[])(void);

int main(void);
void ns_reset(void) __attribute__((noreturn));
void ns_unexpected(void);

/* An exception that the application has no handler for. */
void ns_unexpected(void)
{
    for (;;) {
        __asm volatile("wfi");
    }
}

#define NS_HANDLER(name) void name(void) __attribute__((weak, alias("ns_unexpected")))
NS_HANDLER(NMI_Handler);
NS_HANDLER(HardFault_Handler);
NS_HANDLER(MemManage_Handler);
NS_HANDLER(BusFault_Handler);
NS_HANDLER(UsageFault_Handler);
NS_HANDLER(SVC_Handler);
NS_HANDLER(DebugMon_Handler);
NS_HANDLER(PendSV_Handler);
NS_HANDLER(SysTick_Handler);

typedef union {
    void (*handler)(void);
    void *stack;
} ns_vector;

extern const ns_vector ns_vectors[];
const ns_vector ns_vectors[] __attribute__((section(".vectors"), used)) = {
    {.stack = __ns_stack_top},
    {.handler = ns_reset},
    {.handler = NMI_Handler},
    {.handler = HardFault_Handler},
    {.handler = MemManage_Handler},
    {.handler = BusFault_Handler},
    {.handler = UsageFault_Handler},
    {0},
    {0},
    {0},
    {0},
    {.handler = SVC_Handler},
    {.handler = DebugMon_Handler},
    {0},
    {.handler = PendSV_Handler},
    {.handler = SysTick_Handler},
};

/* ns.ld puts the constructors of C++ behind those that come before them. */
static void run_constructors(void)
{
    size_t count = (size_t)(__init_array_end - __preinit_array_start);

    for (size_t i = 0; i < count; i++) {
        __preinit_array_start[i]();
    }
}

void ns_reset(void)
{
    __asm volatile("msr msplim, %0" : : "r"(__ns_stack_limit));
#if defined(__ARM_FP)
    CPACR |= CPACR_FPU_FULL;
    __asm volatile("dsb\n\tisb");
#endif
    (void)memcpy(__data_start, __data_load, (size_t)(__data_end - __data_start));
    (void)memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
    run_constructors();
    (void)main();
    for (;;) {
        __asm volatile("wfi");
    }
}
