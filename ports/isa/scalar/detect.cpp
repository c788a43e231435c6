// scalar runs everywhere.
#include "shared/this_port.hpp"

namespace headroom::isa {
namespace {
bool supported() noexcept { return true; }
}  // namespace

constinit const Port scalar = {"scalar", "nothing: fused multiply-add in software if need be",
                               supported, this_table()};

}  // namespace headroom::isa
