/*
 * Sealing of assets: AES-128-CCM with the partition's key. See protect.h.
 *
 * Linked only where the product sets its_encryption. The key is taken from the manager at the first
 * use and never leaves this file. A nonce is what the manager gives with the key, which it never
 * gives twice, and a number that is used up before the nonce is used; so none comes twice under the
 * key, whatever is cut off or reset (docs/decisions/008-partition-keys.md).
 */
#include "services/its/protect.h"

#include <stdbool.h>
#include <string.h>

#include "spm/partition.h"

/* What an asset is bound to besides its data. */
struct binding {
    uint32_t client;
    uint32_t uid_low;
    uint32_t uid_high;
    uint32_t flags;
    uint32_t size; /* of the data */
};

static struct seal_key partition_key;
static uint8_t nonce_prefix[SEAL_NONCE_BYTES - sizeof(uint32_t)];
static uint32_t nonces_used;
static bool has_key;

static psa_status_t key_take(void)
{
    struct spm_partition_key taken;
    psa_status_t status;

    if (has_key) {
        return PSA_SUCCESS;
    }
    status = spm_take_secret(SPM_SECRET_PARTITION_KEY, &taken, sizeof(taken));
    if (status == PSA_SUCCESS) {
        status = seal_key_set(&partition_key, taken.key);
        memcpy(nonce_prefix, taken.nonce_prefix, sizeof(nonce_prefix));
    }
    seal_wipe(&taken, sizeof(taken));
    has_key = status == PSA_SUCCESS;
    return has_key ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

static psa_status_t nonce_make(uint8_t nonce[SEAL_NONCE_BYTES])
{
    if (nonces_used == UINT32_MAX) {
        return PSA_ERROR_STORAGE_FAILURE;
    }
    nonces_used++;
    memcpy(nonce, nonce_prefix, sizeof(nonce_prefix));
    memcpy(nonce + sizeof(nonce_prefix), &nonces_used, sizeof(nonces_used));
    return PSA_SUCCESS;
}

static struct binding binding_of(const struct store_key *key, uint32_t flags, uint32_t size)
{
    return (struct binding){
        .client = (uint32_t)key->owner,
        .uid_low = (uint32_t)key->uid,
        .uid_high = (uint32_t)(key->uid >> 32),
        .flags = flags & ~PROTECT_SEALED,
        .size = size,
    };
}

psa_status_t protect_seal(const struct store_key *key, struct store_info *info, uint8_t *data)
{
    struct binding binding = binding_of(key, info->flags, info->size_bytes);
    uint8_t *nonce = data + info->size_bytes;
    struct seal_text text = {nonce, &binding, sizeof(binding), data, info->size_bytes};
    psa_status_t status = key_take();

    if (status == PSA_SUCCESS) {
        status = nonce_make(nonce);
    }
    if (status == PSA_SUCCESS) {
        status = seal_encrypt(&partition_key, &text, nonce + SEAL_NONCE_BYTES);
    }
    info->flags |= PROTECT_SEALED;
    info->size_bytes += PROTECT_BYTES;
    return status == PSA_SUCCESS ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}

psa_status_t protect_open(const struct store_key *key, const struct store_info *info, uint8_t *data)
{
    uint32_t size = protect_size(info);
    struct binding binding = binding_of(key, info->flags, size);
    const uint8_t *nonce = data + size;
    struct seal_text text = {nonce, &binding, sizeof(binding), data, size};
    psa_status_t status = key_take();

    if (status != PSA_SUCCESS) {
        return status;
    }
    status = seal_decrypt(&partition_key, &text, nonce + SEAL_NONCE_BYTES);
    if (status == PSA_ERROR_INVALID_SIGNATURE) {
        return PSA_ERROR_DATA_CORRUPT; /* the API has no other word for it: IHI 0087, 5.2.2 */
    }
    return status == PSA_SUCCESS ? PSA_SUCCESS : PSA_ERROR_STORAGE_FAILURE;
}
