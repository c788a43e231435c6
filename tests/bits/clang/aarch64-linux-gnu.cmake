# toolchains/aarch64-linux-gnu.cmake with Clang, which takes headers and libraries from GCC's cross
# compiler.
include(${CMAKE_CURRENT_LIST_DIR}/../../../toolchains/aarch64-linux-gnu.cmake)
set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
