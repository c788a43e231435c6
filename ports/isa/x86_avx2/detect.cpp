// x86_avx2: whether the processor and the system have it. Compiled for any x86.
#include <headroom/port.hpp>

namespace headroom::isa {

extern const detail::Kernels x86_avx2_kernels;

namespace {
bool supported() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
}  // namespace

extern const Port x86_avx2;
constinit const Port x86_avx2 = {"x86_avx2", "AVX2 and FMA3 (2013 on)", supported,
                                 &x86_avx2_kernels};

}  // namespace headroom::isa
