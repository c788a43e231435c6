# What the toolchain files of all Cortex-M processors share: GCC with newlib (Debian:
# gcc-arm-none-eabi, libnewlib-arm-none-eabi, libstdc++-arm-none-eabi-newlib).
#
# The file that includes this has set CMAKE_SYSTEM_PROCESSOR and
#   cortex_m_flags     what the compiler is told about the processor
#   cortex_m_machine   the machine of qemu-system-arm that has it; unset: programs are built, not run
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_C_FLAGS_INIT "-mthumb ${cortex_m_flags}")
# A firmware is built by one compiler: how GCC passed 64-bit members before version 7 is no matter.
set(CMAKE_CXX_FLAGS_INIT "-mthumb ${cortex_m_flags} -Wno-psabi")

# A program does not link without a board's memory map; CMake's trials need not.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

if(cortex_m_machine)
    get_filename_component(toolchains ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
    set(CMAKE_CROSSCOMPILING_EMULATOR sh ${toolchains}/emulate_cortex_m.sh ${cortex_m_machine})
endif()
