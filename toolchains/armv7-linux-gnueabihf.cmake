# Linux on 32-bit ARM with NEON and VFPv4: Cortex-A7, A15 and later. GCC's cross compiler, and QEMU to
# run what it builds.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7-a)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
# Both at once: the compiler of Debian is set to armv7-a without VFPv4.
set(CMAKE_C_FLAGS_INIT "-march=armv7-a+neon-vfpv4 -mfpu=auto -mfloat-abi=hard")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
# What works around an erratum of Cortex-A8 puts a detour behind the program for some branches. That
# processor has no VFPv4.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--no-fix-cortex-a8")
set(CMAKE_FIND_ROOT_PATH /usr/arm-linux-gnueabihf)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm -L /usr/arm-linux-gnueabihf)
