/*
 * Runtime counters in two stores, each in a flash region of its own. See counters.h.
 *
 * A step sets the counter in the first store, then in the second; the value is the larger of the
 * two. A store alone would not do: what is damaged at the end of its log looks like what a power cut
 * leaves, so it shows an older value (docs/formats/store.md, Limits). As long as one of the two
 * regions is whole, it has every value that was ever acknowledged or served.
 */
#include "services/platform/counters.h"

#include <stdbool.h>

#include "lib/store/store.h"
#include "spm/flash_area.h"

#define COPIES        2U
#define SCRATCH_BYTES 384U

static struct store_entry index_entries[COPIES][NV_COUNTERS];
static struct store stores[COPIES];
static uint32_t scratch[SCRATCH_BYTES / sizeof(uint32_t)];
static bool is_mounted[COPIES];

static const struct flash_area areas[COPIES] = {
    FLASH_AREA_OF(NV_COUNTERS),
    FLASH_AREA_OF(NV_COUNTERS_COPY),
};

#define STORE_OF(copy)                                                                             \
    {                                                                                              \
        .area = &areas[copy], .index = index_entries[copy], .index_length = NV_COUNTERS,           \
        .asset_size_max = sizeof(uint32_t), .scratch = scratch, .scratch_bytes = sizeof(scratch),  \
    }
static const struct store_config configs[COPIES] = {STORE_OF(0), STORE_OF(1)};

/* PSA_SUCCESS: there is such a counter, and the client may use it. */
static psa_status_t client_check(int32_t client, uint32_t id)
{
    const struct nv_counter *counter = nv_counters;
    int32_t holder = client < 0 ? -1 : client;

    while (counter != nv_counters + NV_COUNTERS && counter->id != id) {
        counter++;
    }
    if (counter == nv_counters + NV_COUNTERS) {
        return PSA_ERROR_DOES_NOT_EXIST;
    }
    for (uint32_t i = 0; i < counter->client_count; i++) {
        if (counter->clients[i] == holder) {
            return PSA_SUCCESS;
        }
    }
    return PSA_ERROR_NOT_PERMITTED;
}

/* A store that cannot be mounted may be so the next time: mounting writes nothing. */
static bool copy_mount(uint32_t copy)
{
    is_mounted[copy] =
        is_mounted[copy] || store_mount(&stores[copy], &configs[copy]) == PSA_SUCCESS;
    return is_mounted[copy];
}

/* What one store says; 0 where it has nothing yet. False: it is damaged there. */
static bool copy_read(uint32_t copy, uint32_t id, uint32_t *value)
{
    const struct store_key key = {.owner = 0, .uid = id};
    size_t actual = 0;
    psa_status_t status;

    *value = 0U;
    if (!copy_mount(copy)) {
        return false;
    }
    status = store_get(&stores[copy], &key, 0U, value, sizeof(*value), &actual);
    return status == PSA_ERROR_DOES_NOT_EXIST ||
           (status == PSA_SUCCESS && actual == sizeof(*value));
}

/* PSA_ERROR_DATA_CORRUPT: the store cannot be used at all. */
static psa_status_t copy_write(uint32_t copy, uint32_t id, uint32_t value)
{
    const struct store_key key = {.owner = 0, .uid = id};

    if (!copy_mount(copy)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    return store_set(&stores[copy], &key, &value, sizeof(value), 0U) == PSA_SUCCESS
               ? PSA_SUCCESS
               : PSA_ERROR_STORAGE_FAILURE;
}

/* The value. A store that lags, because a step was cut off or the store is damaged, is brought up
 * to it first, so that a value that was served stays even if the other store is damaged later. */
static psa_status_t value_read(uint32_t id, uint32_t *value)
{
    uint32_t told[COPIES];
    bool is_good[COPIES];

    *value = 0U;
    for (uint32_t copy = 0; copy < COPIES; copy++) {
        is_good[copy] = copy_read(copy, id, &told[copy]);
        *value = is_good[copy] && told[copy] > *value ? told[copy] : *value;
    }
    if (!is_good[0] && !is_good[1]) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    for (uint32_t copy = 0; copy < COPIES; copy++) {
        if (!is_good[copy] || told[copy] != *value) {
            (void)copy_write(copy, id, *value); /* the other store has it */
        }
    }
    return PSA_SUCCESS;
}

psa_status_t counter_read(int32_t client, uint32_t id, uint32_t *value)
{
    psa_status_t status = client_check(client, id);

    return status == PSA_SUCCESS ? value_read(id, value) : status;
}

psa_status_t counter_increment(int32_t client, uint32_t id)
{
    uint32_t value = 0;
    psa_status_t first;
    psa_status_t second;
    psa_status_t status = counter_read(client, id, &value);

    if (status != PSA_SUCCESS) {
        return status;
    }
    if (value == UINT32_MAX) {
        return PSA_ERROR_BAD_STATE;
    }
    first = copy_write(0U, id, value + 1U);
    second = copy_write(1U, id, value + 1U);
    return first == PSA_ERROR_STORAGE_FAILURE || second == PSA_ERROR_STORAGE_FAILURE
               ? PSA_ERROR_STORAGE_FAILURE
               : PSA_SUCCESS;
}
