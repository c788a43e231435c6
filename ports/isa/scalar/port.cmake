# One source, two ports: exact everywhere in software, and with the hardware's fused multiply-add.
headroom_port(NAME scalar PRIORITY 0 SOURCES port.cpp DETECT detect.cpp)

headroom_port(
    NAME scalar_fma PRIORITY 10 PROCESSOR "x86_64|AMD64|amd64"
    SOURCES port.cpp DETECT detect_fma.cpp
    FLAGS -mfma)
