# How the project's code is compiled. Options are set on targets, never globally: a project that adds
# headroom with add_subdirectory keeps its own.

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    message(FATAL_ERROR "headroom needs GCC or Clang; this compiler is ${CMAKE_CXX_COMPILER_ID}")
endif()

# What CI demands of every target of the project.
function(headroom_strict_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
    # A note about GCC 7 for every function that takes a span of 64-bit integers on 32-bit ARM.
    target_compile_options(${target} PRIVATE -Wno-psabi)
    if(HEADROOM_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()

# headroom_warnings(<target>): the same, for what uses the standard library. GCC 12 sees an overlap where
# there is none in "text" + std::to_string(n) (GCC bug 105651, mended in 13).
function(headroom_warnings target)
    headroom_strict_warnings(${target})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(${target} PRIVATE -Wno-restrict)
    endif()
endfunction()

# headroom_library_options(<target>): the rules of the library and of its ports.
function(headroom_library_options target)
    headroom_strict_warnings(${target})
    target_compile_features(${target} PRIVATE cxx_std_20)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    target_compile_options(
        ${target}
        PRIVATE # The bits: a program's own -ffast-math stops here, and nothing is fused but mul_add.
                -fno-fast-math -ffp-contract=off
                # sqrt is one instruction, not a call that sets errno.
                -fno-math-errno
                # No run-time support but memcpy, memset and memmove. Some distributions switch the stack
                # protector on by default; it calls a function that firmware does not have.
                -fno-exceptions -fno-rtti -fno-stack-protector
                # So that a linker drops what a program does not use.
                -ffunction-sections -fdata-sections)
endfunction()

# headroom_test_options(<target>): tests may look inside, and compute their references unfused.
set(HEADROOM_TEST_OPTIONS "" CACHE STRING
    "Further compiler options of the tests alone, such as -O1: they compile sooner")
function(headroom_test_options target)
    headroom_warnings(${target})
    target_compile_options(${target} PRIVATE -ffp-contract=off ${HEADROOM_TEST_OPTIONS})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/ports
                                                 ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${target} PRIVATE headroom::headroom)
endfunction()
