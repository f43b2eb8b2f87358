/*
 * Who holds how much in Internal Trusted Storage: quotas of the product, and counts.
 *
 * Called by its.c. A quota only limits: it reserves nothing. Counts are bytes of the assets' data;
 * what the store adds to each is not counted. Nothing is kept on flash: what a client with a quota
 * holds is counted once, when it first creates an asset or makes one larger, and kept up from then
 * on. A product without quotas links only account_count() and account_quota_of().
 */
#ifndef BARTIZAN_ITS_ACCOUNT_H
#define BARTIZAN_ITS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/store.h"

struct account {
    uint32_t assets;
    uint32_t bytes;
};

/* The holder of all assets of the non-secure side, whatever its client ids. */
#define ACCOUNT_NONSECURE (-1)

/* One row of the product's table. */
struct account_quota {
    int32_t holder; /* id of a partition, or ACCOUNT_NONSECURE */
    struct account limit;
};

extern const struct account_quota account_quotas[]; /* ITS_QUOTAS of them, generated */

/* What an operation that succeeds makes of an account. */
struct account_change {
    struct account *account; /* NULL: nothing to keep up */
    struct account after;
};

/* The quota of a client; NULL when the product sets none. */
const struct account_quota *account_quota_of(int32_t client);

/* What a client holds, counted in the store. A damaged asset counts without its bytes. */
struct account account_count(struct store *store, int32_t client);

/* Plans the operation after which asset key has so many bytes (assets is 1), or is gone (assets is
 * 0). False when this takes its client above its quota, or further above. */
bool account_plan(struct store *store, const struct store_key *key, struct account asset,
                  struct account_change *change) __attribute__((warn_unused_result));

/* The planned operation has succeeded. */
void account_settle(const struct account_change *change);

#endif
