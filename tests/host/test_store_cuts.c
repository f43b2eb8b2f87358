/*
 * Proof for lib/store: power fails at every flash operation of a scripted run, in every way that
 * the model knows, and again at every operation of what follows (cuts.h).
 *
 * The script: fill, replace, write-once, remove, full store with refused sets, replace and remove
 * when full, zero-length and largest assets, then a mix that goes round the sectors several times.
 * After each cut and mount: every acknowledged asset is there, exactly; the one in flight is wholly
 * as before or wholly as asked for; and the store goes on working.
 */
#include <stdio.h>
#include <string.h>

#include "cuts.h"
#include "store_model.h"

#define INDEX_LENGTH 20U
#define STEPS_RULES  7U
#define STEPS_FULL   12U

static const struct configuration {
    struct geometry geometry;
    uint32_t sectors;
    uint32_t erase_bytes; /* erased at once, when a sector is made of several */
    uint32_t size_max;
    uint32_t keys; /* of the first phases; more come when it is to be full */
    uint32_t mix;  /* steps at the end */
    uint32_t span; /* steps that are cut again after a cut */
} configurations[] = {
    {{"512x4/8", 512, 8, 0xFF}, 4, 0, 160, 8, 40, 3},
    {{"256x3/1", 256, 1, 0xFF}, 3, 0, 40, 4, 8, 1},
    {{"256x5/4-erased-0", 256, 4, 0x00}, 5, 0, 64, 8, 40, 3},
    {{"512x3/16", 512, 16, 0xFF}, 3, 0, 160, 8, 40, 3},
    {{"1024x2/32", 1024, 32, 0xFF}, 2, 0, 300, 8, 40, 3},
    {{"512x4/8-of-128", 512, 8, 0xFF}, 4, 128, 160, 8, 40, 3},
    {{"2048x3/16-of-512", 2048, 16, 0xFF}, 3, 512, 1000, 8, 30, 3},
    {{"256x12/8", 256, 8, 0xFF}, 12, 0, 64, 8, 150, 2},
    {{"2048x3/8", 2048, 8, 0xFF}, 3, 0, 300, 8, 36, 1},
};

static struct fixture fixture;
static struct store store;
static struct store_config config;
static uint32_t scratch[96];
static struct store_entry entries[INDEX_LENGTH];
static struct model model;
static struct model_step step;
static const struct configuration *configuration;
static uint32_t seed;
static uint32_t refused; /* as full */

static const char *name_of(uint32_t number)
{
    return number < sizeof configurations / sizeof configurations[0]
               ? configurations[number].geometry.name
               : NULL;
}

static uint32_t open(uint32_t number, uint32_t its_seed)
{
    configuration = &configurations[number];
    seed = its_seed;
    refused = 0;
    fixture_open(&fixture, &configuration->geometry, configuration->sectors);
    fixture.hooks.erase_bytes = configuration->erase_bytes;
    memset(&model, 0, sizeof model);
    config = (struct store_config){.area = &fixture.area,
                                   .index = entries,
                                   .index_length = INDEX_LENGTH,
                                   .asset_size_max = configuration->size_max,
                                   .scratch = scratch,
                                   .scratch_bytes = sizeof scratch};
    return configuration->span;
}

static void start(void)
{
    psa_status_t status;

    memset(&store, 0xEE, sizeof store);
    memset(entries, 0xEE, sizeof entries);
    status = store_mount(&store, &config);
    CUTS_REQUIRE(status == PSA_SUCCESS, "the store does not mount: %d", (int)status);
}

/* ---- Script ---- */

static uint32_t size_of(uint32_t number)
{
    uint32_t unit = configuration->geometry.program_unit;
    const uint32_t sizes[] = {
        0U, 1U, unit, unit + 1U, 2U * unit - 1U, 33U, 40U, configuration->size_max};

    return sizes[number % (sizeof sizes / sizeof sizes[0])] % (configuration->size_max + 1U);
}

static void plan_set(uint32_t number, uint32_t key, uint32_t size, uint32_t flags)
{
    step.operation = MODEL_SET;
    step.key = key;
    step.asset = (struct model_asset){true, size, flags, cuts_random(seed, number, 0)};
}

static void plan_mix(uint32_t number)
{
    uint32_t key = cuts_random(seed, number, 1) % (configuration->keys + 4U);
    uint32_t shape = cuts_random(seed, number, 2) % 16U;
    uint32_t size = cuts_random(seed, number, 3);

    if (cuts_random(seed, number, 4) % 4U == 0U) {
        step.operation = MODEL_REMOVE;
        step.key = key;
        return;
    }
    size = shape == 0U   ? configuration->size_max
           : shape == 1U ? 0U
           : shape < 5U  ? size % (configuration->size_max + 1U)
                         : size % 41U;
    plan_set(number, key, size, cuts_random(seed, number, 5) & ~STORE_WRITE_ONCE);
}

/* Write-once: set, then what must be refused; removal, also of what is not there; a reset. */
static enum cuts_step plan_rules(uint32_t number)
{
    step.operation = MODEL_REMOVE;
    switch (number) {
    case 0:
        plan_set(number, 2, 7, STORE_WRITE_ONCE | 0x100U);
        break;
    case 1:
        plan_set(number, 2, 7, 0);
        break;
    case 2:
        step.key = 2;
        break;
    case 3:
    case 4:
        step.key = 5;
        break;
    case 5:
        return CUTS_RESTART;
    default:
        step.key = 0;
        break;
    }
    return CUTS_STEP;
}

static enum cuts_step plan(uint32_t number)
{
    uint32_t keys = configuration->keys;

    step.store = &store;
    step.status = PSA_SUCCESS;
    if (number < 2U * keys) {
        plan_set(number, number % keys, size_of(number + number / keys), number << 1);
        return CUTS_STEP;
    }
    number -= 2U * keys;
    if (number < STEPS_RULES) {
        return plan_rules(number);
    }
    number -= STEPS_RULES;
    if (number < STEPS_FULL) { /* more assets, until there is no room */
        plan_set(number + 100U, keys + number, configuration->size_max - number % 3U, 4);
        return CUTS_STEP;
    }
    number -= STEPS_FULL;
    if (number < keys) { /* each again, when full */
        plan_set(number + 200U, number, size_of(number + 1U), 8);
        return CUTS_STEP;
    }
    number -= keys;
    if (number < STEPS_FULL) {
        step.operation = MODEL_REMOVE;
        step.key = keys + number;
        return CUTS_STEP;
    }
    number -= STEPS_FULL;
    plan_mix(number + 300U);
    return number < configuration->mix ? CUTS_STEP : CUTS_END;
}

static void tell(char *text, size_t size)
{
    if (step.operation == MODEL_REMOVE) {
        (void)snprintf(text, size, "remove asset %u, answer %d", (unsigned)step.key,
                       (int)step.status);
    } else {
        (void)snprintf(text, size, "set asset %u, %u bytes, flags %x, answer %d",
                       (unsigned)step.key, (unsigned)step.asset.size, (unsigned)step.asset.flags,
                       (int)step.status);
    }
}

/* ---- Against the reference ---- */

static void perform(void *unused)
{
    (void)unused;
    model_perform(&step);
}

static void acknowledge(void)
{
    psa_status_t expected = model_expect(&model, &step);

    CUTS_REQUIRE(step.status == expected, "the store answers %d, the reference %d",
                 (int)step.status, (int)expected);
    refused += step.status == PSA_ERROR_INSUFFICIENT_STORAGE;
    if (step.status == PSA_SUCCESS) {
        model_apply(&model, &step);
    }
}

static bool resolve(void)
{
    if (model_asset_is(&store, step.key, &model.assets[step.key])) {
        return false;
    }
    model_apply(&model, &step);
    CUTS_REQUIRE(model_asset_is(&store, step.key, &model.assets[step.key]),
                 "the asset of the operation that was cut is neither as before nor as asked for");
    return true;
}

static void agree(void)
{
    uint32_t key = model_difference(&model, &store, MODEL_KEYS);

    CUTS_REQUIRE(key == MODEL_KEYS, "asset %u is not what was acknowledged", (unsigned)key);
}

/* The script did what it is for. */
static void finish(void)
{
    struct store_usage usage;

    store_get_usage(&store, &usage);
    CUTS_REQUIRE(refused != 0U && usage.erases >= 2U,
                 "the script is too short: %u refused as full, %u times round the sectors",
                 (unsigned)refused, (unsigned)usage.erases);
}

static const struct cuts_memory memory[] = {
    {&store, sizeof store, false},
    {entries, sizeof entries, false},
    {&model, sizeof model, true},
};

static const struct cuts_subject subject = {
    .name = "store",
    .fixture = &fixture,
    .memory = memory,
    .memory_count = sizeof memory / sizeof memory[0],
    .configuration = name_of,
    .open = open,
    .start = start,
    .plan = plan,
    .perform = perform,
    .acknowledge = acknowledge,
    .resolve = resolve,
    .agree = agree,
    .finish = finish,
    .tell = tell,
};

int main(int argc, char **argv)
{
    return cuts_main(argc, argv, &subject);
}
