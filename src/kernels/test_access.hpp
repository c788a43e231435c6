// Kernels that have no public face, for tests. n is a multiple of 16.
#pragma once

#include "kernels/kernels.hpp"

namespace headroom::detail {

inline void exp_lanes(const Port& port, const float* in, float* out, Index n) noexcept {
    exp_on(port, in, out, n);
}
inline void tanh_lanes(const Port& port, const float* in, float* out, Index n) noexcept {
    tanh_on(port, in, out, n);
}

}  // namespace headroom::detail
