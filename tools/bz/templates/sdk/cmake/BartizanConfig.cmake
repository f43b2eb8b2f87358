# find_package(Bartizan): what an application is built, signed and booted with.
#
#   Bartizan::psa_ns        functions of the secure world: headers, library, gateways
#   Bartizan::ns_startup    vectors, memory, UART, clock, LEDs, linker script; main() is yours
#   bartizan_sign_ns(target [VERSION X.Y.Z] [SECURITY_COUNTER N] [KEY FILE])
#                           makes <target>.bin and <target>_signed.bin beside the ELF file
#   bartizan_add_qemu_test(target [NAME n] [EXPECT regex] [FAIL regex] [TIMEOUT seconds])
#                           a test that boots <target>_signed.bin on a fresh device; it passes
#                           when a line of the application matches EXPECT ("<target>: done")
#
# All values come from sdk.json; nothing here names a place outside the SDK.
include_guard(GLOBAL)
get_filename_component(Bartizan_ROOT_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
if(NOT CMAKE_CROSSCOMPILING)
    execute_process(COMMAND "${CMAKE_C_COMPILER}" -dumpmachine
        OUTPUT_VARIABLE bartizan_machine ERROR_QUIET)
    if(NOT bartizan_machine MATCHES "^arm")
        set(Bartizan_FOUND FALSE)
        set(Bartizan_NOT_FOUND_MESSAGE "${CMAKE_C_COMPILER} does not compile for Arm. Configure a \
new build folder with --toolchain ${Bartizan_ROOT_DIR}/cmake/toolchain_ns_gnuarm.cmake")
        return()
    endif()
endif()
set(Bartizan_SDK_DIR "${Bartizan_ROOT_DIR}" CACHE INTERNAL "The SDK")
file(READ "${Bartizan_ROOT_DIR}/sdk.json" bartizan_sdk)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${Bartizan_ROOT_DIR}/sdk.json")

# The list at a key of sdk.json; with a second argument, each element behind it.
function(bartizan_list variable key prefix)
    string(JSON count LENGTH "${bartizan_sdk}" "${key}")
    set(found "")
    set(index 0)
    while(index LESS count)
        string(JSON value GET "${bartizan_sdk}" "${key}" ${index})
        list(APPEND found "${prefix}${value}")
        math(EXPR index "${index} + 1")
    endwhile()
    set(${variable} "${found}" PARENT_SCOPE)
endfunction()

bartizan_list(bartizan_cflags cflags "")
bartizan_list(bartizan_defines defines "")
bartizan_list(bartizan_includes include_dirs "${Bartizan_ROOT_DIR}/")
bartizan_list(bartizan_libraries libs "${Bartizan_ROOT_DIR}/")
bartizan_list(bartizan_board board_sources "${Bartizan_ROOT_DIR}/")
string(JSON bartizan_startup GET "${bartizan_sdk}" startup)
string(JSON bartizan_script GET "${bartizan_sdk}" linker_script)

add_library(Bartizan::psa_ns INTERFACE IMPORTED GLOBAL)
target_compile_options(Bartizan::psa_ns INTERFACE ${bartizan_cflags})
target_compile_definitions(Bartizan::psa_ns INTERFACE ${bartizan_defines})
target_include_directories(Bartizan::psa_ns INTERFACE ${bartizan_includes})
target_link_options(Bartizan::psa_ns INTERFACE ${bartizan_cflags})
target_link_libraries(Bartizan::psa_ns INTERFACE ${bartizan_libraries})

add_library(bartizan_ns_startup OBJECT EXCLUDE_FROM_ALL
    "${Bartizan_ROOT_DIR}/${bartizan_startup}" ${bartizan_board})
add_library(Bartizan::ns_startup ALIAS bartizan_ns_startup)
set_target_properties(bartizan_ns_startup PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
target_compile_options(bartizan_ns_startup PRIVATE -Os -g -ffunction-sections -fdata-sections)
target_link_libraries(bartizan_ns_startup PUBLIC Bartizan::psa_ns)
target_link_options(bartizan_ns_startup INTERFACE
    "SHELL:-T \"${Bartizan_ROOT_DIR}/${bartizan_script}\"" -nostartfiles -static --specs=nano.specs
    -Wl,--gc-sections -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments)
set_property(TARGET bartizan_ns_startup APPEND PROPERTY INTERFACE_LINK_DEPENDS
    "${Bartizan_ROOT_DIR}/${bartizan_script}")

function(bartizan_sign_ns target)
    cmake_parse_arguments(PARSE_ARGV 1 given "" "VERSION;SECURITY_COUNTER;KEY" "")
    if(NOT TARGET ${target})
        message(FATAL_ERROR
            "bartizan_sign_ns: there is no target '${target}': call it after add_executable")
    endif()
    if(given_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR
            "bartizan_sign_ns(${target}): unknown argument ${given_UNPARSED_ARGUMENTS}")
    endif()
    set(options "")
    foreach(pair IN ITEMS VERSION=--version SECURITY_COUNTER=--security-counter KEY=--key)
        string(REPLACE "=" ";" pair "${pair}")
        list(GET pair 0 name)
        list(GET pair 1 option)
        if(DEFINED given_${name})
            list(APPEND options ${option} "${given_${name}}")
        endif()
    endforeach()
    set(place "$<TARGET_FILE_DIR:${target}>/${target}")
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${CMAKE_OBJCOPY} -O binary "$<TARGET_FILE:${target}>" "${place}.bin"
        COMMAND "${Bartizan_SDK_DIR}/tools/sign_ns" ${options} "${place}.bin" "${place}_signed.bin"
        VERBATIM)
endfunction()

function(bartizan_add_qemu_test target)
    cmake_parse_arguments(PARSE_ARGV 1 given "" "NAME;EXPECT;FAIL;TIMEOUT" "")
    if(NOT TARGET ${target})
        message(FATAL_ERROR "bartizan_add_qemu_test: there is no target '${target}'")
    endif()
    if(given_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR
            "bartizan_add_qemu_test(${target}): unknown argument ${given_UNPARSED_ARGUMENTS}")
    endif()
    foreach(pair IN ITEMS "NAME=${target}" "EXPECT=${target}: done" "TIMEOUT=60")
        string(REGEX MATCH "^([A-Z]+)=(.*)$" pair "${pair}")
        if(NOT DEFINED given_${CMAKE_MATCH_1})
            set(given_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
        endif()
    endforeach()
    set(failing "")
    if(DEFINED given_FAIL)
        set(failing --fail "${given_FAIL}")
    endif()
    add_test(NAME "${given_NAME}"
        COMMAND "${Bartizan_SDK_DIR}/tools/run_qemu" --expect "${given_EXPECT}" ${failing}
                --timeout "${given_TIMEOUT}" "$<TARGET_FILE_DIR:${target}>/${target}_signed.bin")
    math(EXPR limit "${given_TIMEOUT} + 30")
    set_tests_properties("${given_NAME}" PROPERTIES TIMEOUT ${limit})
endfunction()
