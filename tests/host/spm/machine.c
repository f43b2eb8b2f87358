/*
 * The machine: see machine.h. Traps and interrupts follow spm/entry.S step by step.
 */
#define _GNU_SOURCE
#include "machine.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "insides.h"
#include "lib/log/log.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"
#include "spm/fault.h"
#include "symbols.h"

#define SYSTEM_PAGE    0xE000E000U
#define SHADOW_SHIFT   3U          /* AddressSanitizer on x86-64: where it keeps what it knows */
#define SHADOW_BASE    0x7FFF8000U /* of an address */
#define PAGE           0x1000U
#define GROUP_WORDS    ((volatile uint32_t *)0xE000ED9CU)
#define FIRST_EXTERNAL 16U
#define REGIONS        8U
#define JUMP_RESUME    1
#define JUMP_RESET     2
#define JUMP_HALT      3

struct machine machine;
static uint32_t region_words[2U * REGIONS]; /* from region 4 on */
static jmp_buf away;
static struct spm_thread *resumed;
static volatile uint32_t nvic_slot;
static enum machine_nvic_register nvic_kind;
static uint32_t nvic_word;

void machine_fail(const char *what)
{
    (void)fprintf(stderr, "the manager is wrong: %s\n", what);
    abort();
}

/* ---- Memory ---- */

static void map(uintptr_t base, size_t size_bytes)
{
    void *memory =
        mmap((void *)base, (size_bytes + PAGE - 1U) & ~(size_t)(PAGE - 1U), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    if (memory != (void *)base) {
        perror("mmap");
        exit(1);
    }
}

void machine_start(void)
{
    map(__code_start, 0x4000U);
    map(NS_CODE_BASE, NS_CODE_SIZE);
    map(NS_RAM_BASE, NS_RAM_SIZE);
    map(SECURE_RAM_BASE, SECURE_RAM_SIZE);
    map(PERIPHERAL_BASE, PERIPHERAL_SIZE);
    map(SYSTEM_PAGE, PAGE); /* in a gap that AddressSanitizer leaves, and its shadow too */
    map((SHADOW_BASE + (SYSTEM_PAGE >> SHADOW_SHIFT)) & ~(uintptr_t)(PAGE - 1U), PAGE);
    for (uint32_t i = 0; i < 0x2000U; i++) {
        *(uint8_t *)(uintptr_t)(__code_start + i) = (uint8_t)(i * 7U);
    }
}

static bool is_memory(uint32_t base, uint32_t size_bytes)
{
    const struct {
        uint32_t base, size_bytes;
    } areas[] = {
        {__code_start, 0x4000U},
        {NS_CODE_BASE, NS_CODE_SIZE},
        {NS_RAM_BASE, NS_RAM_SIZE},
        {SECURE_RAM_BASE, SECURE_RAM_SIZE},
        {PERIPHERAL_BASE, PERIPHERAL_SIZE},
    };

    for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
        uint32_t offset = base - areas[i].base;

        if ((offset <= areas[i].size_bytes) && (size_bytes <= areas[i].size_bytes - offset)) {
            return true;
        }
    }
    return false;
}

static void copy_record(uint32_t to, uint32_t from, uint32_t size_bytes)
{
    require(machine.copy_count < MACHINE_COPIES);
    machine.copies[machine.copy_count++] = (struct machine_copy){to, from, size_bytes};
}

void spm_copy(void *to, const void *from, uint32_t size_bytes)
{
    uint32_t target = (uint32_t)(uintptr_t)to;
    uint32_t source = (uint32_t)(uintptr_t)from;

    if (size_bytes != 0U) {
        require(is_memory(target, size_bytes) && is_memory(source, size_bytes));
        copy_record(target, source, size_bytes);
        (void)memmove(to, from, size_bytes);
    }
}

void spm_clear(void *memory, uint32_t size_bytes)
{
    uint32_t base = (uint32_t)(uintptr_t)memory;

    require(is_memory(base, size_bytes));
    copy_record(base, 0U, size_bytes);
    (void)memset(memory, 0, size_bytes);
}

/* ---- Protection ---- */

void mpu_set_region(uint32_t number, uint32_t rbar, uint32_t rlar)
{
    require(number < REGIONS);
    if (number < SPM_MPU_GROUP) {
        GROUP_WORDS[2U * number] = rbar;
        GROUP_WORDS[2U * number + 1U] = rlar;
    } else {
        region_words[2U * number] = rbar;
        region_words[2U * number + 1U] = rlar;
    }
    MPU_RNR = 0U;
}

bool machine_may(uint32_t address, bool write)
{
    bool found = false;
    bool may = false;

    for (uint32_t i = 0; i < REGIONS; i++) {
        uint32_t rbar = (i < SPM_MPU_GROUP) ? GROUP_WORDS[2U * i] : region_words[2U * i];
        uint32_t rlar = (i < SPM_MPU_GROUP) ? GROUP_WORDS[2U * i + 1U] : region_words[2U * i + 1U];

        if (((rlar & 1U) == 0U) || (address < (rbar & ~31U)) || (address > (rlar | 31U))) {
            continue;
        }
        if (found) {
            machine_fail("an address is in two MPU regions: an access faults");
        }
        found = true;
        may = ((rbar & 2U) != 0U) && (!write || ((rbar & 4U) == 0U));
    }
    return may;
}

/* What changes a vector while the manager looks at it: it points into secure memory then. */
static void vectors_change(void)
{
    if ((machine.hostile != 0U) && (--machine.hostile == 0U) &&
        (machine.array - NS_RAM_BASE < NS_RAM_SIZE - 64U)) {
        uint64_t *words = (uint64_t *)(uintptr_t)machine.array;

        for (uint32_t i = 0; i < 8U; i += 2U) {
            words[i] = __part_relay_ram_start + 0x300U;
            words[i + 1U] = 16U;
        }
        machine.changed = true;
    }
}

uint32_t machine_test_target(uint32_t address, bool unprivileged)
{
    uint32_t answer = TT_SECURE;

    if ((address & 0xFFFF0000U) == 0xE0000000U) { /* registers: no SAU region */
        answer = TT_NONSECURE_READ | TT_NONSECURE_READ_WRITE;
    } else if (address - NS_CODE_BASE < NS_CODE_SIZE) {
        answer = TT_SREGION_VALID | 0x100U | TT_NONSECURE_READ;
    } else if (address - NS_RAM_BASE < NS_RAM_SIZE) {
        uint32_t part = (address < NS_RAM_READABLE) ? 1U : (address < NS_RAM_PRIVILEGED) ? 2U : 3U;

        answer = TT_SREGION_VALID | 0x200U | (1U << 16) | part;
        answer |= (unprivileged && (part == 3U)) ? 0U : TT_NONSECURE_READ;
        answer |= (unprivileged && (part != 1U)) ? 0U : TT_NONSECURE_READ_WRITE;
    }
    vectors_change();
    return answer;
}

bool machine_nonsecure_unprivileged(void)
{
    return machine.unprivileged;
}

/* ---- Interrupts ---- */

static void nvic_commit(void)
{
    uint64_t bits = (uint64_t)nvic_slot << (32U * nvic_word);

    if (nvic_kind == MACHINE_SET_ENABLE) {
        machine.enabled |= bits;
    } else if (nvic_kind == MACHINE_CLEAR_ENABLE) {
        machine.enabled &= ~bits;
    } else {
        machine.latched &= ~bits;
    }
    nvic_slot = 0U;
}

volatile uint32_t *machine_nvic(enum machine_nvic_register kind, uint32_t word)
{
    nvic_commit();
    require(word < 2U);
    nvic_kind = kind;
    nvic_word = word;
    return &nvic_slot;
}

void machine_lower_priority(void)
{
    uint32_t exception = machine.comes_in_trap;

    require(!machine.lowered);
    machine.lowered = true;
    nvic_commit();
    if ((exception != 0U) && (((machine.enabled >> (exception - FIRST_EXTERNAL)) & 1U) != 0U)) {
        machine.comes_in_trap = 0U;
        machine.noted = exception;
        SCB_ICSR = 0U;
        interrupt_note(exception);
        require(SCB_ICSR == SCB_ICSR_PENDSVSET);
        machine.pendsv = true;
    }
}

void machine_raise_priority(void)
{
    require(machine.lowered);
    machine.lowered = false;
}

/* ---- Threads ---- */

static struct spm_frame *frame_at(uint32_t address)
{
    return (struct spm_frame *)(uintptr_t)address;
}

static void stack_frame(void)
{
    machine.sp -= (uint32_t)sizeof(struct spm_frame);
    require(machine.sp >= spm_state.current->context.psplim);
    *frame_at(machine.sp) = machine.registers;
}

static void unstack(void)
{
    machine.registers = *frame_at(machine.sp);
    machine.sp += (uint32_t)sizeof(struct spm_frame);
}

/* trap_switch, the first half. */
static void context_save(struct spm_thread *thread)
{
    thread->context.psp = machine.sp;
    thread->context.exc_return = 0xFFFFFFFDU;
    (void)memcpy(thread->context.r4_to_r11, machine.high, sizeof(machine.high));
}

/* thread_load */
static void context_load(struct spm_thread *thread)
{
    require(thread->context.exc_return == 0xFFFFFFFDU);
    require(thread->context.psp % 8U == 0U);
    require(thread->context.psp >= thread->context.psplim);
    require(thread->context.psp <= thread->stack_last);
    machine.sp = thread->context.psp;
    (void)memcpy(machine.high, thread->context.r4_to_r11, sizeof(machine.high));
    unstack();
}

void spm_resume(struct spm_thread *thread)
{
    resumed = thread;
    longjmp(away, JUMP_RESUME);
}

static enum machine_end jumped(int how)
{
    machine.lowered = false;
    nvic_commit();
    if (how == JUMP_RESUME) {
        context_load(resumed);
        return MACHINE_RUNS;
    }
    return (how == JUMP_RESET) ? MACHINE_RESET : MACHINE_HALTED;
}

static void step_begin(void)
{
    machine.copy_count = 0U;
    machine.noted = 0U;
    machine.panicked = NULL;
    machine.rule = RULE_NONE;
    machine.changed = false;
}

enum machine_end machine_boot(void)
{
    volatile int how;

    (void)memset(&machine, 0, sizeof(machine));
    (void)memset(region_words, 0, sizeof(region_words));
    for (uint32_t i = 0; i < PAGE; i += 4U) {
        *(volatile uint32_t *)(uintptr_t)(SYSTEM_PAGE + i) = 0U;
    }
    (void)memset((void *)(uintptr_t)SECURE_RAM_BASE, 0, SECURE_RAM_SIZE);
    (void)memset((void *)(uintptr_t)NS_RAM_BASE, 0, NS_RAM_SIZE);
    (void)memset((void *)(uintptr_t)PERIPHERAL_BASE, 0, PERIPHERAL_SIZE);
    (void)memset(spm_threads, 0, sizeof(spm_threads));
    (void)memset(&spm_state, 0, sizeof(spm_state));
    nvic_slot = 0U;
    insides_reset();
    how = setjmp(away);
    if (how != 0) {
        return jumped(how);
    }
    interrupt_start();
    isolate_start();
    machine.copy_count = 0U;
    thread_init_all(NS_CODE_BASE + 1U);
    context_load(call_run_next());
    nvic_commit();
    return MACHINE_RUNS;
}

enum machine_end machine_trap(uint32_t number, const uint32_t arguments[4])
{
    struct spm_thread *thread = spm_state.current;
    struct spm_thread *next;
    volatile int how;

    step_begin();
    machine.registers.r0 = arguments[0];
    machine.registers.r1 = arguments[1];
    machine.registers.r2 = arguments[2];
    machine.registers.r3 = arguments[3];
    stack_frame();
    how = setjmp(away);
    if (how != 0) {
        return jumped(how);
    }
    next = thread->traps[number & (TRAP_MAX - 1U)](frame_at(machine.sp), thread);
    nvic_commit();
    require(!machine.lowered);
    require(next == spm_state.current);
    if (next == thread) {
        unstack();
    } else {
        context_save(thread);
        context_load(next);
    }
    return MACHINE_RUNS;
}

enum machine_end machine_fault(void)
{
    volatile int how;

    step_begin();
    stack_frame();
    how = setjmp(away);
    if (how != 0) {
        return jumped(how);
    }
    panic_after_fault(spm_state.current);
}

enum machine_end machine_interrupt(uint32_t exception)
{
    volatile int how;

    step_begin();
    machine.pendsv = false;
    stack_frame();
    context_save(spm_state.current);
    how = setjmp(away);
    if (how != 0) {
        return jumped(how);
    }
    resumed = interrupt_take(exception);
    nvic_commit();
    require(resumed == spm_state.current);
    context_load(resumed);
    return MACHINE_RUNS;
}

void machine_put_off(uint32_t exception)
{
    interrupt_put_off(exception);
    nvic_commit();
}

bool machine_tries_again(void)
{
    return SYST_CSR == (SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE);
}

/* ---- What the manager calls beyond itself ---- */

void fault_record_panic(const struct spm_thread *thread, enum spm_rule rule, const char *text)
{
    require(text != NULL);
    require(thread->partition != NULL);
    machine.panicked = &spm_threads[thread->rank];
    machine.rule = rule;
}

void platform_reset(enum platform_reset_reason reason)
{
    (void)reason;
    longjmp(away, JUMP_RESET);
}

void platform_halt(void)
{
    longjmp(away, JUMP_HALT);
}

uint32_t platform_reserved_mpu_regions(void)
{
    return 0U;
}

void platform_log_write(const char *text, size_t length)
{
    (void)text;
    (void)length;
}

psa_status_t platform_flash_read(uint32_t offset, void *buffer, size_t length)
{
    (void)offset, (void)buffer, (void)length;
    machine_fail("flash without a grant");
}

psa_status_t platform_flash_program(uint32_t offset, const void *data, size_t length)
{
    (void)offset, (void)data, (void)length;
    machine_fail("flash without a grant");
}

psa_status_t platform_flash_erase(uint32_t offset)
{
    (void)offset;
    machine_fail("flash without a grant");
}

/* Of start.c, which the test does not run: what it starts is here. */
void platform_init(void)
{
}

void platform_split_worlds(void)
{
}

void platform_lock_worlds(void)
{
}

void platform_grant_peripheral(uint32_t base, bool granted)
{
    (void)base;
    (void)granted;
}

bool grant_take_handoff(void)
{
    return true;
}

void grant_wipe_unclaimed(void)
{
}

uint32_t grant_nonsecure_vectors(void)
{
    return NS_CODE_BASE;
}

#define ELSEWHERE(name)                                                                            \
    struct spm_thread *name(struct spm_frame *frame, struct spm_thread *thread)                    \
    {                                                                                              \
        (void)frame;                                                                               \
        return thread;                                                                             \
    }

ELSEWHERE(grant_trap_take_secret)
ELSEWHERE(grant_trap_lifecycle)
ELSEWHERE(grant_trap_read_handoff)
ELSEWHERE(grant_trap_reset)
ELSEWHERE(grant_trap_read_fault)
ELSEWHERE(grant_trap_heap)
ELSEWHERE(fault_trap_confirm)

/* Code of threads: only its address is used. */
#define CODE(name)                                                                                 \
    void name(void);                                                                               \
    void name(void)                                                                                \
    {                                                                                              \
        machine_fail("code of a thread ran in the manager: " #name);                               \
    }

CODE(spm_agent_start)
CODE(spm_idle)
CODE(spm_sfn_main)
CODE(spm_ended)
CODE(spm_refused)
CODE(spm_flih_return)
CODE(driver_main)
CODE(driver_timer_flih)
CODE(vault_init)
CODE(vault_bell_flih)
CODE(vault_item_sfn)
CODE(vault_session_sfn)
CODE(relay_main)
CODE(shelf_book_sfn)
CODE(shelf_page_sfn)
CODE(keeper_main)
CODE(guest_init)
CODE(guest_room_sfn)
