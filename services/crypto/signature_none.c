/*
 * Crypto service: signatures in a profile without any. Linked in place of signature.c.
 */
#include "services/crypto/unserved.h"

UNSERVED(psa_sign_hash)
UNSERVED(psa_verify_hash)
UNSERVED(psa_sign_message)
UNSERVED(psa_verify_message)
