// A tile whose rows all see the same keys, at most one panel of them: the softmax stays in
// registers, since there is one block, no maximum can grow later, and each of a row's 16 virtual
// lanes holds one key.
#pragma once

#include "kernels/attend_lanes.hpp"

namespace headroom::detail {

HEADROOM_INLINE bool is_short(const Tile& tile) noexcept {
    return tile.hull_prefix == 0 && tile.core_begin == 0 && tile.core_end == tile.hull_end &&
           tile.hull_end > 0 && tile.hull_end <= kLanes && !tile.steps &&
           tile.features->finish_tile == nullptr;
}

// Weights and 1 / l of one register of rows. Keys beyond `keys` have weight +0, which adds nothing
// to a sum.
template <class L>
HEADROOM_INLINE void weigh_short(const Tile& tile, Index at, int keys) noexcept {
    using reg = typename L::reg;
    constexpr int kTogether = L::width >= 16 ? 8 : 4;  // exponentials in lockstep
    const reg highest = L::load(tile.maximum + at);
    reg p[kLanes];
#pragma GCC unroll 16
    for (int j = 0; j < kLanes; ++j) {
        const float* s = tile.scores + (j < keys ? j : 0) * tile.lanes + at;
        p[j] = j < keys ? L::sub(L::load(s), highest) : L::splat(negative_infinity());
    }
#pragma GCC unroll 4
    for (int j = 0; j < kLanes; j += kTogether) exp_registers<L, kTogether>(p + j);
#pragma GCC unroll 16
    for (int j = 0; j < kLanes; ++j) L::store(tile.scores + j * tile.lanes + at, p[j]);
#pragma GCC unroll 4
    for (int half = kLanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
        for (int j = 0; j < half; ++j) p[j] = L::add(p[j], p[j + half]);
    }
    // A row sees its own maximum, so its sum is at least 1, or NaN.
    L::store(tile.inverse + at, L::div(L::splat(1.0f), p[0]));
}

template <class L>
HEADROOM_INLINE bool attend_short(const Tile& tile) noexcept {
    const int registers = registers_of<L>(tile), keys = static_cast<int>(tile.hull_end);
    transpose_queries<L>(tile);
    for (int v = 0; v < registers; ++v) L::store(tile.maximum + v * L::width, L::splat(kLowest));
    score_tile_block<L>(tile, 0, {0, keys});
    for (int v = 0; v < registers; ++v) weigh_short<L>(tile, v * L::width, keys);
    return value_rows_block<L>(tile, {tile.scores, 1, tile.lanes}, 0, tile.count, 0, {0, keys},
                               true, true, false);
}

}  // namespace headroom::detail
