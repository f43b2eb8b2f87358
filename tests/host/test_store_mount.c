/*
 * Unit tests of lib/store: checkpoints, good, damaged and forged; what a mount reads; keys whose hashes
 * collide; records that the owner does not accept.
 */
#include "store_suite.h"

/* ---- Checkpoints ---- */

/* As open_with(), with small sectors and few assets. */
static void open_small(uint32_t sector_size, uint32_t sectors, uint32_t index_length,
                       uint32_t asset_size_max)
{
    const struct geometry geometry = {"small", sector_size, 8, 0xFF};

    open_with(&geometries[0], 4); /* the data */
    fixture_open(&fixture, &geometry, sectors);
    assert_int_equal(mount_with(index_length, asset_size_max), PSA_SUCCESS);
}

/* The second sector after set(-1, 0x1122334455667788, "Bartizan!", flags 2) and five times
 * set(7, 5, one byte): header, checkpoint of two assets, the fifth. */
static void golden_vector_of_a_checkpoint(void **state)
{
    static const uint8_t golden[] = {
        0x42, 0x5A, 0x54, 0x53, 0x01, 0x00, 0x08, 0x00, 0x00, 0x01, 0x00, 0x00, 0x02, 0x00, 0x00,
        0x00, 0x01, 0x00, 0x00, 0x00, 0xF0, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0xC6, 0x53,
        0xB4, 0x2B, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x9B, 0x3A, 0x79, 0x42, 0x23,
        0x72, 0xFE, 0x6C, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x09, 0xEB, 0xD2, 0x2D,
        0xDC, 0xD2, 0x3F, 0xE7, 0x81, 0xFE, 0x01, 0x74, 0x04, 0x00, 0x30, 0x00, 0xFD, 0x3B, 0x1F,
        0xCE, 0x19, 0x00, 0x28, 0x00, 0x01, 0x19, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x05, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x94,
        0x2B, 0x6F, 0xD5, 0x5D, 0x85, 0x61, 0xB7, 0x04, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    };
    const struct store_key checkpointed = {.owner = -1, .uid = 0x1122334455667788U};
    const struct store_key other = {.owner = 7, .uid = 5};
    struct store_info info = {0};

    (void)state;
    open_small(256, 4, 8, 16);
    assert_int_equal(store_set(&store, &checkpointed, "Bartizan!", 9, 2), PSA_SUCCESS);
    for (uint8_t i = 0; i < 5U; i++) {
        assert_int_equal(store_set(&store, &other, &i, 1, 0), PSA_SUCCESS);
    }
    assert_memory_equal(fixture.image.cells + 256, golden, sizeof golden);
    /* What is before the checkpoint is not read by a mount. */
    fixture.image.cells[HEADER + 48U + 5U] ^= 1U;
    assert_int_equal(mount_with(8, 16), PSA_SUCCESS);
    assert_int_equal(store.checkpoint, 2);
    assert_int_equal(store_get_info(&store, &checkpointed, &info), PSA_SUCCESS);
    assert_true(info.size_bytes == 9U && info.flags == 2U);
}

/* Where the checkpoint of the head is, and how many pairs it has. */
static uint8_t *head_checkpoint(uint32_t *pairs)
{
    uint8_t *record = fixture.image.cells + store.head + HEADER;

    assert_int_equal(record[0], 0x80);
    memcpy(pairs, record + 20, sizeof *pairs);
    *pairs /= 8U;
    return record;
}

/* Makes sums and checksums of a checkpoint right again. */
static void checkpoint_repair(uint8_t *record)
{
    uint32_t sums[2] = {0};
    uint32_t size;
    uint32_t crc;

    memcpy(&size, record + 20, sizeof size);
    for (uint32_t i = 0; i < size; i += 4U) {
        uint32_t word;

        memcpy(&word, record + HEADER + i, sizeof word);
        sums[0] += word;
        sums[1] += sums[0];
    }
    memcpy(record + 8, sums, sizeof sums);
    crc = crc32_update(0, record + HEADER, size);
    memcpy(record + 24, &crc, sizeof crc);
    crc = crc32_update(0, record, HEADER - 4U);
    memcpy(record + HEADER - 4U, &crc, sizeof crc);
}

static void open_with_checkpoint(void)
{
    open_small(1024, 6, 20, 200);
    for (uint32_t round = 0; round < 60U || store.checkpoint != store.sequence || store.end > 600U;
         round++) {
        assert_int_equal(set(round % 12U, data + round % 12U, 30), PSA_SUCCESS);
        assert_true(round < 500U);
    }
}

static void damaged_checkpoint_is_not_used(void **state)
{
    static struct flash_image image;
    uint32_t pairs;

    (void)state;
    open_with_checkpoint();
    fixture_save(&fixture, &image);
    (void)head_checkpoint(&pairs);
    assert_int_equal(pairs, 12);
    for (uint32_t bit = 0; bit < (HEADER + 8U * pairs) * 8U; bit++) {
        uint32_t sequence = store.sequence;
        uint8_t *record = head_checkpoint(&pairs);

        record[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        if (bit < 8U * HEADER) {
            /* The record before all others does not read: the log is damaged. Or it is unknown. */
            psa_status_t status = mount_with(20, 200);

            assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DATA_CORRUPT);
        } else {
            assert_int_equal(mount_with(20, 200), PSA_SUCCESS);
            assert_true(store.checkpoint != sequence);
            for (uint32_t number = 0; number < 12U; number++) {
                expect(number, data + number, 30);
            }
        }
        fixture_restore(&fixture, &image);
        assert_int_equal(mount_with(20, 200), PSA_SUCCESS);
        assert_true(store.checkpoint == sequence);
    }
}

/* A checkpoint whose sums are right may say anything: then assets are damaged or missing, never
 * another's, and the store goes on. */
static void hostile_checkpoint_does_no_harm(void **state)
{
    static struct flash_image image;
    uint32_t used = 0;
    uint32_t seed = 99;

    (void)state;
    open_with_checkpoint();
    fixture_save(&fixture, &image);
    for (uint32_t round = 0; round < 3000U; round++) {
        uint32_t pairs;
        uint8_t *record = head_checkpoint(&pairs);
        uint32_t sequence = store.sequence;
        size_t actual;

        for (uint32_t more = fixture_random(&seed) % 3U; more != UINT32_MAX; more--) {
            uint32_t at = HEADER + fixture_random(&seed) % (8U * pairs);
            uint32_t from = HEADER + 8U * (fixture_random(&seed) % pairs);

            switch (fixture_random(&seed) % 4U) {
            case 0:
                record[at] = (uint8_t)fixture_random(&seed);
                break;
            case 1: /* one place twice */
                memcpy(record + (at & ~7U) + 4U, record + from + 4U, 4);
                break;
            case 2: /* one pair twice */
                memcpy(record + (at & ~7U), record + from, 8);
                break;
            default:
                record[at] ^= (uint8_t)(1U << (fixture_random(&seed) % 8U));
                break;
            }
        }
        checkpoint_repair(record);
        if (mount_with(20, 200) == PSA_SUCCESS) {
            used += store.checkpoint == sequence;
            for (uint32_t number = 0; number < 12U; number++) {
                if (get(number, 0, sizeof back, &actual) == PSA_SUCCESS) {
                    assert_int_equal(actual, 30);
                    assert_memory_equal(back, data + number, 30);
                }
            }
            for (uint32_t again = 0; again < 40U; again++) {
                psa_status_t status = set(again % 14U, data, again);

                assert_true(status == PSA_SUCCESS || status == PSA_ERROR_INSUFFICIENT_STORAGE ||
                            status == PSA_ERROR_STORAGE_FAILURE);
            }
        }
        fixture_restore(&fixture, &image);
        assert_int_equal(mount_with(20, 200), PSA_SUCCESS);
    }
    printf("store: 3000 forged checkpoints, %u of them used\n", (unsigned)used);
    assert_true(used > 100U);
}

static void impossible_places_are_refused(void **state)
{
    static struct flash_image image;
    uint32_t pairs;
    uint32_t place;
    uint32_t head;

    (void)state;
    open_with_checkpoint();
    fixture_save(&fixture, &image);
    memcpy(&place, head_checkpoint(&pairs) + HEADER + 4U, sizeof place);
    head = store.head / 8U;
    const uint32_t sector = 1024U / 8U;
    const uint32_t offset = place & 0x7FFFFU;
    const uint32_t size = place & 0x3FF80000U;
    const uint32_t begin = offset & ~(sector - 1U);
    const uint32_t places[] = {
        place, /* the only good one */
        place | 0x80000000U,
        offset, /* too small */
        offset | (3U << 19),
        begin | size, /* in the header */
        (begin + 3U) | size,
        (begin + sector - (size >> 19) + 1U) | size, /* over the end */
        offset | (0x7FFU << 19),
        (head + 4U) | size, /* not before the checkpoint */
        ((head + sector) % (6U * sector) + 4U) | size,
        (6U * sector + 4U) | size, /* not in the region */
        (6U * sector + offset) | size,
        0x7FFF0U | size,
    };

    for (uint32_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint8_t *record = head_checkpoint(&pairs);
        uint32_t sequence = store.sequence;

        memcpy(record + HEADER + 4U, &places[i], sizeof places[i]);
        checkpoint_repair(record);
        assert_int_equal(mount_with(20, 200), PSA_SUCCESS);
        assert_int_equal(store.checkpoint == sequence, i == 0U);
        fixture_restore(&fixture, &image);
        assert_int_equal(mount_with(20, 200), PSA_SUCCESS);
    }
}

/* ---- Mount ---- */

/* A header whose size wraps around to that of a free slot, which has its hash. */
static void huge_record_ends_the_log(void **state)
{
    const uint32_t sizes[] = {0xFFFFFFE0U, 0xFFFFFFDFU, 0xFFFFFFF9U, 0xFFFFFFFFU, 0x7FFFFFE0U};

    (void)state;
    for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint32_t record[8] = {1, 0, 0, 0, 0, sizes[i], 0, 0};
        uint32_t used = 0;

        open_default(NULL);
        assert_int_equal(set(1, data, 30), PSA_SUCCESS);
        record[7] = crc32_update(0, record, sizeof record - 4U);
        memcpy(fixture.image.cells + store.head + store.end, record, sizeof record);
        memset(index_slots, 0, sizeof index_slots);
        assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
        assert_true(store.closed && store.count == 1U);
        for (uint32_t slot = 0; slot < INDEX_LENGTH; slot++) {
            used += index_slots[slot].place != 0U;
        }
        assert_int_equal(used, 1);
        expect(1, data, 30);
    }
}

/* A head from where the sequence would soon begin anew, and be below all others. */
static void sequence_about_to_wrap_is_refused(void **state)
{
    static const uint32_t last[] = {0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFEU, 0xFFFFFFFFU};

    (void)state;
    for (uint32_t i = 0; i < sizeof last / sizeof last[0]; i++) {
        uint32_t header[8];

        open_default(NULL);
        assert_int_equal(set(1, data, 30), PSA_SUCCESS);
        memcpy(header, fixture.image.cells, sizeof header);
        header[3] = last[i];
        header[4] = last[i];
        header[7] = crc32_update(0, header, sizeof header - 4U);
        memcpy(fixture.image.cells, header, sizeof header);
        assert_int_equal(store_mount(&store, &config),
                         i == 0U ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT);
    }
}

/* A record that is larger than the index can tell, in sectors that could hold it. */
static void record_beyond_the_index_ends_the_log(void **state)
{
    (void)state;
    for (uint32_t size = 0x3FB8; size <= 0x3FBA; size++) {
        uint32_t record[8] = {1, 7, 7, 0, 0, size, 0, 0};
        bool is_known = size <= 0x3FB8U;

        open_small(0x8000, 3, 20, 200);
        assert_int_equal(set(1, data, 30), PSA_SUCCESS);
        record[6] = crc32_update(0, fixture.image.cells + store.end + sizeof record, size);
        record[7] = crc32_update(0, record, sizeof record - 4U);
        memcpy(fixture.image.cells + store.end, record, sizeof record);
        assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
        assert_int_equal(store.count, is_known ? 2U : 1U);
        assert_true(store.closed != is_known);
        assert_int_equal(set(1, data + 1, 30), PSA_SUCCESS);
        expect(1, data + 1, 30);
    }
}

static uint32_t reads;
static uint32_t read_bytes;

static psa_status_t counted_read(const struct flash_area *area, uint32_t offset, void *buffer,
                                 size_t length)
{
    (void)area;
    reads++;
    read_bytes += (uint32_t)length;
    return fixture.area.read(&fixture.area, offset, buffer, length);
}

/* docs/formats/store.md, Reading: with 64 assets of 64 bytes in sectors of 4 KiB, each sector has a
 * checkpoint, so that a mount reads about one sector, however many there are. */
static void mount_reads_little(void **state)
{
    (void)state;
    for (uint32_t sectors = 4; sectors <= 32U; sectors *= 2U) {
        uint32_t most = 0;
        uint32_t most_bytes = 0;
        uint32_t bound = 4U;

        open_small(4096, sectors, 64, 1024);
        for (uint32_t two = sectors; two > 1U; two /= 2U) {
            bound++;
        }
        bound += 2U + 4096U / 288U + 1U; /* pairs; windows of 384 bytes, 288 of them new */
        for (uint32_t round = 0; round < 3U * sectors * 42U; round++) {
            struct flash_area counted = fixture.area;

            assert_int_equal(set(round % 64U, data, 64), PSA_SUCCESS);
            if (store.sequence <= sectors) {
                continue; /* all sectors are looked at in the first lap */
            }
            counted.read = counted_read;
            config.area = &counted;
            reads = 0;
            read_bytes = 0;
            assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
            most = reads > most ? reads : most;
            most_bytes = read_bytes > most_bytes ? read_bytes : most_bytes;
            config.area = &fixture.area;
            store.area = &fixture.area;
        }
        printf("store mount, %u sectors: at most %u reads of %u bytes in all, bound %u\n",
               (unsigned)sectors, (unsigned)most, (unsigned)most_bytes, (unsigned)bound);
        assert_true(most != 0U && most <= bound && most_bytes <= 6144U);
    }
}

/* ---- Collisions ---- */

/* Keys that all have one hash, as a hostile client can choose them. */
static struct store_key colliding(uint32_t number)
{
    uint32_t inverse = 1;
    uint32_t low;

    for (int i = 0; i < 5; i++) {
        inverse *= 2U - 0x85EBCA6BU * inverse;
    }
    low = (1234U * 0x85EBCA6BU ^ number * 0xC2B2AE35U) * inverse;
    return (struct store_key){.owner = -1, .uid = low | (uint64_t)number << 32};
}

static void colliding_keys_are_kept_apart(void **state)
{
    size_t actual;
    struct store_key key;
    uint32_t hash = 0;
    uint32_t place = 0;
    uint32_t damaged = 0;

    (void)state;
    for (uint32_t number = 0; number < 20U; number++) {
        key = colliding(number);
        assert_int_equal(store_set(&store, &key, data + number, 20, 0), PSA_SUCCESS);
    }
    for (uint32_t round = 0; round < 400U; round++) {
        key = colliding(round % 19U);
        assert_int_equal(store_remove(&store, &key), PSA_SUCCESS);
        assert_int_equal(store_get(&store, &key, 0, back, 20, &actual), PSA_ERROR_DOES_NOT_EXIST);
        assert_int_equal(store_set(&store, &key, data + round % 19U, 20, 0), PSA_SUCCESS);
        if (round % 7U == 0U) {
            remount();
        }
        for (uint32_t number = 0; number < 20U; number++) {
            key = colliding(number);
            assert_int_equal(store_get(&store, &key, 0, back, 20, &actual), PSA_SUCCESS);
            assert_memory_equal(back, data + number, 20);
        }
    }
    for (uint32_t slot = 0; slot < INDEX_LENGTH; slot++) {
        if (store.index[slot].place != 0U) {
            assert_true(hash == 0U || store.index[slot].hash == hash);
            hash = store.index[slot].hash;
            place = store.index[slot].place;
        }
    }
    /* A damaged one hides none of the others. */
    nor_hooks_break_unit(&fixture.nor, place % 0x80000U * 8U);
    for (uint32_t number = 0; number < 20U; number++) {
        psa_status_t status;

        key = colliding(number);
        status = store_get(&store, &key, 0, back, 20, &actual);
        assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DATA_CORRUPT);
        damaged += status != PSA_SUCCESS;
    }
    assert_int_equal(damaged, 1);
}

/* ---- What the owner accepts ---- */

static uint32_t accepted_flags;

static bool accept_by_flags(const struct store_config *of, const struct store_key *key,
                            const struct store_info *info)
{
    (void)of;
    (void)key;
    return info->flags <= accepted_flags;
}

static void rejected_records_displace_nothing(void **state)
{
    struct store_key key = key_of(1);
    struct store_pending pending;
    size_t actual;

    (void)state;
    for (uint32_t before = 0; before < 90U; before++) {
        open_with(&geometries[0], 4);
        for (uint32_t round = 0; round < before; round++) {
            assert_int_equal(set(2, data, 64), PSA_SUCCESS);
        }
        assert_int_equal(store_set(&store, &key, data, 50, 10), PSA_SUCCESS);
        assert_int_equal(store_prepare(&store, &key, data + 1, 50, 12, &pending), PSA_SUCCESS);
        config.accept = accept_by_flags;
        accepted_flags = 10;
        assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
        assert_int_equal(store_get(&store, &key, 0, back, 50, &actual), PSA_SUCCESS);
        assert_memory_equal(back, data, 50);
        accepted_flags = 12;
        assert_int_equal(store_mount(&store, &config), PSA_SUCCESS);
        assert_int_equal(store_get(&store, &key, 0, back, 50, &actual), PSA_SUCCESS);
        assert_memory_equal(back, data + 1, 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(golden_vector_of_a_checkpoint, open_default),
        cmocka_unit_test_setup(damaged_checkpoint_is_not_used, open_default),
        cmocka_unit_test_setup(hostile_checkpoint_does_no_harm, open_default),
        cmocka_unit_test_setup(impossible_places_are_refused, open_default),
        cmocka_unit_test_setup(huge_record_ends_the_log, open_default),
        cmocka_unit_test_setup(sequence_about_to_wrap_is_refused, open_default),
        cmocka_unit_test_setup(record_beyond_the_index_ends_the_log, open_default),
        cmocka_unit_test_setup(mount_reads_little, open_default),
        cmocka_unit_test_setup(colliding_keys_are_kept_apart, open_default),
        cmocka_unit_test_setup(rejected_records_displace_nothing, open_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
