# Chosen by the name of the core, which the toolchain file gives. Its flags turn Helium on for every
# file of the program, so here only the rest is said: gcc 12's hunt for post-increments splits an
# address that constant offsets would serve.
headroom_port(
    NAME arm_mve PRIORITY 20 PROCESSOR "cortex-m55|cortex-m85"
    SOURCES port.cpp DETECT detect.cpp
    FLAGS $<$<CXX_COMPILER_ID:GNU>:-fno-auto-inc-dec>)
