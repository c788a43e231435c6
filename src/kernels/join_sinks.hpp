// Sinks where nothing else joins and the queries are in the lanes: as join_rows(), with the same
// bits, but a register of rows at a time. A sink has no value, so all of it is in the sum:
//
//   s <= m:  p = exp(s - m), l = fma(l, 1, p)       known before the last block's values are added,
//                                                   whose pass then ends the rows, as without sinks
//   s > m:   alpha = exp(m - s), l = fma(l, alpha, 1)
//            the outputs, once they have all values, times alpha, then 1 / l: two roundings
#pragma once

#include "kernels/join.hpp"

namespace headroom::detail {

template <class L>
struct JoinedSinks {
    typename L::reg alpha, inverse;
    typename L::mask above;  // s > m
};

// The rows of register v.
template <class L>
HEADROOM_INLINE JoinedSinks<L> join_register(const Tile& tile, int v) noexcept {
    constexpr int W = L::width;
    const Index at = v * W;
    float sinks[W];
    for (int i = 0; i < W; ++i) {
        const Index r = at + i;
        sinks[i] = r < tile.count ? tile.rows[r].sink : negative_infinity();  // joins nothing
    }
    const auto s = L::load(sinks), m = L::load(tile.maximum + at);
    const auto above = L::less(m, s);  // false for NaN, which then goes into the sum
    const auto one = L::splat(1.0f);
    const auto smaller = exp_one<L>(L::select(above, L::sub(m, s), L::sub(s, m)));
    const auto alpha = L::select(above, smaller, one), p = L::select(above, one, smaller);
    const auto total = L::mul_add(folded_sums<L>(tile, v), alpha, p);
    return {alpha, inverse_of_sums<L>(total), above};
}

// Before the last block's values: 1 / l of every row, unless a sink is above its row's maximum.
// Returns whether that was all: then the tile ends as if nothing joined.
template <class L>
[[gnu::noinline]] bool join_sinks_before(const Tile& tile) noexcept {
    for (int v = 0; v < registers_of<L>(tile); ++v) {
        const JoinedSinks<L> joined = join_register<L>(tile, v);
        if (L::any(joined.above)) return false;
        L::store(tile.inverse + v * L::width, joined.inverse);
    }
    return true;
}

// After all values. Returns whether an output came out NaN.
template <class L>
[[gnu::noinline]] bool join_sinks_after(const Tile& tile) noexcept {
    for (int v = 0; v < registers_of<L>(tile); ++v) {
        const JoinedSinks<L> joined = join_register<L>(tile, v);
        L::store(tile.alpha + v * L::width, joined.alpha);
        L::store(tile.inverse + v * L::width, joined.inverse);
    }
    auto poisoned = L::unordered(L::zero());
    for (int r = 0; r < tile.count; ++r) {
        const auto alpha = L::splat(tile.alpha[r]), inverse = L::splat(tile.inverse[r]);
        float* out = tile.rows[r].out;
        for (Index c = 0; c < tile.value_width; c += L::width) {
            const Index n = tile.value_width - c;
            const auto y = L::mul(L::mul(load_upto<L>(out + c, n), alpha), inverse);
            store_upto<L>(out + c, L::add(y, L::zero()), n);
            poisoned = L::either(poisoned, L::unordered(y));
        }
    }
    return L::any(poisoned);
}

// The join of every port. Called before the last block's values it returns whether it has joined;
// after all of them, whether an output came out NaN.
template <class L>
HEADROOM_INLINE bool join_tile(const Tile& tile) noexcept {
    if constexpr (joins_early<L>) {
        const Features& f = *tile.features;
        const bool only_sinks = f.extra_key == nullptr && !f.zero_key;
        if (tile.observer == nullptr && tile.queries_in_lanes) {
            const bool early = tile.join == Join::before_last_values;
            if (only_sinks) return early ? join_sinks_before<L>(tile) : join_sinks_after<L>(tile);
            if (early) return false;
        }
    }
    return join_rows<L>(tile);
}

}  // namespace headroom::detail
