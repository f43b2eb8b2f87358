/*
 * Crypto service: authenticated encryption in a profile without any. Linked in place of aead.c.
 */
#include "services/crypto/unserved.h"

UNSERVED(psa_aead_encrypt)
UNSERVED(psa_aead_decrypt)
UNSERVED(psa_aead_encrypt_setup)
UNSERVED(psa_aead_decrypt_setup)
UNSERVED(psa_aead_generate_nonce)
UNSERVED(psa_aead_set_nonce)
UNSERVED(psa_aead_set_lengths)
UNSERVED(psa_aead_update_ad)
UNSERVED(psa_aead_update)
UNSERVED(psa_aead_finish)
UNSERVED(psa_aead_verify)
UNSERVED(psa_aead_abort)
