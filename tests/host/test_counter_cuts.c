/*
 * Proof for lib/counter: power fails at every flash operation of a scripted run, in every way that
 * the model knows, and again in the steps that follow.
 *
 * After each cut: the counter in flight has its old or its requested value, every other counter its
 * own, and the log goes on working. Prints the number of cut points.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "lib/counter/counter.h"

#define IDS 5U

struct step {
    uint32_t id;
    uint32_t value;
};

static struct fixture fixture;
static struct counter_log counters;
static uint32_t cut_points;
static uint32_t cuts;
static uint32_t cut_pairs;

static void do_step(void *context)
{
    const struct step *step = context;

    assert_int_equal(counter_advance(&counters, step->id, step->value), PSA_SUCCESS);
}

/* Mounts and compares. expected[] is what was acknowledged; for step in flight the new value is
 * allowed, and becomes the expected one when it is there. */
static void check(uint32_t expected[IDS], const struct step *in_flight)
{
    memset(&counters, 0xEE, sizeof counters);
    assert_int_equal(counter_mount(&counters, &fixture.area), PSA_SUCCESS);
    for (uint32_t id = 0; id < IDS; id++) {
        uint32_t value = 0;

        assert_int_equal(counter_read(&counters, id, &value), PSA_SUCCESS);
        if (in_flight != NULL && id == in_flight->id && value == in_flight->value) {
            expected[id] = value;
        }
        assert_int_equal(value, expected[id]);
    }
}

static struct step make_step(const uint32_t expected[IDS], uint32_t number)
{
    struct step step = {.id = number % IDS};

    step.value = expected[step.id] + 1U + (number * 2654435761U >> 20);
    return step;
}

/* From a state after a first cut: a few more steps, each cut at its operation number second. */
static void cut_again(const uint32_t expected[IDS], uint32_t number, uint32_t second)
{
    struct flash_image image;
    uint32_t after[IDS];

    fixture_save(&fixture, &image);
    for (int tear = 0; tear < NOR_TEAR_COUNT; tear++) {
        struct step step = make_step(expected, number);

        memcpy(after, expected, sizeof after);
        fixture_restore(&fixture, &image);
        check(after, NULL);
        if (!fixture_run(&fixture, do_step, &step, second, (enum nor_tear)tear, NULL)) {
            continue;
        }
        cut_pairs++;
        check(after, &step);
        step = make_step(after, number + 1U);
        do_step(&step);
        check(after, &step);
        assert_int_equal(after[step.id], step.value);
    }
    fixture_restore(&fixture, &image);
}

/* All cuts of one step, from the state that the image and expected[] describe. */
static void cut_step(const struct flash_image *image, const uint32_t expected[IDS], uint32_t number)
{
    struct counter_log before = counters;

    for (uint32_t stop_at = 1;; stop_at++) {
        bool struck = false;

        for (int tear = 0; tear < NOR_TEAR_COUNT; tear++) {
            struct step step = make_step(expected, number);
            uint32_t after[IDS];

            memcpy(after, expected, sizeof after);
            fixture_restore(&fixture, image);
            counters = before;
            struck = fixture_run(&fixture, do_step, &step, stop_at, (enum nor_tear)tear, NULL);
            if (!struck) {
                return;
            }
            cuts++;
            check(after, &step);
            cut_again(after, number + 1U, 1U + cuts % 7U);
            check(after, NULL);
            for (uint32_t more = 1; more <= 3U; more++) {
                step = make_step(after, number + more);
                do_step(&step);
                after[step.id] = step.value;
            }
            check(after, NULL);
        }
        cut_points++;
    }
}

/* The same, after a unit of the current sector went bad: its header, or the copy of counter 0,
 * which is then only in the sector before. */
static void cut_step_after_damage(const struct flash_image *image, const uint32_t expected[IDS],
                                  uint32_t number, uint32_t offset)
{
    static struct flash_image damaged;
    uint32_t after[IDS];

    memcpy(after, expected, sizeof after);
    fixture_restore(&fixture, image);
    nor_hooks_break_unit(&fixture.nor, counters.sector + offset);
    fixture_save(&fixture, &damaged);
    check(after, NULL);
    cut_step(&damaged, after, number);
}

static void cut_everywhere(const struct geometry *geometry, uint32_t sectors, uint32_t steps)
{
    static struct flash_image image;
    uint32_t expected[IDS] = {0};
    uint32_t entries = 0;
    uint32_t damaged = 0;
    uint32_t first = geometry->program_unit > 16U ? geometry->program_unit : 16U;
    uint32_t entry = geometry->program_unit > 8U ? geometry->program_unit : 8U;

    cut_points = 0;
    cuts = 0;
    cut_pairs = 0;
    fixture_open(&fixture, geometry, sectors);
    check(expected, NULL);
    for (uint32_t number = 0; number < steps; number++) {
        struct counter_log before;
        struct step step = make_step(expected, number);
        uint32_t room = counters.sequence == 0U ? 0U : geometry->sector_size - counters.next;

        fixture_save(&fixture, &image);
        before = counters;
        /* In the middle of a sector every step is like the other: cut the first ones and those at
         * its end. */
        entries = entries < 6U || room < 64U ? entries + 1U : entries;
        if (entries < 6U || room < 64U) {
            cut_step(&image, expected, number);
        }
        if (before.sequence > 1U && before.next == first + (IDS + 1U) * entry) {
            counters = before;
            cut_step_after_damage(&image, expected, number, 0);
            counters = before;
            cut_step_after_damage(&image, expected, number, first);
            damaged += 2U;
        }
        fixture_restore(&fixture, &image);
        counters = before;
        do_step(&step);
        expected[step.id] = step.value;
        if (room < 32U) {
            entries = 0;
        }
    }
    check(expected, NULL);
    printf("counter %s, %u sectors: %u cut points in %u ways, %u cut again, 0 violations\n",
           geometry->name, (unsigned)sectors, (unsigned)cut_points, (unsigned)cuts,
           (unsigned)cut_pairs);
    assert_true(cut_points >= 50U);
    assert_true(damaged >= 2U);
}

static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t g = 0; g < geometry_count; g++) {
        cut_everywhere(&geometries[g], 2U + (uint32_t)g % 2U, 1100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
