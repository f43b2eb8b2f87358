/*
 * The key-keeping application: makes and destroys persistent keys while the host cuts the power.
 *
 * At start it tells which keys there are, with what they hold; then it does what the host asks, one
 * letter a line: "churn" until the power goes, "fill" the storage, "empty" it. Each step is
 * announced before it is begun and told after it succeeded, so that the host knows what may have
 * happened.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bartizan/board.h"
#include "psa/crypto.h"
#include "psa/internal_trusted_storage.h"

#define KEEPER      ((psa_key_id_t)1) /* made once, never touched again */
#define CHURN_FIRST ((psa_key_id_t)2)
#define CHURN_LAST  ((psa_key_id_t)6)
#define FILL_FIRST  ((psa_key_id_t)100)
#define FILL_LAST   ((psa_key_id_t)400)
#define KEY_BYTES   16U

static void tell_failure(const char *what, psa_key_id_t id, psa_status_t status)
{
    printf("keys: FAILED to %s %lu: %ld\n", what, (unsigned long)id, (long)status);
}

static void tell_key(const char *what, psa_key_id_t id, const uint8_t *bytes)
{
    printf("keys: %s %lu ", what, (unsigned long)id);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

static psa_key_attributes_t symmetric_attributes(psa_key_id_t id)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_id(&attributes, id);
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_algorithm(&attributes, PSA_ALG_CCM);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_ENCRYPT);
    return attributes;
}

static void show_keeper(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t public_key[65];
    const uint8_t hash[32] = {1};
    uint8_t signature[64];
    size_t length;
    psa_key_id_t key;
    psa_status_t status;

    psa_set_key_id(&attributes, KEEPER);
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    status = psa_generate_key(&attributes, &key);
    if (status == PSA_ERROR_ALREADY_EXISTS) {
        status = PSA_SUCCESS;
    }
    if (status == PSA_SUCCESS) {
        status = psa_export_public_key(KEEPER, public_key, sizeof(public_key), &length);
    }
    if (status == PSA_SUCCESS) {
        status = psa_sign_hash(KEEPER, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash),
                               signature, sizeof(signature), &length);
    }
    if (status == PSA_SUCCESS) {
        tell_key("holds", KEEPER, &public_key[1]);
    } else {
        tell_failure("use", KEEPER, status);
    }
}

/* What the service stores for this client is not this client's in storage. */
static void check_storage(void)
{
    const psa_storage_uid_t uids[] = {KEEPER, ((psa_storage_uid_t)0xFFFFFFFFU << 32) | KEEPER};
    struct psa_storage_info_t info;

    for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
        psa_status_t status = psa_its_get_info(uids[i], &info);

        if (status != PSA_ERROR_DOES_NOT_EXIST) {
            tell_failure("be kept from the asset of", KEEPER, status);
        }
    }
}

static bool show_key(psa_key_id_t id)
{
    uint8_t bytes[KEY_BYTES];
    size_t length;
    psa_status_t status = psa_export_key(id, bytes, sizeof(bytes), &length);

    if (status == PSA_SUCCESS) {
        tell_key("holds", id, bytes);
    } else if (status != PSA_ERROR_INVALID_HANDLE) {
        tell_failure("export", id, status);
    }
    return status == PSA_SUCCESS;
}

static psa_status_t make_key(psa_key_id_t id)
{
    psa_key_attributes_t attributes = symmetric_attributes(id);
    uint8_t bytes[KEY_BYTES];
    psa_key_id_t key;
    psa_status_t status = psa_generate_random(bytes, sizeof(bytes));

    if (status == PSA_SUCCESS) {
        tell_key("making", id, bytes);
        status = psa_import_key(&attributes, bytes, sizeof(bytes), &key);
    }
    if (status == PSA_SUCCESS) {
        tell_key("made", id, bytes);
    }
    return status;
}

static void churn(void)
{
    psa_key_attributes_t attributes;
    uint8_t choice = 0;

    for (;;) {
        (void)psa_generate_random(&choice, sizeof(choice));
        psa_key_id_t id = CHURN_FIRST + choice % (CHURN_LAST - CHURN_FIRST + 1U);
        psa_status_t status;

        if (psa_get_key_attributes(id, &attributes) == PSA_SUCCESS) {
            printf("keys: destroying %lu\n", (unsigned long)id);
            status = psa_destroy_key(id);
            if (status == PSA_SUCCESS) {
                printf("keys: destroyed %lu\n", (unsigned long)id);
            }
        } else {
            status = make_key(id);
        }
        if (status != PSA_SUCCESS) {
            tell_failure("change", id, status);
        }
    }
}

static void fill(void)
{
    psa_status_t status = PSA_SUCCESS;
    psa_key_id_t id = FILL_FIRST;

    while (id <= FILL_LAST) {
        status = make_key(id);
        if (status != PSA_SUCCESS) {
            break;
        }
        id++;
    }
    printf("keys: full with %lu: %ld\n", (unsigned long)(id - FILL_FIRST), (long)status);
}

static void empty(void)
{
    unsigned long count = 0;

    for (psa_key_id_t id = CHURN_FIRST; id <= FILL_LAST; id++) {
        psa_status_t status = psa_destroy_key(id);

        if (status == PSA_SUCCESS) {
            count++;
        } else if (status != PSA_ERROR_INVALID_HANDLE) {
            tell_failure("destroy", id, status);
        }
    }
    printf("keys: destroyed all %lu\n", count);
}

int main(void)
{
    unsigned long count = 0;

    board_init();
    show_keeper();
    check_storage();
    for (psa_key_id_t id = CHURN_FIRST; id <= FILL_LAST; id++) {
        count += show_key(id) ? 1U : 0U;
    }
    printf("keys: ready with %lu\n", count);
    for (;;) {
        switch (board_uart_read()) {
        case 'c':
            churn();
            break;
        case 'f':
            fill();
            break;
        case 'e':
            empty();
            break;
        default:
            break;
        }
    }
}
