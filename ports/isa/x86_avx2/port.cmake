headroom_port(
    NAME x86_avx2 PRIORITY 20 PROCESSOR "x86_64|AMD64|amd64"
    SOURCES port.cpp DETECT detect.cpp
    FLAGS -mavx2 -mfma
    XSIMD)
