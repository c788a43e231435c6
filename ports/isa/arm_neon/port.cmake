# Every AArch64 processor has NEON with fused multiply-add.
headroom_port(
    NAME arm_neon PRIORITY 20 PROCESSOR "aarch64|arm64|ARM64"
    SOURCES port.cpp DETECT detect.cpp
    XSIMD)
