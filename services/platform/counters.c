/*
 * Runtime counters in a store of their own. See counters.h.
 *
 * Each counter is two assets: a step sets the first to the new value, then the second. The store
 * shows the state before a record that it finds damaged at the end of its log, because it cannot
 * tell it from one that was cut off; with one asset, such damage would turn the counter back. With
 * two, the newest record is always a second one when a step is acknowledged, and the first still
 * tells. So a first may be one ahead of its second, never more, and never behind.
 */
#include "services/platform/counters.h"

#include <stdbool.h>

#include "lib/store/store.h"
#include "spm/flash_area.h"

#define COPIES 2U

/* Owners in the store. */
enum copy {
    COPY_FIRST,
    COPY_SECOND,
};

static struct store_entry index_entries[COPIES * NV_COUNTERS];
static struct store counter_store;
static bool is_mounted;

static const struct flash_area counter_flash = FLASH_AREA_OF(NV_COUNTERS);
static const struct store_config counter_config = {
    .area = &counter_flash,
    .index = index_entries,
    .index_length = COPIES * NV_COUNTERS,
    .asset_size_max = sizeof(uint32_t),
};

/* What the API tells of a failure that the store has no place for. */
static psa_status_t failure_of(psa_status_t status)
{
    return status == PSA_SUCCESS || status == PSA_ERROR_DATA_CORRUPT ? status
                                                                     : PSA_ERROR_STORAGE_FAILURE;
}

static psa_status_t mount(void)
{
    psa_status_t status = PSA_SUCCESS;

    if (!is_mounted) {
        status = store_mount(&counter_store, &counter_config);
        is_mounted = status == PSA_SUCCESS;
    }
    return failure_of(status);
}

/* PSA_SUCCESS: there is such a counter, the client may use it, and the store is mounted. */
static psa_status_t counter_check(int32_t client, uint32_t id)
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
            return mount();
        }
    }
    return PSA_ERROR_NOT_PERMITTED;
}

static psa_status_t copy_read(uint32_t id, enum copy copy, uint32_t *value)
{
    const struct store_key key = {.owner = (int32_t)copy, .uid = id};
    size_t actual = 0;
    psa_status_t status;

    *value = 0U;
    status = store_get(&counter_store, &key, 0U, value, sizeof(*value), &actual);
    if (status == PSA_ERROR_DOES_NOT_EXIST) {
        return PSA_SUCCESS; /* not used yet */
    }
    return status == PSA_SUCCESS && actual != sizeof(*value) ? PSA_ERROR_DATA_CORRUPT
                                                             : failure_of(status);
}

static psa_status_t copy_write(uint32_t id, enum copy copy, uint32_t value)
{
    const struct store_key key = {.owner = (int32_t)copy, .uid = id};
    psa_status_t status = store_set(&counter_store, &key, &value, sizeof(value), 0U);

    return status == PSA_SUCCESS ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

/* The value; is_whole: both copies say so. A damaged second takes nothing from the first. */
static psa_status_t value_read(uint32_t id, uint32_t *value, bool *is_whole)
{
    uint32_t second;
    psa_status_t status = copy_read(id, COPY_FIRST, value);

    if (status != PSA_SUCCESS) {
        return status;
    }
    status = copy_read(id, COPY_SECOND, &second);
    *is_whole = status == PSA_SUCCESS && second == *value;
    if (status == PSA_ERROR_DATA_CORRUPT || *is_whole) {
        return PSA_SUCCESS;
    }
    if (status == PSA_SUCCESS && (second > *value || *value - second != 1U)) {
        return PSA_ERROR_DATA_CORRUPT;
    }
    return status;
}

psa_status_t counter_read(int32_t client, uint32_t id, uint32_t *value)
{
    bool is_whole;
    psa_status_t status = counter_check(client, id);

    return status == PSA_SUCCESS ? value_read(id, value, &is_whole) : status;
}

psa_status_t counter_increment(int32_t client, uint32_t id)
{
    uint32_t value = 0;
    bool is_whole = false;
    psa_status_t status = counter_check(client, id);

    if (status == PSA_SUCCESS) {
        status = value_read(id, &value, &is_whole);
    }
    if (status == PSA_SUCCESS && !is_whole) {
        status = copy_write(id, COPY_SECOND, value); /* of a step that was cut off */
    }
    if (status == PSA_SUCCESS && value == UINT32_MAX) {
        return PSA_ERROR_BAD_STATE;
    }
    if (status == PSA_SUCCESS) {
        status = copy_write(id, COPY_FIRST, value + 1U);
    }
    return status == PSA_SUCCESS ? copy_write(id, COPY_SECOND, value + 1U) : status;
}
