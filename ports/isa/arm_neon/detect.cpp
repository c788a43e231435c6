// arm_neon: part of every AArch64 processor.
#include "shared/this_port.hpp"

namespace headroom::isa {
namespace {
bool supported() noexcept { return true; }
}  // namespace

constinit const Port arm_neon = {"arm_neon", "AArch64", supported, this_table()};

}  // namespace headroom::isa
