/*
 * The key store of a product without Internal Trusted Storage: nothing is in it. See storage.h.
 *
 * Linked in place of storage.c and of the engine's own key store (sources.cmake). The engine
 * answers PSA_ERROR_NOT_SUPPORTED to whoever wants a persistent key, so only what the adapter
 * itself asks about stored keys is here.
 */
#include "services/crypto/storage.h"

#include <psa/crypto.h>

#include "psa_crypto_storage.h"

int psa_is_key_present_in_storage(const mbedtls_svc_key_id_t key)
{
    (void)key;
    return 0;
}

psa_status_t psa_destroy_persistent_key(const mbedtls_svc_key_id_t key)
{
    (void)key;
    return PSA_ERROR_INVALID_HANDLE;
}

void storage_begin(void)
{
}

psa_status_t storage_failure(void)
{
    return PSA_SUCCESS;
}
