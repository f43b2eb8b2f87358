/*
 * Makes images of stores for the reader of the host tools (tests/tool/test_bz_store.py): random
 * histories of lib/store with remounts, power cuts and damage, and what lib/store reads back.
 *
 * One JSON object on each line: the geometry, the image in hexadecimal, what a mount answers, each
 * asset, and whether one more is admitted. `store_history SEED COUNT` prints COUNT histories, the same in each run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash_fixture.h"
#include "store_model.h"

#define INDEX_LENGTH 36U

static struct fixture fixture;
static struct store store;
static struct store_config config;
static uint32_t scratch[96];
static struct store_entry entries[INDEX_LENGTH];
static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    return fixture_random(&seed) % limit;
}

static psa_status_t mount(uint32_t size_max)
{
    memset(&store, 0, sizeof store);
    config = (struct store_config){.area = &fixture.area,
                                   .index = entries,
                                   .index_length = INDEX_LENGTH,
                                   .asset_size_max = size_max,
                                   .scratch = scratch,
                                   .scratch_bytes = sizeof scratch};
    return store_mount(&store, &config);
}

static void must_mount(uint32_t size_max)
{
    psa_status_t status = mount(size_max);

    if (status != PSA_SUCCESS) {
        fprintf(stderr, "store_history: a store does not mount: %ld\n", (long)status);
        exit(1);
    }
}

/* Steps, a tenth of them with the power failing somewhere in it, half of the last ones too. One asset
 * in 16 is write-once. */
static void live(uint32_t size_max)
{
    uint32_t keys = 2U + below(MODEL_KEYS - 1U);

    must_mount(size_max);
    for (uint32_t steps = below(600U); steps != 0U; steps--) {
        uint32_t cuts = steps == 1U ? 2U : 10U;
        struct model_step step = model_random_step(&store, keys, size_max, &seed);
        uint32_t stop_at = below(cuts) == 0U ? 1U + below(12U) : 0U;

        step.asset.flags |= below(16U) == 0U ? STORE_WRITE_ONCE : 0U;
        if (fixture_run(&fixture, model_perform, &step, stop_at,
                        (enum nor_tear)below(NOR_TEAR_COUNT), NULL) ||
            below(50U) == 0U) {
            must_mount(size_max); /* which writes nothing */
        }
    }
}

static void damage(void)
{
    uint32_t sector = below(fixture.nor.size / fixture.nor.sector_size) * fixture.nor.sector_size;
    uint32_t offset = sector + below(below(2U) != 0U ? 128U : fixture.nor.sector_size);

    for (uint32_t length = below(4U) != 0U ? 1U : 1U + below(64U);
         length != 0U && offset < fixture.nor.size; length--) {
        fixture.image.cells[offset++] ^= (uint8_t)(1U << below(8U));
    }
}

/* A file does not show which units have an ECC error, so neither do they here. */
static void forget_units(void)
{
    memset(fixture.image.units, 0, sizeof fixture.image.units);
}

static void print_hex(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        putchar("0123456789abcdef"[bytes[i] >> 4]);
        putchar("0123456789abcdef"[bytes[i] & 15U]);
    }
}

static void print_asset(uint32_t position)
{
    static uint8_t data[MODEL_SIZE_MAX];
    struct store_key key = {0};
    struct store_info info = {0};
    psa_status_t status = store_list(&store, position, &key);
    bool is_known = status == PSA_SUCCESS;
    size_t actual = 0;

    if (status == PSA_SUCCESS) {
        status = store_get(&store, &key, 0, data, sizeof data, &actual);
    }
    if (status == PSA_SUCCESS) {
        status = store_get_info(&store, &key, &info);
    }
    printf("%s{\"is_known\": %s, \"owner\": %ld, \"uid\": %llu, \"status\": %ld, \"flags\": %lu, "
           "\"data\": \"",
           position == 0U ? "" : ", ", is_known ? "true" : "false", (long)key.owner,
           (unsigned long long)key.uid, (long)status, (unsigned long)info.flags);
    print_hex(data, actual);
    printf("\"}");
}

/* Whether one more asset is admitted. */
static void print_new(uint32_t size)
{
    static const uint8_t data[MODEL_SIZE_MAX];
    struct store_key key = {.owner = 7, .uid = 7};

    printf(", \"new_size\": %lu, \"new_status\": %ld", (unsigned long)size,
           (long)store_set(&store, &key, data, size, 0));
}

static void print_history(uint32_t size_max, bool is_damaged)
{
    struct store_usage usage = {0};
    psa_status_t status;

    printf("{\"size\": %lu, \"sector_size\": %lu, \"program_unit\": %lu, \"erased\": %u, "
           "\"assets_max\": %u, \"damaged\": %s, \"image\": \"",
           (unsigned long)fixture.nor.size, (unsigned long)fixture.nor.sector_size,
           (unsigned long)fixture.nor.program_unit, fixture.nor.erased, INDEX_LENGTH,
           is_damaged ? "true" : "false");
    print_hex(fixture.image.cells, fixture.nor.size);
    status = mount(size_max);
    if (status == PSA_SUCCESS) {
        store_get_usage(&store, &usage);
    }
    printf("\", \"status\": %ld, \"erases\": %lu, \"record_bytes\": %lu, \"assets\": [",
           (long)status, (unsigned long)usage.erases, (unsigned long)usage.record_bytes);
    for (uint32_t i = 0; i < usage.assets; i++) {
        print_asset(i);
    }
    printf("]");
    if (status == PSA_SUCCESS) {
        print_new(below(size_max + 1U));
    }
    printf("}\n");
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: store_history SEED COUNT\n");
        return 2;
    }
    seed = (uint32_t)strtoul(arguments[1], NULL, 0);
    for (unsigned long left = strtoul(arguments[2], NULL, 0); left != 0U; left--) {
        const struct geometry *geometry = &geometries[left % geometry_count];
        uint32_t size_max = 16U + below(geometry->sector_size / 2U - 128U); /* fits two sectors */
        bool is_damaged = left % 2U == 0U;

        fixture_open(&fixture, geometry, 2U + below(11U));
        fixture.hooks.seed = fixture_random(&seed);
        live(size_max);
        for (uint32_t more = is_damaged ? 1U + below(3U) : 0U; more != 0U; more--) {
            damage();
        }
        forget_units();
        print_history(size_max, is_damaged);
    }
    return 0;
}
