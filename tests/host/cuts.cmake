# Proofs of power cuts, each in two programs: test_NAME_cuts with the sanitizers, for `./bz test`,
# which cuts again after a sample of the cuts; and NAME_cuts without them, several times as fast,
# which `./bz cuts` and the mutants run. Then attacks on Protected Storage, and damage of both.

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

bz_add_cuts(store 199)
bz_add_cuts(ps 499 ${BZ_PS_DEVICE})
bz_add_host_test(test_ps_attacks "${CMAKE_CURRENT_LIST_DIR}/test_ps_attacks.c"
    "${CMAKE_CURRENT_LIST_DIR}/forge.c" ${BZ_PS_DEVICE})
set(damage_sources "${CMAKE_CURRENT_LIST_DIR}/damage.c" "${CMAKE_CURRENT_LIST_DIR}/forge.c"
    ${BZ_PS_DEVICE})
bz_add_host_test(test_damage "${CMAKE_CURRENT_LIST_DIR}/test_damage.c" ${damage_sources})
set_tests_properties(test_damage PROPERTIES TIMEOUT 900) # a full run
target_link_libraries(ps_cuts PRIVATE cuts_seal)
target_link_libraries(test_ps_cuts PRIVATE host_seal)
target_link_libraries(test_ps_attacks PRIVATE host_fixture host_seal)
target_link_libraries(test_damage PRIVATE host_fixture host_seal)
set(ps_programs ps_cuts test_ps_cuts test_ps_attacks test_damage)

# The same damage, led by libFuzzer to new code: it needs the store instrumented, too.
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
    set(sources ${BZ_CUTS_SOURCES} ${damage_sources} "${CMAKE_CURRENT_LIST_DIR}/fuzz_damage.c")
    list(REMOVE_ITEM sources "${CMAKE_CURRENT_LIST_DIR}/cuts.c")
    add_executable(fuzz_damage ${sources})
    target_compile_options(fuzz_damage PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(fuzz_damage PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_damage PRIVATE host_strict host_seal)
    list(APPEND ps_programs fuzz_damage)
    set(corpus "${CMAKE_CURRENT_BINARY_DIR}/fuzz_damage_corpus")
    file(MAKE_DIRECTORY "${corpus}")
    add_test(NAME fuzz_damage COMMAND "${BZ_PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/spm/run.py"
        $<TARGET_FILE:fuzz_damage> "${corpus}" 8000)
    set_tests_properties(fuzz_damage PROPERTIES TIMEOUT 1800)
endif()
foreach(program IN LISTS ps_programs)
    target_link_options(${program} PRIVATE "-Wl,--wrap=seal_encrypt")
endforeach()
