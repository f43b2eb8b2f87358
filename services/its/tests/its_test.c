/*
 * Host test of Internal Trusted Storage through its API: the rules, and the late start. The store is
 * mounted by the first call, nothing touches the flash before.
 *
 * Built twice, for a product that encrypts and for one that does not: the rules are the same.
 */
#include "services/its/tests/played.h"

const struct account_quota account_quotas[] = {{0}}; /* ITS_QUOTAS is 0 */

/* ---- The late start ---- */

static void start_alone_touches_no_flash(void **state)
{
    (void)state;
    assert_int_equal(flash_reads, 0);
    assert_int_equal(fixture.hooks.operations, 0);
    assert_int_equal(psa_its_get(0, 0, 1, back, &(size_t){0}), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(flash_reads, 0);
}

static void first_call_mounts_once(void **state)
{
    struct psa_storage_info_t info;
    unsigned mounted;

    (void)state;
    set_one(NULL);
    device_starts();
    assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
    assert_int_equal(info.size, 64);
    mounted = flash_reads;
    assert_true(mounted > 3U);
    assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
    assert_int_equal(flash_reads, mounted + 1U); /* the header of the asset */
    assert_asset(1, 64);
}

/* The very first use of a new device, cut at each of its flash operations in every way. */
static void first_use_survives_every_cut(void **state)
{
    uint32_t operations = 0;
    uint32_t found = 0;

    (void)state;
    assert_false(fixture_run(&fixture, set_one, NULL, 0, NOR_TEAR_DONE, &operations));
    assert_true(operations > 8U);
    for (uint32_t stop_at = 1; stop_at <= operations; stop_at++) {
        for (int tear = 0; tear < NOR_TEAR_COUNT; tear++) {
            struct psa_storage_info_t info;
            psa_status_t status;

            open_new(NULL);
            assert_true(fixture_run(&fixture, set_one, NULL, stop_at, (enum nor_tear)tear, NULL));
            device_starts();
            status = psa_its_get_info(1, &info);
            assert_true(status == PSA_SUCCESS || status == PSA_ERROR_DOES_NOT_EXIST);
            found += status == PSA_SUCCESS;
            set_one(NULL);
            device_starts();
            assert_asset(1, 64);
        }
    }
    assert_true(found != 0U && found < operations * NOR_TEAR_COUNT);
}

/* Somebody else's data in the region: told at the first use, as at every later one; not touched. */
static void damaged_region_is_every_callers_error(void **state)
{
    struct psa_storage_info_t info;

    (void)state;
    assert_int_equal(nor_program(&fixture.nor, 64, bytes, 8), PSA_SUCCESS);
    fixture.hooks.operations = 0;
    assert_int_equal(psa_its_set(1, 4, bytes, 0), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_get_info(1, &info), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_get(1, 0, 4, back, &(size_t){0}), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_STORAGE_FAILURE);
    assert_int_equal(fixture.hooks.operations, 0);
}

static void failed_mount_is_tried_again(void **state)
{
    (void)state;
    set_one(NULL);
    device_starts();
    fixture.hooks.units[0] = NOR_UNIT_BAD; /* the head's header */
    assert_int_equal(psa_its_get(1, 0, 4, back, &(size_t){0}), PSA_ERROR_STORAGE_FAILURE);
    fixture.hooks.units[0] = NOR_UNIT_USED; /* reads right the next time */
    assert_asset(1, 64);
}

/* ---- Rules ---- */

static void assets_belong_to_clients(void **state)
{
    (void)state;
    set_one(NULL);
    client = 0x101;
    assert_int_equal(psa_its_get(1, 0, 4, back, &(size_t){0}), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_set(1, 3, bytes, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    client = -1;
    assert_asset(1, 64);
}

static void write_once_is_for_ever(void **state)
{
    (void)state;
    assert_int_equal(psa_its_set(5, 10, bytes, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    for (int start = 0; start < 2; start++) {
        assert_int_equal(psa_its_set(5, 2, bytes, 0), PSA_ERROR_NOT_PERMITTED);
        assert_int_equal(psa_its_remove(5), PSA_ERROR_NOT_PERMITTED);
        assert_asset(5, 10);
        device_starts();
    }
}

static void limits_are_told(void **state)
{
    (void)state;
    assert_int_equal(psa_its_set(0, 1, bytes, 0), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_set(1, 1, bytes, 0x80), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_set(1, ITS_ASSET_SIZE + 1U, bytes, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(psa_its_set(1, ITS_ASSET_SIZE, bytes, 0), PSA_SUCCESS);
    assert_asset(1, ITS_ASSET_SIZE);
    assert_int_equal(psa_its_set(1, 0, NULL, 0), PSA_SUCCESS);
    assert_asset(1, 0);
    assert_int_equal(psa_its_remove(1), PSA_SUCCESS);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_DOES_NOT_EXIST);
}

static void nothing_of_a_client_stays(void **state)
{
    static const uint8_t none[sizeof data];

    (void)state;
    for (size_t length = 0; length <= ITS_ASSET_SIZE; length += 13) {
        assert_int_equal(psa_its_set(1, length, bytes, 0), PSA_SUCCESS);
        assert_memory_equal(data, none, sizeof data);
        assert_asset(1, length);
        assert_memory_equal(data, none, sizeof data);
    }
}

/* IHI 0087, 5.2.2: how much is read where, and that nothing else is touched. */
static void reads_are_exact(void **state)
{
    static const struct {
        size_t offset;
        size_t size;
        psa_status_t status;
        size_t length;
    } rows[] = {
        {0, 100, PSA_SUCCESS, 100},
        {0, 99, PSA_SUCCESS, 99},
        {0, 101, PSA_SUCCESS, 100},
        {1, 2000, PSA_SUCCESS, 99},
        {37, 20, PSA_SUCCESS, 20},
        {99, 1, PSA_SUCCESS, 1},
        {99, 2, PSA_SUCCESS, 1},
        {100, 0, PSA_SUCCESS, 0},
        {100, 10, PSA_SUCCESS, 0},
        {0, 0, PSA_SUCCESS, 0},
        {101, 0, PSA_ERROR_INVALID_ARGUMENT, 0},
        {101, 10, PSA_ERROR_INVALID_ARGUMENT, 0},
        {129, 1, PSA_ERROR_INVALID_ARGUMENT, 0},
        {UINT32_MAX, 10, PSA_ERROR_INVALID_ARGUMENT, 0},
    };

    (void)state;
    assert_int_equal(psa_its_set(1, 100, bytes, 0), PSA_SUCCESS);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = 12345;
        size_t expected = rows[i].status == PSA_SUCCESS ? rows[i].length : 12345;

        memset(back, 0xEE, sizeof back);
        assert_int_equal(psa_its_get(1, rows[i].offset, rows[i].size, back, &length),
                         rows[i].status);
        assert_int_equal(length, expected);
        assert_memory_equal(back, bytes + rows[i].offset % 128U, rows[i].length);
        for (size_t at = rows[i].length; at < sizeof back; at++) {
            assert_int_equal(back[at], 0xEE);
        }
    }
    assert_int_equal(psa_its_get(1, 0, 0, NULL, &(size_t){0}), PSA_SUCCESS);
    assert_int_equal(psa_its_get(1, 100, 0, NULL, &(size_t){0}), PSA_SUCCESS);
}

static void empty_assets_exist(void **state)
{
    struct psa_storage_info_t info = {.capacity = 9, .size = 9};
    size_t length = 9;

    (void)state;
    assert_int_equal(psa_its_set(3, 0, NULL, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY), PSA_SUCCESS);
    device_starts();
    assert_int_equal(psa_its_get_info(3, &info), PSA_SUCCESS);
    assert_int_equal(info.size, 0);
    assert_int_equal(info.capacity, 0);
    assert_int_equal(info.flags, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY);
    assert_int_equal(psa_its_get(3, 0, 10, back, &length), PSA_SUCCESS);
    assert_int_equal(length, 0);
    assert_int_equal(psa_its_get(3, 1, 0, NULL, &length), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_set(4, 0, NULL, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    assert_int_equal(psa_its_set(4, 1, bytes, 0), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_its_remove(4), PSA_ERROR_NOT_PERMITTED);
    assert_int_equal(psa_its_remove(3), PSA_SUCCESS);
    assert_int_equal(psa_its_get_info(3, &info), PSA_ERROR_DOES_NOT_EXIST);
}

/* uid 0, no asset, unknown flags, no place for the answer: for each function, what 5.2 says. */
static void arguments_are_checked(void **state)
{
    struct psa_storage_info_t info;
    size_t length;

    (void)state;
    assert_int_equal(psa_its_set(0, 1, bytes, 0), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_get(0, 0, 1, back, &length), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_get_info(0, &info), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_remove(0), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_get(9, 0, 1, back, &length), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_get(9, UINT32_MAX, 0, back, &length), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_get_info(9, &info), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_remove(9), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_get(9, 0, 1, back, NULL), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(psa_its_get_info(9, NULL), PSA_ERROR_INVALID_ARGUMENT);
    assert_int_equal(bartizan_its_get_usage(NULL), PSA_ERROR_INVALID_ARGUMENT);
    for (uint32_t bit = 3; bit < 32U; bit++) { /* the service's own bits among them */
        assert_int_equal(psa_its_set(9, 1, bytes, 1U << bit), PSA_ERROR_NOT_SUPPORTED);
    }
    assert_int_equal(psa_its_set(9, SIZE_MAX, bytes, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    assert_int_equal(psa_its_get_info(9, &info), PSA_ERROR_DOES_NOT_EXIST);
    assert_int_equal(psa_its_set(UINT64_MAX, 1, bytes, 6), PSA_SUCCESS);
    assert_int_equal(psa_its_get_info(UINT64_MAX, &info), PSA_SUCCESS);
    assert_int_equal(info.flags, 6);
}

/* A client need not use the stub: any type, any vectors that the manager lets through. */
static void vectors_are_hostile(void **state)
{
    struct its_request request = {.uid_low = 1};
    struct its_info info = {0};
    psa_invec in[] = {{&request, sizeof request}, {bytes, 5}};
    psa_outvec out[] = {{&info, sizeof info}};

    (void)state;
    for (int32_t type = 0; type < 20; type++) {
        bool asks = type == ITS_GET_USAGE; /* without a request */

        assert_int_equal(psa_call(PSA_ITS_HANDLE, type, NULL, 0, NULL, 0),
                         asks ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT);
        for (size_t size = 0; size < 40U; size++) {
            static const uint32_t words[10] = {1};
            psa_invec wrong[] = {{words, size}, {bytes, 5}};

            if (size != sizeof request && !asks) {
                assert_int_equal(psa_call(PSA_ITS_HANDLE, type, wrong, 2, out, 1),
                                 PSA_ERROR_INVALID_ARGUMENT);
            }
        }
        if (type < ITS_SET || type > ITS_GET_USAGE) {
            assert_int_equal(psa_call(PSA_ITS_HANDLE, type, in, 2, out, 1),
                             PSA_ERROR_NOT_SUPPORTED);
        }
    }
    assert_int_equal(psa_call(PSA_ITS_HANDLE, ITS_SET, in, 1, NULL, 0), PSA_SUCCESS);
    assert_asset(1, 0); /* no data: none */
    assert_int_equal(psa_call(PSA_ITS_HANDLE, ITS_SET, in, 2, out, 1), PSA_SUCCESS);
    assert_asset(1, 5);
    assert_int_equal(psa_call(PSA_ITS_HANDLE, ITS_GET, in, 2, NULL, 0), PSA_SUCCESS);
    for (size_t size = 0; size < sizeof back; size++) {
        psa_outvec place[] = {{back, size}};

        assert_int_equal(psa_call(PSA_ITS_HANDLE, ITS_GET_INFO, in, 1, place, 1),
                         size == sizeof info ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT);
    }
    assert_int_equal(psa_call(PSA_ITS_HANDLE, ITS_GET_INFO, in, 1, NULL, 0),
                     PSA_ERROR_INVALID_ARGUMENT);
    assert_asset(1, 5);
}

/* A product whose its_asset_size was larger has set it. */
static void assets_of_a_larger_product(void **state)
{
    static const struct store_key key = {.owner = -1, .uid = 1};
    struct store_config larger = its_config;
    struct psa_storage_info_t info;
    struct store store;
    size_t length;

    (void)state;
    larger.asset_size_max = sizeof bytes;
    assert_int_equal(store_mount(&store, &larger), PSA_SUCCESS);
    assert_int_equal(store_set(&store, &key, bytes, sizeof bytes, 0), PSA_SUCCESS);
    device_starts();
    assert_int_equal(psa_its_get_info(1, &info), PSA_SUCCESS);
    assert_int_equal(info.size, sizeof bytes);
    assert_int_equal(psa_its_get(1, 0, sizeof back, back, &length), PSA_SUCCESS);
    assert_int_equal(length, ITS_ASSET_SIZE);
    assert_memory_equal(back, bytes, length);
    assert_int_equal(psa_its_get(1, ITS_ASSET_SIZE, sizeof back, back, &length), PSA_SUCCESS);
    assert_int_equal(length, sizeof bytes - ITS_ASSET_SIZE);
    assert_memory_equal(back, bytes + ITS_ASSET_SIZE, length);
}

static void usage_is_told(void **state)
{
    struct bartizan_storage_usage usage;
    uint32_t words[3] = {0};
    psa_outvec part[] = {{words, sizeof words}};

    (void)state;
    assert_int_equal(bartizan_its_get_usage(&usage), PSA_SUCCESS);
    assert_int_equal(usage.assets, 0);
    assert_int_equal(usage.assets_max, ITS_ASSETS);
    assert_int_equal(usage.store_assets_max, ITS_ASSETS);
    assert_int_equal(usage.bytes_max, usage.store_bytes_max);
    assert_int_equal(usage.store_bytes_max, 3 * (4096 - 32));
    assert_int_equal(usage.store_bytes, 0);
    assert_int_equal(usage.store_size_admitted, ITS_ASSET_SIZE);
    assert_int_equal(psa_its_set(1, 100, bytes, 0), PSA_SUCCESS);
    assert_int_equal(psa_its_set(2, 20, bytes, 0), PSA_SUCCESS);
    client = 0x101;
    assert_int_equal(psa_its_set(1, 7, bytes, 0), PSA_SUCCESS);
    assert_int_equal(bartizan_its_get_usage(&usage), PSA_SUCCESS);
    assert_int_equal(usage.assets, 1);
    assert_int_equal(usage.bytes, 7);
    client = -3; /* the non-secure side is one */
    assert_int_equal(bartizan_its_get_usage(&usage), PSA_SUCCESS);
    assert_int_equal(usage.assets, 2);
    assert_int_equal(usage.bytes, 120);
    assert_int_equal(usage.store_assets, 3);
    assert_true(usage.store_bytes >= 127 + 3 * 32 && usage.store_bytes < 127 + 3 * 72);
    assert_int_equal(psa_call(PSA_ITS_HANDLE, ITS_GET_USAGE, NULL, 0, part, 1), PSA_SUCCESS);
    assert_int_equal(words[0], 2); /* a client that knows less of the structure */
    assert_int_equal(words[2], 120);
}

/* The same for every stub: services/client_status.h. */
static void refused_call_is_explained(void **state)
{
    (void)state;
    manager_refuses = true;
    assert_int_equal(psa_its_set(1, 1, bytes, 0), PSA_ERROR_INVALID_ARGUMENT);
    version = PSA_VERSION_NONE;
    assert_int_equal(psa_its_set(1, 1, bytes, 0), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_get(1, 0, 1, back, &(size_t){0}), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_get_info(1, &(struct psa_storage_info_t){0}), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(psa_its_remove(1), PSA_ERROR_NOT_SUPPORTED);
    assert_int_equal(bartizan_its_get_usage(&(struct bartizan_storage_usage){0}),
                     PSA_ERROR_NOT_SUPPORTED);
    manager_refuses = false;
    version = PSA_ITS_VERSION;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(start_alone_touches_no_flash, open_new),
        cmocka_unit_test_setup(first_call_mounts_once, open_new),
        cmocka_unit_test_setup(first_use_survives_every_cut, open_new),
        cmocka_unit_test_setup(damaged_region_is_every_callers_error, open_new),
        cmocka_unit_test_setup(failed_mount_is_tried_again, open_new),
        cmocka_unit_test_setup(assets_belong_to_clients, open_new),
        cmocka_unit_test_setup(write_once_is_for_ever, open_new),
        cmocka_unit_test_setup(limits_are_told, open_new),
        cmocka_unit_test_setup(nothing_of_a_client_stays, open_new),
        cmocka_unit_test_setup(reads_are_exact, open_new),
        cmocka_unit_test_setup(empty_assets_exist, open_new),
        cmocka_unit_test_setup(arguments_are_checked, open_new),
        cmocka_unit_test_setup(vectors_are_hostile, open_new),
        cmocka_unit_test_setup(assets_of_a_larger_product, open_new),
        cmocka_unit_test_setup(usage_is_told, open_new),
        cmocka_unit_test_setup(refused_call_is_explained, open_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
