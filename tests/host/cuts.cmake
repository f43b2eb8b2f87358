# Proofs of power cuts, each in two programs: test_NAME_cuts with the sanitizers, for `./bz test`,
# which cuts again after a sample of the cuts; and NAME_cuts without them, several times as fast,
# which `./bz cuts` and the mutants run. And the attacks on Protected Storage.

file(GLOB BZ_CUTS_SOURCES CONFIGURE_DEPENDS "${BZ_ROOT}/lib/store/*.c" "${BZ_ROOT}/lib/flash/*.c"
    "${BZ_ROOT}/lib/crc/*.c")
list(APPEND BZ_CUTS_SOURCES "${CMAKE_CURRENT_LIST_DIR}/cuts.c"
    "${CMAKE_CURRENT_LIST_DIR}/flash_fixture.c" "${CMAKE_CURRENT_LIST_DIR}/store_model.c"
    "${BZ_ROOT}/platform/nor/nor.c")

# bz_add_cuts(NAME SAMPLE SOURCES...): SAMPLE as test_NAME_cuts --sample.
function(bz_add_cuts name sample)
    set(sources ${BZ_CUTS_SOURCES} "${CMAKE_CURRENT_LIST_DIR}/test_${name}_cuts.c" ${ARGN})
    add_executable(test_${name}_cuts ${sources})
    target_link_libraries(test_${name}_cuts PRIVATE host_strict)
    add_test(NAME test_${name}_cuts COMMAND test_${name}_cuts --sample ${sample})
    set_tests_properties(test_${name}_cuts PROPERTIES TIMEOUT 300
        ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
    add_executable(${name}_cuts ${sources})
    target_include_directories(${name}_cuts PRIVATE "${BZ_ROOT}" "${BZ_ROOT}/include")
    target_compile_options(${name}_cuts PRIVATE -O2)
endfunction()

set(BZ_PS_DEVICE "${CMAKE_CURRENT_LIST_DIR}/ps_device.c" "${BZ_ROOT}/services/ps/assets.c")
add_library(cuts_seal_engine OBJECT ${SEAL_ENGINE_SOURCES})
target_compile_options(cuts_seal_engine PRIVATE -w)
add_library(cuts_seal STATIC "${BZ_ROOT}/lib/seal/seal.c" $<TARGET_OBJECTS:cuts_seal_engine>)
foreach(part IN ITEMS cuts_seal_engine cuts_seal)
    target_include_directories(${part} PRIVATE ${SEAL_INCLUDES} "${BZ_ROOT}" "${BZ_ROOT}/include")
    target_compile_definitions(${part} PRIVATE ${SEAL_DEFINITIONS})
    target_compile_options(${part} PRIVATE -O2)
endforeach()

bz_add_cuts(store 997)
bz_add_cuts(ps 1499 ${BZ_PS_DEVICE})
bz_add_host_test(test_ps_attacks "${CMAKE_CURRENT_LIST_DIR}/test_ps_attacks.c" ${BZ_PS_DEVICE})
target_link_libraries(ps_cuts PRIVATE cuts_seal)
target_link_libraries(test_ps_cuts PRIVATE host_seal)
target_link_libraries(test_ps_attacks PRIVATE host_fixture host_seal)
foreach(program IN ITEMS ps_cuts test_ps_cuts test_ps_attacks)
    target_link_options(${program} PRIVATE "-Wl,--wrap=seal_encrypt")
endforeach()
