/*
 * Floating point registers across calls and interrupts: the application keeps its own, and sees
 * none of a partition's. Empty without an FPU.
 */
#include "tests/qemu/ff/actor/fp.h"

#include "drive.h"

#define FLIH 8U
#define SLIH 7U
#define FP1  13U
#define FP2  14U

#define MINE    0x11110000U
#define SECRET  0x5EC00000U
#define SECRET2 0x5EC20000U
#define IN_TICK 0x33330000U
#define IN_FLIH 0x0BAD0000U /* slih.c too */
#define SPIN    20000U

static uint32_t words[32];
static uint32_t tick_words[32];
static volatile uint32_t leaks;

/* Calls of every kind: s16 to s31 are kept, nothing comes out. */
static int32_t check_calls(void)
{
    static const struct {
        uint32_t number;
        int32_t type;
    } calls[] = {{FP1, FP_FILL}, {FP2, FP_FILL}, {FP1, FP_CALL}, {FP1, FP_SPIN}, {9U, 99}};

    for (uint32_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        psa_status_t status;

        fp_fill(MINE);
        status = drive(calls[i].number, calls[i].type, SECRET, SECRET2, NULL, 0);
        fp_store(words);
        EXPECT(status == ((i == 4U) ? PSA_ERROR_NOT_SUPPORTED : PSA_SUCCESS));
        EXPECT(fp_changed(words, 16U, MINE) == 0);
        EXPECT(fp_carrying(words, SECRET) == 0);
        EXPECT(fp_carrying(words, SECRET2) == 0);
    }
    return 0;
}

/* The values of one partition are not there when the other is called. */
static int32_t check_partitions(void)
{
    uint32_t seen = 99;

    EXPECT(drive(FP1, FP_FILL, SECRET, 0, NULL, 0) == PSA_SUCCESS);
    EXPECT(drive(FP2, FP_LOOK, SECRET, 0, &seen, sizeof(seen)) == PSA_SUCCESS);
    EXPECT(seen == 0);
    EXPECT(drive(FP1, FP_CALL, SECRET, SECRET2, NULL, 0) == PSA_SUCCESS);
    EXPECT(drive(FP2, FP_CALL, SECRET2, SECRET, NULL, 0) == PSA_SUCCESS);
    EXPECT(drive(FP1, FP_LOOK, SECRET2, 0, &seen, sizeof(seen)) == PSA_SUCCESS);
    EXPECT(seen == 0);
    return 0;
}

/* A handler of the application, as a good one: it gives s16 to s31 back. */
static void tick(void)
{
    fp_store(tick_words);
    leaks = leaks + fp_carrying(tick_words, SECRET) + fp_carrying(tick_words, SECRET2) +
            fp_carrying(tick_words, IN_FLIH);
    fp_fill(IN_TICK);
    fp_load_high(tick_words);
}

/* Non-secure interrupts in the middle of a partition that computes. */
static int32_t check_ticks(void)
{
    uint32_t bad = 0;
    uint32_t changed = 0;

    leaks = 0;
    tick_count = 0;
    tick_function = tick;
    /* Where time runs freely, a busy host gives few ticks in a round. */
    for (uint32_t round = 0; (round < 20U) && (tick_count <= 100U); round++) {
        for (uint32_t period = 1700; period < 2400U; period += 23U) {
            tick_start(period);
            fp_fill(MINE);
            bad += (drive(FP1, FP_SPIN, SECRET, 0, NULL, 0) == PSA_SUCCESS) ? 0U : 1U;
            fp_store(words);
            changed += fp_changed(words, 16U, MINE);
            bad += (drive(FP1, FP_CALL, SECRET, SECRET2, NULL, 0) == PSA_SUCCESS) ? 0U : 1U;
        }
    }
    tick_start(0);
    tick_function = NULL;
    EXPECT(tick_count > 100U);
    EXPECT(leaks == 0);
    EXPECT(bad == 0);
    EXPECT(changed == 0);
    return 0;
}

/* Secure interrupts whose functions use the registers, in the middle of the application. */
static int32_t check_secure_interrupts(void)
{
    struct ff_ticks ticks = {0};
    uint32_t changed;

    EXPECT(drive(FLIH, FLIH_START, 4000, IN_FLIH, NULL, 0) == PSA_SUCCESS);
    fp_fill(MINE);
    busy(SPIN);
    fp_store(words);
    EXPECT(fp_changed(words, 0U, MINE) == 0);
    EXPECT(drive(FP1, FP_SPIN, SECRET, 0, NULL, 0) == PSA_SUCCESS);
    EXPECT(drive(FP2, FP_CALL, SECRET2, SECRET, NULL, 0) == PSA_SUCCESS);
    EXPECT(drive(FLIH, FLIH_STOP, 0, 0, &ticks, sizeof(ticks)) == PSA_SUCCESS);
    EXPECT(ticks.count > 10U);
    EXPECT(drive_text(SLIH, FF_PLAY, "A(FiZ)T") == PSA_SUCCESS);
    fp_fill(MINE);
    busy(SPIN);
    fp_store(words);
    changed = fp_changed(words, 0U, MINE);
    EXPECT(trace_is("i"));
    EXPECT(changed == 0);
    EXPECT(drive_text(SLIH, FF_PLAY, "A(FiZ)T") == PSA_SUCCESS);
    EXPECT(drive(FP1, FP_SPIN, SECRET, 0, NULL, 0) == PSA_SUCCESS);
    busy(SPIN);
    EXPECT(trace_is("i"));
    return 0;
}

/* All of it, with the application's registers live throughout. */
static int32_t check_all(void)
{
    struct ff_ticks ticks = {0};
    uint32_t changed = 0;
    uint32_t bad = 0;

    leaks = 0;
    tick_count = 0;
    tick_function = tick;
    EXPECT(drive(FLIH, FLIH_START, 5777, IN_FLIH, NULL, 0) == PSA_SUCCESS);
    for (uint32_t round = 0; (round < 20U) && (tick_count <= 100U); round++) {
        for (uint32_t period = 1900; period < 2900U; period += 41U) {
            tick_start(period);
            fp_fill(MINE);
            bad += (drive(FP2, FP_SPIN, SECRET, 0, NULL, 0) == PSA_SUCCESS) ? 0U : 1U;
            busy(500);
            fp_store(words);
            changed += fp_changed(words, 16U, MINE);
        }
    }
    tick_start(0);
    tick_function = NULL;
    EXPECT(drive(FLIH, FLIH_STOP, 0, 0, &ticks, sizeof(ticks)) == PSA_SUCCESS);
    EXPECT((ticks.count > 10U) && (tick_count > 10U));
    EXPECT(leaks == 0);
    EXPECT(bad == 0);
    EXPECT(changed == 0);
    return 0;
}

const struct ff_case fp_checks[] = {
    {"fp-calls", check_calls}, {"fp-partitions", check_partitions},
    {"fp-ticks", check_ticks}, {"fp-secure-interrupts", check_secure_interrupts},
    {"fp-all", check_all},
};
const uint32_t fp_check_count = sizeof(fp_checks) / sizeof(fp_checks[0]);
