// scalar_fma: the scalar port where x86 has a fused multiply-add.
#include "shared/this_port.hpp"

namespace headroom::isa {
namespace {
bool supported() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("fma") != 0;
}
}  // namespace

constinit const Port scalar_fma = {"scalar_fma", "FMA3", supported, this_table()};

}  // namespace headroom::isa
