/*
 * Checks of secure interrupts that come while the non-secure world runs, and of its own that come
 * while the secure world does.
 */
#include <string.h>

#include "drive.h"
#include "psa_manifest/sid.h"

#define SYST_CSR       (*(volatile uint32_t *)0xE000E010U)
#define SYST_RVR       (*(volatile uint32_t *)0xE000E014U)
#define SYST_CVR       (*(volatile uint32_t *)0xE000E018U)
#define SYST_RUN       7U /* processor clock, interrupt, enable */
#define ICSR           (*(volatile uint32_t *)0xE000ED04U)
#define ICSR_PENDSTSET (1U << 26)
#define SHPR3          (*(volatile uint32_t *)0xE000ED20U)
#define SHPR3_TICK_LOW 0x40000000U

#define FLIH 8U
#define SLIH 7U

#define PERIOD       2000U  /* cycles of the secure timer */
#define WAIT_TURNS   20000U /* many of them */
#define TICKS_MIN    5U     /* that come meanwhile, at least */
#define STORM_ROUNDS 20U    /* at most: one does where time is counted in instructions */

void SysTick_Handler(void);

void (*volatile tick_function)(void);
volatile uint32_t tick_count;

void SysTick_Handler(void)
{
    tick_count = tick_count + 1U;
    if (tick_function != NULL) {
        tick_function();
    }
}

void tick_start(uint32_t cycles)
{
    SYST_CSR = 0U;
    if (cycles != 0U) {
        SYST_RVR = cycles;
        SYST_CVR = 0U;
        SYST_CSR = SYST_RUN;
    }
}

void busy(uint32_t turns)
{
    for (volatile uint32_t i = 0; i < turns; i = i + 1U) {
    }
}

bool trace_is(const char *text)
{
    char letters[65] = {0};
    psa_outvec out[] = {{letters, sizeof(letters) - 1U}};

    return (psa_call(FF_TRACE_HANDLE, PSA_IPC_CALL, NULL, 0, out, 1) == PSA_SUCCESS) &&
           (strcmp(letters, text) == 0);
}

uint32_t registers_changed(uint32_t turns)
{
    uint32_t changed = 0;

    for (uint32_t i = 0; i < turns; i++) {
        uint32_t sum;

        __asm volatile("push {r4-r11}\n\t"
                       "movs r0, #1\n\tmovs r1, #2\n\tmovs r2, #4\n\tmovs r3, #8\n\t"
                       "movs r4, #16\n\tmovs r5, #32\n\tmovs r6, #64\n\tmovs r7, #128\n\t"
                       "mov r8, #256\n\tmov r9, #512\n\tmov r10, #1024\n\tmov r11, #2048\n\t"
                       "mov r12, #4096\n\tmov lr, #8192\n\t"
                       "nop\n\tnop\n\tnop\n\tnop\n\t"
                       "adds r0, r1\n\tadds r0, r2\n\tadds r0, r3\n\tadds r0, r4\n\tadds r0, r5\n\t"
                       "adds r0, r6\n\tadds r0, r7\n\tadd r0, r8\n\tadd r0, r9\n\tadd r0, r10\n\t"
                       "add r0, r11\n\tadd r0, r12\n\tadd r0, lr\n\t"
                       "pop {r4-r11}\n\t"
                       "mov %0, r0"
                       : "=r"(sum)
                       :
                       : "r0", "r1", "r2", "r3", "r12", "lr", "memory", "cc");
        changed += (sum != 0x3FFFU) ? 1U : 0U;
    }
    return changed;
}

static uint32_t ticks_stop(void)
{
    struct ff_ticks ticks = {0};

    (void)drive(FLIH, FLIH_STOP, 0, 0, &ticks, sizeof(ticks));
    return ticks.count;
}

/* First-level handling in the middle of a non-secure thread. */
static int32_t check_flih_in_thread(void)
{
    uint32_t changed;
    uint32_t count;

    EXPECT(drive(FLIH, FLIH_START, PERIOD, 0, NULL, 0) == PSA_SUCCESS);
    changed = registers_changed(WAIT_TURNS);
    count = ticks_stop();
    EXPECT(count >= TICKS_MIN);
    EXPECT(changed == 0);
    return 0;
}

/* Second-level handling too: a partition's thread runs in between. */
static int32_t check_slih_in_thread(void)
{
    EXPECT(trace_is("") || trace_is(""));
    EXPECT(drive_text(SLIH, FF_PLAY, "A(iZj)Tt") == PSA_SUCCESS);
    EXPECT(registers_changed(WAIT_TURNS) == 0);
    EXPECT(trace_is("tij"));
    EXPECT(drive_text(SLIH, FF_PLAY, "A(uZv)Ut") == PSA_SUCCESS); /* at once, or after the call */
    EXPECT(registers_changed(WAIT_TURNS) == 0);
    EXPECT(trace_is("tuv"));
    EXPECT(drive_text(6U, FF_PLAY, "A(uZv)Ut") == PSA_SUCCESS); /* FF-M 1.0: enabled already */
    EXPECT(registers_changed(WAIT_TURNS) == 0);
    EXPECT(trace_is("tuv"));
    return 0;
}

static volatile uint32_t handler_changed;

static void handler_work(void)
{
    handler_changed = registers_changed(WAIT_TURNS);
}

/* Both while a non-secure handler runs: the partition may have to wait for its end. */
static int32_t check_in_handler(void)
{
    uint32_t count;

    tick_function = handler_work;
    handler_changed = 1;
    EXPECT(drive(FLIH, FLIH_START, PERIOD, 0, NULL, 0) == PSA_SUCCESS);
    ICSR = ICSR_PENDSTSET;
    __asm volatile("dsb\n\tisb" ::: "memory");
    count = ticks_stop();
    EXPECT(handler_changed == 0);
    EXPECT(count >= 1U);
    handler_changed = 1;
    EXPECT(drive_text(SLIH, FF_PLAY, "A(iZj)T") == PSA_SUCCESS);
    ICSR = ICSR_PENDSTSET;
    __asm volatile("dsb\n\tisb" ::: "memory");
    tick_function = NULL;
    EXPECT(handler_changed == 0);
    EXPECT(trace_is("ij"));
    return 0;
}

static void mask(uint32_t how)
{
    if (how == 0U) {
        __asm volatile("cpsid i" ::: "memory");
    } else if (how == 1U) {
        __asm volatile("cpsid f" ::: "memory");
    } else {
        __asm volatile("msr basepri, %0" : : "r"(0x20U) : "memory");
    }
}

static void unmask(void)
{
    __asm volatile("cpsie i\n\tcpsie f\n\tmsr basepri, %0\n\tisb" : : "r"(0U) : "memory");
}

/* Non-secure masks do not hold secure interrupts up. */
static int32_t check_masked(void)
{
    for (uint32_t how = 0; how < 3U; how++) {
        uint32_t changed;
        uint32_t count;
        bool seen;
        bool played;

        EXPECT(drive(FLIH, FLIH_START, PERIOD, 0, NULL, 0) == PSA_SUCCESS);
        mask(how);
        changed = registers_changed(WAIT_TURNS);
        count = ticks_stop();
        played = drive_text(SLIH, FF_PLAY, "A(iZj)T") == PSA_SUCCESS;
        changed += registers_changed(WAIT_TURNS);
        seen = trace_is("ij");
        unmask();
        EXPECT(changed == 0);
        EXPECT(count >= TICKS_MIN);
        EXPECT(played);
        EXPECT(seen);
    }
    return 0;
}

static uint8_t from[4096];
static uint8_t to[4096];

bool echo_is_good(uint8_t seed)
{
    psa_invec more = {from, sizeof(from)};
    psa_outvec out = {to, sizeof(to)};

    for (uint32_t i = 0; i < sizeof(from); i++) {
        from[i] = (uint8_t)(seed + 13U * i);
    }
    memset(to, 0, sizeof(to));
    return (ff_ask(FF_SERVER_HANDLE, SERVER_ECHO, (struct ff_request){0, 0}, &more, &out) ==
            PSA_SUCCESS) &&
           (memcmp(from, to, sizeof(from)) == 0);
}

/* Secure interrupts at every place of a call that copies 4 KiB twice. */
static int32_t check_copy(void)
{
    uint32_t longest = 0;
    uint32_t count = 0;

    for (uint32_t period = 4000; period < 4700U; period += 7U) {
        struct ff_ticks ticks = {0};
        bool good;

        EXPECT(drive(FLIH, FLIH_START, period, 0, NULL, 0) == PSA_SUCCESS);
        good = echo_is_good((uint8_t)period);
        EXPECT(drive(FLIH, FLIH_STOP, 0, 0, &ticks, sizeof(ticks)) == PSA_SUCCESS);
        EXPECT(good);
        count += ticks.count;
        longest = (ticks.latency > longest) ? ticks.latency : longest;
    }
    EXPECT(count > 100U);
    EXPECT(longest < 2000U); /* cycles of 50 ns: it may wait for the end of a copy, not longer */
    return 0;
}

/* Everything at once: both worlds' interrupts, while calls go on. Adds the ticks of FLIH to *count;
 * the number of calls that went wrong. */
static uint32_t storm_round(uint32_t *count)
{
    uint32_t bad = (drive(FLIH, FLIH_START, 5000, 0, NULL, 0) == PSA_SUCCESS) ? 0U : 1U;

    for (uint32_t period = 1500; period < 2500U; period += 11U) {
        tick_start(period);
        if (period % 3U == 0U) {
            bad += (drive_text(SLIH, FF_PLAY, "A(i)T") == PSA_SUCCESS) ? 0U : 1U;
        }
        bad += echo_is_good((uint8_t)period) ? 0U : 1U;
    }
    tick_start(0);
    *count += ticks_stop();
    busy(WAIT_TURNS);
    (void)trace_is("");
    return bad;
}

/* Where time runs freely, a fast host needs more than one round for as many interrupts. */
static int32_t check_storm(void)
{
    uint32_t count = 0;

    tick_count = 0;
    tick_function = NULL;
    for (uint32_t i = 0; (i < STORM_ROUNDS) && ((count <= 100U) || (tick_count <= 100U)); i++) {
        EXPECT(storm_round(&count) == 0U);
    }
    EXPECT(count > 100U);
    EXPECT(tick_count > 100U);
    return 0;
}

/* The application's interrupts come while a partition works for somebody else, and for nobody. */
static int32_t check_own_tick(void)
{
    tick_count = 0;
    tick_start(3000);
    EXPECT(drive_text(2U, FF_PLAY, "Z") == PSA_SUCCESS);
    tick_start(0);
    EXPECT(tick_count >= TICKS_MIN);
    tick_count = 0;
    tick_start(3000);
    EXPECT(drive_text(SLIH, FF_PLAY, "I") == PSA_SUCCESS); /* everybody waits */
    tick_start(0);
    EXPECT(tick_count > 0);
    return 0;
}

const struct ff_case machine_checks[] = {
    {"flih-in-thread", check_flih_in_thread},
    {"slih-in-thread", check_slih_in_thread},
    {"in-handler", check_in_handler},
    {"masked", check_masked},
    {"copy", check_copy},
    {"storm", check_storm},
    {"own-tick", check_own_tick},
    {"switched", check_switched},
    {"switched-copy", check_switched_copy},
    {"switched-lazy", check_switched_lazy},
    {"switched-waiting", check_switched_waiting},
};
const uint32_t machine_check_count = sizeof(machine_checks) / sizeof(machine_checks[0]);
