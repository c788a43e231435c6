// arm_mve: a firmware image is built for its core, so there is nothing to find out at run time.
#include <headroom/port.hpp>

namespace headroom::isa {

extern const detail::Kernels arm_mve_kernels;

namespace {
bool supported() noexcept { return true; }
}  // namespace

extern const Port arm_mve;
constinit const Port arm_mve = {"arm_mve", "Helium with floating point (Cortex-M55, M85)",
                                supported, &arm_mve_kernels};

}  // namespace headroom::isa
