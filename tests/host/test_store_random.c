/*
 * Randomised check of lib/store against the reference, with remounts; and damage at random places
 * of the flash: never a crash, a hang, or bytes that the asset never had.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

#include "flash_fixture.h"
#include "store_model.h"

#define INDEX_LENGTH 36U
#define STEPS        1000000U /* all geometries together; ten times as many in a full run */
#define STEPS_LIFE   10000U   /* then the region is new: write-once assets pile up */
#define HISTORY      400U
#define DAMAGES      400U

static struct fixture fixture;
static struct store store;
static struct store_config config;
static uint32_t scratch[96];
static struct store_entry entries[INDEX_LENGTH];
static struct model_step history[HISTORY];

static psa_status_t mount(uint32_t size_max)
{
    memset(&store, 0xEE, sizeof store);
    memset(entries, 0xEE, sizeof entries);
    config = (struct store_config){.area = &fixture.area,
                                   .index = entries,
                                   .index_length = INDEX_LENGTH,
                                   .asset_size_max = size_max,
                                   .scratch = scratch,
                                   .scratch_bytes = sizeof scratch};
    return store_mount(&store, &config);
}

static void perform(struct model *model, struct model_step *step)
{
    psa_status_t expected = model_expect(model, step);

    model_perform(step);
    assert_int_equal(step->status, expected);
    if (expected == PSA_SUCCESS) {
        model_apply(model, step);
    }
    assert_true(model_asset_is(&store, step->key, &model->assets[step->key]));
}

/* One step, sometimes write-once. After one in 64, a remount. */
static psa_status_t random_step(struct model *model, uint32_t size_max, uint32_t *seed)
{
    struct model_step step = model_random_step(&store, MODEL_KEYS, size_max, seed);

    if (fixture_random(seed) % 512U == 0U) {
        step.asset.flags |= STORE_WRITE_ONCE;
    }
    perform(model, &step);
    if (fixture_random(seed) % 64U == 0U) {
        assert_int_equal(model_difference(model, &store, MODEL_KEYS), MODEL_KEYS);
        assert_int_equal(mount(size_max), PSA_SUCCESS);
        assert_int_equal(model_difference(model, &store, MODEL_KEYS), MODEL_KEYS);
    }
    return step.status;
}

/* One geometry with sectors sectors: steps operations. */
static void agree_with_reference(const struct geometry *geometry, uint32_t sectors, uint32_t steps,
                                 uint32_t seed)
{
    static struct model model;
    uint32_t size_max = geometry->sector_size / 2U - 64U;
    uint32_t refused = 0;
    uint32_t fixed = 0;
    uint32_t erases = 0;

    for (uint32_t i = 0; i < steps; i++) {
        psa_status_t status;

        if (i % STEPS_LIFE == 0U) {
            erases += fixture.nor.erases;
            fixture_open(&fixture, geometry, sectors);
            memset(&model, 0, sizeof model);
            assert_int_equal(mount(size_max), PSA_SUCCESS);
        }
        status = random_step(&model, size_max, &seed);
        refused += status == PSA_ERROR_INSUFFICIENT_STORAGE;
        fixed += status == PSA_ERROR_NOT_PERMITTED;
    }
    erases += fixture.nor.erases;
    printf("store %s, %u sectors: %u operations, %u refused as full, %u as write-once, %u erases, "
           "0 differences\n",
           geometry->name, (unsigned)sectors, (unsigned)steps, (unsigned)refused, (unsigned)fixed,
           (unsigned)erases);
    assert_true(refused > 0U && fixed > 0U && erases > 2U * sectors);
}

static void agrees_with_the_reference(void **state)
{
    static const struct geometry small[] = {{"256/32", 256, 32, 0xFF}, {"512/2", 512, 2, 0x00}};
    bool is_full = getenv("BZ_TEST_FULL") != NULL;
    uint32_t steps = (is_full ? 10U * STEPS : STEPS) / ((uint32_t)geometry_count + 2U);
    uint32_t seed = is_full ? (uint32_t)time(NULL) : 77U;

    (void)state;
    printf("seed %u\n", (unsigned)seed);
    memset(&fixture, 0, sizeof fixture);
    for (uint32_t g = 0; g < geometry_count; g++) {
        agree_with_reference(&geometries[g], (g % 2U == 0U ? 8U : 3U) + g, steps, seed + g);
    }
    agree_with_reference(&small[0], 12, steps, seed + 100U);
    agree_with_reference(&small[1], 2, steps, seed + 101U);
}

/* True when the asset was set to what the store now says at some time. */
static bool was_ever(uint32_t key)
{
    for (uint32_t i = 0; i < HISTORY; i++) {
        if (history[i].key == key && history[i].operation == MODEL_SET &&
            history[i].status == PSA_SUCCESS && model_asset_is(&store, key, &history[i].asset)) {
            return true;
        }
    }
    return false;
}

static void damage(uint32_t *seed)
{
    uint32_t offset = fixture_random(seed) % fixture.nor.size;
    uint32_t length = 1U + fixture_random(seed) % 16U;

    switch (fixture_random(seed) % 4U) {
    case 0:
        fixture.image.cells[offset] ^= (uint8_t)(1U << (fixture_random(seed) % 8U));
        break;
    case 1:
        nor_hooks_break_unit(&fixture.nor, offset);
        break;
    case 2:
        offset &= ~(fixture.nor.sector_size - 1U);
        offset += 32U * (fixture_random(seed) % 4U); /* near the headers */
        /* fall through */
    default:
        for (uint32_t i = offset; i < offset + length && i < fixture.nor.size; i++) {
            fixture.image.cells[i] = (uint8_t)fixture_random(seed);
        }
        break;
    }
}

static void check_damaged(uint32_t size_max, uint32_t *mounted)
{
    static uint8_t back[MODEL_SIZE_MAX];
    psa_status_t status = mount(size_max);
    size_t actual;

    assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DATA_CORRUPT);
    if (status != PSA_SUCCESS) {
        return;
    }
    ++*mounted;
    for (uint32_t number = 0; number < MODEL_KEYS; number++) {
        struct store_key key = model_key(number);

        if (store_get(&store, &key, 0, back, sizeof back, &actual) == PSA_SUCCESS) {
            assert_true(was_ever(number));
        }
    }
    /* It still takes operations, or says why not. */
    for (uint32_t number = 0; number < MODEL_KEYS; number++) {
        struct store_key key = model_key(number);

        status = store_set(&store, &key, back, number, 0);
        assert_true(status == PSA_SUCCESS || status == PSA_ERROR_INSUFFICIENT_STORAGE ||
                    status == PSA_ERROR_STORAGE_FAILURE);
        if (number % 3U == 0U) {
            status = store_remove(&store, &key);
            assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DOES_NOT_EXIST ||
                        status == PSA_ERROR_STORAGE_FAILURE);
        }
    }
}

static void damage_is_never_served_as_data(void **state)
{
    static struct flash_image image;

    (void)state;
    for (size_t g = 0; g < geometry_count; g++) {
        uint32_t size_max = 300;
        struct model model = {0};
        uint32_t seed = 5U + (uint32_t)g;
        uint32_t mounted = 0;

        fixture_open(&fixture, &geometries[g], 4);
        assert_int_equal(mount(size_max), PSA_SUCCESS);
        for (uint32_t i = 0; i < HISTORY; i++) {
            history[i] = model_random_step(&store, MODEL_KEYS, size_max, &seed);
            perform(&model, &history[i]);
        }
        fixture_save(&fixture, &image);
        for (uint32_t i = 0; i < DAMAGES; i++) {
            fixture_restore(&fixture, &image);
            for (uint32_t more = fixture_random(&seed) % 3U; more != UINT32_MAX; more--) {
                damage(&seed);
            }
            check_damaged(size_max, &mounted);
        }
        printf("store %s: damaged in %u ways, %u of them mounted, 0 wrong bytes\n",
               geometries[g].name, (unsigned)DAMAGES, (unsigned)mounted);
        assert_true(mounted > 0U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(damage_is_never_served_as_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
