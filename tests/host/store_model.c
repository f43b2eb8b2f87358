/*
 * See store_model.h.
 */
#include "store_model.h"

#include <stdlib.h>
#include <string.h>

#include "flash_fixture.h"

static uint8_t bytes[MODEL_SIZE_MAX];
static uint8_t back[MODEL_SIZE_MAX];

struct store_key model_key(uint32_t number)
{
    struct store_key key = {.owner = -1 - (int32_t)(number % 3U), .uid = 1U + number / 6U};

    key.uid <<= number % 2U != 0U ? 32 : 0;
    return key;
}

void model_fill(uint32_t content, uint8_t *buffer, size_t length)
{
    uint32_t seed = content * 2654435761U + 1U;

    /* Every fourth content is all erased bytes, every fourth has long runs of them. */
    for (size_t i = 0; i < length; i++) {
        uint8_t random = (uint8_t)(fixture_random(&seed) >> 8);

        buffer[i] = content % 4U == 0U || (content % 4U == 1U && i % 64U > 7U) ? 0xFF : random;
    }
}

void model_perform(void *context)
{
    struct model_step *step = context;
    struct store_key key = model_key(step->key);

    if (step->operation == MODEL_REMOVE) {
        step->status = store_remove(step->store, &key);
        return;
    }
    model_fill(step->asset.content, bytes, step->asset.size);
    step->status = store_set(step->store, &key, bytes, step->asset.size, step->asset.flags);
}

void model_apply(struct model *model, const struct model_step *step)
{
    model->assets[step->key] = step->operation == MODEL_SET ? step->asset : (struct model_asset){0};
}

static int larger_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* Bytes of the record of an asset of that size. */
static uint32_t record_size(const struct flash_area *area, uint32_t size)
{
    uint32_t step = area->program_unit > 8U ? area->program_unit : 8U;

    return 32U + (size + step - 1U) / step * step;
}

/* The space rule, from a sorted list. */
static bool space_suffices(const struct model *model, const struct flash_area *area)
{
    uint32_t sizes[MODEL_KEYS + 1U];
    uint32_t sectors = area->size / area->sector_size;
    uint32_t room = area->sector_size - 32U;
    uint32_t capacity = (sectors - 1U) * room;
    uint32_t needed = 0;
    uint32_t total = 0;
    uint32_t count = 1;

    for (uint32_t number = 0; number < MODEL_KEYS; number++) {
        if (model->assets[number].present) {
            sizes[count++] = record_size(area, model->assets[number].size);
        }
    }
    qsort(sizes + 1, count - 1U, sizeof sizes[0], larger_first);
    sizes[0] = sizes[1]; /* the spare record */
    for (uint32_t i = 0; i < count; i++) {
        needed += sizes[i] + (i < sectors - 2U ? sizes[i] - record_size(area, 1) + 32U : 0U);
    }
    /* The pace of collection: what is appended meanwhile, and the sector that is collected. */
    if (sectors >= 8U && count > 2U) {
        uint32_t copied = 2U * (room - sizes[0]) > sizes[0] ? 2U * (room - sizes[0]) : sizes[0];

        for (uint32_t i = 1; i < count; i++) {
            total += sizes[i];
        }
        needed += (total / copied + 1U) * sizes[0] + room;
    }
    return needed <= capacity;
}

psa_status_t model_expect(const struct model *model, const struct model_step *step)
{
    const struct flash_area *area = step->store->area;
    const struct model_asset *old = &model->assets[step->key];
    struct model after = *model;
    uint32_t present = 0;

    if (old->present && (old->flags & STORE_WRITE_ONCE) != 0U) {
        return PSA_ERROR_NOT_PERMITTED;
    }
    if (step->operation == MODEL_REMOVE) {
        return old->present ? PSA_SUCCESS : PSA_ERROR_DOES_NOT_EXIST;
    }
    if (old->present && record_size(area, step->asset.size) <= record_size(area, old->size)) {
        return PSA_SUCCESS;
    }
    model_apply(&after, step);
    for (uint32_t number = 0; number < MODEL_KEYS; number++) {
        present += after.assets[number].present;
    }
    return present <= step->store->config->index_length && space_suffices(&after, area)
               ? PSA_SUCCESS
               : PSA_ERROR_INSUFFICIENT_STORAGE;
}

bool model_asset_is(struct store *store, uint32_t number, const struct model_asset *asset)
{
    struct store_key key = model_key(number);
    struct store_info info = {0};
    size_t actual = 0;
    psa_status_t status = store_get_info(store, &key, &info);

    if (!asset->present) {
        return status == PSA_ERROR_DOES_NOT_EXIST &&
               store_get(store, &key, 0, back, sizeof back, &actual) == PSA_ERROR_DOES_NOT_EXIST;
    }
    if (status != PSA_SUCCESS || info.size_bytes != asset->size || info.flags != asset->flags) {
        return false;
    }
    model_fill(asset->content, bytes, asset->size);
    return store_get(store, &key, 0, back, sizeof back, &actual) == PSA_SUCCESS &&
           actual == asset->size && memcmp(bytes, back, actual) == 0;
}

uint32_t model_difference(const struct model *model, struct store *store, uint32_t count)
{
    uint32_t present = 0;
    struct store_usage usage;

    for (uint32_t number = 0; number < count; number++) {
        if (!model_asset_is(store, number, &model->assets[number])) {
            return number;
        }
        present += model->assets[number].present;
    }
    store_get_usage(store, &usage);
    return usage.assets == present ? MODEL_KEYS : 0U;
}

struct model_step model_random_step(struct store *store, uint32_t keys, uint32_t size_max,
                                    uint32_t *seed)
{
    struct model_step step = {.store = store, .key = fixture_random(seed) % keys};
    uint32_t shape = fixture_random(seed) % 16U;

    step.operation = fixture_random(seed) % 4U == 0U ? MODEL_REMOVE : MODEL_SET;
    step.asset.present = true;
    step.asset.flags = fixture_random(seed) & ~STORE_WRITE_ONCE;
    step.asset.content = fixture_random(seed);
    if (shape == 0U) {
        step.asset.size = size_max;
    } else if (shape == 1U) {
        step.asset.size = 0;
    } else if (shape < 6U) {
        step.asset.size = fixture_random(seed) % (size_max + 1U);
    } else {
        step.asset.size = fixture_random(seed) % (size_max < 100U ? size_max : 100U);
    }
    return step;
}
