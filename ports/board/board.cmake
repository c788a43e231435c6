# Programs for boards without an operating system.
#
# HEADROOM_BOARD names a folder beside this file, with two files of its own:
#
#   memory.ld     the regions of the board's memory; includes shared/sections.ld
#   board.cmake   headroom_board(PROCESSOR <regex> SOURCES <file>...): the processors it can have, as
#                 CMAKE_SYSTEM_PROCESSOR names them, and what only it is built from, above all its timer
#
# Adding a board is adding a folder: nothing here names one.
set(HEADROOM_BOARD "" CACHE STRING
    "Board that tests, benchmarks and demos are made for, a folder of ports/board; empty: a host")
set(headroom_board_folder ${CMAKE_CURRENT_LIST_DIR})

# Functions find their files by where they are written: a project that adds headroom as a subdirectory
# calls them, too, and has none of these variables.

# headroom_program(<target>): call it for every executable. Makes it an image for the board: start-up,
# memory map, console, and newlib's files and heap. Does nothing on a host.
function(headroom_program target)
    if(NOT HEADROOM_BOARD)
        return()
    endif()
    target_link_libraries(${target} PRIVATE headroom_board)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS
                 ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${HEADROOM_BOARD}/memory.ld
                 ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/shared/sections.ld)
endfunction()

# headroom_board_program(<target>): the same for a program that uses board.hpp. On a host it has a console
# and nothing to measure by.
function(headroom_board_program target)
    headroom_program(${target})
    if(NOT HEADROOM_BOARD)
        target_sources(${target} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/host/board.cpp)
        target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/..)
    endif()
endfunction()

function(headroom_board)
    cmake_parse_arguments(PARSE_ARGV 0 board "" "PROCESSOR" "SOURCES")
    if(board_UNPARSED_ARGUMENTS OR NOT board_PROCESSOR OR NOT board_SOURCES)
        message(FATAL_ERROR "${CMAKE_CURRENT_LIST_FILE}: headroom_board(${ARGV})")
    endif()
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(${board_PROCESSOR})$")
        message(FATAL_ERROR "HEADROOM_BOARD: ${HEADROOM_BOARD} has a ${board_PROCESSOR}, but the "
                            "toolchain is for ${CMAKE_SYSTEM_PROCESSOR}")
    endif()

    set(sources arguments console faults guard instructions name stack start system_calls)
    list(TRANSFORM sources REPLACE "(.+)" "shared/\\1.cpp")
    list(TRANSFORM sources PREPEND ${headroom_board_folder}/)
    list(TRANSFORM board_SOURCES PREPEND ${headroom_board_folder}/)
    # Objects, not an archive: nothing refers to the vectors.
    add_library(headroom_board OBJECT ${sources} ${board_SOURCES})
    headroom_strict_warnings(headroom_board)
    target_compile_features(headroom_board PUBLIC cxx_std_20)
    target_compile_options(headroom_board PRIVATE -fno-exceptions -fno-rtti -ffunction-sections)
    target_compile_definitions(headroom_board PRIVATE HEADROOM_BOARD_NAME="${HEADROOM_BOARD}")
    target_include_directories(headroom_board PUBLIC ${PROJECT_SOURCE_DIR}/ports
                                              PRIVATE ${headroom_board_folder})
    target_link_options(
        headroom_board INTERFACE -nostartfiles --specs=rdimon.specs -Wl,--gc-sections
        -L${headroom_board_folder}/shared -T${headroom_board_folder}/${HEADROOM_BOARD}/memory.ld)
endfunction()

if(HEADROOM_BOARD)
    if(NOT EXISTS ${headroom_board_folder}/${HEADROOM_BOARD}/board.cmake)
        message(FATAL_ERROR "HEADROOM_BOARD: there is no ${headroom_board_folder}/${HEADROOM_BOARD}")
    endif()
    include(${headroom_board_folder}/${HEADROOM_BOARD}/board.cmake)
    if(HEADROOM_BUILD_TESTS AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
        message(WARNING "headroom: this toolchain names no CMAKE_CROSSCOMPILING_EMULATOR: programs for "
                        "${HEADROOM_BOARD} are built, but their tests cannot run")
    endif()
endif()
