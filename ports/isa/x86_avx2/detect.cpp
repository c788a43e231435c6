// x86_avx2: whether the processor and the system have it. Compiled for any x86.
#include "shared/this_port.hpp"

namespace headroom::isa {

namespace {
bool supported() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
}  // namespace

constinit const Port x86_avx2 = {"x86_avx2", "AVX2 and FMA3 (2013 on)", supported, this_table()};

}  // namespace headroom::isa
