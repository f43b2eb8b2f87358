/*
 * Attacks of the non-secure side that need the partitions of this product, or the way on after a
 * fault: each set of checks prints one line for each, and the product goes on.
 */
#include "matrix_ns.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "psa/error.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/matrix/attempt.h"
#include "tests/qemu/matrix/commands.h"

#define MISUSE PSA_ERROR_PROGRAMMER_ERROR

#define SYST_CSR          0xE000E010U
#define SYST_RVR          0xE000E014U
#define SYST_CVR          0xE000E018U
#define NVIC_ISER         0xE000E100U
#define NVIC_ICER         0xE000E180U
#define NVIC_ISPR         0xE000E200U
#define NVIC_ICPR         0xE000E280U
#define NVIC_ITNS         0xE000E380U
#define NVIC_IPR          0xE000E400U
#define CPACR             0xE000ED88U
#define NSACR             0xE000ED8CU
#define STIR              0xE000EF00U
#define FPCCR             0xE000EF34U
#define REGISTER(address) (*(volatile uint32_t *)(address))

#define TIMER0_LINE 3U

static void check(const char *what, uint32_t got, uint32_t expected)
{
    if (got == expected) {
        printf("matrix: %s: ok\n", what);
    } else {
        printf("matrix: %s: FAILED (got %lx, expected %lx)\n", what, (unsigned long)got,
               (unsigned long)expected);
    }
}

/* An access whose fault does not matter: what was read, 0 if nothing. */
static uint32_t touch(uint32_t access, uint32_t address, uint32_t value)
{
    struct attempt attempt = {.access = access, .address = address, .value = value};

    attempt_run(&attempt);
    return ((attempt.cfsr | attempt.sfsr) == 0U) ? attempt.value : 0U;
}

static uint32_t peek(uint32_t address)
{
    return touch(ATTEMPT_READ, address, 0U);
}

static void poke(uint32_t address, uint32_t value)
{
    (void)touch(ATTEMPT_WRITE, address, value);
}

static psa_status_t call_in(uint32_t base, size_t length)
{
    psa_invec in[] = {{(const void *)base, length}};

    return psa_call(PSA_SFN_HANDLE, MATRIX_PING, in, 1, NULL, 0);
}

static psa_status_t call_out(uint32_t base, size_t length)
{
    psa_outvec out[] = {{(void *)base, length}};

    return psa_call(PSA_SFN_HANDLE, MATRIX_PING, NULL, 0, out, 1);
}

/* ---- Vectors at the edges of what the non-secure side has ---- */

struct edge {
    const char *what;
    uint32_t base;
    uint32_t length;
    bool good;
};

static void attack_edges(void)
{
    static const uint32_t slot = FLASH_BASE + IMAGE_NONSECURE_SLOT_OFFSET;
    static const struct edge edges[] = {
        {"first RAM", NS_RAM_BASE, 8, true},
        {"over the start of the RAM", NS_RAM_BASE - 4U, 8, false},
        {"before the RAM", NS_RAM_BASE - 4U, 4, false},
        {"last RAM", NS_RAM_BASE + NS_RAM_SIZE - 8U, 8, true},
        {"over the end of the RAM", NS_RAM_BASE + NS_RAM_SIZE - 4U, 8, false},
        {"one byte behind the RAM", NS_RAM_BASE + NS_RAM_SIZE, 1, false},
        {"first code", slot, 8, true},
        {"over the start of the code", slot - 4U, 8, false},
        {"last code", slot + IMAGE_NONSECURE_SLOT_SIZE - 8U, 8, true},
        {"over the end of the code", slot + IMAGE_NONSECURE_SLOT_SIZE - 4U, 8, false},
        {"from code to RAM", NS_RAM_BASE, slot - NS_RAM_BASE, false},
        {"over the end of the peripherals", 0x4FFFFFFCU, 8, false},
        {"over the start of the peripherals", 0x3FFFFFFCU, 8, false},
        {"gateways", GATEWAYS_BASE, 8, false},
        {"around the end of memory", NS_RAM_BASE, 0U - NS_RAM_BASE, false},
        {"around, to itself", NS_RAM_BASE + 8U, 0xFFFFFFF8U, false},
        {"nothing at null", 0U, 0, true},
        {"something at null", 0U, 4, false},
    };

    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        uint32_t expected = edges[i].good ? (uint32_t)PSA_SUCCESS : (uint32_t)MISUSE;

        check(edges[i].what, (uint32_t)call_in(edges[i].base, edges[i].length), expected);
        check(edges[i].what, (uint32_t)call_out(edges[i].base, edges[i].length), expected);
    }
}

static void attack_arrays(void)
{
    static psa_invec in[3];
    static psa_outvec out[3];
    const uint32_t end = NS_RAM_BASE + NS_RAM_SIZE;
    const uint32_t arrays[] = {(uint32_t)in + 1U, (uint32_t)in + 2U, end - 4U, end - 8U,
                               NS_RAM_BASE - 8U,  0xFFFFFFF8U,       0U};

    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
        check("array of two",
              (uint32_t)psa_call(PSA_SFN_HANDLE, MATRIX_PING, (const psa_invec *)arrays[i], 2, NULL,
                                 0),
              (uint32_t)MISUSE);
        check("out array of two",
              (uint32_t)psa_call(PSA_SFN_HANDLE, MATRIX_PING, NULL, 0, (psa_outvec *)arrays[i], 2),
              (uint32_t)MISUSE);
    }
    check("out array of two empty ones",
          (uint32_t)psa_call(PSA_SFN_HANDLE, MATRIX_PING, NULL, 0, out, 2), 0);
}

/* ---- Handles ---- */

static void attack_handles(void)
{
    uint32_t theirs = 0;
    psa_handle_t mine;

    check("partition connects", (uint32_t)ask_word(PSA_IPC_HANDLE, MATRIX_CONNECT, &theirs), 0);
    check("its handle", PSA_HANDLE_IS_VALID((psa_handle_t)theirs), 1);
    check("used by another", (uint32_t)ask((psa_handle_t)theirs, MATRIX_PING), (uint32_t)MISUSE);
    psa_close((psa_handle_t)theirs);
    check("not closed by another", (uint32_t)ask(PSA_IPC_HANDLE, MATRIX_USE), 0);
    mine = psa_connect(APP_SFN_CONNECTED_SID, 1);
    check("own connection", PSA_HANDLE_IS_VALID(mine), 1);
    check("own handle", (uint32_t)ask(mine, MATRIX_PING), 0);
    for (uint32_t bit = 0; bit < 32U; bit++) {
        check("own handle, one bit off",
              (uint32_t)ask(mine ^ (psa_handle_t)(1UL << bit), MATRIX_PING), (uint32_t)MISUSE);
    }
    psa_close(mine);
    check("after its closing", (uint32_t)ask(mine, MATRIX_PING), (uint32_t)MISUSE);
}

/* ---- Stack pointer in secure memory ---- */

psa_status_t psa_call_gateway(psa_handle_t handle, uint32_t control, const psa_invec *in_vec,
                              psa_outvec *out_vec);

__attribute__((naked)) static psa_status_t call_on_stack(psa_handle_t handle
                                                         __attribute__((unused)),
                                                         uint32_t control __attribute__((unused)),
                                                         uint32_t stack __attribute__((unused)))
{
    __asm volatile("push {r4, lr}\n\t"
                   "mov r4, sp\n\t"
                   "cpsid i\n\t"
                   "movs r3, #0\n\t"
                   "msr msplim, r3\n\t"
                   "mov sp, r2\n\t"
                   "bl psa_call_gateway\n\t"
                   "mov sp, r4\n\t"
                   "cpsie i\n\t"
                   "pop {r4, pc}");
}

static void attack_stack(void)
{
    static const uint32_t stacks[] = {SECURE_RAM_BASE + 0x800U, SECURE_RAM_BASE + SECURE_RAM_SIZE,
                                      0U, 0xE000ED90U, GATEWAYS_BASE};

    for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
        check("call with a stack pointer that is not its own",
              (uint32_t)call_on_stack((psa_handle_t)PSA_SFN_HANDLE, MATRIX_PING, stacks[i]), 0);
        check("and on its own", (uint32_t)ask(PSA_SFN_HANDLE, MATRIX_PING), 0);
    }
}

/* ---- Interrupts of the secure world ---- */

static uint32_t interrupts(void)
{
    uint32_t count = 99;

    (void)ask_word(APP_IPC_HANDLE, MATRIX_INTERRUPTS, &count);
    return count;
}

static void attack_interrupts(void)
{
    const uint32_t bit = 1UL << TIMER0_LINE;

    check("waits for its interrupt", interrupts(), 0);
    poke(NVIC_ITNS, 0xFFFFFFFFU);
    check("ITNS", peek(NVIC_ITNS), 0);
    poke(NVIC_IPR, 0U);
    check("priority seen", peek(NVIC_IPR) >> (8U * TIMER0_LINE), 0);
    check("enabled seen", peek(NVIC_ISER) & bit, 0);
    poke(NVIC_ISPR, bit);
    check("pending", peek(NVIC_ISPR) & bit, 0);
    check("not raised", interrupts(), 0);
    poke(NVIC_ICER, bit);
    check("timer starts", (uint32_t)ask(APP_IPC_HANDLE, MATRIX_START_TIMER), 0);
    poke(NVIC_ICPR, bit);
    for (uint32_t i = 0; (i < 1000U) && (interrupts() == 0U); i++) {
    }
    check("neither disabled nor cleared", interrupts(), 1);
}

/* ---- Floating-point state of a partition ---- */

static uint32_t seen[32];
static volatile uint32_t ticks;

void SysTick_Handler(void);
__attribute__((naked)) void SysTick_Handler(void)
{
    __asm volatile("ldr r0, =seen\n\t"
                   "vstm r0, {s0-s31}\n\t"
                   "ldr r0, =ticks\n\t"
                   "ldr r1, [r0]\n\t"
                   "adds r1, #1\n\t"
                   "str r1, [r0]\n\t"
                   "ldr r0, =0xE000E010\n\t" /* SYST_CSR: once is enough */
                   "movs r1, #0\n\t"
                   "str r1, [r0]\n\t"
                   "bx lr\n\t"
                   ".pool");
}

static uint32_t marks_seen(void)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < 32U; i++) {
        count += (seen[i] == MATRIX_FP_MARK) ? 1U : 0U;
        seen[i] = 0;
    }
    return count;
}

static void attack_fp_with(uint32_t fpccr)
{
    const uint32_t before = peek(FPCCR);

    poke(NSACR, 0xFFFFFFFFU);
    poke(CPACR, 0xFFFFFFFFU);
    poke(FPCCR, fpccr);
    check("call", (uint32_t)ask(PSA_SFN_HANDLE, MATRIX_FP), 0);
    __asm volatile("vstm %0, {s0-s31}" : : "r"(seen) : "memory");
    check("left in registers by a call", marks_seen(), 0);
    for (uint32_t i = 0; i < 3U; i++) {
        ticks = 0;
        REGISTER(SYST_RVR) = CLOCK_HZ / 1000U; /* in the middle of what the partition does */
        REGISTER(SYST_CVR) = 0U;
        REGISTER(SYST_CSR) = 7U;
        check("call", (uint32_t)ask(PSA_SFN_HANDLE, MATRIX_FP), 0);
        check("an interrupt came", ticks != 0U, 1);
        check("seen by its handler", marks_seen(), 0);
    }
    poke(FPCCR, before);
}

static void attack_fp(void)
{
    attack_fp_with(peek(FPCCR));
    attack_fp_with(0U);
    attack_fp_with(0xFFFFFFFEU); /* all but LSPACT: that one faults at the next use */
    attack_fp_with(0xC0000000U);
    attack_fp_with(0x40000000U);
    attack_fp_with(0x80000000U);
}

/* ---- DMA: ARM DDI 0218, PL081 ---- */

#define DMA_FIRST   0x40110000U
#define DMA_COUNT   4U
#define DMA_CONFIG  0x030U
#define DMA_SOURCE  0x100U
#define DMA_TO      0x104U
#define DMA_CONTROL 0x10CU
#define DMA_CHANNEL 0x110U

/* Programs a copy of 8 words from, to; directly, and with the secure world as a deputy. */
static void dma_copy(uint32_t controller, uint32_t from, uint32_t to)
{
    poke(controller + DMA_CONFIG, 1U);
    poke(controller + DMA_SOURCE, from);
    poke(controller + DMA_TO, to);
    poke(controller + DMA_CONTROL, 0x0C480008U); /* words, both addresses incremented */
    poke(controller + DMA_CHANNEL, 1U);
}

static void attack_dma(void)
{
    static uint32_t target[8];
    static uint32_t source[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    for (uint32_t i = 0; i < DMA_COUNT; i++) {
        uint32_t controller = DMA_FIRST + 0x1000U * i;

        memset(target, 0, sizeof(target));
        dma_copy(controller, FLASH_BASE + IMAGE_SECURE_SLOT_OFFSET, (uint32_t)target);
        dma_copy(controller, (uint32_t)source, (uint32_t)target);
        check("copied", target[0] | target[7], 0);
        check("source kept", peek(controller + DMA_SOURCE), 0);
        check("enabled", peek(controller + DMA_CONFIG), 0);
    }
}

/* ---- Registers that say what is secure ---- */

static void attack_split(void)
{
    static const uint32_t registers[] = {
        0xE000EDD0U,          0xE000EDD8U, 0xE000EDDCU, 0xE000EDE0U, /* SAU */
        0xE000ED8CU,                                                 /* NSACR */
        0x40080000U + 0x010U, 0x50080010U, 0x50080070U,              /* security controller */
        0x58007000U,          0x58008000U,                           /* memory controllers */
    };
    static const uint32_t values[] = {0U, 2U, 0xFFFFFFFFU};

    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            struct attempt attempt = {ATTEMPT_READ, SECURE_RAM_BASE, 0, 0, 0, 0, 0};

            poke(registers[i], values[j]);
            attempt_run(&attempt);
            check("secure RAM still out of reach", attempt.sfsr & 8U, 8U);
            attempt = (struct attempt){ATTEMPT_READ, FLASH_BASE, 0, 0, 0, 0, 0};
            attempt_run(&attempt);
            check("secure flash still out of reach", attempt.sfsr & 8U, 8U);
        }
    }
}

/* ---- Mapped vectors ---- */

static void attack_mapped(void)
{
    static uint32_t given[2] = {0x12345678U, 0x9ABCDEF0U};
    uint32_t got = 0;
    psa_invec in[] = {{given, 4}, {&given[1], 4}};
    psa_outvec out[] = {{&got, sizeof(got)}};

    check("mapped", (uint32_t)psa_call(PSA_IPC_HANDLE, MATRIX_MAP, in, 2, out, 1), 0);
    check("and read after a call", got, given[1]);
}

/* What is mapped can be read, not written or executed, and nothing around its granule is there. */
static void attack_maps_of(psa_handle_t partition)
{
    static const struct {
        const char *what;
        uint32_t access;
        int32_t distance;
        uint32_t good;
    } rows[] = {
        {"read", ATTEMPT_READ, 0, 1},
        {"write", ATTEMPT_WRITE, 0, 0},
        {"execute", ATTEMPT_EXECUTE, 0, 0},
        {"read before it", ATTEMPT_READ, -4, 0},
        {"read behind it", ATTEMPT_READ, 32, 0},
    };
    static uint32_t given[8] __attribute__((aligned(32))) = {ATTEMPT_PLANT};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct attempt attempts[2] = {
            {rows[i].access, (uint32_t)rows[i].distance, ATTEMPT_PLANT, 0, 0, 0, 0}};
        psa_invec in[] = {{attempts, sizeof(attempts[0])}, {given, sizeof(given)}};
        psa_outvec out[] = {{attempts, sizeof(attempts)}};

        check("call", (uint32_t)psa_call(partition, MATRIX_MAP_TRY, in, 2, out, 1), 0);
        check(rows[i].what, (attempts[0].cfsr | attempts[0].sfsr) == 0U, rows[i].good);
        check("no more", (attempts[1].cfsr | attempts[1].sfsr) == 0U, 0);
    }
}

static void attack_maps(void)
{
    attack_maps_of((psa_handle_t)PSA_IPC_HANDLE);
}

/* The same with memory of another partition. */
static void attack_blocks(void)
{
    attack_maps_of((psa_handle_t)APP_IPC_HANDLE);
}

struct attack_row {
    const char *name;
    void (*function)(void);
};

static const struct attack_row attack_rows[] = {
    {"edges", attack_edges}, {"arrays", attack_arrays},         {"handles", attack_handles},
    {"stack", attack_stack}, {"interrupts", attack_interrupts}, {"fp", attack_fp},
    {"dma", attack_dma},     {"split", attack_split},           {"mapped", attack_mapped},
    {"maps", attack_maps},   {"blocks", attack_blocks},
};

void attack(const char *name)
{
    for (size_t i = 0; i < sizeof(attack_rows) / sizeof(attack_rows[0]); i++) {
        if (strcmp(attack_rows[i].name, name) == 0) {
            attack_rows[i].function();
        }
    }
}
