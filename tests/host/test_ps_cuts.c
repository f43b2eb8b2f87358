/*
 * Proof for Protected Storage: power fails at every flash operation of a scripted run, on either of
 * its two flash parts, in every way, and again at every operation of what follows (cuts.h).
 *
 * The script has every operation that changes an asset, also when the store is full and when it is
 * refused. After each cut: every acknowledged asset is there, exactly; the one in flight is wholly
 * as before or as asked for; nothing is called damaged or forged, because nobody attacks; and no
 * nonce was used twice in the history, the boot count being the only thing that grows in it.
 */
#include <stdio.h>
#include <string.h>

#include "cuts.h"
#include "ps_device.h"
#include "psa/storage_common.h"

#define STEPS_RULES 20U

static const struct configuration {
    struct ps_part medium;
    struct ps_part anchor; /* its name is not used */
    uint32_t erase_bytes;  /* erased at once, when sectors are made of several */
    uint32_t size_max;
    uint32_t mix; /* steps at the end */
    uint32_t span;
} configurations[] = {
    {{{"512x4/8+512x3/8", 512, 8, 0xFF}, 4}, {{"", 512, 8, 0xFF}, 3}, 0, 120, 50, 2},
    {{{"512x3/16+256x4/4", 512, 16, 0xFF}, 3}, {{"", 256, 4, 0xFF}, 4}, 0, 90, 40, 2},
    {{{"1024x2/32+1024x2/32", 1024, 32, 0xFF}, 2}, {{"", 1024, 32, 0xFF}, 2}, 0, 280, 40, 2},
    {{{"256x6/4-erased-0+512x3/16", 256, 4, 0x00}, 6}, {{"", 512, 16, 0xFF}, 3}, 0, 60, 30, 1},
    {{{"256x9/8+512x3/8", 256, 8, 0xFF}, 9}, {{"", 512, 8, 0xFF}, 3}, 0, 60, 40, 1},
    {{{"512x4/16+512x4/16-of-128", 512, 16, 0xFF}, 4}, {{"", 512, 16, 0xFF}, 4}, 128, 120, 50, 2},
};

static struct ps_step step;
static const struct configuration *configuration;
static uint32_t seed;
static uint32_t refused; /* as full */

static const char *name_of(uint32_t number)
{
    return number < sizeof configurations / sizeof configurations[0]
               ? configurations[number].medium.geometry.name
               : NULL;
}

static uint32_t open(uint32_t number, uint32_t its_seed)
{
    configuration = &configurations[number];
    seed = its_seed;
    refused = 0;
    ps_device_open(&configuration->medium, &configuration->anchor, configuration->size_max);
    ps_fixture.hooks.erase_bytes = configuration->erase_bytes;
    return configuration->span;
}

static void start(void)
{
    psa_status_t status = ps_device_start();

    CUTS_REQUIRE(status == PSA_SUCCESS, "the device does not start: %d", (int)status);
}

/* ---- Script ---- */

/* In short: most of these rules are tried with the asset in every state that matters. */
static const struct ps_step rules[STEPS_RULES] = {
    {PS_SET, 0, 0, 16, 0, 10, 0},
    {PS_SET, 1, 0, 0, 0, 11, 0},
    {PS_SET, 0, 0, 40, PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION, 12, 0},
    {PS_CREATE, 2, 0, 60, 0, 0, 0},
    {PS_EXTEND, 2, 0, 20, 0, 13, 0},
    {PS_EXTEND, 2, 20, 40, 0, 14, 0},
    {PS_EXTEND, 2, 50, 20, 0, 15, 0}, /* beyond the capacity */
    {PS_EXTEND, 2, 10, 5, 0, 16, 0},
    {PS_CREATE, 2, 0, 60, 0, 0, 0},                          /* exists */
    {PS_CREATE, 3, 0, 8, PSA_STORAGE_FLAG_WRITE_ONCE, 0, 0}, /* not supported */
    {PS_SET, 3, 0, 24, PSA_STORAGE_FLAG_WRITE_ONCE, 17, 0},
    {PS_SET, 3, 0, 24, 0, 18, 0},   /* write-once */
    {PS_REMOVE, 3, 0, 0, 0, 0, 0},  /* write-once */
    {PS_EXTEND, 3, 0, 1, 0, 19, 0}, /* write-once */
    {PS_REMOVE, 0, 0, 0, 0, 0, 0},
    {PS_REMOVE, 0, 0, 0, 0, 0, 0}, /* not there */
    {PS_SET, 0, 0, 12, 0, 20, 0},  /* version 1 again, with another record */
    {PS_SET, 1, 0, 50, 0, 21, 0},
    {PS_REMOVE, 1, 0, 0, 0, 0, 0},
    {PS_SET, 2, 0, 60, 0, 22, 0},
};

static void plan_mix(uint32_t number)
{
    uint32_t what = cuts_random(seed, number, 1) % 10U;
    uint32_t size = cuts_random(seed, number, 2);
    bool large = cuts_random(seed, number, 3) % 8U == 0U;

    step.operation = what < 5U ? PS_SET : what < 7U ? PS_REMOVE : what < 8U ? PS_CREATE : PS_EXTEND;
    step.key = cuts_random(seed, number, 4) % 6U;
    step.length = large ? configuration->size_max : size % 33U;
    step.offset = cuts_random(seed, number, 5) % 9U;
    step.flags = cuts_random(seed, number, 6) % 2U * PSA_STORAGE_FLAG_NO_CONFIDENTIALITY;
}

static enum cuts_step plan(uint32_t number)
{
    step = (struct ps_step){.operation = PS_SET, .content = cuts_random(seed, number, 0)};
    if (number < STEPS_RULES) {
        step = rules[number];
        return CUTS_STEP;
    }
    number -= STEPS_RULES;
    if (number == 0U) {
        return CUTS_RESTART;
    }
    number -= 1U;
    if (number < PS_KEYS) { /* largest ones, until there is no room */
        step.key = PS_KEYS - 1U - number;
        step.length = configuration->size_max - number % 3U;
        return CUTS_STEP;
    }
    number -= PS_KEYS;
    if (number < PS_KEYS) { /* each again or no longer, when full */
        step.operation = number % 3U == 2U ? PS_REMOVE : PS_SET;
        step.key = number;
        step.length = 30U + number;
        return CUTS_STEP;
    }
    number -= PS_KEYS;
    plan_mix(number + 100U);
    return number < configuration->mix ? CUTS_STEP : CUTS_END;
}

static void tell(char *text, size_t size)
{
    ps_tell(&step, text, size);
}

/* ---- Against the reference ---- */

static void perform(void *unused)
{
    (void)unused;
    ps_perform(&step);
}

static void acknowledge(void)
{
    psa_status_t expected = ps_expect(&step);

    CUTS_REQUIRE(step.status == expected, "the device answers %d, the reference %d",
                 (int)step.status, (int)expected);
    refused += step.status == PSA_ERROR_INSUFFICIENT_STORAGE;
    if (step.status == PSA_SUCCESS) {
        ps_apply(&step);
    }
}

static bool resolve(void)
{
    struct ps_asset *asset = &ps_reference.assets[step.key];
    psa_status_t before = ps_asset_status(step.key, asset);
    psa_status_t after;

    if (before == PSA_SUCCESS) {
        return false;
    }
    ps_apply(&step);
    after = ps_asset_status(step.key, asset);
    CUTS_REQUIRE(after == PSA_SUCCESS,
                 "the asset of the operation that was cut is neither as before (%d) nor as asked "
                 "for (%d)",
                 (int)before, (int)after);
    return true;
}

static void agree(void)
{
    for (uint32_t key = 0; key < PS_KEYS; key++) {
        psa_status_t status = ps_asset_status(key, &ps_reference.assets[key]);

        CUTS_REQUIRE(status == PSA_SUCCESS, "asset %u is not what was acknowledged: %d",
                     (unsigned)key, (int)status);
    }
    CUTS_REQUIRE(!ps_nonces.repeated, "a nonce was used twice");
}

/* The script did what it is for. */
static void finish(void)
{
    struct store_usage medium;
    struct store_usage anchor;

    store_get_usage(&ps_memory.assets.medium, &medium);
    store_get_usage(&ps_memory.assets.anchor, &anchor);
    CUTS_REQUIRE(refused != 0U && medium.erases >= 2U && anchor.erases >= 1U,
                 "the script is too short: %u refused as full, %u and %u times round the sectors",
                 (unsigned)refused, (unsigned)medium.erases, (unsigned)anchor.erases);
}

static const struct cuts_memory memory[] = {
    {&ps_memory, sizeof ps_memory, false},
    {&ps_nonces, sizeof ps_nonces, false},
    {&ps_reference, sizeof ps_reference, true},
};

static const struct cuts_subject subject = {
    .name = "ps",
    .fixture = &ps_fixture,
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
