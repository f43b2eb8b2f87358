/*
 * Proof for lib/store: power fails at every flash operation of a scripted run (fill, replace,
 * remove, collect, full store), in every way that the model knows, and a second time in the
 * operation that follows.
 *
 * After each cut and remount: every acknowledged asset is there, exactly; the one in flight is
 * wholly as before or wholly as asked for; and the store goes on working. Prints the number of cut
 * points.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "store_model.h"

#define INDEX_LENGTH 12U

/* Small sectors make collections frequent; the last rows are geometries of real parts. */
static const struct run {
    struct geometry geometry;
    uint32_t sectors;
    uint32_t keys;
    uint32_t size_max;
    uint32_t steps;
} runs[] = {
    {{"512/8", 512, 8, 0xFF}, 4, 13, 160, 500},
    {{"256/4 erased 0", 256, 4, 0x00}, 5, 13, 64, 300},
    {{"256/1", 256, 1, 0xFF}, 3, 8, 48, 150},
    {{"512/16", 512, 16, 0xFF}, 3, 8, 160, 500},
    {{"1024/32", 1024, 32, 0xFF}, 2, 8, 300, 500},
    {{"2048/16", 2048, 16, 0xFF}, 3, 12, 1000, 160},
    {{"4096/8", 4096, 8, 0xFF}, 3, 12, 2048, 140},
};

static struct fixture fixture;
static struct store store;
static struct store_config config;
static struct store_entry entries[INDEX_LENGTH];
static const struct run *run;
static uint32_t cut_points;
static uint32_t cuts;
static uint32_t second_cuts;

/* Everything that a run continues from. */
struct state {
    struct flash_image image;
    struct store store;
    struct store_entry entries[INDEX_LENGTH];
    struct model model;
    uint32_t seed;
};

static void save(struct state *state, const struct model *model, uint32_t seed)
{
    fixture_save(&fixture, &state->image);
    state->store = store;
    memcpy(state->entries, entries, sizeof entries);
    state->model = *model;
    state->seed = seed;
}

static void restore(const struct state *state)
{
    fixture_restore(&fixture, &state->image);
    store = state->store;
    memcpy(entries, state->entries, sizeof entries);
}

static void mount(void)
{
    memset(&store, 0xEE, sizeof store);
    memset(entries, 0xEE, sizeof entries);
    config = (struct store_config){.area = &fixture.area,
                                   .index = entries,
                                   .index_length = INDEX_LENGTH,
                                   .asset_size_max = run->size_max};
    assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
}

/* Mounts after a cut in step and decides whether it happened; anything else is a violation. */
static void check_cut(struct model *model, const struct model_step *step)
{
    mount();
    if (!model_asset_is(&store, step->key, &model->assets[step->key])) {
        model_apply(model, step);
    }
    assert_int_equal(model_difference(model, &store, run->keys), MODEL_KEYS);
}

/* Goes on for some steps without a cut. */
static void go_on(struct model *model, uint32_t *seed, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        struct model_step step = model_random_step(&store, run->keys, run->size_max, seed);

        model_perform(&step);
        assert_int_equal(step.status, model_expect(model, &step));
        if (step.status == PSA_SUCCESS) {
            model_apply(model, &step);
        }
    }
    assert_int_equal(model_difference(model, &store, run->keys), MODEL_KEYS);
    mount();
    assert_int_equal(model_difference(model, &store, run->keys), MODEL_KEYS);
}

/* From a mounted state after a cut: cuts the next step that writes at one of its operations. */
static void cut_again(const struct model *model_before, uint32_t seed)
{
    static struct state state;
    struct model model = *model_before;
    struct model_step step = {0};
    uint32_t operations = 0;
    uint32_t stop_at = 0;

    save(&state, &model, seed);
    while (operations == 0U) {
        step = model_random_step(&store, run->keys, run->size_max, &seed);
        assert_false(fixture_run(&fixture, model_perform, &step, 0, NOR_TEAR_DONE, &operations));
    }
    stop_at = 1U + fixture_random(&seed) % operations;
    restore(&state);
    assert_true(fixture_run(&fixture, model_perform, &step, stop_at,
                            (enum nor_tear)(fixture_random(&seed) % NOR_TEAR_COUNT), NULL));
    second_cuts++;
    check_cut(&model, &step);
    go_on(&model, &seed, 2);
}

/* Cuts step at its operation number stop_at, in every way. */
static void cut_at(const struct state *before, struct model_step step, uint32_t stop_at)
{
    for (int tear = 0; tear < NOR_TEAR_COUNT; tear++) {
        struct model model = before->model;
        uint32_t seed = before->seed + cuts;

        restore(before);
        assert_true(
            fixture_run(&fixture, model_perform, &step, stop_at, (enum nor_tear)tear, NULL));
        cuts++;
        check_cut(&model, &step);
        if (cuts % 3U == 0U) {
            cut_again(&model, seed);
        } else if (cuts % 3U == 1U) {
            go_on(&model, &seed, 3);
        }
    }
    cut_points++;
}

static void cut_everywhere(void)
{
    static struct state state;
    struct model model = {0};
    uint32_t seed = 20260;
    uint32_t refused = 0;

    cut_points = 0;
    cuts = 0;
    second_cuts = 0;
    fixture_open(&fixture, &run->geometry, run->sectors);
    mount();
    for (uint32_t i = 0; i < run->steps; i++) {
        struct model_step step = model_random_step(&store, run->keys, run->size_max, &seed);
        uint32_t operations = 0;

        save(&state, &model, seed);
        assert_false(fixture_run(&fixture, model_perform, &step, 0, NOR_TEAR_DONE, &operations));
        assert_int_equal(step.status, model_expect(&model, &step));
        refused += step.status == PSA_ERROR_INSUFFICIENT_STORAGE;
        for (uint32_t stop_at = 1; stop_at <= operations; stop_at++) {
            cut_at(&state, step, stop_at);
        }
        restore(&state);
        model_perform(&step);
        if (step.status == PSA_SUCCESS) {
            model_apply(&model, &step);
        }
    }
    assert_int_equal(model_difference(&model, &store, run->keys), MODEL_KEYS);
    printf("store %s, %u sectors: %u cut points in %u ways, %u cut again, %u refused as full, "
           "%u sectors opened, 0 violations\n",
           run->geometry.name, (unsigned)run->sectors, (unsigned)cut_points, (unsigned)cuts,
           (unsigned)second_cuts, (unsigned)refused, (unsigned)store.sequence);
    assert_true(store.sequence > 2U * run->sectors && refused > 0U);
}

static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        run = &runs[i];
        cut_everywhere();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
