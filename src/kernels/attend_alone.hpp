// A tile with the keys in the lanes on a port with few registers, where what a row computes takes
// all of them: one row after the other, as attend_rows() lays them out.
//
//   scores     [rows][128], sums [rows][16]
//
// The order of every sum is that of the queries in the lanes, so the bits are the same.
#pragma once

#include "kernels/attend_lanes.hpp"
#include "kernels/attend_one.hpp"

namespace headroom::detail {

// Scores of keys [begin, end) of a block, `begin` the first of a panel; the last panel is whole,
// but beyond `end` it holds anything.
template <class L>
HEADROOM_INLINE void score_alone(const Tile& tile, std::int64_t first_key, int begin,
                                 int end) noexcept {
    const Index width = tile.key_width;
    if (!tile.source.panels) {
        const float* key =
            tile.source.key + static_cast<Index>(first_key + begin) * tile.source.key_stride;
        for (int r = 0; r < tile.count; ++r) {
            L::score_apart(tile.queries + r * width, width, key, tile.source.key_stride,
                           end - begin, tile.scale, tile.scores + r * kBlock + begin);
        }
        return;
    }
    while (begin < end) {
        const Index most = (end - begin + kLanes - 1) & -kLanes;
        const KeyRun run = key_run(tile.source, width, first_key + begin, most);
        for (int r = 0; r < tile.count; ++r) {
            L::score_panels(tile.queries + r * width, width, run.key, run.dim_step,
                            run.count / kLanes, tile.scale, tile.scores + r * kBlock + begin);
        }
        begin += static_cast<int>(run.count);
    }
}

// Rare, and not to take the registers of the loop over rows.
[[gnu::noinline]] static inline void hide_alone(const Tile& tile, int r, std::int64_t first_key,
                                                int begin, int end) noexcept {
    hide_row(tile, r, first_key, begin, end);
}

// Scores of whole panels [begin, end) to weights, and the row's sum. In the first block there is
// nothing to rescale. Returns whether the maximum grew.
template <class L>
HEADROOM_INLINE bool weigh_alone(const Tile& tile, int r, std::int64_t first_key, int begin,
                                 int end, bool first, bool last) noexcept {
    const Index panels = (end - begin) / kLanes;
    float *s = tile.scores + r * kBlock + begin, *total = tile.sums + r * kLanes, block[kLanes];
    const float highest = L::highest(s, panels), old = tile.maximum[r];
    const bool grew = highest > old;
    const float most = grew ? highest : old;
    tile.maximum[r] = most;
    if (!(most > kLowest) && !tile.steps) raise_row(tile, r, first_key, begin, end);
    L::weigh_panels(s, panels, most, first ? total : block);
    if (!first) tile.alpha[r] = join_sums<L>(block, old, most, total);
    if (last) tile.inverse[r] = inverse_of_sum(folded(total));
    return grew && !first;
}

template <class L>
HEADROOM_INLINE void start_alone(const Tile& tile) noexcept {
    for (int r = 0; r < tile.count; ++r) {
        const float* from = tile.rows[r].query;
        float* to = tile.queries + r * tile.key_width;
#pragma GCC unroll 1
        for (Index d = 0; d < tile.key_width; d += L::width)
            store_upto<L>(to + d, load_upto<L>(from + d, tile.key_width - d), tile.key_width - d);
        tile.maximum[r] = kLowest;
#pragma GCC unroll 16
        for (int k = 0; k < kLanes; k += L::width) L::store(tile.sums + r * kLanes + k, L::zero());
    }
}

// Returns whether an output came out NaN.
template <class L>
[[gnu::noinline]] bool attend_alone(const Tile& tile) noexcept {
    const bool join = tile.features->finish_tile != nullptr;
    start_alone<L>(tile);
    bool first = true, poisoned = false;
    for (std::int64_t key = first_block(tile), stop = last_key(tile); key < stop;) {
        const BlockRange range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
        const std::int64_t next = next_block(tile, key);
        const bool last = next >= stop && !join;
        const int begin = range.begin & -kLanes, end = (range.end + kLanes - 1) & -kLanes;
        const bool alike = tile.core_begin <= key + range.begin && tile.core_end >= key + range.end;
        score_alone<L>(tile, key, begin, range.end);
        if (tile.steps) {
            run_steps<L>(tile,
                         {tile.scores, kBlock, 1, 0, tile.count, key, range.begin, range.end});
        }
        bool rescale = false;
        for (int r = 0; r < tile.count; ++r) {
            if (!alike || begin < range.begin || range.end < end)
                hide_alone(tile, r, key, begin, end);
            rescale |= weigh_alone<L>(tile, r, key, begin, end, first, last);
        }
        poisoned |= value_rows_block<L>(tile, {tile.scores, kBlock, 1}, 0, tile.count, key, range,
                                        first, last, rescale);
        first = false;
        key = next;
    }
    return poisoned;
}

}  // namespace headroom::detail
