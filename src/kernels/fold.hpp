// The end of a row's sum l.
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

// What a row's outputs are multiplied by, 1 / l. Nothing but a row that saw nothing has l = 0, and
// its outputs are 0 then; NaN is not 0, and stays.
HEADROOM_INLINE float inverse_of_sum(float sum) noexcept { return sum == 0.0f ? 0.0f : 1.0f / sum; }

}  // namespace headroom::detail
