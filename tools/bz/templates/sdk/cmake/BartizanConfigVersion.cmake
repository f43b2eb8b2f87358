# The version of the package is that of the SDK's contract: find_package(Bartizan 1) takes every SDK
# of contract version 1.
file(READ "${CMAKE_CURRENT_LIST_DIR}/../sdk.json" bartizan_sdk)
string(JSON PACKAGE_VERSION GET "${bartizan_sdk}" contract_version)
if(PACKAGE_FIND_VERSION_MAJOR STREQUAL PACKAGE_VERSION OR NOT PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
    if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
        set(PACKAGE_VERSION_EXACT TRUE)
    endif()
else()
    set(PACKAGE_VERSION_UNSUITABLE TRUE)
endif()
