/*
 * Proof that the API's headers and the engine's mean the same: no code, only assertions.
 *
 * Compiled twice in every build: into the service, where <psa/crypto.h> is ours, and into the
 * engine's archive, where it is Mbed TLS's. The list is constants.def.
 */
#include <psa/crypto.h>

#define CRYPTO_CONSTANT(expression, value)                                                         \
    _Static_assert((long long)(expression) == (long long)(value), #expression);
#include "services/crypto/constants.def"

_Static_assert(sizeof(psa_status_t) == 4 && sizeof(psa_algorithm_t) == 4,
               "32-bit words on the wire");
_Static_assert(sizeof(psa_key_type_t) == 2 && sizeof(psa_key_usage_t) == 4, "as in the attributes");
_Static_assert(sizeof(psa_key_lifetime_t) == 4 && sizeof(psa_key_id_t) == 4,
               "as in the attributes");
