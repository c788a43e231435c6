// A tile from queries to outputs: picks the layout, and repeats the tile with care if NaN came out.
#pragma once

#include "kernels/attend_exact.hpp"

namespace headroom::detail {

template <class L>
HEADROOM_INLINE void attend_tile(Tile& tile) noexcept {
    const FinishTile finish = tile.features->finish_tile;
    tile.queries_in_lanes = !tile.source.panels || tile.count > L::max_rows;
    const bool nothing = first_block(tile) >= last_key(tile);
    if (nothing) {
        for (int r = 0; r < tile.count; ++r) {
            for (Index c = 0; c < tile.value_width; ++c) tile.rows[r].out[c] = 0.0f;
        }
        if (finish == nullptr) return;
    }
    // Also where there is nothing to see: a joined key needs the queries, the maxima and the sums.
    bool poisoned = tile.queries_in_lanes ? attend_lanes<L>(tile) : attend_rows<L>(tile);
    if (finish != nullptr) poisoned = finish(tile);
    if (!poisoned) return;
    attend_exact<L>(tile, tile.queries_in_lanes);
    if (finish != nullptr) finish(tile);
}

}  // namespace headroom::detail
