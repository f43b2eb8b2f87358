/*
 * Accounts of the holders of assets: see account.h.
 *
 * The store is asked for everything; it may hold more than a quota that a newer product has made
 * smaller. Removing and shrinking are always within the quota.
 */
#include "services/its/account.h"

#include "layout.h"
#include "services/its/protect.h"

#define ROWS_MAX (ITS_QUOTAS != 0U ? ITS_QUOTAS : 1U)

static struct account accounts[ROWS_MAX]; /* of each row of account_quotas */
static bool is_counted;                   /* accounts are what the store holds */

static int32_t holder_of(int32_t client)
{
    return client < 0 ? ACCOUNT_NONSECURE : client;
}

const struct account_quota *account_quota_of(int32_t client)
{
    const struct account_quota *end = account_quotas + ITS_QUOTAS;

    for (const struct account_quota *quota = account_quotas; quota != end; quota++) {
        if (quota->holder == holder_of(client)) {
            return quota;
        }
    }
    return NULL;
}

/* The asset of key as its account has it. Damaged: the size is not known any more. */
static psa_status_t asset_weigh(const struct store *store, const struct store_key *key,
                                struct account *asset, uint32_t *flags)
{
    struct store_info info = {0};
    psa_status_t status = store_get_info(store, key, &info);

    asset->assets = status == PSA_ERROR_DOES_NOT_EXIST ? 0U : 1U;
    asset->bytes = status == PSA_SUCCESS ? protect_size(&info) : 0U;
    *flags = info.flags;
    return status;
}

/* The next asset of the store from *position on; false when there is none. */
static bool asset_next(const struct store *store, uint32_t *position, struct store_key *key)
{
    psa_status_t status;

    do {
        status = store_list(store, *position, key);
        *position += 1U;
    } while (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST);
    return status == PSA_SUCCESS;
}

static void account_add(struct account *account, const struct account *asset)
{
    account->assets += asset->assets;
    account->bytes += asset->bytes;
}

struct account account_count(struct store *store, int32_t client)
{
    struct account held = {0};
    struct account asset;
    struct store_key key;
    uint32_t position = 0;
    uint32_t flags;

    while (asset_next(store, &position, &key)) {
        if (holder_of(key.owner) == holder_of(client)) {
            (void)asset_weigh(store, &key, &asset, &flags);
            account_add(&held, &asset);
        }
    }
    return held;
}

/* One pass over the store for all rows. */
static void accounts_count(struct store *store)
{
    struct account asset;
    struct store_key key;
    uint32_t position = 0;
    uint32_t flags;

    for (uint32_t row = 0; row < ROWS_MAX; row++) {
        accounts[row] = (struct account){0};
    }
    while (asset_next(store, &position, &key)) {
        const struct account_quota *quota = account_quota_of(key.owner);

        if (quota != NULL) {
            (void)asset_weigh(store, &key, &asset, &flags);
            account_add(&accounts[quota - account_quotas], &asset);
        }
    }
    is_counted = true;
}

static bool is_above(uint32_t after, uint32_t before, uint32_t limit)
{
    return after > limit && after > before;
}

bool account_plan(struct store *store, const struct store_key *key, struct account asset,
                  struct account_change *change)
{
    const struct account_quota *quota = account_quota_of(key->owner);
    struct account *account;
    struct account old;
    psa_status_t status;
    uint32_t flags;

    change->account = NULL;
    if (quota == NULL) {
        return true;
    }
    /* Its bytes may be in the account from when it was whole. */
    status = asset_weigh(store, key, &old, &flags);
    is_counted = status != PSA_ERROR_DATA_CORRUPT && is_counted;
    if ((flags & STORE_WRITE_ONCE) != 0U ||
        (!is_counted && asset.assets <= old.assets && asset.bytes <= old.bytes)) {
        return true; /* the store refuses; or nobody needs to know yet */
    }
    if (!is_counted) {
        accounts_count(store);
    }
    account = &accounts[quota - account_quotas];
    change->account = account;
    change->after.assets = account->assets - old.assets + asset.assets;
    change->after.bytes = account->bytes - old.bytes + asset.bytes;
    if (status == PSA_ERROR_DATA_CORRUPT) { /* nor is it sure that it was counted: again, then */
        change->account = NULL;
        is_counted = false;
    }
    return !is_above(change->after.assets, account->assets, quota->limit.assets) &&
           !is_above(change->after.bytes, account->bytes, quota->limit.bytes);
}

void account_settle(const struct account_change *change)
{
    if (change->account != NULL) {
        *change->account = change->after;
    }
}
