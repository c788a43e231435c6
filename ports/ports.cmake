# headroom_port(NAME <name> PRIORITY <n> SOURCES <file>... DETECT <file>
#               [PROCESSOR <regex>] [FLAGS <flag>...] [XSIMD])
#
# Declares a port; isa/<name>/port.cmake calls it. Files are relative to the folder of that file.
#
#   NAME       the C++ constant headroom::isa::<name>, and Port::name
#   PRIORITY   of the ports that a processor supports, best_port() takes the highest
#   SOURCES    the kernels, compiled with FLAGS
#   DETECT     defines the constant and its supported(): compiled without FLAGS, since it runs everywhere
#   PROCESSOR  families that can run it, matched against CMAKE_SYSTEM_PROCESSOR; default: all
#   XSIMD      the kernels include xsimd
function(headroom_port)
    cmake_parse_arguments(PARSE_ARGV 0 port "XSIMD" "NAME;PRIORITY;PROCESSOR;DETECT"
                          "SOURCES;FLAGS")
    if(port_UNPARSED_ARGUMENTS OR NOT port_NAME OR NOT port_SOURCES OR NOT port_DETECT
       OR NOT port_PRIORITY MATCHES "^[0-9]+$")
        message(FATAL_ERROR "${CMAKE_CURRENT_LIST_FILE}: headroom_port(${ARGV})")
    endif()
    if(port_PROCESSOR AND NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(${port_PROCESSOR})$")
        return()
    endif()
    set_property(GLOBAL APPEND PROPERTY headroom_known_ports ${port_NAME})
    if(HEADROOM_PORTS AND NOT port_NAME IN_LIST HEADROOM_PORTS)
        return()
    endif()

    # The port's own instructions stay in its own objects. An ISA flag given to the whole library would
    # run before any check of the processor.
    set(folder ${CMAKE_CURRENT_LIST_DIR})
    set(objects headroom_port_${port_NAME})
    list(TRANSFORM port_SOURCES PREPEND ${folder}/)
    add_library(${objects} OBJECT ${port_SOURCES})
    headroom_library_options(${objects})
    target_compile_options(${objects} PRIVATE ${port_FLAGS} ${headroom_port_optimisation})
    # Whether the library has one port is known when all are declared.
    set(this_port HEADROOM_PORT=${port_NAME}
                  HEADROOM_ONE_PORT=$<BOOL:$<TARGET_PROPERTY:headroom,HEADROOM_ONE_PORT>>)
    target_compile_definitions(${objects} PRIVATE ${this_port})
    target_include_directories(
        ${objects} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
                           ${PROJECT_SOURCE_DIR}/ports)
    if(port_XSIMD)
        headroom_use_xsimd(${objects})
        # At -Os its small functions stay calls, to weak symbols.
        target_compile_options(${objects} PRIVATE $<$<CONFIG:MinSizeRel>:-O2>)
    endif()

    add_library(${objects}_detect OBJECT ${folder}/${port_DETECT})
    headroom_library_options(${objects}_detect)
    target_compile_definitions(${objects}_detect PRIVATE ${this_port})
    target_include_directories(${objects}_detect PRIVATE ${PROJECT_SOURCE_DIR}/include
                                                         ${PROJECT_SOURCE_DIR}/ports)

    headroom_place_kernels(${objects} ${port_SOURCES})
    target_sources(headroom PRIVATE $<TARGET_OBJECTS:${objects}_detect>)
    # Sorted as text below: pad the priority.
    string(LENGTH ${port_PRIORITY} digits)
    math(EXPR zeros "8 - ${digits}")
    string(REPEAT "0" ${zeros} zeros)
    set_property(GLOBAL APPEND PROPERTY headroom_ports "${zeros}${port_PRIORITY} ${port_NAME}")
endfunction()

# Gives a port's objects to the library, their code in sections .text.headroom.* where there are
# sections, tools for it, and one configuration in a build.
function(headroom_place_kernels objects)
    get_property(several GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(several OR APPLE OR WIN32 OR NOT CMAKE_OBJCOPY OR NOT CMAKE_OBJDUMP)
        target_sources(headroom PRIVATE $<TARGET_OBJECTS:${objects}>)
        return()
    endif()
    foreach(source IN LISTS ARGN)
        get_filename_component(file ${source} NAME)
        set(from "$<FILTER:$<TARGET_OBJECTS:${objects}>,INCLUDE,/${file}\\.[a-z]+$>")
        set(to ${CMAKE_CURRENT_BINARY_DIR}/${objects}/${file}${CMAKE_CXX_OUTPUT_EXTENSION})
        set(script ${PROJECT_SOURCE_DIR}/ports/kernel_sections.cmake)
        add_custom_command(
            OUTPUT ${to}
            COMMAND ${CMAKE_COMMAND} -DOBJDUMP=${CMAKE_OBJDUMP} -DOBJCOPY=${CMAKE_OBJCOPY}
                    -DFROM=${from} -DTO=${to} -P ${script}
            DEPENDS ${objects} ${from} ${script} COMMENT "Sections of ${objects}" VERBATIM)
        file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${objects})
        add_custom_target(${objects}_${file}_sections DEPENDS ${to})
        add_dependencies(headroom ${objects}_${file}_sections)
        target_sources(headroom PRIVATE ${to})
        set_source_files_properties(${to} TARGET_DIRECTORY headroom
                                    PROPERTIES GENERATED TRUE EXTERNAL_OBJECT TRUE)
    endforeach()
endfunction()

# Below -O1 a port's object would hold inline functions of the standard library as weak symbols, built
# for its instructions, and the linker might choose them for the whole program. A build type that says
# nothing about optimisation gets fast kernels.
set(headroom_port_optimisation
    $<$<CONFIG:Debug>:-O1> $<$<NOT:$<CONFIG:Debug,Release,RelWithDebInfo,MinSizeRel>>:-O3>)

# xsimd is found by its header: its package refuses a cross build, and a cross compiler must not be given
# -I/usr/include.
function(headroom_use_xsimd target)
    if(HEADROOM_XSIMD_DIR)
        set(dir ${HEADROOM_XSIMD_DIR})
    else()
        find_path(HEADROOM_XSIMD_INCLUDE_DIR xsimd/xsimd.hpp)
        mark_as_advanced(HEADROOM_XSIMD_INCLUDE_DIR)
        set(dir ${HEADROOM_XSIMD_INCLUDE_DIR})
    endif()
    if(NOT EXISTS "${dir}/xsimd/xsimd.hpp")
        message(FATAL_ERROR "headroom: no xsimd/xsimd.hpp (Debian: libxsimd-dev); run "
                            "toolchains/setup.sh, set HEADROOM_XSIMD_DIR, or set HEADROOM_PORTS=scalar")
    endif()
    if(NOT dir STREQUAL "/usr/include")
        target_include_directories(${target} SYSTEM PRIVATE ${dir})
    endif()
endfunction()

# Writes registry.cpp: the ports in falling priority. A library of several ports looks kernels up in a
# table; one port is bound by direct calls, so that a linker drops what a program does not use.
function(headroom_port_registry)
    get_property(ports GLOBAL PROPERTY headroom_ports)
    get_property(known GLOBAL PROPERTY headroom_known_ports)
    foreach(name IN LISTS HEADROOM_PORTS)
        if(NOT name IN_LIST known)
            message(FATAL_ERROR "HEADROOM_PORTS: no port ${name} for ${CMAKE_SYSTEM_PROCESSOR}; "
                                "there are: ${known}")
        endif()
    endforeach()
    list(LENGTH ports count)
    if(count EQUAL 0)
        message(FATAL_ERROR "headroom: no port for ${CMAKE_SYSTEM_PROCESSOR}")
    elseif(count EQUAL 1)
        set_target_properties(headroom PROPERTIES HEADROOM_ONE_PORT ON)
    else()
        target_sources(headroom PRIVATE shared/table.cpp)
    endif()
    list(SORT ports ORDER DESCENDING)
    list(TRANSFORM ports REPLACE "^[0-9]+ " "")
    list(GET ports -1 last)
    if(count GREATER 1 AND NOT last STREQUAL "scalar")
        message(FATAL_ERROR "HEADROOM_PORTS: several ports must have scalar among them, so that "
                            "best_port() never fails")
    endif()

    list(TRANSFORM ports REPLACE "(.+)" "extern const Port \\1" OUTPUT_VARIABLE headroom_declarations)
    list(JOIN headroom_declarations ";\n" headroom_declarations)
    list(TRANSFORM ports REPLACE "(.+)" "&isa::\\1" OUTPUT_VARIABLE headroom_addresses)
    list(JOIN headroom_addresses ", " headroom_addresses)
    set(headroom_last ${last})
    configure_file(registry.cpp.in registry.cpp @ONLY)
    target_sources(headroom PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/registry.cpp)
    list(JOIN ports ", " shown)
    message(STATUS "headroom ${PROJECT_VERSION}, ports: ${shown}")
endfunction()
