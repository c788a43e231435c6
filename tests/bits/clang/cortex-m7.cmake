# toolchains/cortex-m7.cmake with Clang: the headers are those of GCC's newlib, and GCC links, with its
# own run-time library.
include(${CMAKE_CURRENT_LIST_DIR}/../../../toolchains/cortex-m7.cmake)
execute_process(COMMAND arm-none-eabi-g++ -dumpfullversion OUTPUT_VARIABLE version
                OUTPUT_STRIP_TRAILING_WHITESPACE)
separate_arguments(processor UNIX_COMMAND "-mthumb ${cortex_m_flags}")
execute_process(COMMAND arm-none-eabi-g++ ${processor} -print-multi-directory
                OUTPUT_VARIABLE variant OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND arm-none-eabi-g++ -print-file-name=include OUTPUT_VARIABLE gcc_headers
                OUTPUT_STRIP_TRAILING_WHITESPACE)
set(newlib ${gcc_headers}/../../../../arm-none-eabi/include)

set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
set(CMAKE_C_COMPILER_TARGET arm-none-eabi)
set(CMAKE_CXX_COMPILER_TARGET arm-none-eabi)
string(APPEND CMAKE_C_FLAGS_INIT " -nostdlibinc -isystem ${newlib}")
string(APPEND CMAKE_CXX_FLAGS_INIT
       " -nostdlibinc -isystem ${newlib}/c++/${version}"
       " -isystem ${newlib}/c++/${version}/arm-none-eabi/${variant} -isystem ${newlib}")
set(CMAKE_CXX_LINK_EXECUTABLE
    "arm-none-eabi-g++ -mthumb ${cortex_m_flags} <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
