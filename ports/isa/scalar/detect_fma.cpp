// scalar_fma: the scalar port where x86 has a fused multiply-add.
#include <headroom/port.hpp>

namespace headroom::isa {

extern const detail::Kernels scalar_fma_kernels;

namespace {
bool supported() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("fma") != 0;
}
}  // namespace

extern const Port scalar_fma;
constinit const Port scalar_fma = {"scalar_fma", "FMA3", supported, &scalar_fma_kernels};

}  // namespace headroom::isa
