/*
 * See damage.h.
 */
#include "damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forge.h"
#include "ps_device.h"
#include "store_model.h"

#define INDEX_LENGTH   16U
#define HISTORY        250U
#define BYTES_MAX      120U
#define PIECES_MAX     4U /* of damage */
#define OPERATIONS_MAX 20000U
#define READS_MAX      400000U

static const struct ps_part parts[] = {
    {{"512x4/8", 512, 8, 0xFF}, 4},     {{"256x9/4-erased-0", 256, 4, 0x00}, 9},
    {{"1024x3/32", 1024, 32, 0xFF}, 3}, {{"2048x2/16", 2048, 16, 0xFF}, 2},
    {{"4096x4/1", 4096, 1, 0xFF}, 4},
};
#define PARTS (sizeof parts / sizeof parts[0])

static void require(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "wrong: %s\n", what);
        abort();
    }
}

static void endless(void *context)
{
    (void)context;
    require(false, "flash operations without end");
}

static void bound(struct fixture *fixture)
{
    fixture->hooks.on_stop = endless;
    fixture->hooks.operations = 0;
    fixture->hooks.stop_at = OPERATIONS_MAX;
    fixture->reads = 0;
    fixture->reads_max = READS_MAX;
}

/* ---- The store ---- */

static struct fixture fixture;
static struct store store;
static struct store_entry entries[INDEX_LENGTH];
static struct store_config config;
static uint32_t scratch[96];

/* A store with a past, made at its first use. */
static struct past {
    bool is_made;
    struct flash_image image;
    struct model_step steps[HISTORY];
} pasts[PARTS];

static psa_status_t mount(void)
{
    memset(&store, 0xEE, sizeof store);
    memset(entries, 0xEE, sizeof entries);
    config = (struct store_config){.area = &fixture.area,
                                   .index = entries,
                                   .index_length = INDEX_LENGTH,
                                   .asset_size_max = BYTES_MAX,
                                   .scratch = scratch,
                                   .scratch_bytes = sizeof scratch};
    return store_mount(&store, &config);
}

static void store_open(uint32_t number)
{
    struct past *past = &pasts[number];
    uint32_t seed = 11U + number;

    fixture_open(&fixture, &parts[number].geometry, parts[number].sectors);
    if (!past->is_made) {
        require(mount() == PSA_SUCCESS, "a new region does not mount");
        for (uint32_t i = 0; i < HISTORY; i++) {
            past->steps[i] = model_random_step(&store, INDEX_LENGTH, BYTES_MAX, &seed);
            model_perform(&past->steps[i]);
        }
        fixture_save(&fixture, &past->image);
        past->is_made = true;
    }
    fixture_restore(&fixture, &past->image);
    bound(&fixture);
}

/* True when the asset was set to what the store now says at some time. */
static bool was_ever(const struct past *past, uint32_t key)
{
    for (uint32_t i = 0; i < HISTORY; i++) {
        const struct model_step *step = &past->steps[i];

        if (step->key == key && step->operation == MODEL_SET && step->status == PSA_SUCCESS &&
            model_asset_is(&store, key, &step->asset)) {
            return true;
        }
    }
    return false;
}

static void read_all(const struct past *past, bool is_forged)
{
    static uint8_t back[BYTES_MAX];
    struct store_usage usage;
    struct store_key key;
    size_t actual;

    for (uint32_t number = 0; number < INDEX_LENGTH; number++) {
        key = model_key(number);
        if (store_get(&store, &key, number % 5U, back, sizeof back, &actual) == PSA_SUCCESS) {
            require(actual <= sizeof back, "more bytes than asked for");
            require(is_forged || was_ever(past, number), "bytes that the asset never had");
        }
    }
    store_get_usage(&store, &usage);
    require(usage.assets <= INDEX_LENGTH, "more assets than the index has");
    for (uint32_t i = 0; i <= usage.assets; i++) {
        psa_status_t status = store_list(&store, i, &key);

        require((status == PSA_ERROR_DOES_NOT_EXIST) == (i == usage.assets), "the list's end");
    }
}

/* It takes operations, or says why not. */
static void use(uint32_t seed, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct model_step step = model_random_step(&store, INDEX_LENGTH, BYTES_MAX, &seed);

        model_perform(&step);
        require(step.status == PSA_SUCCESS || step.status == PSA_ERROR_INSUFFICIENT_STORAGE ||
                    step.status == PSA_ERROR_STORAGE_FAILURE ||
                    step.status == PSA_ERROR_NOT_PERMITTED ||
                    (step.operation == MODEL_REMOVE && step.status == PSA_ERROR_DOES_NOT_EXIST),
                "an answer that is none");
        if (step.operation == MODEL_SET && step.status == PSA_SUCCESS) {
            require(model_asset_is(&store, step.key, &step.asset), "not what was set just now");
        }
    }
}

static bool damage(struct fixture *flash, const uint8_t **data, size_t *length)
{
    bool is_forged = false;

    for (uint32_t i = 0; i < PIECES_MAX && forge_damage(flash, *data, *length, &is_forged); i++) {
        *data += FORGE_DAMAGE_BYTES;
        *length -= FORGE_DAMAGE_BYTES;
    }
    return is_forged;
}

bool damage_store(const uint8_t *data, size_t length)
{
    uint32_t number = length != 0U ? data[0] % (uint32_t)PARTS : 0U;
    bool is_forged;
    psa_status_t status;

    store_open(number);
    data += length != 0U;
    length -= length != 0U;
    is_forged = damage(&fixture, &data, &length);
    status = mount();
    require(status == PSA_SUCCESS || status == PSA_ERROR_DATA_CORRUPT ||
                status == PSA_ERROR_INSUFFICIENT_MEMORY,
            "an answer to mounting that is none");
    if (status != PSA_SUCCESS) {
        return false;
    }
    read_all(&pasts[number], is_forged);
    use(length != 0U ? data[0] + 1U : 1U, 12U);
    return true;
}

/* ---- Protected Storage ---- */

#define PS_HISTORIES 4U
#define PS_STEPS     80U

static struct ps_past {
    bool is_made;
    struct flash_image image;
    struct ps_reference reference;
    struct ps_nonces nonces;
} ps_pasts[PS_HISTORIES];

static struct ps_step ps_random_step(uint32_t *seed)
{
    struct ps_step step = {.operation = (enum ps_operation)(fixture_random(seed) % 4U)};

    if (fixture_random(seed) % 2U == 0U) {
        step.operation = PS_SET;
    }
    step.key = fixture_random(seed) % 6U;
    step.length = fixture_random(seed) % 60U;
    step.content = fixture_random(seed);
    return step;
}

static void ps_open(uint32_t number)
{
    static const struct ps_part anchor = {{"", 1024, 8, 0xFF}, 4};
    struct ps_past *past = &ps_pasts[number];
    uint32_t seed = 21U + number;

    ps_device_open(&parts[number % 4U], &anchor, 100);
    if (!past->is_made) {
        require(ps_device_start() == PSA_SUCCESS, "a new device does not start");
        for (uint32_t i = 0; i < PS_STEPS; i++) {
            struct ps_step step = ps_random_step(&seed);
            psa_status_t expected = ps_expect(&step);

            ps_perform(&step);
            require(step.status == expected, "an answer before any damage");
            if (step.status == PSA_SUCCESS) {
                ps_apply(&step);
            }
        }
        fixture_save(&ps_fixture, &past->image);
        past->reference = ps_reference;
        past->nonces = ps_nonces;
        past->is_made = true;
    }
    fixture_restore(&ps_fixture, &past->image);
    ps_reference = past->reference;
    ps_nonces = past->nonces;
    bound(&ps_fixture);
}

/* Every asset is what it must be or reported; how many are right. */
static uint32_t ps_judge(void)
{
    uint32_t right = 0;

    for (uint32_t key = 0; key < PS_KEYS; key++) {
        const struct ps_asset *asset = &ps_reference.assets[key];
        psa_status_t status = ps_asset_status(key, asset);

        require(status == PSA_SUCCESS ||
                    (asset->present &&
                     (status == PSA_ERROR_DATA_CORRUPT || status == PSA_ERROR_INVALID_SIGNATURE)),
                "an asset is served that is not the one");
        right += status == PSA_SUCCESS && asset->present;
    }
    require(!ps_nonces.repeated, "a nonce was used twice");
    return right;
}

/* One step on the damaged device. What it refuses changes nothing; what it acknowledges is
 * there. */
static void ps_use(uint32_t *seed)
{
    struct ps_step step = ps_random_step(seed);
    struct ps_asset before = ps_reference.assets[step.key];
    psa_status_t status;

    ps_perform(&step);
    if (step.status == PSA_SUCCESS) {
        ps_apply(&step);
        status = ps_asset_status(step.key, &ps_reference.assets[step.key]);
        require(status == PSA_SUCCESS ||
                    (step.operation == PS_EXTEND && step.length == 0U && before.present),
                "not what was set just now");
    }
}

bool damage_ps(const uint8_t *data, size_t length)
{
    uint32_t number = length != 0U ? data[0] % PS_HISTORIES : 0U;
    uint32_t seed;
    uint32_t right;

    ps_open(number);
    data += length != 0U;
    length -= length != 0U;
    (void)damage(&ps_fixture, &data, &length);
    require(ps_device_start() == PSA_SUCCESS, "the device does not start");
    right = ps_judge();
    seed = length != 0U ? data[0] + 1U : 1U;
    for (uint32_t i = 0; i < 6U; i++) {
        ps_use(&seed);
    }
    (void)ps_judge();
    return right != 0U;
}
