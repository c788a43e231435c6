// template: whether the processor and the system have what port.cpp uses. This file is compiled
// without the port's flags, because it runs before anybody knows.
#include "shared/this_port.hpp"

namespace headroom::isa {
namespace {
bool supported() noexcept { return true; }
}  // namespace

constinit const Port HEADROOM_PORT = {"template", "nothing", supported, this_table()};

}  // namespace headroom::isa
