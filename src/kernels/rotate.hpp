// Rotary embedding of one head of one token: y0 = c x0 - s x1, y1 = s x0 + c x1 for each pair, as
//
//   y0 = fma(c, x0, s * -x1)      y1 = fma(s, x0, c * x1)
#pragma once

#include "kernels/lanes.hpp"

#include <headroom/rotary.hpp>

namespace headroom::detail {

struct Rotation {
    const float* in;
    float* out;  // may be `in`
    Index width;
    Index dim;
    RotaryPairs pairs;
    const float* cos;  // [dim / 2]
    const float* sin;
};

template <class L>
HEADROOM_INLINE void rotate(const Rotation& task) noexcept {
    using reg = typename L::reg;
    const Index half = task.dim / 2;
    for (Index i = 0; i < half; i += L::width) {
        const Index n = half - i < L::width ? half - i : L::width;
        float first[L::width] = {}, second[L::width] = {};
        reg x0, x1;
        if (task.pairs == RotaryPairs::halves) {
            x0 = load_upto<L>(task.in + i, n);
            x1 = load_upto<L>(task.in + half + i, n);
        } else {
            for (Index k = 0; k < n; ++k) {
                first[k] = task.in[2 * (i + k)];
                second[k] = task.in[2 * (i + k) + 1];
            }
            x0 = L::load(first);
            x1 = L::load(second);
        }
        const reg c = load_upto<L>(task.cos + i, n), s = load_upto<L>(task.sin + i, n);
        const reg y0 = L::mul_add(c, x0, L::mul(s, L::mul(x1, L::splat(-1.0f))));
        const reg y1 = L::mul_add(s, x0, L::mul(c, x1));
        if (task.pairs == RotaryPairs::halves) {
            store_upto<L>(task.out + i, y0, n);
            store_upto<L>(task.out + half + i, y1, n);
        } else {
            L::store(first, y0);
            L::store(second, y1);
            for (Index k = 0; k < n; ++k) {
                task.out[2 * (i + k)] = first[k];
                task.out[2 * (i + k) + 1] = second[k];
            }
        }
    }
    if (task.out != task.in) {
        for (Index i = task.dim; i < task.width; ++i) task.out[i] = task.in[i];
    }
}

}  // namespace headroom::detail
