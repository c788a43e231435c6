# GCC 12 warns inside its own AVX-512 header about registers that are meant to be undefined.
set(quiet $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized>
          $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

headroom_port(
    NAME x86_avx512 PRIORITY 30 PROCESSOR "x86_64|AMD64|amd64"
    SOURCES port.cpp DETECT detect.cpp
    FLAGS -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -mprefer-vector-width=512 ${quiet}
    XSIMD)
