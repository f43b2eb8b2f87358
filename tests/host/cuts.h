/*
 * Exhaustive power cuts: an explorer that knows nothing of what it cuts.
 *
 * A subject (test_store_cuts.c, test_ps_cuts.c) is a script of steps over a flash fixture. The
 * explorer lets power fail at every flash operation of every step, in every way of the NOR model;
 * starts the subject again, which compares everything with its reference; and then lets power fail
 * once more at every operation of the steps that follow. States seen before (flash with the state
 * of each unit, reference, next step) are not explored again.
 *
 * Everything is made from the configuration and the seed, so a violation is told with the argument
 * of --repeat that leads there again.
 */
#ifndef BARTIZAN_TESTS_CUTS_H
#define BARTIZAN_TESTS_CUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flash_fixture.h"

/* What the next step of a script is. */
enum cuts_step { CUTS_END, CUTS_STEP, CUTS_RESTART };

/* Memory of a subject. The reference survives a cut and tells states apart; the rest is working
 * memory, which a cut destroys. */
struct cuts_memory {
    void *at;
    size_t bytes;
    bool is_reference;
};

struct cuts_subject {
    const char *name;
    struct fixture *fixture;
    const struct cuts_memory *memory;
    size_t memory_count;
    /* Name of a configuration; NULL past the last. */
    const char *(*configuration)(uint32_t number);
    /* Opens erased flash and an empty reference. How many steps that write are cut again after a
     * cut. */
    uint32_t (*open)(uint32_t configuration, uint32_t seed);
    /* What a reset does: everything but flash and reference is lost, then mounts. */
    void (*start)(void);
    /* Makes step number of the script the present one. A function of configuration, seed and
     * number only. */
    enum cuts_step (*plan)(uint32_t number);
    /* Performs the present step; power may fail inside. */
    void (*perform)(void *unused);
    /* After the step was performed: the answer is the expected one; enters it in the reference. */
    void (*acknowledge)(void);
    /* After a cut in the step and a start: true when it happened wholly (entered in the
     * reference), false when not at all; anything else is a violation. */
    bool (*resolve)(void);
    /* Compares everything with the reference. */
    void (*agree)(void);
    /* After the whole script: it is a violation that something never happened in it. */
    void (*finish)(void);
    /* The present step in words. */
    void (*tell)(char *text, size_t size);
};

/* Ends the program with the violation and how to repeat it. */
_Noreturn void cuts_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define CUTS_REQUIRE(condition, ...)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            cuts_violation(__VA_ARGS__);                                                           \
        }                                                                                          \
    } while (0)

/* A number for this place of a script, the same in every branch. */
uint32_t cuts_random(uint32_t seed, uint32_t step, uint32_t use);

/* The program: see --help in cuts.c. */
int cuts_main(int argc, char **argv, const struct cuts_subject *subject);

#endif
