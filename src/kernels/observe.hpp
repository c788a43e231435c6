// Shows a tile's scores or weights, block by block, without computing outputs.
//
// Weights need a row's final maximum and sum, so there are two passes over the keys: one for those,
// one to show. Stages raw and softcap show every stored key as it is; they need only the second.
#pragma once

#include "kernels/join.hpp"

namespace headroom::detail {

// First pass: maximum, alpha (the sum), inverse and the entropy of joined terms, for every row.
template <class L>
HEADROOM_INLINE void sum_rows(const Tile& tile, int registers) noexcept {
    start_rows<L>(tile, registers);
    for (std::int64_t key = first_block(tile), stop = last_key(tile); key < stop;
         key = next_block(tile, key)) {
        const BlockRange range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
        float old[tile_rows];
        for (int v = 0; v < registers; ++v) {
            L::store(old + v * L::width, L::load(tile.maximum + v * L::width));
        }
        score_tile_block<L>(tile, key, range);
        const bool rescale = place_alpha<L>(tile, old, registers);
        weigh_block<L>(tile, registers, range.begin, range.end, false, rescale);
    }
    if (tile.features->finish_tile != nullptr) {
        tile.features->finish_tile(tile);
        return;
    }
    invert_sums<L>(tile, registers);
    for (int r = 0; r < tile.count; ++r) {
        float lanes[kLanes];
        for (int k = 0; k < kLanes; ++k) lanes[k] = tile.sums[k * tile.lanes + r];
        tile.alpha[r] = folded(lanes);
        tile.entropy[r] = 0.0f;
    }
}

// p = exp(s - m); entropy = fma(p, s - m, entropy) where p > 0; the weight is p * (1 / l), and of a
// masked key 0.
template <class L>
HEADROOM_INLINE void weigh_and_observe(const Tile& tile, int registers, int begin,
                                       int end) noexcept {
    using reg = typename L::reg;
    for (int v = 0; v < registers; ++v) {
        const Index at = v * L::width;
        const reg highest = L::load(tile.maximum + at), inverse = L::load(tile.inverse + at);
        reg entropy = L::load(tile.entropy + at);
        for (int j = begin; j < end; ++j) {
            float* s = tile.scores + j * tile.lanes + at;
            const reg score = L::load(s), x = L::sub(score, highest), p = exp_one<L>(x);
            // p is above 0, 0 (then x may be -inf, and adds nothing), or NaN, which must show.
            const auto counts = L::either(L::less(L::zero(), p), L::unordered(p));
            entropy = L::select(counts, L::mul_add(p, x, entropy), entropy);
            // Also where 1 / l is NaN.
            const auto hidden = L::less(score, L::splat(kLowest));
            L::store(s, L::select(hidden, L::zero(), L::mul(p, inverse)));
        }
        L::store(tile.entropy + at, entropy);
    }
}

template <class L>
HEADROOM_INLINE void fill_scores(const Tile& tile, Index begin, Index end, float with) noexcept {
    for (Index j = begin; j < end; ++j) {
        for (int r = 0; r < tile.lanes; ++r) tile.scores[j * tile.lanes + r] = with;
    }
}

// Keys that every row sees: a score that overflowed below is the lowest float, whichever other keys
// its row has. For outputs that matters only where there is nothing higher, so scoring leaves it.
template <class L>
HEADROOM_INLINE void raise_core(const Tile& tile, std::int64_t first_key,
                                BlockRange range) noexcept {
    if (tile.steps && !only_alibi(*tile.features)) return;  // they have raised it
    const int core = place_in_block(tile.core_begin, first_key),
              core_end = place_in_block(tile.core_end, first_key);
    const int begin = static_cast<int>(larger(range.begin, core)),
              end = static_cast<int>(smaller(range.end, core_end));
    for_each_register<L>({tile.scores, 1, tile.lanes, 0, tile.count, first_key, begin, end},
                         [](float* s, int, int) { L::store(s, raised<L>(L::load(s))); });
}

template <class L>
HEADROOM_INLINE void observe_tile_rows(Tile& tile) noexcept {
    const Observer& observer = *tile.observer;
    const int registers = registers_of<L>(tile);
    tile.queries_in_lanes = true;
    transpose_queries<L>(tile);
    const bool masked = observer.stage == Stage::bias || observer.stage == Stage::softmax;
    start_rows<L>(tile, registers);
    if (observer.stage == Stage::softmax) sum_rows<L>(tile, registers);

    for (std::int64_t key = 0; key < tile.stored; key += kBlock) {
        // A ring may run for years: blocks that it has overwritten altogether are passed over at
        // once.
        if (key >= observer.lost_begin && key + kBlock <= observer.lost_end)
            key = observer.lost_end / kBlock * kBlock;
        if (key >= tile.stored) break;
        const int count = static_cast<int>(smaller(kBlock, static_cast<Index>(tile.stored - key)));
        const Scores all{tile.scores, 1, tile.lanes, 0, tile.count, key, 0, count};
        if (!masked) {
            float unused[tile_rows] = {};
            score_block<L>(tile, key, 0, count, 0, registers, unused);
            if (observer.stage == Stage::softcap && tile.features->softcap_step != nullptr) {
                tile.features->softcap_step(tile, all);
            }
            const int lost = place_in_block(observer.lost_begin, key),
                      found = place_in_block(observer.lost_end, key);
            fill_scores<L>(tile, smaller(lost, count), smaller(found, count), __builtin_nanf(""));
        } else {
            BlockRange range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
            if (range.empty()) range = {0, 0};
            const float hidden = observer.stage == Stage::softmax ? 0.0f : negative_infinity();
            fill_scores<L>(tile, 0, range.begin, hidden);
            fill_scores<L>(tile, range.end, count, hidden);
            if (!range.empty()) {
                float kept[tile_rows];  // scoring grows the maxima, which are final by now
                for (int r = 0; r < tile.lanes; ++r) kept[r] = tile.maximum[r];
                score_tile_block<L>(tile, key, range);
                raise_core<L>(tile, key, range);
                if (observer.stage == Stage::softmax) {
                    for (int r = 0; r < tile.lanes; ++r) tile.maximum[r] = kept[r];
                    weigh_and_observe<L>(tile, registers, range.begin, range.end);
                } else {
                    start_rows<L>(tile, registers);
                }
            }
        }
        observer.observe(tile, all);
    }
}

}  // namespace headroom::detail
