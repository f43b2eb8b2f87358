"""The functions of the PSA APIs: what a client library must define or have in its headers.

Crypto API 1.2 and what later versions added (to 1.5), without the beta names of the key exchange;
Secure Storage 1.0, Firmware Update 1.0, Attestation 1.0, the client half of FF-M 1.1.
"""

from __future__ import annotations


def _names(prefix: str, words: str) -> list[str]:
    return [prefix + word for word in words.split()]


CRYPTO = _names(
    "psa_",
    """
    aead_abort aead_decrypt aead_decrypt_setup aead_encrypt aead_encrypt_setup aead_finish
    aead_generate_nonce aead_operation_init aead_set_lengths aead_set_nonce aead_update
    aead_update_ad aead_verify asymmetric_decrypt asymmetric_encrypt attach_key check_key_usage
    cipher_abort cipher_decrypt cipher_decrypt_setup cipher_encrypt cipher_encrypt_setup
    cipher_finish cipher_generate_iv cipher_operation_init cipher_set_iv cipher_update copy_key
    crypto_init decapsulate destroy_key encapsulate export_key export_public_key generate_key
    generate_key_custom generate_random get_key_algorithm get_key_attributes get_key_bits
    get_key_id get_key_lifetime get_key_type get_key_usage_flags hash_abort hash_clone
    hash_compare hash_compute hash_finish hash_operation_init hash_resume hash_setup
    hash_suspend hash_update hash_verify import_key key_agreement key_attributes_init
    key_derivation_abort key_derivation_get_capacity key_derivation_input_bytes
    key_derivation_input_integer key_derivation_input_key key_derivation_key_agreement
    key_derivation_operation_init key_derivation_output_bytes key_derivation_output_key
    key_derivation_output_key_custom key_derivation_set_capacity key_derivation_setup
    key_derivation_verify_bytes key_derivation_verify_key mac_abort mac_compute
    mac_operation_init mac_sign_finish mac_sign_setup mac_update mac_verify mac_verify_finish
    mac_verify_setup pake_abort pake_cipher_suite_init pake_cs_get_algorithm
    pake_cs_get_key_confirmation pake_cs_get_primitive pake_cs_set_algorithm
    pake_cs_set_key_confirmation pake_cs_set_primitive pake_get_shared_key pake_input
    pake_operation_init pake_output pake_set_context pake_set_peer pake_set_role pake_set_user
    pake_setup purge_key raw_key_agreement reset_key_attributes set_key_algorithm set_key_bits
    set_key_id set_key_lifetime set_key_type set_key_usage_flags sign_abort sign_finish
    sign_hash sign_hash_with_context sign_message sign_message_with_context sign_operation_init
    sign_set_context sign_setup sign_update unwrap_key verify_abort verify_finish verify_hash
    verify_hash_with_context verify_message verify_message_with_context verify_operation_init
    verify_set_context verify_setup verify_update wrap_key xof_abort xof_operation_init
    xof_output xof_set_context xof_setup xof_update
    """,
)
STORAGE = _names("psa_its_", "set get get_info remove")
PROTECTED_STORAGE = _names(
    "psa_ps_", "set get get_info remove create set_extended get_support"
)
UPDATE = _names(
    "psa_fwu_",
    "query start write finish cancel install request_reboot reject accept clean",
)
ATTESTATION = _names("psa_initial_attest_", "get_token get_token_size")
CLIENT = _names("psa_", "framework_version version connect call close")
