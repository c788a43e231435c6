# The headers that the tests take from other projects, for a compiler that knows none of the host's
# folders. Each in a folder of links: /usr/include itself would bring the host's C library along.

# headroom_test_headers(<variable> <name> <header>): finds <name>/<header>, links it, sets the variable
# to the folder.
function(headroom_test_headers variable name header)
    find_path(${variable} ${header} PATH_SUFFIXES ${name} PATHS /usr/local/include /usr/include)
    mark_as_advanced(${variable})
    if(NOT ${variable})
        message(FATAL_ERROR "headroom: the tests need ${name}/${header}; run toolchains/setup.sh, or "
                            "set HEADROOM_BUILD_TESTS=OFF")
    endif()
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/headers)
    file(CREATE_LINK ${${variable}} ${CMAKE_BINARY_DIR}/headers/${name} SYMBOLIC)
endfunction()

headroom_test_headers(HEADROOM_DOCTEST_DIR doctest doctest.h)
headroom_test_headers(HEADROOM_NLOHMANN_JSON_DIR nlohmann json.hpp)
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
include_directories(SYSTEM ${CMAKE_BINARY_DIR}/headers)
# Signals and threads are what the board lacks.
add_compile_definitions(DOCTEST_CONFIG_NO_POSIX_SIGNALS DOCTEST_CONFIG_NO_MULTITHREADING)
