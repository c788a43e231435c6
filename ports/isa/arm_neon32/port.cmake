# xsimd's division on ARMv7 is an estimate: the port has its own.
headroom_port(
    NAME arm_neon32 PRIORITY 20 PROCESSOR "armv7.*|armv8l"
    SOURCES port.cpp DETECT detect.cpp
    FLAGS -mfpu=neon-vfpv4
    XSIMD)
