// x86_avx512: whether the processor and the system have it. Compiled for any x86.
#include "shared/this_port.hpp"

namespace headroom::isa {

namespace {
bool supported() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
}  // namespace

constinit const Port x86_avx512 = {"x86_avx512", "AVX-512 F, DQ, VL and BW (server 2017 on)",
                                   supported, this_table()};

}  // namespace headroom::isa
