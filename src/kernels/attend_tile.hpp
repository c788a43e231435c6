// A tile from queries to outputs: picks the layout, and repeats the tile with care if NaN came out.
#pragma once

#include "kernels/attend_alone.hpp"
#include "kernels/attend_compact.hpp"
#include "kernels/attend_exact.hpp"
#include "kernels/attend_short.hpp"

namespace headroom::detail {

HEADROOM_INLINE void zero_outputs(const Tile& tile) noexcept {
    for (int r = 0; r < tile.count; ++r) {
        for (Index c = 0; c < tile.value_width; ++c) tile.rows[r].out[c] = 0.0f;
    }
}

// Returns whether an output came out NaN.
template <class L>
HEADROOM_INLINE bool attend_somehow(Tile& tile) noexcept {
    if constexpr (compact<L>) {
        tile.queries_in_lanes = false;
        return attend_compact<L>(tile, false);
    } else {
        // Few queries leave lanes empty: the keys fill them better, unless there are few keys as
        // well.
        tile.queries_in_lanes = tile.count > L::max_rows || (!tile.source.panels && is_short(tile));
        if constexpr (joins_early<L>) tile.join = Join::after_values;
        if constexpr (few_registers<L>)
            return tile.queries_in_lanes ? attend_lanes<L>(tile) : attend_alone<L>(tile);
        return !tile.queries_in_lanes ? attend_rows<L>(tile)
               : is_short(tile)       ? attend_short<L>(tile)
                                      : attend_lanes<L>(tile);
    }
}

template <class L>
HEADROOM_INLINE void attend_with_care(const Tile& tile) noexcept {
    if constexpr (compact<L>) {
        attend_compact<L>(tile, true);
    } else {
        attend_exact<L>(tile, tile.queries_in_lanes);
    }
}

// Whether the way that the tile went has joined what there was to join.
template <class L>
HEADROOM_INLINE bool has_joined([[maybe_unused]] const Tile& tile) noexcept {
    if constexpr (joins_early<L>) return tile.join == Join::done;
    return false;
}

template <class L>
HEADROOM_INLINE void attend_tile(Tile& tile) noexcept {
    const FinishTile finish = tile.features->finish_tile;
    const bool nothing = sees_nothing(tile);
    if (nothing && finish == nullptr) return zero_outputs(tile);
    // Also where there is nothing to see: a joined key needs the queries, the maxima and the sums.
    // The outputs may lie over the queries, so they are not touched before those are copied.
    bool poisoned = attend_somehow<L>(tile);
    if (nothing) zero_outputs(tile);
    if (finish != nullptr && !has_joined<L>(tile)) poisoned = finish(tile);
    if (!poisoned) return;
    attend_with_care<L>(tile);
    if (finish != nullptr) finish(tile);
}

}  // namespace headroom::detail
