/*
 * Makes images of Protected Storage for the reader of the host tools (tests/tool/test_bz_store.py):
 * random histories of its core with power cuts on both flash parts, and what it says afterwards.
 *
 * One JSON object on each line: geometry, the images of medium and anchor in hexadecimal, then each
 * asset. `ps_history SEED COUNT` prints COUNT histories, the same in each run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash_fixture.h"
#include "services/ps/assets.h"

enum { ASSETS = 12, KEYS = 16, LARGEST = 300, SECTORS = 9 };

static struct fixture medium_flash;
static struct fixture anchor_flash;
static struct assets assets;
static struct store_entry medium_index[ASSETS];
static struct store_entry anchor_index[ASSETS];
static _Alignas(4) uint8_t buffer[ASSETS_OVERHEAD_BYTES + LARGEST];
static uint32_t scratch[96];
static const struct assets_config config = {
    .medium = {.area = &medium_flash.area,
               .index = medium_index,
               .index_length = ASSETS,
               .asset_size_max = sizeof buffer,
               .scratch = scratch,
               .scratch_bytes = sizeof scratch,
               .accept = assets_accept},
    .anchor = {.area = &anchor_flash.area,
               .index = anchor_index,
               .index_length = ASSETS,
               .asset_size_max = ASSETS_ANCHOR_BYTES,
               .scratch = scratch,
               .scratch_bytes = sizeof scratch},
    .assets = &assets,
    .buffer = buffer,
};
static uint32_t starts;
static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    return fixture_random(&seed) % limit;
}

static struct store_key key_of(uint32_t number)
{
    return (struct store_key){.owner = number % 3U == 0U ? 0x100 : -1, .uid = 1U + number};
}

static void must(psa_status_t status)
{
    if (status != PSA_SUCCESS) {
        fprintf(stderr, "ps_history: unexpected status %ld\n", (long)status);
        exit(1);
    }
}

static void start(void)
{
    static const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3};
    uint8_t prefix[ASSETS_NONCE_PREFIX_BYTES] = {0};

    starts++;
    memcpy(prefix, &starts, sizeof starts);
    memset(&assets, 0, sizeof assets);
    must(assets_start(&assets, &config, key, prefix));
}

/* One operation of any kind; that some are refused is part of the history. */
static void step(void *context)
{
    struct store_key key = key_of(below(KEYS));
    uint32_t length = below(LARGEST + 1U);
    uint8_t *place = NULL;

    (void)context;
    switch (below(6U)) {
    case 0:
        (void)assets_remove(&assets, &key);
        break;
    case 1:
        (void)assets_create(&assets, &key, length, 0U);
        break;
    case 2:
        if (assets_extend_begin(&assets, &key, 0U, length / 8U, &place) == PSA_SUCCESS) {
            memset(place, 0x5A, length / 8U);
            (void)assets_extend_finish(&assets, &key, 0U, length / 8U);
        }
        break;
    default:
        memset(assets_buffer(&assets), (int)below(256U), length);
        (void)assets_set(&assets, &key, length, below(16U) == 0U ? 1U : 2U * below(4U));
        break;
    }
    assets_wipe(&assets);
}

static void live(void)
{
    start();
    for (uint32_t steps = 20U + below(300U); steps != 0U; steps--) {
        struct fixture *failing = below(2U) == 0U ? &medium_flash : &anchor_flash;
        uint32_t stop_at = below(steps == 1U ? 2U : 12U) == 0U ? 1U + below(10U) : 0U;

        if (fixture_run(failing, step, NULL, stop_at, (enum nor_tear)below(NOR_TEAR_COUNT), NULL)) {
            start();
        }
    }
}

static void print_hex(const char *name, const struct fixture *fixture)
{
    printf("\"%s\": \"", name);
    for (size_t i = 0; i < fixture->nor.size; i++) {
        putchar("0123456789abcdef"[fixture->image.cells[i] >> 4]);
        putchar("0123456789abcdef"[fixture->image.cells[i] & 15U]);
    }
    printf("\", ");
}

static void print_assets(void)
{
    const char *between = "";

    start();
    printf("\"assets\": [");
    for (uint32_t number = 0; number < KEYS; number++) {
        struct store_key key = key_of(number);
        struct assets_info info;
        psa_status_t status = assets_get_info(&assets, &key, &info);

        if (status == PSA_ERROR_DOES_NOT_EXIST) {
            continue;
        }
        must(status);
        printf(
            "%s{\"client\": %ld, \"uid\": %lu, \"size\": %lu, \"capacity\": %lu, \"flags\": %lu}",
            between, (long)key.owner, (unsigned long)key.uid, (unsigned long)info.size_bytes,
            (unsigned long)info.capacity_bytes, (unsigned long)info.flags);
        between = ", ";
    }
    printf("]}\n");
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: ps_history SEED COUNT\n");
        return 2;
    }
    seed = (uint32_t)strtoul(arguments[1], NULL, 0);
    for (unsigned long left = strtoul(arguments[2], NULL, 0); left != 0U; left--) {
        const struct geometry *geometry = &geometries[left % geometry_count];

        fixture_open(&medium_flash, geometry, SECTORS);
        fixture_open(&anchor_flash, geometry, 2U + below(3U));
        medium_flash.hooks.seed = fixture_random(&seed);
        anchor_flash.hooks.seed = fixture_random(&seed);
        live();
        printf("{\"sector_size\": %lu, \"program_unit\": %lu, \"erased\": %u, ",
               (unsigned long)geometry->sector_size, (unsigned long)geometry->program_unit,
               geometry->erased);
        print_hex("medium", &medium_flash);
        print_hex("anchor", &anchor_flash);
        print_assets();
    }
    return 0;
}
