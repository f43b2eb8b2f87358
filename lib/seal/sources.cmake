# What lib/seal takes of Mbed TLS, for the target and for host tests. Needs BZ_MBEDTLS_DIR.
set(SEAL_ENGINE_SOURCES
    "${BZ_MBEDTLS_DIR}/library/aes.c"
    "${BZ_MBEDTLS_DIR}/library/block_cipher.c"
    "${BZ_MBEDTLS_DIR}/library/ccm.c"
    "${BZ_MBEDTLS_DIR}/library/constant_time.c")
set(SEAL_INCLUDES "${BZ_MBEDTLS_DIR}/include" "${BZ_MBEDTLS_DIR}/library")
set(SEAL_DEFINITIONS "MBEDTLS_CONFIG_FILE=\"lib/seal/mbedtls_config.h\"")
