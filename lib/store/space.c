/*
 * The store's account of space: which assets are admitted, so that replacing and removing always
 * work. The rule and the reason for it: docs/formats/store.md, Space.
 *
 * Called by store.c for a set that needs more space than before, by checkpoint.c and by mount.c.
 */
#include "lib/store/internal.h"

/* Record size in slot number i of the index that there will be: replaced is gone, and added comes
 * behind the last slot. */
static uint32_t planned_bytes(const struct store *store, const struct store_entry *replaced,
                              uint32_t added, uint32_t i)
{
    if (i == store->index_length) {
        return added;
    }
    return &store->index[i] == replaced ? 0U : entry_bytes(&store->index[i]);
}

/* Most bytes that can be lost at the ends of sectors: one per closed sector, each smaller than a
 * record of its own, so the sum over the largest ones. largest is counted once more for the spare
 * record. */
static uint32_t waste_bytes(const struct store *store, const struct store_entry *replaced,
                            uint32_t added, uint32_t largest)
{
    uint32_t ranks = sector_count(store) - 2U;
    uint32_t rank_bytes = largest;
    uint32_t same = 1U;
    uint32_t waste = 0;

    while (ranks != 0U && rank_bytes != 0U) {
        uint32_t next = 0;

        for (uint32_t i = 0; i <= store->index_length; i++) {
            uint32_t bytes = planned_bytes(store, replaced, added, i);

            same += bytes == rank_bytes;
            next = bytes < rank_bytes && bytes > next ? bytes : next;
        }
        same = same < ranks ? same : ranks;
        waste += same * (rank_bytes - store->fill_mask - 1U);
        ranks -= same;
        rank_bytes = next;
        same = 0;
    }
    return waste;
}

struct store_load store_load_of(const struct store *store, const struct store_entry *replaced,
                                uint32_t added)
{
    struct store_load load = {0};

    for (uint32_t i = 0; i <= store->index_length; i++) {
        uint32_t bytes = planned_bytes(store, replaced, added, i);

        load.count += bytes != 0U;
        load.total += bytes;
        load.largest = bytes > load.largest ? bytes : load.largest;
    }
    return load;
}

/* With its own record and what is left over behind another, copies fit into two sectors; of records
 * larger than two thirds of a sector, one is copied. */
uint32_t store_copies_max(const struct store *store, uint32_t largest)
{
    uint32_t rest = 2U * (store->area->sector_size - HEADER_BYTES - largest);

    return rest > largest ? rest : largest;
}

bool store_space_allows(const struct store *store, const struct store_entry *replaced,
                        uint32_t added, uint32_t sector_bytes)
{
    uint32_t others = sector_count(store) - 1U;
    uint32_t capacity = others * sector_bytes;
    struct store_load load = store_load_of(store, replaced, added);
    uint32_t needed = load.total + load.largest;

    if (others + 1U >= PACED_SECTORS_MIN && load.count > 1U) {
        /* What is appended while all is copied, and the sector that is being collected. */
        needed += load.total / store_copies_max(store, load.largest) * load.largest + load.largest +
                  sector_bytes;
    }
    if (needed > capacity) {
        return false;
    }
    return (others - 1U) * load.largest <= capacity - needed ||
           waste_bytes(store, replaced, added, load.largest) <= capacity - needed;
}
