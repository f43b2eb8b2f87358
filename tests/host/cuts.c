/*
 * See cuts.h.
 */
#include "cuts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_SLOTS   (1U << 23)
#define SEEN_MAX     (SEEN_SLOTS / 4U * 3U)
#define MEMORY_MAX   8U
#define MEMORY_BYTES 0x10000U
#define GO_ON_EACH   8U /* pair of cuts that something follows */
#define STEPS_AFTER  2U /* without a cut, after the last one */
#define READS_MAX    200000000U

static const char usage[] =
    "usage: %s [--all | --sample N] [--seed N] [--only NAME] [--list] [--repeat PLACE]\n"
    "  --all      every pair of cuts; without it, those of one state in N (97)\n"
    "  --only     one configuration\n"
    "  --repeat   NAME:SEED:STEP.OPERATION.TEAR[:STEP.OPERATION.TEAR], as a violation tells it\n";

static const char *const tear_names[NOR_TEAR_COUNT] = {"not-started", "partly", "ecc",
                                                       "random",      "weak",   "done"};

struct cut {
    uint32_t step;
    uint32_t operation;
    uint32_t tear;
};

/* A state to return to. */
struct saved {
    struct flash_image image;
    uint8_t memory[MEMORY_BYTES];
};

struct counts {
    uint32_t points;
    uint32_t ways;
    uint32_t pairs;
    uint32_t pruned;
    uint32_t nodes;
};

static const struct cuts_subject *subject;
static struct saved saved[2];
static struct counts counts;
static struct cut path[2];
static uint32_t path_length;
static uint32_t present_step;
static const char *configuration_name;
static uint32_t seed;
static uint32_t span;
static uint32_t sample; /* one state in so many is cut again */
static bool is_told;
static uint64_t *seen;
static uint32_t seen_count;

/* ---- Telling ---- */

static void tell_step(const char *what)
{
    char text[160];

    if (is_told) {
        subject->tell(text, sizeof text);
        printf("  step %u: %s: %s\n", (unsigned)present_step, text, what);
    }
}

_Noreturn void cuts_violation(const char *format, ...)
{
    va_list arguments;
    char text[160];

    subject->tell(text, sizeof text);
    printf("VIOLATION %s %s: ", subject->name, configuration_name);
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    printf("\n    at step %u: %s\n", (unsigned)present_step, text);
    for (uint32_t i = 0; i < path_length; i++) {
        printf("    power cut in step %u at operation %u, left %s\n", (unsigned)path[i].step,
               (unsigned)path[i].operation, tear_names[path[i].tear]);
    }
    printf("    next: ./bz cuts --repeat %s:%s:%u", subject->name, configuration_name,
           (unsigned)seed);
    for (uint32_t i = 0; i < path_length; i++) {
        printf(":%u.%u.%s", (unsigned)path[i].step, (unsigned)path[i].operation,
               tear_names[path[i].tear]);
    }
    printf("\n");
    (void)fflush(stdout);
    _Exit(1);
}

uint32_t cuts_random(uint32_t from, uint32_t step, uint32_t use)
{
    uint32_t number = from * 0x9E3779B1U ^ (step + 1U) * 0x85EBCA6BU ^ (use + 1U) * 0xC2B2AE35U;

    number = (number ^ number >> 15) * 0x2C1B3C6DU;
    number = (number ^ number >> 12) * 0x297A2D39U;
    return number ^ number >> 15;
}

/* ---- States ---- */

static void save(struct saved *to)
{
    size_t used = 0;

    fixture_save(subject->fixture, &to->image);
    for (size_t i = 0; i < subject->memory_count; i++) {
        const struct cuts_memory *memory = &subject->memory[i];

        if (used + memory->bytes > MEMORY_BYTES) {
            abort();
        }
        memcpy(to->memory + used, memory->at, memory->bytes);
        used += memory->bytes;
    }
}

static void restore(const struct saved *from)
{
    size_t used = 0;

    fixture_restore(subject->fixture, &from->image);
    for (size_t i = 0; i < subject->memory_count; i++) {
        memcpy(subject->memory[i].at, from->memory + used, subject->memory[i].bytes);
        used += subject->memory[i].bytes;
    }
}

static uint64_t hash_of(uint64_t hash, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    uint64_t word = 0;

    for (; bytes != 0U; bytes -= bytes < sizeof word ? bytes : sizeof word, at += sizeof word) {
        word = 0;
        memcpy(&word, at, bytes < sizeof word ? bytes : sizeof word);
        hash = (hash ^ word) * 0x9FB21C651E98DF25ULL;
        hash ^= hash >> 32;
    }
    return hash;
}

static uint64_t flash_hash(void)
{
    const struct flash_image *image = &subject->fixture->image;

    return hash_of(hash_of(1U, image->cells, fixture_cells(subject->fixture)), image->units,
                   fixture_units(subject->fixture));
}

/* What comes next is the same in states of the same hash. */
static uint64_t state_hash(uint32_t next_step, uint32_t what)
{
    uint64_t hash = hash_of(flash_hash(), &next_step, sizeof next_step);

    hash = hash_of(hash, &what, sizeof what);
    for (size_t i = 0; i < subject->memory_count; i++) {
        if (subject->memory[i].is_reference) {
            hash = hash_of(hash, subject->memory[i].at, subject->memory[i].bytes);
        }
    }
    return hash != 0U ? hash : 1U;
}

static uint64_t *seen_slot(uint64_t hash)
{
    uint64_t slot = hash % SEEN_SLOTS;

    while (seen[slot] != 0U && seen[slot] != hash) {
        slot = (slot + 1U) % SEEN_SLOTS;
    }
    return &seen[slot];
}

/* True when the state was seen before; enters it. A full table only costs time. */
static bool is_seen(uint64_t hash)
{
    uint64_t *slot = seen_slot(hash);

    if (*slot == hash) {
        counts.pruned++;
        return true;
    }
    if (seen_count < SEEN_MAX) {
        seen_count++;
        *slot = hash;
    }
    return false;
}

/* ---- Running ---- */

static void start(void)
{
    struct fixture *fixture = subject->fixture;
    uint64_t before = flash_hash();
    uint32_t programs = fixture->nor.programs + fixture->second.nor.programs;
    uint32_t erases = fixture->nor.erases + fixture->second.nor.erases;

    fixture->reads = 0;
    subject->start();
    CUTS_REQUIRE(programs == fixture->nor.programs + fixture->second.nor.programs &&
                     erases == fixture->nor.erases + fixture->second.nor.erases &&
                     before == flash_hash(),
                 "mounting wrote to the flash");
}

/* The present step without a cut; the number of its flash operations. */
static uint32_t step_whole(enum cuts_step kind)
{
    uint32_t operations = 0;

    subject->fixture->reads = 0;
    if (kind == CUTS_RESTART) {
        start();
        subject->agree();
        return 0;
    }
    (void)fixture_run(subject->fixture, subject->perform, NULL, 0, NOR_TEAR_DONE, &operations);
    subject->acknowledge();
    tell_step("done");
    return operations;
}

static enum cuts_step plan(uint32_t number)
{
    present_step = number;
    return subject->plan(number);
}

/* Goes on for some steps: the store works, and says the same after a reset. */
static void go_on(uint32_t number)
{
    for (uint32_t i = 0; i < STEPS_AFTER; i++) {
        enum cuts_step kind = plan(number + i);

        if (kind == CUTS_END) {
            break;
        }
        (void)step_whole(kind);
    }
    subject->agree();
    start();
    subject->agree();
}

/* Power fails in the present step, then the device starts. False when the state was seen before,
 * otherwise *next is the step to go on with. */
static bool cut_once(uint32_t level, uint32_t operation, uint32_t tear, uint32_t *next)
{
    struct cut *cut = &path[level];
    uint32_t number = present_step;
    uint32_t reached = 0;
    bool happened = false;

    *cut = (struct cut){number, operation, tear};
    path_length = level + 1U;
    subject->fixture->hooks.seed = cuts_random(seed, number, operation * 8U + tear);
    CUTS_REQUIRE(fixture_run(subject->fixture, subject->perform, NULL, operation,
                             (enum nor_tear)tear, &reached),
                 "the step has %u flash operations, and had %u or more before", (unsigned)reached,
                 (unsigned)operation);
    if (is_seen(state_hash(number, 2U + level))) {
        return false;
    }
    start();
    happened = subject->resolve();
    tell_step(happened ? "cut, happened" : "cut, did not happen");
    subject->agree();
    *next = happened ? number + 1U : number;
    return !is_seen(state_hash(*next, level));
}

static void cut_again_at(uint32_t number, uint32_t operation)
{
    for (uint32_t tear = 0; tear < NOR_TEAR_COUNT; tear++) {
        uint32_t next = 0;

        restore(&saved[1]);
        (void)plan(number);
        counts.pairs++;
        if (cut_once(1, operation, tear, &next) && counts.pairs % GO_ON_EACH == 0U) {
            go_on(next);
        }
        path_length = 1;
    }
}

/* From a started state after a cut: the steps that follow are cut everywhere. */
static void cut_again(uint32_t number)
{
    for (uint32_t writing = 0; writing < span; number++) {
        enum cuts_step kind = plan(number);
        uint32_t operations = 0;

        if (kind == CUTS_END) {
            return;
        }
        save(&saved[1]);
        operations = step_whole(kind);
        for (uint32_t operation = 1; operation <= operations; operation++) {
            cut_again_at(number, operation);
        }
        restore(&saved[1]);
        (void)step_whole(plan(number));
        writing += operations != 0U;
    }
}

static void cut_at(uint32_t number, uint32_t operation)
{
    counts.points++;
    for (uint32_t tear = 0; tear < NOR_TEAR_COUNT; tear++) {
        uint32_t next = 0;

        restore(&saved[0]);
        (void)plan(number);
        counts.ways++;
        if (!cut_once(0, operation, tear, &next)) {
            continue;
        }
        if (counts.nodes++ % sample == 0U) {
            cut_again(next);
        } else {
            go_on(next);
        }
    }
}

static void explore(uint32_t configuration)
{
    enum cuts_step kind = CUTS_END;

    counts = (struct counts){0};
    memset(seen, 0, SEEN_SLOTS * sizeof *seen);
    seen_count = 0;
    path_length = 0;
    span = subject->open(configuration, seed);
    subject->fixture->reads_max = READS_MAX;
    start();
    for (uint32_t number = 0; (kind = plan(number)) != CUTS_END; number++) {
        uint32_t operations = 0;

        save(&saved[0]);
        operations = step_whole(kind);
        for (uint32_t operation = 1; operation <= operations; operation++) {
            cut_at(number, operation);
        }
        path_length = 0;
        restore(&saved[0]);
        (void)step_whole(plan(number));
        subject->agree();
    }
    subject->finish();
    printf("cuts %s %s: %u cut points, %u ways, %u pairs, %u states pruned, 0 violations\n",
           subject->name, configuration_name, (unsigned)counts.points, (unsigned)counts.ways,
           (unsigned)counts.pairs, (unsigned)counts.pruned);
    (void)fflush(stdout);
}

/* ---- One place again ---- */

static bool cut_read(const char *text, struct cut *cut)
{
    char name[16];
    unsigned step = 0;
    unsigned operation = 0;

    if (sscanf(text, ":%u.%u.%15[a-z-]", &step, &operation, name) != 3) {
        return false;
    }
    *cut = (struct cut){step, operation, NOR_TEAR_COUNT};
    for (uint32_t tear = 0; tear < NOR_TEAR_COUNT; tear++) {
        if (strcmp(name, tear_names[tear]) == 0) {
            cut->tear = tear;
        }
    }
    return cut->tear != NOR_TEAR_COUNT;
}

static int repeat(const char *cuts)
{
    struct cut wanted[2];
    uint32_t count = 0;
    uint32_t number = 0;

    for (; cuts != NULL && count < 2U; cuts = strchr(cuts + 1, ':')) {
        if (!cut_read(cuts, &wanted[count++])) {
            return 2;
        }
    }
    is_told = true;
    start();
    for (uint32_t i = 0; i < count; i++) {
        while (number < wanted[i].step) {
            (void)step_whole(plan(number));
            number++;
        }
        (void)plan(number);
        (void)cut_once(i, wanted[i].operation, wanted[i].tear, &number);
    }
    if (count < 2U) {
        go_on(number);
        number += STEPS_AFTER;
    }
    go_on(number);
    printf("cuts %s %s: 0 violations\n", subject->name, configuration_name);
    return 0;
}

static int repeat_place(char *place)
{
    char *cuts = NULL;
    char *number = strchr(place, ':');

    if (number == NULL) {
        return 2;
    }
    *number++ = '\0';
    seed = (uint32_t)strtoul(number, &cuts, 10);
    for (uint32_t i = 0; subject->configuration(i) != NULL; i++) {
        configuration_name = subject->configuration(i);
        if (strcmp(configuration_name, place) == 0) {
            span = subject->open(i, seed);
            subject->fixture->reads_max = READS_MAX;
            return repeat(*cuts == ':' ? cuts : NULL);
        }
    }
    return 2;
}

/* ---- The program ---- */

static int explore_all(const char *only)
{
    uint32_t count = 0;

    for (uint32_t i = 0; subject->configuration(i) != NULL; i++) {
        configuration_name = subject->configuration(i);
        if (only == NULL || strcmp(only, configuration_name) == 0) {
            explore(i);
            count++;
        }
    }
    if (count != 0U) {
        printf("[  PASSED  ] %u configurations\n", (unsigned)count);
    }
    return count != 0U ? 0 : 2;
}

static int list(void)
{
    for (uint32_t i = 0; subject->configuration(i) != NULL; i++) {
        printf("%s\n", subject->configuration(i));
    }
    return 0;
}

int cuts_main(int argc, char **argv, const struct cuts_subject *the_subject)
{
    const char *only = NULL;
    int result = 0;

    subject = the_subject;
    seed = 1;
    sample = 97;
    seen = calloc(SEEN_SLOTS, sizeof *seen);
    if (seen == NULL) {
        abort();
    }
    for (int i = 1; i < argc && result == 0; i++) {
        bool has_value = i + 1 < argc;

        if (strcmp(argv[i], "--all") == 0) {
            sample = 1;
        } else if (strcmp(argv[i], "--list") == 0) {
            return list();
        } else if (has_value && strcmp(argv[i], "--seed") == 0) {
            seed = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (has_value && strcmp(argv[i], "--sample") == 0) {
            sample = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (has_value && strcmp(argv[i], "--only") == 0) {
            only = argv[++i];
        } else if (has_value && strcmp(argv[i], "--repeat") == 0) {
            result = repeat_place(argv[++i]);
            free(seen);
            return result;
        } else {
            result = 2;
        }
    }
    result = result == 0 ? explore_all(only) : result;
    if (result == 2) {
        (void)fprintf(stderr, usage, argv[0]);
    }
    free(seen);
    return result;
}
