/*
 * See store_model.h.
 */
#include "store_model.h"

#include <string.h>

#include "flash_fixture.h"

static uint8_t bytes[MODEL_SIZE_MAX];
static uint8_t back[MODEL_SIZE_MAX];

struct store_key model_key(uint32_t number)
{
    struct store_key key = {.owner = -1 - (int32_t)(number % 3U),
                            .uid = (uint64_t)(number / 6U) << (number % 2U != 0U ? 32 : 0)};

    key.uid += 1U;
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
    step.asset.flags = fixture_random(seed);
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
