/*
 * Decides whether the image in a slot may run, see verify.h.
 *
 * Header and TLVs are read once into RAM; what was decoded is what is hashed. The signature is
 * checked over the digest that was computed here, never over the one in the image. Each decision is
 * a verdict made from data; the final one is the conjunction of all of them. A verdict goes out
 * through a pointer to FIH_NO, and only where it holds so far: a refusal writes nothing.
 */
#include "boot/verify.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "boot/ecdsa.h"
#include "mbedtls/sha256.h"
#include "platform/platform.h"

#define VECTORS_BYTES   8U /* initial stack pointer and reset handler */
#define THUMB_BIT       1U
#define STACK_ALIGNMENT 8U
#define NOT_COMPUTED    0xA5U /* fills the place of a digest: not zero, which has signatures */

/* An image on its way through the checks. */
struct candidate {
    const struct boot_image *slot;
    const struct verify_policy *policy;
    struct image image;
    uint8_t header[IMAGE_HEADER_BYTES];
    uint8_t digest[IMAGE_DIGEST_BYTES];
};

/* Not on the stack: it is a third of boot's RAM. */
static uint8_t verify_tlvs[IMAGE_TLVS_MAX_BYTES];

static bool read_slot(const struct boot_image *slot, uint32_t offset, void *buffer, uint32_t length)
{
    return platform_flash_read(slot->slot_offset + offset, buffer, length) == PSA_SUCCESS;
}

static enum boot_check read_image(struct candidate *candidate)
{
    const struct boot_image *slot = candidate->slot;
    struct image *image = &candidate->image;
    struct image_place place = {slot->slot_size, slot->header_size,
                                candidate->policy->slot_address};
    uint8_t info[IMAGE_TLV_INFO_BYTES];

    if (!read_slot(slot, 0, candidate->header, sizeof(candidate->header))) {
        return BOOT_CHECK_READ;
    }
    enum boot_check check = image_decode_header(candidate->header, &place, image);
    if (check != BOOT_CHECK_PASSED) {
        return check;
    }
    if (!read_slot(slot, image_tlv_info_offset(image), info, sizeof(info))) {
        return BOOT_CHECK_READ;
    }
    check = image_decode_tlv_info(info, &place, image);
    if (check != BOOT_CHECK_PASSED) {
        return check;
    }
    if (!read_slot(slot, image_tlvs_offset(image), verify_tlvs, image->tlvs_size)) {
        return BOOT_CHECK_READ;
    }
    return image_decode_tlvs(verify_tlvs, image);
}

/* Digest over header, payload and protected TLVs: the first and the last from the bytes that were
 * decoded, the middle in place. SHA-256 in software cannot fail; a digest that was not computed
 * would not match. */
static void hash_image(struct candidate *candidate)
{
    const struct image *image = &candidate->image;
    const uint8_t *rest = platform_flash_address(candidate->slot->slot_offset + IMAGE_HEADER_BYTES);
    uint32_t rest_bytes = image_tlvs_offset(image) - IMAGE_HEADER_BYTES;
    mbedtls_sha256_context hash;

    mbedtls_sha256_init(&hash);
    (void)mbedtls_sha256_starts(&hash, 0);
    (void)mbedtls_sha256_update(&hash, candidate->header, sizeof(candidate->header));
    (void)mbedtls_sha256_update(&hash, rest, rest_bytes);
    (void)mbedtls_sha256_update(&hash, verify_tlvs, image->protected_size);
    (void)mbedtls_sha256_finish(&hash, candidate->digest);
}

/* Index of the anchor with this key digest, or PROVISIONING_SET_ENTRIES. */
static uint32_t find_anchor(const struct provisioning_anchor_set *set, const uint8_t *key_digest)
{
    uint32_t entry = 0;
    while (entry < PROVISIONING_SET_ENTRIES &&
           (set->entries[entry].algorithm != PROVISIONING_ANCHOR_ECDSA_P256 ||
            memcmp(set->entries[entry].digest, key_digest, IMAGE_DIGEST_BYTES) != 0)) {
        entry++;
    }
    return entry;
}

/* The key is an anchor of the image that stands; *anchor is its index. */
static void verify_key(const struct candidate *candidate, const struct image_pair *pair,
                       uint8_t key_digest[IMAGE_DIGEST_BYTES], uint32_t *anchor,
                       enum boot_check *check, volatile fih_t *verdict)
{
    const struct provisioning *provisioning = candidate->policy->provisioning;
    uint32_t number = provisioning_find_set(provisioning, candidate->slot->id);

    *check = BOOT_CHECK_KEY;
    if (number == PROVISIONING_SETS || !ecdsa_key_is_p256(pair->key.bytes, pair->key.length)) {
        return;
    }
    (void)mbedtls_sha256(pair->key.bytes, pair->key.length, key_digest, 0);
    const struct provisioning_anchor_set *set = &provisioning->sets[number];
    *anchor = find_anchor(set, key_digest);
    if (*anchor >= PROVISIONING_SET_ENTRIES) {
        return;
    }
    const struct provisioning_anchor *entry = &set->entries[*anchor];
    fih_t matches = fih_both(fih_equal_word(entry->algorithm, PROVISIONING_ANCHOR_ECDSA_P256),
                             fih_equal(entry->digest, key_digest, IMAGE_DIGEST_BYTES));
    if (!fih_is_yes(matches)) {
        return;
    }
    *check = BOOT_CHECK_KEY_REVOKED;
    volatile fih_t stands = FIH_NO;
    provisioning_anchor_stands(candidate->policy->marks, number, *anchor, &stands);
    if (fih_is_yes(stands)) {
        *verdict = fih_both(matches, stands);
    }
}

/* One (key, signature) pair holds. *anchors gains the bit of the anchor. */
static void verify_pair(const struct candidate *candidate, const struct image_pair *pair,
                        uint8_t key_digest[IMAGE_DIGEST_BYTES], uint32_t *anchors,
                        enum boot_check *check, volatile fih_t *verdict)
{
    uint8_t signature[ECDSA_SIGNATURE_BYTES] = {0};
    uint32_t anchor = PROVISIONING_SET_ENTRIES;
    volatile fih_t key_stands = FIH_NO;
    volatile fih_t holds = FIH_NO;

    verify_key(candidate, pair, key_digest, &anchor, check, &key_stands);
    if (!fih_is_yes(key_stands)) {
        return;
    }
    *check = BOOT_CHECK_SIGNATURE_FORMAT;
    if (!ecdsa_decode_signature(pair->signature.bytes, pair->signature.length, signature)) {
        return;
    }
    *check = BOOT_CHECK_SIGNATURE;
    *anchors |= UINT32_C(1) << anchor;
    ecdsa_verify(pair->key.bytes, signature, candidate->digest, &holds);
    if (fih_is_yes(holds)) {
        *verdict = fih_both(key_stands, holds);
    }
}

static uint32_t count_bits(uint32_t bits)
{
    uint32_t count = 0;
    for (uint32_t rest = bits; rest != 0U; rest &= rest - 1U) {
        count++;
    }
    return count;
}

/* All pairs hold, and they name enough different anchors. */
static void verify_pairs(const struct candidate *candidate, struct verified_image *verified,
                         enum boot_check *check, volatile fih_t *verdict)
{
    const struct provisioning *provisioning = candidate->policy->provisioning;
    uint32_t number = provisioning_find_set(provisioning, candidate->slot->id);
    fih_t all = FIH_NO;
    uint32_t anchors = 0;
    volatile uint32_t held = 0;

    for (uint32_t i = 0; i < candidate->image.pair_count; i++) {
        uint8_t key_digest[IMAGE_DIGEST_BYTES] = {0};
        volatile fih_t holds = FIH_NO;

        verify_pair(candidate, &candidate->image.pairs[i], key_digest, &anchors, check, &holds);
        if (!fih_is_yes(holds)) {
            return;
        }
        if (i == 0U) {
            all = holds;
            memcpy(verified->signer_id, key_digest, sizeof(key_digest));
        }
        all = fih_both(all, holds);
        held++;
    }
    *check = BOOT_CHECK_SIGNATURE_COUNT;
    if (number == PROVISIONING_SETS) {
        return;
    }
    fih_t seen = fih_equal_word(held, candidate->image.pair_count);
    fih_t enough = fih_at_least(count_bits(anchors), provisioning->sets[number].required);
    if (fih_is_yes(seen) && fih_is_yes(enough)) {
        *verdict = fih_both(all, fih_both(seen, enough));
    }
}

/* The first two vectors lie where the image may have its stack and its code. */
static void verify_vectors(const struct candidate *candidate, struct verified_image *verified,
                           enum boot_check *check, volatile fih_t *verdict)
{
    const struct verify_policy *policy = candidate->policy;
    const struct image *image = &candidate->image;
    uint32_t words[VECTORS_BYTES / 4U] = {0};

    *check = BOOT_CHECK_VECTORS;
    if (image->payload_size < VECTORS_BYTES) {
        return;
    }
    if (!read_slot(candidate->slot, image->header_size, words, sizeof(words))) {
        *check = BOOT_CHECK_READ;
        return;
    }
    verified->vectors = policy->slot_address + image->header_size;
    verified->initial_stack = words[0];
    verified->reset_handler = words[1];
    uint32_t stack_offset = words[0] - policy->ram_base;
    uint32_t reset_offset = (words[1] & ~THUMB_BIT) - verified->vectors;
    fih_t stack = fih_both(fih_at_least(policy->ram_size, stack_offset),
                           fih_at_least(stack_offset, STACK_ALIGNMENT));
    fih_t reset = fih_both(fih_at_least(image->payload_size - 1U, reset_offset),
                           fih_at_least(reset_offset, VECTORS_BYTES));
    fih_t low_bits = fih_both(fih_equal_word(words[0] % STACK_ALIGNMENT, 0),
                              fih_equal_word(words[1] & THUMB_BIT, THUMB_BIT));
    if (fih_is_yes(stack) && fih_is_yes(reset) && fih_is_yes(low_bits)) {
        *verdict = fih_both(fih_both(stack, reset), low_bits);
    }
}

static void fill_verified(const struct candidate *candidate, struct verified_image *verified)
{
    const struct image *image = &candidate->image;

    verified->version = image->version;
    verified->security_counter = image->security_counter;
    verified->payload_size = image->payload_size;
    memcpy(verified->measurement, candidate->digest, sizeof(candidate->digest));
    verified->dependency_count = image->dependency_count;
    memcpy(verified->dependencies, image->dependencies, sizeof(image->dependencies));
}

void verify_image(const struct boot_image *slot, const struct verify_policy *policy,
                  struct verified_image *verified, enum boot_check *check, volatile fih_t *verdict)
{
    struct candidate candidate = {.slot = slot, .policy = policy};
    volatile fih_t pairs = FIH_NO;
    volatile fih_t vectors = FIH_NO;

    memset(verified, 0, sizeof(*verified));
    memset(candidate.digest, NOT_COMPUTED, sizeof(candidate.digest));
    *check = read_image(&candidate);
    if (*check != BOOT_CHECK_PASSED) {
        return;
    }
    hash_image(&candidate);
    fih_t digest = fih_equal(candidate.digest, candidate.image.digest, IMAGE_DIGEST_BYTES);
    if (!fih_is_yes(digest)) {
        *check = BOOT_CHECK_DIGEST;
        return;
    }
    verify_pairs(&candidate, verified, check, &pairs);
    if (!fih_is_yes(pairs)) {
        return;
    }
    fih_t counter = fih_at_least(candidate.image.security_counter, policy->minimum_counter);
    if (!fih_is_yes(counter)) {
        *check = BOOT_CHECK_COUNTER;
        return;
    }
    verify_vectors(&candidate, verified, check, &vectors);
    if (!fih_is_yes(vectors)) {
        return;
    }
    fill_verified(&candidate, verified);
    *check = BOOT_CHECK_PASSED;
    *verdict = fih_both(fih_both(digest, pairs), fih_both(counter, vectors));
}

/* Index of the image with this id, or count. */
static uint32_t find_image(const struct boot_image *slots, uint32_t count, uint32_t image_id)
{
    uint32_t index = 0;
    while (index < count && slots[index].id != image_id) {
        index++;
    }
    return index;
}

void verify_dependencies(const struct boot_image *slots, const struct verified_image *verified,
                         uint32_t count, uint32_t index, volatile fih_t *verdict)
{
    const struct verified_image *image = &verified[index];
    volatile uint32_t met = 0;

    for (uint32_t i = 0; i < image->dependency_count; i++) {
        const struct image_dependency *dependency = &image->dependencies[i];
        uint32_t other = find_image(slots, count, dependency->image_id);
        if (other == count ||
            !image_version_at_least(&verified[other].version, &dependency->minimum)) {
            break;
        }
        met++;
    }
    *verdict = fih_equal_word(met, image->dependency_count);
}
