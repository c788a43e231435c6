// The end of a row's sum.
#pragma once

#include "kernels/lanes.hpp"

namespace headroom::detail {

// The 16 virtual lanes of a row's sum, folded 8, 4, 2, 1.
HEADROOM_INLINE float folded(const float* lanes) noexcept {
    float sum[kLanes / 2];
    for (int k = 0; k < kLanes / 2; ++k) sum[k] = lanes[k] + lanes[k + kLanes / 2];
    for (int half = kLanes / 4; half > 0; half /= 2) {
        for (int k = 0; k < half; ++k) sum[k] = sum[k] + sum[k + half];
    }
    return sum[0];
}

}  // namespace headroom::detail
