# How the Crypto service is built: the service, and the engine behind it, as two archives.
#
# Included by services/crypto/CMakeLists.txt (target) and services/crypto/tests (host): one list for
# both. It needs BZ_MBEDTLS_DIR, the source tree of Mbed TLS 3.6; CRYPTO_ALGORITHMS, the algorithms
# of the profile; and CRYPTO_PERSISTENT_KEYS: whether there is storage to keep keys in.

set(CRYPTO_DIR ${CMAKE_CURRENT_LIST_DIR})
get_filename_component(CRYPTO_ROOT ${CRYPTO_DIR}/../.. ABSOLUTE)

# The service's own files that see no header of the engine.
set(CRYPTO_SERVICE_SOURCES
    ${CRYPTO_DIR}/service.c
    ${CRYPTO_DIR}/operations.c
    ${CRYPTO_DIR}/random.c
    ${CRYPTO_DIR}/keys.c
    ${CRYPTO_DIR}/hash.c
    ${CRYPTO_DIR}/constants_check.c)
# Its files that see the engine's headers instead of the API's.
set(CRYPTO_ADAPTER_SOURCES
    ${CRYPTO_DIR}/adapter.c
    ${CRYPTO_DIR}/constants_check.c)

# Of Mbed TLS: what the PSA core needs for the algorithms that a profile can select. A file whose
# algorithm is not selected compiles to nothing.
set(CRYPTO_ENGINE_SMALL
    library/psa_crypto.c
    library/psa_crypto_aead.c
    library/psa_crypto_cipher.c
    library/psa_crypto_client.c
    library/psa_crypto_driver_wrappers_no_static.c
    library/psa_crypto_ecp.c
    library/psa_crypto_hash.c
    library/psa_crypto_random.c
    library/psa_crypto_rsa.c
    library/psa_crypto_slot_management.c
    library/psa_util.c
    library/aes.c
    library/asn1parse.c
    library/asn1write.c
    library/block_cipher.c
    library/ccm.c
    library/constant_time.c
    library/ctr_drbg.c
    library/ecdh.c
    library/ecdsa.c
    library/entropy.c
    library/hmac_drbg.c
    library/md.c
    library/memory_buffer_alloc.c
    library/oid.c
    library/platform.c
    library/platform_util.c
    library/rsa.c
    library/rsa_alt_helpers.c
    library/sha256.c
    library/sha512.c
    3rdparty/p256-m/p256-m_driver_entrypoints.c)
set(CRYPTO_ENGINE_FAST
    library/bignum.c
    library/bignum_core.c
    library/ecp.c
    library/ecp_curves.c
    library/gcm.c
    3rdparty/p256-m/p256-m/p256-m.c)
set(CRYPTO_ENGINE_DEFINITIONS
    "MBEDTLS_CONFIG_FILE=\"services/crypto/mbedtls_config.h\""
    "MBEDTLS_PSA_CRYPTO_CONFIG_FILE=\"services/crypto/psa_crypto_config.h\"")

# The handlers of a chapter of the API, or those that say no.
function(crypto_add_handlers name)
    set(file ${CRYPTO_DIR}/${name}_none.c)
    foreach(algorithm IN LISTS ARGN)
        if(algorithm IN_LIST CRYPTO_ALGORITHMS)
            set(file ${CRYPTO_DIR}/${name}.c)
        endif()
    endforeach()
    list(APPEND CRYPTO_SERVICE_SOURCES ${file})
    set(CRYPTO_SERVICE_SOURCES ${CRYPTO_SERVICE_SOURCES} PARENT_SCOPE)
endfunction()
crypto_add_handlers(signature ecdsa_p256 ecdsa_p384 rsa)
crypto_add_handlers(aead aes_ccm aes_gcm)
crypto_add_handlers(agreement ecdh_p256)

# Persistent keys: the engine's key store on storage.c, or storage_none.c.
if(CRYPTO_PERSISTENT_KEYS)
    list(APPEND CRYPTO_SERVICE_SOURCES ${CRYPTO_DIR}/storage.c)
    list(APPEND CRYPTO_ENGINE_SMALL library/psa_crypto_storage.c)
    list(APPEND CRYPTO_ENGINE_DEFINITIONS MBEDTLS_PSA_CRYPTO_STORAGE_C)
else()
    list(APPEND CRYPTO_ADAPTER_SOURCES ${CRYPTO_DIR}/storage_none.c)
endif()

# P-256 is one driver for signatures and key agreement. What the profile has not is taken from it:
# its entry points get names that nobody calls, and others with the old names say no.
set(CRYPTO_P256_RENAMES)
set(CRYPTO_ENGINE_REPLACED)
if(NOT ecdsa_p256 IN_LIST CRYPTO_ALGORITHMS)
    list(APPEND CRYPTO_ENGINE_REPLACED ${CRYPTO_DIR}/p256_no_ecdsa.c)
    list(APPEND CRYPTO_P256_RENAMES p256_transparent_sign_hash=p256_unused_sign_hash
        p256_transparent_verify_hash=p256_unused_verify_hash)
endif()
if(NOT ecdh_p256 IN_LIST CRYPTO_ALGORITHMS)
    list(APPEND CRYPTO_ENGINE_REPLACED ${CRYPTO_DIR}/p256_no_ecdh.c)
    list(APPEND CRYPTO_P256_RENAMES p256_transparent_key_agreement=p256_unused_key_agreement)
endif()

# Writes header: one #define for each function that Mbed TLS's PSA headers declare, so that the
# engine's symbols do not take the API's names: client stubs and engine can be linked into one
# image.
function(crypto_write_renames header)
    set(names)
    foreach(file crypto.h crypto_extra.h crypto_compat.h)
        file(STRINGS ${BZ_MBEDTLS_DIR}/include/psa/${file} lines
             REGEX "^[a-z][a-z_0-9 ]* [*]?psa_[a-z0-9_]+[(]")
        foreach(line IN LISTS lines)
            string(REGEX MATCH "psa_[a-z0-9_]+[(]" name "${line}")
            string(REPLACE "(" "" name "${name}")
            list(APPEND names ${name})
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES names)
    list(LENGTH names count)
    if(count LESS 60)
        message(FATAL_ERROR "found only ${count} functions in ${BZ_MBEDTLS_DIR}/include/psa: "
                            "is BZ_MBEDTLS_DIR the source tree of Mbed TLS 3.6?")
    endif()
    set(text "/* Generated: Mbed TLS's PSA functions under names of their own. */\n")
    foreach(name IN LISTS names)
        string(APPEND text "#define ${name} engine_${name}\n")
    endforeach()
    file(CONFIGURE OUTPUT ${header} CONTENT "${text}" @ONLY)
endfunction()

# Defines the archives `service` and `engine`. flags: an interface library with compiler flags and
# the include directories (include/, the generated files, the root of the tree); warnings: one more,
# for our own code only.
function(crypto_add_libraries service engine flags warnings)
    set(renames ${CMAKE_CURRENT_BINARY_DIR}/${engine}_names.h)
    crypto_write_renames(${renames})

    add_library(${engine}_interface INTERFACE)
    target_include_directories(${engine}_interface BEFORE INTERFACE
        ${BZ_MBEDTLS_DIR}/include ${BZ_MBEDTLS_DIR}/library ${BZ_MBEDTLS_DIR}/3rdparty/p256-m)
    target_compile_definitions(${engine}_interface INTERFACE ${CRYPTO_ENGINE_DEFINITIONS})
    target_compile_options(${engine}_interface INTERFACE -include ${renames})

    set(fast ${CRYPTO_ENGINE_FAST})
    set(small ${CRYPTO_ENGINE_SMALL})
    list(TRANSFORM fast PREPEND ${BZ_MBEDTLS_DIR}/)
    list(TRANSFORM small PREPEND ${BZ_MBEDTLS_DIR}/)
    add_library(${engine} STATIC ${fast} ${small} ${CRYPTO_ENGINE_REPLACED})
    # Foreign code: not built to our warnings. It copies words with memcpy(), which -fhosted turns
    # into loads and stores.
    target_compile_options(${engine} PRIVATE -w -ffunction-sections -fdata-sections)
    set_source_files_properties(${small} PROPERTIES COMPILE_OPTIONS -fhosted)
    set_source_files_properties(${fast} PROPERTIES COMPILE_OPTIONS "-fhosted;-O2")
    # Where the engine stores its keys: storage.h.
    set_source_files_properties(${BZ_MBEDTLS_DIR}/library/psa_crypto_storage.c PROPERTIES
        COMPILE_OPTIONS "-fhosted;-Dpsa_its_get=storage_get;-Dpsa_its_get_info=storage_get_info"
        COMPILE_DEFINITIONS "psa_its_set=storage_set;psa_its_remove=storage_remove")
    set_source_files_properties(${BZ_MBEDTLS_DIR}/3rdparty/p256-m/p256-m_driver_entrypoints.c
        PROPERTIES COMPILE_DEFINITIONS "${CRYPTO_P256_RENAMES}")
    target_include_directories(${engine} PRIVATE ${BZ_MBEDTLS_DIR}/3rdparty/p256-m/p256-m)
    target_link_libraries(${engine} PRIVATE ${engine}_interface ${flags})

    add_library(${service}_adapter OBJECT ${CRYPTO_ADAPTER_SOURCES})
    target_link_libraries(${service}_adapter PRIVATE ${engine}_interface ${flags} ${warnings})

    add_library(${service} STATIC ${CRYPTO_SERVICE_SOURCES} $<TARGET_OBJECTS:${service}_adapter>)
    target_link_libraries(${service} PRIVATE ${flags} ${warnings} PUBLIC ${engine})
endfunction()
