# Proofs of power cuts, each in two programs: test_NAME_cuts with the sanitizers, for `./bz test`,
# which cuts again after a sample of the cuts; and NAME_cuts without them, several times as fast,
# which `./bz cuts` and the mutants run.

set(BZ_CUTS_SOURCES cuts.c flash_fixture.c
    "${BZ_ROOT}/platform/nor/nor.c"
    "${BZ_ROOT}/lib/flash/flash.c"
    "${BZ_ROOT}/lib/store/store.c"
    "${BZ_ROOT}/lib/store/log.c"
    "${BZ_ROOT}/lib/store/mount.c")
list(TRANSFORM BZ_CUTS_SOURCES PREPEND "${CMAKE_CURRENT_LIST_DIR}/"
    REGEX "^[a-z_]+\\.c$")

# bz_add_cuts(NAME SAMPLE SOURCES...): SAMPLE as test_NAME_cuts --sample.
function(bz_add_cuts name sample)
    add_executable(test_${name}_cuts ${BZ_CUTS_SOURCES} ${ARGN})
    target_link_libraries(test_${name}_cuts PRIVATE host_strict)
    add_test(NAME test_${name}_cuts COMMAND test_${name}_cuts --sample ${sample})
    set_tests_properties(test_${name}_cuts PROPERTIES TIMEOUT 300
        ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
    add_executable(${name}_cuts ${BZ_CUTS_SOURCES} ${ARGN})
    target_include_directories(${name}_cuts PRIVATE "${BZ_ROOT}" "${BZ_ROOT}/include")
    target_compile_options(${name}_cuts PRIVATE -O2)
endfunction()

bz_add_cuts(store 997 "${CMAKE_CURRENT_LIST_DIR}/test_store_cuts.c"
    "${CMAKE_CURRENT_LIST_DIR}/store_model.c")
