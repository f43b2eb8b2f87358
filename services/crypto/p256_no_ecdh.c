/*
 * ECDH on P-256 in a profile without ecdh_p256: not supported.
 *
 * Linked in place of the P-256 driver's entry point for key agreement (sources.cmake), where the
 * profile has ecdsa_p256. The engine calls it; its next choice, its own code, is not there.
 */
#include <psa/crypto.h>

#include "p256-m_driver_entrypoints.h"

psa_status_t p256_transparent_key_agreement(const psa_key_attributes_t *attributes,
                                            const uint8_t *key_buffer, size_t key_buffer_size,
                                            psa_algorithm_t alg, const uint8_t *peer_key,
                                            size_t peer_key_length, uint8_t *shared_secret,
                                            size_t shared_secret_size, size_t *shared_secret_length)
{
    (void)attributes;
    (void)key_buffer;
    (void)key_buffer_size;
    (void)alg;
    (void)peer_key;
    (void)peer_key_length;
    (void)shared_secret;
    (void)shared_secret_size;
    (void)shared_secret_length;
    return PSA_ERROR_NOT_SUPPORTED;
}
