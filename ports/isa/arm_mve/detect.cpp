// arm_mve: a firmware image is built for its core, so there is nothing to find out at run time.
#include "shared/this_port.hpp"

namespace headroom::isa {
namespace {
bool supported() noexcept { return true; }
}  // namespace

constinit const Port arm_mve = {"arm_mve", "Helium with floating point (Cortex-M55, M85)",
                                supported, this_table(), true};

}  // namespace headroom::isa
