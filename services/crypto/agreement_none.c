/*
 * Crypto service: key agreement in a profile without any. Linked in place of agreement.c.
 */
#include "services/crypto/unserved.h"

UNSERVED(psa_raw_key_agreement)
