/*
 * Host test of the core of Protected Storage: a medium that was changed, with right checksums, and
 * one that is damaged; checkpoints of its index; an anchor that is not as it should be.
 */
#include "services/ps/tests/device.h"

/* ---- Attacks ---- */

static void two_assets(void)
{
    assert_int_equal(set(&red, plain, 60, 0), PSA_SUCCESS);
    assert_int_equal(set(&blue, plain + 60, 60, 0), PSA_SUCCESS);
}

static void medium_erase(void)
{
    memset(medium_flash.image.cells, 0xFF, medium_flash.nor.size);
    memset(medium_flash.image.units, 0, sizeof medium_flash.image.units);
}

static void changed_bits(void **state)
{
    struct stolen record;
    (void)state;

    two_assets();
    record = steal(&red);
    for (size_t bit = 0; bit < 8U * record.length; bit += 7U) {
        struct stolen changed = record;

        changed.data[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        plant(&red, &changed);
        assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
        assert_int_equal(extend(&red, 0, "x", 1), PSA_ERROR_INVALID_SIGNATURE);
    }
    expect(&blue, plain + 60, 60);
    plant(&red, &record); /* his own copy is the right one */
    expect(&red, plain, 60);
}

static void another_length_is_not_there(void **state)
{
    struct stolen record;
    struct assets_info info;
    (void)state;

    two_assets();
    record = steal(&red);
    const size_t lengths[] = {0, SEAL_NONCE_BYTES, record.length - 1U, record.length + 1U,
                              sizeof record.data};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct stolen other = record;

        other.length = lengths[i];
        plant(&red, &other);
        expect(&red, plain, 60); /* passed over; what counts is still there */
    }
    medium_erase();
    record.length--;
    plant(&red, &record);
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
}

/* Every record of the medium claims the largest asset, in place of the one that was admitted. */
static void inflated_records_take_no_room(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= ASSETS; i++) {
        const struct store_key key = {-1, i};
        struct stolen record;

        assert_int_equal(set(&key, plain, 8, 0), PSA_SUCCESS);
        record = steal(&key);
        record.length = sizeof record.data;
        plant(&key, &record);
    }
    for (uint32_t round = 0; round < 20U; round++) {
        for (uint32_t i = 1; i <= ASSETS; i++) {
            const struct store_key key = {-1, i};

            assert_int_equal(set(&key, plain + round, 8, 0), PSA_SUCCESS);
            expect(&key, plain + round, 8);
        }
    }
    for (uint32_t i = 1; i <= ASSETS; i++) {
        const struct store_key key = {-1, i};

        assert_int_equal(assets_remove(&assets, &key), PSA_SUCCESS);
    }
    assert_int_equal(set(&red, plain, LARGEST, 0), PSA_SUCCESS);
}

static void another_version_is_not_there(void **state)
{
    struct stolen record;
    struct assets_info info;
    (void)state;

    two_assets();
    record = steal(&red);
    record.flags += 2U;
    plant(&red, &record);
    expect(&red, plain, 60); /* passed over; what counts is still there */
    record.flags = 1U;       /* write-once is not for the medium to say */
    plant(&red, &record);
    expect(&red, plain, 60);
    medium_erase();
    plant(&red, &record);
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
}

static void swapped_and_copied(void **state)
{
    struct stolen mine;
    struct stolen yours;
    (void)state;

    two_assets();
    mine = steal(&red);
    yours = steal(&blue);
    plant(&red, &yours);
    assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
    expect(&blue, plain + 60, 60);
    plant(&blue, &mine);
    assert_int_equal(get_status(&blue), PSA_ERROR_INVALID_SIGNATURE);
    plant(&others, &mine);
    assert_int_equal(get_status(&others), PSA_ERROR_DOES_NOT_EXIST);
    plant(&red, &mine);
    plant(&blue, &yours);
    expect(&red, plain, 60);
    expect(&blue, plain + 60, 60);
}

/* An old state of one asset whose version is the one that counts: it was made anew since. */
static void an_older_one_of_the_same_version(void **state)
{
    struct stolen old;
    (void)state;

    two_assets();
    old = steal(&red);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    assert_int_equal(steal(&red).flags, old.flags);
    plant(&red, &old);
    assert_int_equal(get_status(&red), PSA_ERROR_INVALID_SIGNATURE);
    expect(&blue, plain + 60, 60);
}

static void an_old_snapshot(void **state)
{
    struct flash_image snapshot;
    (void)state;

    two_assets();
    assert_int_equal(set(&others, plain, 5, 0), PSA_SUCCESS);
    fixture_save(&medium_flash, &snapshot);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    assert_int_equal(assets_remove(&assets, &others), PSA_SUCCESS);
    fixture_restore(&medium_flash, &snapshot);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(get_status(&others), PSA_ERROR_DOES_NOT_EXIST);
    expect(&blue, plain + 60, 60);
    assert_int_equal(set(&red, plain + 2, 60, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 2, 60);
}

/* The newest record torn out, so that the store would show the one before. */
static void the_newest_record_made_unreadable(void **state)
{
    uint32_t newest;
    (void)state;

    two_assets();
    newest = assets.medium.head + assets.medium.end;
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    nor_hooks_break_unit(&medium_flash.nor, newest + 32U);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    expect(&blue, plain + 60, 60);
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
}

static void an_erased_medium(void **state)
{
    struct assets_info info;
    (void)state;

    two_assets();
    memset(medium_flash.image.cells, 0xFF, medium_flash.nor.size);
    memset(medium_flash.image.units, 0, sizeof medium_flash.image.units);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &blue, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_create(&assets, &red, 5, 0), PSA_ERROR_ALREADY_EXISTS);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    expect(&red, plain + 1, 60);
    assert_int_equal(get_status(&blue), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_remove(&assets, &blue), PSA_SUCCESS);
    assert_int_equal(get_status(&blue), PSA_ERROR_DOES_NOT_EXIST);
}

/* Content that is no store: nothing is readable, nothing is overwritten while anything counts, and
 * the interface itself is the way out. */
static void a_medium_that_is_no_store(void **state)
{
    struct assets_info info;
    (void)state;

    two_assets();
    for (uint32_t i = 0; i < medium_flash.nor.size; i++) {
        medium_flash.image.cells[i] = (uint8_t)(i * 73U);
    }
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(get_status(&others), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(set(&others, plain, 10, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(medium_flash.image.cells[9], (uint8_t)(9U * 73U));
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    assert_int_equal(assets_remove(&assets, &blue), PSA_SUCCESS);
    assert_int_equal(set(&others, plain, 10, 0), PSA_SUCCESS);
    restart();
    expect(&others, plain, 10);
}

/* Whatever unit of the medium is damaged, by decay or by hand, it costs one asset at most: the
 * others are looked for behind it. But for the header of the newest sector, without which it is
 * not there. */
static void damage_costs_one_asset(void **state)
{
    struct store_key key = {-1, 0};
    uint32_t damaged = 0;
    (void)state;

    for (uint32_t i = 0; i < 5U * 36U; i++) {
        key.uid = 1U + i % ASSETS;
        assert_int_equal(set(&key, plain + key.uid, 60, 0), PSA_SUCCESS);
    }
    assert_true(assets.medium.head >= 3U * 4096U);
    for (uint32_t offset = 0; offset < medium_flash.nor.size; offset += 8U) {
        static struct flash_image before;
        uint32_t lost = 0;

        if (offset - assets.medium.head < 32U) {
            continue;
        }
        fixture_save(&medium_flash, &before);
        if (damaged++ % 3U == 0U) {
            nor_hooks_break_unit(&medium_flash.nor, offset);
        } else {
            memset(&medium_flash.image.cells[offset], damaged % 3U == 2U ? 0xFF : 0x35, 8);
        }
        restart();
        for (key.uid = 1; key.uid <= ASSETS; key.uid++) {
            psa_status_t status = get_status(&key);

            lost += status != PSA_SUCCESS;
            assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DATA_CORRUPT ||
                        status == PSA_ERROR_INVALID_SIGNATURE);
        }
        assert_true(lost <= 1U);
        fixture_restore(&medium_flash, &before);
    }
    restart();
    for (key.uid = 1; key.uid <= ASSETS; key.uid++) {
        expect(&key, plain + key.uid, 60);
    }
}

/* ---- Checkpoints of the medium's index ---- */

/* Sets until the medium has a new sector that begins with a checkpoint. */
static void until_a_checkpoint(const struct store_key *key)
{
    uint32_t before = assets.medium.checkpoint;

    for (uint32_t i = 0; assets.medium.checkpoint == before; i++) {
        assert_true(i < 1000U);
        assert_int_equal(set(key, plain, 60, 0), PSA_SUCCESS);
    }
}

/* The checkpoint names an asset whose removal did not come to the medium: it has no place in the
 * index, where another one needs it. */
static void a_checkpoint_of_what_was_removed(void **state)
{
    struct store_key key = {-1, 100};
    (void)state;

    two_assets();
    for (uint32_t i = 0; i < ASSETS - 2; i++) {
        key.uid = 100U + i;
        assert_int_equal(set(&key, plain + i, 20, 0), PSA_SUCCESS);
    }
    until_a_checkpoint(&blue);
    real_program = medium_flash.area.program;
    medium_flash.area.program = program_nothing;
    assert_int_equal(assets_remove(&assets, &red), PSA_SUCCESS);
    medium_flash.area.program = real_program;
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_not_equal(assets.medium.checkpoint, 0);
    assert_int_equal(set(&others, plain, 20, 0), PSA_SUCCESS);
    expect(&others, plain, 20);
    expect(&blue, plain, 60);
}

/* The checkpoint names an older record than the anchor, and the newer one is gone. */
static void a_checkpoint_of_an_older_record(void **state)
{
    uint32_t newest;
    (void)state;

    two_assets();
    until_a_checkpoint(&blue);
    newest = assets.medium.head + assets.medium.end;
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    nor_hooks_break_unit(&medium_flash.nor, newest);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_not_equal(assets.medium.checkpoint, 0);
    expect(&blue, plain, 60);
}

/* ---- The anchor ---- */

static void an_anchor_of_a_later_version(void **state)
{
    static struct store later;
    static const uint8_t longer[ASSETS_ANCHOR_BYTES + 8U];
    static struct store_entry index[ASSETS];
    static const struct store_config other = {.area = &anchor_flash.area,
                                              .index = index,
                                              .index_length = ASSETS,
                                              .asset_size_max = sizeof longer,
                                              .scratch = scratch,
                                              .scratch_bytes = sizeof scratch};
    struct assets_info info;
    (void)state;

    two_assets();
    assert_int_equal(store_mount(&later, &other), PSA_SUCCESS);
    assert_int_equal(store_set(&later, &red, longer, sizeof longer, 5U << 3), PSA_SUCCESS);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_get_info(&assets, &red, &info), PSA_ERROR_DATA_CORRUPT);
    assert_int_equal(assets_create(&assets, &red, 5, 0), PSA_ERROR_ALREADY_EXISTS);
    expect(&blue, plain + 60, 60);
    assert_int_equal(set(&red, plain + 1, 60, 0), PSA_SUCCESS);
    restart();
    expect(&red, plain + 1, 60);
}

static void a_broken_anchor_is_a_failure(void **state)
{
    (void)state;

    two_assets();
    memset(anchor_flash.image.cells, 0x55, anchor_flash.nor.size);
    restart();
    assert_int_equal(get_status(&red), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(set(&red, plain, 5, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(assets_create(&assets, &red, 5, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(assets_remove(&assets, &red), PSA_ERROR_STORAGE_FAILURE);
    assert_false(contains(buffer, sizeof buffer, plain, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(changed_bits),
        TEST(another_length_is_not_there),
        TEST(inflated_records_take_no_room),
        TEST(another_version_is_not_there),
        TEST(swapped_and_copied),
        TEST(an_older_one_of_the_same_version),
        TEST(an_old_snapshot),
        TEST(the_newest_record_made_unreadable),
        TEST(an_erased_medium),
        TEST(a_medium_that_is_no_store),
        TEST(damage_costs_one_asset),
        TEST(a_checkpoint_of_what_was_removed),
        TEST(a_checkpoint_of_an_older_record),
        TEST(an_anchor_of_a_later_version),
        TEST(a_broken_anchor_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
