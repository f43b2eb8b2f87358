/*
 * Damaged and forged flash images, of a store and of the medium of Protected Storage: random pieces
 * of damage from a seed (damage.h). With BZ_TEST_FULL, many more, from another seed each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "damage.h"
#include "flash_fixture.h"

#define IMAGES      20000U
#define FULL_FACTOR 50U

static void damage_random(const char *what, bool (*try_one)(const uint8_t *data, size_t length))
{
    bool is_full = getenv("BZ_TEST_FULL") != NULL;
    uint32_t seed = is_full ? (uint32_t)time(NULL) | 1U : 4711U;
    uint32_t images = is_full ? FULL_FACTOR * IMAGES : IMAGES;
    uint32_t mounted = 0;
    uint8_t bytes[40];

    printf("%s: seed %u\n", what, (unsigned)seed);
    for (uint32_t i = 0; i < images; i++) {
        size_t length = 1U + fixture_random(&seed) % sizeof bytes;

        for (size_t at = 0; at < length; at++) {
            bytes[at] = (uint8_t)(fixture_random(&seed) >> 7);
        }
        mounted += try_one(bytes, length);
    }
    printf("%s: %u damaged images, %u of them mounted, nothing wrong served\n", what,
           (unsigned)images, (unsigned)mounted);
    assert_true(mounted > images / 4U && mounted < images);
}

static void store_reports_damage(void **state)
{
    (void)state;
    damage_random("store", damage_store);
}

static void protected_storage_reports_damage(void **state)
{
    (void)state;
    damage_random("protected storage", damage_ps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_reports_damage),
        cmocka_unit_test(protected_storage_reports_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
