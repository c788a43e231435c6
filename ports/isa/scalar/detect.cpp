// scalar runs everywhere.
#include <headroom/port.hpp>

namespace headroom::isa {

extern const detail::Kernels scalar_kernels;

namespace {
bool supported() noexcept { return true; }
}  // namespace

extern const Port scalar;
constinit const Port scalar = {"scalar", "nothing: fused multiply-add in software", supported,
                               &scalar_kernels};

}  // namespace headroom::isa
