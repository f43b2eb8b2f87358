/*
 * Attacks on the medium of Protected Storage, systematic and with the real code: whoever has the
 * medium flips each bit, swaps and copies records with right checksums, takes records away,
 * restores what it was before, erases it, and replays what was never acknowledged.
 *
 * After each attack and a start, every asset is compared with the reference: what is served is
 * right, what was removed stays so, what was attacked is DATA_CORRUPT or INVALID_SIGNATURE, and
 * the others are readable. The attacker knows the format of the store (docs/formats/store.md) and
 * reads it with code of his own (forge.h); he has neither the key nor the anchor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "forge.h"
#include "ps_device.h"

#define HISTORIES 60U
#define STEPS     30U
#define HEADER    FORGE_HEADER_BYTES

static const struct ps_part parts[][2] = {
    {{{"512x9/8", 512, 8, 0xFF}, 9}, {{"", 512, 8, 0xFF}, 4}},
    {{{"1024x4/16", 1024, 16, 0xFF}, 4}, {{"", 512, 4, 0xFF}, 4}},
    {{{"512x6/4-erased-0", 512, 4, 0x00}, 6}, {{"", 1024, 32, 0xFF}, 3}},
};

/* The device after each step. */
struct moment {
    struct flash_image image;
    struct ps_reference reference;
};

static struct moment moments[STEPS + 1U];
static struct ps_step steps[STEPS + 1U];
static struct ps_nonces nonces;
static struct forge_log log_now; /* of the medium */
static uint32_t seed;
static uint32_t attacks;

/* What an attack may have made of an asset. */
enum allowed { RIGHT = 1, CORRUPT = 2, FORGED = 4, REPORTED = CORRUPT | FORGED, ANY = 7 };

static void keep(struct moment *moment)
{
    fixture_save(&ps_fixture, &moment->image);
    moment->reference = ps_reference;
    nonces = ps_nonces;
}

static void return_to(const struct moment *moment)
{
    fixture_restore(&ps_fixture, &moment->image);
    ps_reference = moment->reference;
    ps_nonces = nonces;
}

/* ---- Histories ---- */

static struct ps_step random_step(void)
{
    uint32_t what = fixture_random(&seed) % 8U;
    struct ps_step step = {.operation = what < 5U   ? PS_SET
                                        : what < 6U ? PS_REMOVE
                                        : what < 7U ? PS_CREATE
                                                    : PS_EXTEND};

    step.key = fixture_random(&seed) % 5U;
    step.length = 24U * (fixture_random(&seed) % 3U); /* often the same for two assets */
    step.offset = fixture_random(&seed) % 5U;
    step.flags = fixture_random(&seed) % 2U * 2U;
    step.content = fixture_random(&seed) | 2U; /* not one of erased bytes */
    return step;
}

static void perform(struct ps_step *step)
{
    psa_status_t expected = ps_expect(step);

    ps_perform(step);
    assert_int_equal(step->status, expected);
    if (step->status == PSA_SUCCESS) {
        ps_apply(step);
    }
}

/* A device with a past. */
static void live(uint32_t history)
{
    const struct ps_part *part = parts[history % (sizeof parts / sizeof parts[0])];

    seed = 1000U + history * 7919U;
    ps_device_open(&part[0], &part[1], 100);
    ps_fixture.reads_max = 0;
    assert_int_equal(ps_device_start(), PSA_SUCCESS);
    keep(&moments[0]);
    for (uint32_t i = 1; i <= STEPS; i++) {
        steps[i] = random_step();
        perform(&steps[i]);
        if (fixture_random(&seed) % 8U == 0U) {
            assert_int_equal(ps_device_start(), PSA_SUCCESS);
        }
        keep(&moments[i]);
    }
}

static const struct moment *present(void)
{
    return &moments[STEPS];
}

/* ---- The judge ---- */

static enum allowed found(uint32_t key)
{
    psa_status_t status = ps_asset_status(key, &ps_reference.assets[key]);

    switch (status) {
    case PSA_SUCCESS:
        return RIGHT;
    case PSA_ERROR_DATA_CORRUPT:
        return CORRUPT;
    case PSA_ERROR_INVALID_SIGNATURE:
        return FORGED;
    default:
        print_error("history of seed %u: asset %u answers %d\n", (unsigned)seed, (unsigned)key,
                    (int)status);
        return 0;
    }
}

static void judge_asset(const char *attack, uint32_t key, enum allowed allowed)
{
    enum allowed is = found(key);

    if (!ps_reference.assets[key].present) {
        allowed = RIGHT; /* DOES_NOT_EXIST, whatever the medium says */
    }
    if ((is & allowed) == 0U) {
        fail_msg("%s: asset %u is %u (1 right, 2 corrupt, 4 forged), allowed %u", attack,
                 (unsigned)key, (unsigned)is, (unsigned)allowed);
    }
}

/* Starts the device; one asset may be as told, the others must be right. */
static void judge(const char *attack, uint32_t victim, enum allowed allowed)
{
    attacks++;
    assert_int_equal(ps_device_start(), PSA_SUCCESS);
    for (uint32_t key = 0; key < PS_KEYS; key++) {
        judge_asset(attack, key, key == victim ? allowed : RIGHT);
    }
}

/* An attacked asset can be set again. */
static void judge_cure(const char *attack, uint32_t victim)
{
    struct ps_step step = {.operation = PS_SET, .key = victim, .length = 20, .content = 3};

    assert_int_equal(ps_device_start(), PSA_SUCCESS);
    ps_perform(&step);
    assert_int_equal(step.status, PSA_SUCCESS);
    ps_apply(&step);
    judge_asset(attack, victim, RIGHT);
}

/* ---- The attacker's tools ---- */

static bool is_of(const struct forge_record *record, uint32_t kind, uint32_t key)
{
    struct store_key wanted = ps_key(key);

    return (record->header[FORGE_KIND] & 0xFFU) == kind &&
           record->header[FORGE_OWNER] == (uint32_t)wanted.owner &&
           record->header[FORGE_UID_LOW] == (uint32_t)wanted.uid &&
           record->header[FORGE_UID_HIGH] == (uint32_t)(wanted.uid >> 32);
}

/* The newest record of the key, below before; NULL: none. */
static struct forge_record *newest(uint32_t kind, uint32_t key, const struct forge_record *before)
{
    struct forge_record *record = before != NULL ? &log_now.records[before - log_now.records]
                                                 : &log_now.records[log_now.count];

    while (record != log_now.records) {
        record--;
        if (is_of(record, kind, key)) {
            return record;
        }
    }
    return NULL;
}

/* Collection leaves the record that it has copied where it was: both are the newest. */
static bool is_copy(const struct forge_record *record, const struct forge_record *other)
{
    return memcmp(&record->header[FORGE_OWNER], &other->header[FORGE_OWNER],
                  (FORGE_DATA_CRC + 1U - FORGE_OWNER) * sizeof record->header[0]) == 0;
}

/* The newest record of the key that is another than record. */
static struct forge_record *newest_before(uint32_t key, const struct forge_record *record)
{
    struct forge_record *older = newest(FORGE_ASSET, key, record);

    while (older != NULL && is_copy(older, record)) {
        older = newest(FORGE_ASSET, key, older);
    }
    return older;
}

static void put_back(struct forge_record *record)
{
    forge_record_write(&ps_fixture, record);
}

static void set_kind(struct forge_record *record, uint32_t kind)
{
    record->header[FORGE_KIND] = (record->header[FORGE_KIND] & ~0xFFU) | kind;
    put_back(record);
}

/* Without checkpoints, the medium is what its records say. */
static void drop_checkpoints(void)
{
    for (uint32_t i = 0; i < log_now.count; i++) {
        if ((log_now.records[i].header[FORGE_KIND] & 0xFFU) == FORGE_CHECKPOINT) {
            set_kind(&log_now.records[i], FORGE_NOTHING);
        }
    }
}

static void attack_begin(void)
{
    return_to(present());
    forge_list(&ps_fixture, &log_now);
}

/* ---- Attacks ---- */

/* Every bit of the medium, of one history; a few of the others. A header can cost all assets. */
static void flips_bits(void **state)
{
    uint32_t left = 0;

    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        uint32_t step = history < 3U ? 3U : 1009U;

        live(history);
        for (uint32_t bit = history; bit < ps_fixture.nor.size * 8U; bit += step) {
            attack_begin();
            ps_fixture.image.cells[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
            assert_int_equal(ps_device_start(), PSA_SUCCESS);
            for (uint32_t key = 0; key < PS_KEYS; key++) {
                judge_asset("bit flipped", key, ANY);
                left += found(key) == RIGHT;
            }
            attacks++;
        }
    }
    assert_true(left > 0U);
}

/* A bit of the sealed data, with right checksums. */
static void changes_data(void **state)
{
    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        live(history);
        for (uint32_t key = 0; key < PS_KEYS; key++) {
            uint32_t bits = ps_reference.assets[key].present
                                ? 8U * (SEAL_NONCE_BYTES + ps_reference.assets[key].capacity)
                                : 0U;

            for (uint32_t bit = 0; bit < bits; bit += 5U) {
                struct forge_record *record;

                attack_begin();
                record = newest(FORGE_ASSET, key, NULL);
                assert_non_null(record);
                ps_fixture.image.cells[record->offset + HEADER + bit / 8U] ^=
                    (uint8_t)(1U << bit % 8U);
                put_back(record);
                judge("data changed", key, FORGED);
            }
        }
    }
}

/* Two assets change places: keys and versions are swapped. (One may then be before a removal of its
 * key: it is missing.) */
static void swaps_assets(void **state)
{
    uint32_t forged = 0;

    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        live(history);
        for (uint32_t pair = 0; pair < PS_KEYS * PS_KEYS; pair++) {
            uint32_t a = pair / PS_KEYS;
            uint32_t b = pair % PS_KEYS;
            struct forge_record *first;
            struct forge_record *second;

            if (a >= b || !ps_reference.assets[a].present || !ps_reference.assets[b].present) {
                continue;
            }
            attack_begin();
            drop_checkpoints();
            first = newest(FORGE_ASSET, a, NULL);
            second = newest(FORGE_ASSET, b, NULL);
            for (uint32_t i = 0; i < 5U; i++) { /* key, flags, hint */
                uint32_t word = first->header[i];

                first->header[i] = i == 0U ? FORGE_ASSET : second->header[i];
                second->header[i] = i == 0U ? FORGE_ASSET : word;
            }
            put_back(first);
            put_back(second);
            attacks++;
            assert_int_equal(ps_device_start(), PSA_SUCCESS);
            for (uint32_t key = 0; key < PS_KEYS; key++) {
                judge_asset("swapped", key, key == a || key == b ? REPORTED : RIGHT);
                forged += found(key) == FORGED;
            }
        }
    }
    assert_true(forged > HISTORIES);
}

/* The sealed data of one asset in the record of another of the same size. */
static void copies_over_another(void **state)
{
    uint32_t before = attacks;

    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        live(history);
        for (uint32_t pair = 0; pair < PS_KEYS * PS_KEYS; pair++) {
            const struct ps_asset *from = &ps_reference.assets[pair / PS_KEYS];
            const struct ps_asset *to = &ps_reference.assets[pair % PS_KEYS];
            struct forge_record *record;

            if (from == to || !from->present || !to->present || from->capacity != to->capacity) {
                continue;
            }
            attack_begin();
            record = newest(FORGE_ASSET, pair % PS_KEYS, NULL);
            memcpy(ps_fixture.image.cells + record->offset + HEADER,
                   ps_fixture.image.cells + newest(FORGE_ASSET, pair / PS_KEYS, NULL)->offset +
                       HEADER,
                   SEAL_NONCE_BYTES + to->capacity);
            put_back(record);
            judge("copied over", pair % PS_KEYS, FORGED);
        }
    }
    assert_true(attacks > before + HISTORIES);
}

/* The last step that changed the asset, up to now. */
static uint32_t last_change(uint32_t key)
{
    uint32_t last = 0;

    for (uint32_t i = 1; i <= STEPS; i++) {
        bool writes = steps[i].operation != PS_EXTEND || steps[i].length != 0U;

        if (writes && steps[i].key == key && steps[i].status == PSA_SUCCESS) {
            last = i;
        }
    }
    return last;
}

/* The whole medium as it was after an earlier step: roll-back, and truncation of the log. */
static void restores_a_snapshot(void **state)
{
    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        live(history);
        for (uint32_t i = 0; i < STEPS; i++) {
            return_to(present());
            memcpy(ps_fixture.image.cells, moments[i].image.cells, ps_fixture.nor.size);
            memcpy(ps_fixture.image.units, moments[i].image.units,
                   ps_fixture.nor.size / ps_fixture.nor.program_unit);
            attacks++;
            assert_int_equal(ps_device_start(), PSA_SUCCESS);
            for (uint32_t key = 0; key < PS_KEYS; key++) {
                judge_asset("snapshot restored", key, last_change(key) <= i ? RIGHT : REPORTED);
            }
        }
    }
}

static void erases_the_medium(void **state)
{
    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        live(history);
        attack_begin();
        memset(ps_fixture.image.cells, ps_fixture.nor.erased, ps_fixture.nor.size);
        memset(ps_fixture.image.units, 0, ps_fixture.nor.size / ps_fixture.nor.program_unit);
        attacks++;
        assert_int_equal(ps_device_start(), PSA_SUCCESS);
        for (uint32_t key = 0; key < PS_KEYS; key++) {
            judge_asset("erased", key, CORRUPT);
        }
        judge_cure("erased", 1);
    }
}

/* Only the newest record of an asset goes, so that an older one shows: its data become unreadable
 * or wrong, or every reader passes over it, and the older one gets its version. */
static void hides_the_newest(void **state)
{
    uint32_t raised = 0;

    (void)state;
    for (uint32_t attack = 0; attack < 4U * HISTORIES * PS_KEYS; attack++) {
        uint32_t key = attack % PS_KEYS;
        uint32_t way = attack / PS_KEYS % 4U;
        struct forge_record *record;
        struct forge_record *older;

        if (attack % (4U * PS_KEYS) == 0U) {
            live(attack / (4U * PS_KEYS));
        }
        attack_begin();
        record = newest(FORGE_ASSET, key, NULL);
        if (!ps_reference.assets[key].present) {
            continue;
        }
        older = newest_before(key, record);
        if (way == 0U) {
            nor_hooks_break_unit(&ps_fixture.nor, record->offset + HEADER);
            record = NULL; /* at the end of the log it looks like a cut: an older one may show */
        } else if (way == 1U) {
            ps_fixture.image.cells[record->offset + HEADER] ^= 1U;
        } else {
            uint32_t marks = record->header[FORGE_FLAGS];

            drop_checkpoints();
            while (way == 2U && newest(FORGE_REMOVED, key, NULL) > older && older != NULL) {
                set_kind(newest(FORGE_REMOVED, key, NULL), FORGE_NOTHING);
            }
            for (uint32_t i = 0; i < log_now.count; i++) {
                if (is_of(&log_now.records[i], FORGE_ASSET, key) &&
                    is_copy(&log_now.records[i], record)) {
                    set_kind(&log_now.records[i], FORGE_NOTHING);
                }
            }
            if (way == 3U && older != NULL) {
                older->header[FORGE_FLAGS] = marks;
                put_back(older);
                raised++;
            }
        }
        judge("newest hidden", key, REPORTED);
        judge_cure("newest hidden", key);
    }
    assert_true(raised > HISTORIES);
}

/* Removed assets come back: the removal is passed over. */
static void resurrects_the_removed(void **state)
{
    uint32_t before = attacks;

    (void)state;
    for (uint32_t history = 0; history < HISTORIES; history++) {
        live(history);
        for (uint32_t key = 0; key < PS_KEYS; key++) {
            struct forge_record *removal;

            attack_begin();
            removal = newest(FORGE_REMOVED, key, NULL);
            if (ps_reference.assets[key].present || removal == NULL) {
                continue;
            }
            drop_checkpoints();
            while ((removal = newest(FORGE_REMOVED, key, NULL)) != NULL) {
                set_kind(removal, FORGE_NOTHING);
            }
            judge("resurrected", key, RIGHT);
            judge_cure("resurrected", key);
        }
    }
    assert_true(attacks > before + HISTORIES / 2U);
}

/* Power fails between medium and anchor; the medium with the record in flight is kept, and put
 * back when another record of that version counts. */
static void replays_what_never_counted(void **state)
{
    static struct moment in_flight;
    uint32_t before = attacks;

    (void)state;
    for (uint32_t attack = 0; attack < 4U * HISTORIES; attack++) {
        struct ps_step step = {.operation = PS_SET, .key = attack % 4U, .length = 24, .content = 5};
        uint32_t operations = 0;

        if (attack % 4U == 0U) {
            live(attack / 4U);
        }
        for (uint32_t cut = 1; cut == 1U || cut <= operations; cut++) {
            return_to(present());
            assert_int_equal(ps_device_start(), PSA_SUCCESS);
            step.content = 5;
            if (!fixture_run(&ps_fixture, ps_perform, &step, cut, NOR_TEAR_NOT_STARTED, NULL)) {
                break;
            }
            operations = cut + 1U;
            keep(&in_flight);
            assert_int_equal(ps_device_start(), PSA_SUCCESS);
            if (found(step.key) != RIGHT) {
                break; /* it counts */
            }
            step.content = 6;
            perform(&step);
            memcpy(ps_fixture.image.cells, in_flight.image.cells, ps_fixture.nor.size);
            memcpy(ps_fixture.image.units, in_flight.image.units,
                   ps_fixture.nor.size / ps_fixture.nor.program_unit);
            judge("in flight, replayed", step.key, REPORTED);
        }
    }
    assert_true(attacks > before + 10U * HISTORIES);
}

static int tell(void **state)
{
    (void)state;
    printf("attacks on the medium: %u so far, each reported or without effect\n",
           (unsigned)attacks);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(flips_bits, tell),
        cmocka_unit_test_teardown(changes_data, tell),
        cmocka_unit_test_teardown(swaps_assets, tell),
        cmocka_unit_test_teardown(copies_over_another, tell),
        cmocka_unit_test_teardown(restores_a_snapshot, tell),
        cmocka_unit_test_teardown(erases_the_medium, tell),
        cmocka_unit_test_teardown(hides_the_newest, tell),
        cmocka_unit_test_teardown(resurrects_the_removed, tell),
        cmocka_unit_test_teardown(replays_what_never_counted, tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
