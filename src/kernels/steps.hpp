// Features that change scores in place, one register at a time, whichever way the scores lie.
#pragma once

#include "kernels/finish_scores.hpp"
#include "kernels/tanh.hpp"

namespace headroom::detail {

// s = cap * tanh(s / cap), the quotient as a product with 1 / cap.
template <class L>
HEADROOM_INLINE void softcap_scores(const Tile& tile, const Scores& scores) noexcept {
    const float cap = tile.features->softcap->cap;
    const auto factor = L::splat(cap), inverse = L::splat(1.0f / cap);
    for_each_register<L>(scores, [&](float* s, int, int) {
        L::store(s, L::mul(factor, tanh_register<L>(L::mul(L::load(s), inverse))));
    });
}

// Distances saturate at 2^23, so that every one is exact as a float.
inline constexpr std::int64_t kFarthest = std::int64_t{1} << 23;

HEADROOM_INLINE float saturated_distance(std::int64_t distance) noexcept {
    const std::int64_t size = distance < 0 ? -distance : distance;
    return -static_cast<float>(size < kFarthest ? static_cast<std::int32_t>(size)
                                                : static_cast<std::int32_t>(kFarthest));
}

// s = fma(slope, -|key - query|, s).
template <class L>
HEADROOM_INLINE void alibi_scores(const Tile& tile, const Scores& scores) noexcept {
    using reg = typename L::reg;
    const bool in_lanes = scores.row_stride == 1;
    for_each_register<L>(scores, [&](float* s, int outer, int inner) {
        float slope[L::width], distance[L::width];
        for (int i = 0; i < L::width; ++i) {
            const int r = in_lanes ? inner + i : outer, j = in_lanes ? outer : inner + i;
            const TileRow& row = tile.rows[scores.first_row + (r < scores.rows ? r : 0)];
            slope[i] = row.slope;
            distance[i] = saturated_distance(scores.first_key + j - row.position);
        }
        const reg with = L::mul_add(L::load(slope), L::load(distance), L::load(s));
        L::store(s, with);
    });
}

}  // namespace headroom::detail
