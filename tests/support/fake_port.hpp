// A port that no processor supports, for the test of being refused.
#pragma once

#include <headroom/port.hpp>

namespace headroom::test {

inline const Port& unsupported_port() {
    static const Port port{"x99_nothing", "a processor that does not exist",
                           []() noexcept { return false; }, best_port().kernels};
    return port;
}

}  // namespace headroom::test
