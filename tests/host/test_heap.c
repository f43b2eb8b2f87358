/*
 * The partitions' heap (spm/api/heap.c) against a reference that predicts every address, and its
 * answers to misuse: each ends the partition.
 *
 * The reference is a map of the heap in units of 8 bytes. The memory is at a low address, because
 * the manager's answer has 32 bits for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sys/mman.h>

#include <cmocka.h>

#include "psa/service.h"
#include "spm/partition.h"

#define BASE      0x20000000U
#define UNIT      8U
#define UNITS     250U
#define HEAP_SIZE (UNITS * UNIT)
#define LARGEST   (HEAP_SIZE - 2U * UNIT) /* one header, one end mark */
#define GUARD     64U
#define BLOCKS    40U
#define STEPS     200000U

void *heap_malloc(size_t size);
void *heap_calloc(size_t count, size_t size);
void *heap_realloc(void *pointer, size_t size);
void heap_free(void *pointer);

static uint32_t heap_size;
static jmp_buf end_of_partition;

uint64_t spm_heap(void)
{
    return (heap_size == 0U) ? 0U : (((uint64_t)heap_size << 32) | BASE);
}

void psa_panic(void)
{
    longjmp(end_of_partition, 1);
}

#define assert_panics(statement)                                                                   \
    do {                                                                                           \
        if (setjmp(end_of_partition) == 0) {                                                       \
            statement;                                                                             \
            fail_msg("no panic: %s", #statement);                                                  \
        }                                                                                          \
    } while (0)

static uint8_t *memory(void)
{
    return (uint8_t *)(uintptr_t)BASE;
}

/* As a partition finds it at its start: the first bytes zero, the rest whatever it was. */
static int new_heap(void **state)
{
    (void)state;
    heap_size = HEAP_SIZE;
    memset(memory(), 0xA5, HEAP_SIZE + GUARD);
    memset(memory(), 0, 16);
    return 0;
}

static int map_memory(void **state)
{
    void *mapped = mmap(memory(), HEAP_SIZE + GUARD, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    (void)state;
    return (mapped == memory()) ? 0 : -1;
}

static void guard_check(void)
{
    for (uint32_t i = 0; i < GUARD; i++) {
        assert_int_equal(memory()[HEAP_SIZE + i], 0xA5);
    }
}

/* All of it is one free chunk again. */
static void whole_check(void)
{
    void *all = heap_malloc(LARGEST);

    assert_ptr_equal(all, memory() + UNIT);
    heap_free(all);
}

static void no_heap_has_nothing(void **state)
{
    (void)state;
    heap_size = 0;
    assert_null(heap_malloc(1));
    assert_null(heap_malloc(0));
    assert_null(heap_calloc(1, 1));
    assert_null(heap_realloc(NULL, 1));
    heap_free(NULL);
    assert_panics(heap_free(memory() + UNIT));
    heap_size = 3U * UNIT - 1U; /* no room for a chunk and the end mark */
    assert_null(heap_malloc(0));
    heap_size = 3U * UNIT;
    assert_non_null(heap_malloc(UNIT));
    assert_null(heap_malloc(0));
}

static void sizes_up_to_the_largest(void **state)
{
    (void)state;
    assert_null(heap_malloc(LARGEST + 1U));
    assert_null(heap_malloc(SIZE_MAX));
    assert_null(heap_malloc(SIZE_MAX - UNIT + 1U));
    assert_null(heap_malloc((size_t)1 << 32));
    for (size_t size = 0; size <= LARGEST; size++) {
        void *block = heap_malloc(size);

        assert_non_null(block);
        assert_int_equal((uintptr_t)block % UNIT, 0);
        memset(block, 0xFF, size);
        heap_free(block);
    }
    whole_check();
    guard_check();
}

static void odd_sizes_of_a_heap(void **state)
{
    (void)state;
    for (uint32_t more = 0; more < UNIT; more++) {
        memset(memory(), 0, 16);
        heap_size = 8U * UNIT + more;
        assert_null(heap_malloc(6U * UNIT + 1U));
        assert_non_null(heap_malloc(6U * UNIT));
        for (uint32_t i = 8U * UNIT; i < heap_size; i++) {
            assert_int_equal(memory()[i], 0xA5);
        }
    }
}

static void exhaustion_and_recovery(void **state)
{
    void *blocks[UNITS];
    uint32_t count = 0;

    (void)state;
    while ((blocks[count] = heap_malloc(1)) != NULL) {
        count++;
    }
    assert_int_equal(count, (UNITS - 1U) / 2U);
    for (uint32_t i = 0; i < count; i += 2U) { /* holes of two units each */
        heap_free(blocks[i]);
    }
    assert_null(heap_malloc(UNIT + 1U));
    heap_free(blocks[5]); /* between two holes */
    assert_ptr_equal(heap_malloc(5U * UNIT), blocks[4]);
    assert_null(heap_malloc(UNIT + 1U));
    heap_free(blocks[4]);
    for (uint32_t i = 1; i < count; i += 2U) {
        if (i != 5U) {
            heap_free(blocks[i]);
        }
    }
    whole_check();
}

/* Three neighbours freed in each order become one chunk. */
static void free_joins_neighbours(void **state)
{
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    (void)state;
    for (uint32_t i = 0; i < 6U; i++) {
        void *low = heap_malloc(24);
        void *blocks[] = {heap_malloc(24), heap_malloc(100), heap_malloc(40)};
        void *high = heap_malloc(24);

        for (uint32_t n = 0; n < 3U; n++) {
            heap_free(blocks[orders[i][n]]);
        }
        assert_ptr_equal(heap_malloc(24 + 104 + 40 + 2U * UNIT), blocks[0]);
        heap_free(blocks[0]);
        heap_free(high);
        heap_free(low);
        whole_check();
    }
}

static void calloc_clears_and_refuses_overflow(void **state)
{
    uint8_t *block = heap_calloc(10, 10);

    (void)state;
    assert_non_null(block);
    for (uint32_t i = 0; i < 100U; i++) {
        assert_int_equal(block[i], 0);
    }
    heap_free(block);
    assert_null(heap_calloc(SIZE_MAX / 2U + 1U, 2));
    assert_null(heap_calloc(2, SIZE_MAX / 2U + 9U));
    assert_null(heap_calloc(SIZE_MAX / 8U + 3U, 8));
    assert_null(heap_calloc(SIZE_MAX, SIZE_MAX));
    block = heap_calloc(0, SIZE_MAX);
    assert_non_null(block);
    heap_free(block);
    whole_check();
}

static void realloc_in_place_moved_and_failed(void **state)
{
    uint8_t *first = heap_realloc(NULL, 40);
    uint8_t *second = heap_malloc(40);
    uint8_t *moved;

    (void)state;
    memset(first, 1, 40);
    assert_ptr_equal(heap_realloc(second, 200), second); /* into what is free behind it */
    assert_ptr_equal(heap_realloc(second, 16), second);  /* and back */
    assert_ptr_equal(heap_malloc(1), second + 16 + UNIT);
    heap_free(second + 16 + UNIT);
    moved = heap_realloc(first, 41); /* its neighbour is in the way */
    assert_true(moved > second);
    for (uint32_t i = 0; i < 40U; i++) {
        assert_int_equal(moved[i], 1);
    }
    assert_null(heap_realloc(moved, LARGEST));
    assert_null(heap_realloc(moved, SIZE_MAX));
    for (uint32_t i = 0; i < 40U; i++) {
        assert_int_equal(moved[i], 1);
    }
    assert_ptr_equal(heap_malloc(40), first); /* the place that was left */
    heap_free(first);
    heap_free(second);
    assert_null(heap_realloc(moved, 0));
    whole_check();
}

static void misuse_ends_the_partition(void **state)
{
    uint8_t *first = heap_malloc(64);
    uint8_t *second = heap_malloc(64);
    uint8_t *third = heap_malloc(64);
    uint64_t outside[8] = {0};

    (void)state;
    memset(first, 0, 64);
    memset(second, 0xFF, 64);
    memset(third, 0x11, 64);
    assert_panics(heap_free(outside + 2));
    assert_panics(heap_free(memory()));
    assert_panics(heap_free(memory() - UNIT));
    assert_panics(heap_free(memory() + HEAP_SIZE));
    assert_panics(heap_free(memory() + HEAP_SIZE + UNIT));
    for (uint32_t i = 1; i < 64U; i++) {
        assert_panics(heap_free(first + i));
        assert_panics(heap_free(second + i));
        assert_panics(heap_free(third + i));
    }
    heap_free(second);
    assert_panics(heap_free(second));
    assert_panics(heap_realloc(second, 8));
    heap_free(first);
    assert_panics(heap_free(second)); /* its header is now inside a free chunk */
    assert_panics(heap_free(first));
    heap_free(third);
    assert_panics(heap_free(third));
    whole_check();
}

static void put_header(uint8_t *place, uint32_t size, uint32_t before)
{
    uint32_t header[] = {size, before};

    memcpy(place, header, sizeof(header));
}

/* Headers that somebody else wrote, and that agree with each other. */
static void forged_headers_end_the_partition(void **state)
{
    uint8_t *block = heap_malloc(64);

    (void)state;
    for (uint32_t bytes = 4; bytes <= 12U; bytes += 4U) { /* too small, not a multiple of 8 */
        memset(block, 0xFF, 64);
        put_header(block, 16U | 1U, 0);
        put_header(block + 16, bytes | 1U, 16);
        memcpy(block + 16 + bytes + 4, &bytes, sizeof(bytes));
        assert_panics(heap_free(block + 24));
    }
    put_header(block + 16, (HEAP_SIZE - 24U) | 1U, 0); /* over the end mark, to one behind it */
    put_header(memory() + HEAP_SIZE, 16U | 1U, HEAP_SIZE - 24U);
    put_header(memory() + HEAP_SIZE + 16, 1, 16);
    assert_panics(heap_free(memory() + HEAP_SIZE + UNIT));
}

/* Bytes written behind and before a block are noticed when it is freed. */
static void overrun_ends_the_partition(void **state)
{
    for (int place = 0; place < 4; place++) {
        uint8_t *blocks[3];

        (void)new_heap(state);
        for (uint32_t i = 0; i < 3U; i++) {
            blocks[i] = heap_malloc(32);
        }
        switch (place) {
        case 0: /* over its end, into the next header */
            memset(blocks[1] + 32, 0x41, UNIT);
            break;
        case 1: /* before its start */
            memset(blocks[1] - UNIT, 0x41, UNIT);
            break;
        case 2: /* the size of the block before it, used bit kept */
            blocks[0][-(int)UNIT] = 0x19;
            break;
        default: /* where it says that the block before it starts */
            blocks[1][-4] = 0x10;
            break;
        }
        assert_panics((void)heap_realloc(blocks[1], 8));
        assert_panics(heap_free(blocks[1]));
    }
    (void)new_heap(state);
    uint8_t *last = heap_malloc(32);
    memset(last + 32, 0x42, UNIT); /* the header of what is free */
    assert_panics(heap_malloc(300));
}

/* ---- The reference ---- */

struct block {
    uint8_t *pointer;
    size_t size;
    uint8_t fill;
};

static uint8_t map[UNITS - 1U]; /* 0: free, else number of a block and 1; without the end mark */
static struct block blocks[BLOCKS];

static uint32_t units_for(size_t size)
{
    uint32_t units = (uint32_t)((size + UNIT - 1U) / UNIT) + 1U;

    return (units < 2U) ? 2U : units;
}

static uint32_t run_of(uint32_t from, uint8_t owner)
{
    uint32_t end = from;

    while ((end < UNITS - 1U) && (map[end] == owner)) {
        end++;
    }
    return end - from;
}

/* Gives units to an owner; a rest below two units stays with it. Returns nothing less. */
static void map_give(uint32_t from, uint32_t run, uint32_t units, uint8_t owner)
{
    uint32_t given = (run - units < 2U) ? run : units;

    memset(map + from, 0, run);
    memset(map + from, owner, given);
}

/* Where the first fit is; NULL: nowhere. */
static uint8_t *model_malloc(uint8_t owner, size_t size)
{
    for (uint32_t at = 0; at < UNITS - 1U; at++) {
        uint32_t run = run_of(at, 0);

        if ((run >= units_for(size)) && (run >= 2U)) {
            map_give(at, run, units_for(size), owner);
            return memory() + (at + 1U) * UNIT;
        }
        at += run;
    }
    return NULL;
}

static void model_free(uint8_t owner)
{
    for (uint32_t i = 0; i < UNITS - 1U; i++) {
        if (map[i] == owner) {
            map[i] = 0;
        }
    }
}

static uint8_t *model_realloc(uint8_t owner, uint8_t *pointer, size_t size)
{
    uint32_t from = (uint32_t)(pointer - memory()) / UNIT - 1U;
    uint32_t own = run_of(from, owner);
    uint32_t more = run_of(from + own, 0);
    uint32_t units = units_for(size);
    uint8_t *moved;

    if (units <= own) {
        map_give(from, own, units, owner);
        return pointer;
    }
    if (units <= own + more) {
        map_give(from, own + more, units, owner);
        return pointer;
    }
    moved = model_malloc((uint8_t)(BLOCKS + 1U), size);
    if (moved != NULL) {
        model_free(owner);
        for (uint32_t i = 0; i < UNITS - 1U; i++) {
            map[i] = (map[i] == BLOCKS + 1U) ? owner : map[i];
        }
    }
    return moved;
}

static uint32_t random_below(uint32_t limit)
{
    static uint64_t seed = 2025;

    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % limit;
}

static size_t random_size(void)
{
    return (random_below(20) == 0U) ? random_below(HEAP_SIZE + 40U) : random_below(120);
}

static void content_check(const struct block *block, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(block->pointer[i], block->fill);
    }
}

static void step_realloc(uint8_t owner, struct block *block)
{
    size_t size = 1U + random_size();
    size_t kept = (size < block->size) ? size : block->size;
    uint8_t *expected = model_realloc(owner, block->pointer, size);
    uint8_t *got = heap_realloc(block->pointer, size);

    assert_ptr_equal(got, expected);
    if (got != NULL) {
        *block = (struct block){got, size, block->fill};
        content_check(block, kept);
        memset(got, block->fill, size);
    }
}

static void step(uint32_t number)
{
    struct block *block = &blocks[number];
    uint8_t owner = (uint8_t)(number + 1U);

    if (block->pointer == NULL) {
        size_t size = random_size();
        uint8_t *expected = model_malloc(owner, size);

        *block = (struct block){heap_malloc(size), size, (uint8_t)random_below(256)};
        assert_ptr_equal(block->pointer, expected);
        if (expected != NULL) {
            memset(block->pointer, block->fill, size);
        }
    } else if (random_below(3) == 0U) {
        step_realloc(owner, block);
    } else {
        content_check(block, block->size);
        heap_free(block->pointer);
        model_free(owner);
        *block = (struct block){0};
    }
}

static void agrees_with_the_reference(void **state)
{
    uint32_t failed = 0;

    (void)state;
    for (uint32_t i = 0; i < STEPS; i++) {
        uint32_t number = random_below(BLOCKS);
        bool was_free = blocks[number].pointer == NULL;

        step(number);
        failed += (was_free && blocks[number].pointer == NULL) ? 1U : 0U;
    }
    assert_true((failed > STEPS / 100U) && (failed < STEPS / 2U)); /* both outcomes were tried */
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (blocks[i].pointer != NULL) {
            content_check(&blocks[i], blocks[i].size);
            heap_free(blocks[i].pointer);
        }
    }
    whole_check();
    guard_check();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_heap_has_nothing, new_heap),
        cmocka_unit_test_setup(sizes_up_to_the_largest, new_heap),
        cmocka_unit_test_setup(odd_sizes_of_a_heap, new_heap),
        cmocka_unit_test_setup(exhaustion_and_recovery, new_heap),
        cmocka_unit_test_setup(free_joins_neighbours, new_heap),
        cmocka_unit_test_setup(calloc_clears_and_refuses_overflow, new_heap),
        cmocka_unit_test_setup(realloc_in_place_moved_and_failed, new_heap),
        cmocka_unit_test_setup(misuse_ends_the_partition, new_heap),
        cmocka_unit_test_setup(forged_headers_end_the_partition, new_heap),
        cmocka_unit_test_setup(overrun_ends_the_partition, new_heap),
        cmocka_unit_test_setup(agrees_with_the_reference, new_heap),
    };

    return cmocka_run_group_tests(tests, map_memory, NULL);
}
