// From raw scores to finished ones, where a feature or the tile's structure makes rows differ:
// features' steps, the lower bound of a visible score, and -inf for what a row does not see.
#pragma once

#include "kernels/tile.hpp"

namespace headroom::detail {

// A finished score that overflowed below is raised to the smallest float: only masks give -inf.
template <class L>
HEADROOM_INLINE typename L::reg raised(typename L::reg s) noexcept {
    const auto lowest = L::splat(kLowest);
    return L::select(L::less(s, lowest), lowest, s);
}

// Calls change(pointer to `width` scores, outer index, first inner index) for every register of a
// block's scores: inner is the row with the queries in the lanes, else the key. Registers at the
// edges may reach beyond the range: rows beyond `rows` and keys outside [begin, end) hold nothing
// that anybody reads.
template <class L, class Change>
HEADROOM_INLINE void for_each_register(const Scores& scores, Change change) noexcept {
    if (scores.row_stride == 1) {
        for (int j = scores.begin; j < scores.end; ++j) {
            for (int r = 0; r < scores.rows; r += L::width) {
                change(scores.data + j * scores.key_stride + r, j, r);
            }
        }
    } else {
        for (int r = 0; r < scores.rows; ++r) {
            for (int j = scores.begin - scores.begin % L::width; j < scores.end; j += L::width) {
                change(scores.data + r * scores.row_stride + j, r, j);
            }
        }
    }
}

// Whether ALiBi is the only step. Then what every row of a tile sees goes without run_steps(), and
// its scores are raised as those without a step are.
HEADROOM_INLINE bool only_alibi(const Features& f) noexcept {
    return f.alibi_step != nullptr && f.softcap_step == nullptr && f.bias_step == nullptr &&
           f.mask_step == nullptr;
}

// Softcap, ALiBi, bias and mask, in this order. The sum with a bias is what is finished, so it is
// raised there; without one the score is raised here. From now on -inf means masked.
template <class L>
[[gnu::noinline]] void run_steps(const Tile& tile, const Scores& scores) noexcept {
    const Features& f = *tile.features;
    if (f.softcap_step != nullptr) f.softcap_step(tile, scores);
    if (f.alibi_step != nullptr) f.alibi_step(tile, scores);
    if (f.bias_step != nullptr) {
        f.bias_step(tile, scores);
    } else {
        for_each_register<L>(scores,
                             [](float* s, int, int) { L::store(s, raised<L>(L::load(s))); });
    }
    if (f.mask_step != nullptr) f.mask_step(tile, scores);
}

// Sets each row's limits relative to a block, as floats: they are small integers, so comparisons
// are exact.
[[gnu::noinline]] static void place_limits(const Tile& tile, std::int64_t first_key) noexcept {
    for (int r = 0; r < tile.count; ++r) {
        tile.low[r] = static_cast<float>(place_in_block(tile.rows[r].begin, first_key));
        tile.high[r] = static_cast<float>(place_in_block(tile.rows[r].end, first_key));
        tile.prefix[r] = static_cast<float>(place_in_block(tile.rows[r].prefix, first_key));
    }
    for (int r = tile.count; r < tile.lanes; ++r)
        tile.low[r] = tile.high[r] = tile.prefix[r] = 0.0f;
}

// Queries in the lanes: hides from each row the keys of [begin, end) that it does not see, and lets
// the maxima grow, for the registers [from, to). Scores that no step has finished are raised.
template <class L>
HEADROOM_INLINE void hide_and_maximise(const Tile& tile, int begin, int end, int from,
                                       int to) noexcept {
    using reg = typename L::reg;
    const reg hidden = L::splat(negative_infinity());
    for (int v = from; v < to; ++v) {
        const Index at = v * L::width;
        const reg low = L::load(tile.low + at), high = L::load(tile.high + at);
        const reg prefix = L::load(tile.prefix + at);
        reg highest = L::load(tile.maximum + at);
        for (int j = begin; j < end; ++j) {
            float* s = tile.scores + j * tile.lanes + at;
            const auto key = L::splat(static_cast<float>(j));
            const reg score = L::load(s);
            const reg finished = tile.steps ? score : raised<L>(score);
            reg seen = L::select(L::less(key, high), finished, hidden);
            seen = L::select(L::less(key, low), hidden, seen);
            seen = L::select(L::less(key, prefix), finished, seen);
            L::store(s, seen);
            highest = L::max(seen, highest);
        }
        L::store(tile.maximum + at, highest);
    }
}

// Keys in the lanes: hides from row r the keys of [begin, end) that it does not see.
HEADROOM_INLINE void hide_row(const Tile& tile, int r, std::int64_t first_key, int begin,
                              int end) noexcept {
    const TileRow& row = tile.rows[r];
    float* s = tile.scores + r * kBlock;
    const int low = place_in_block(row.begin, first_key), high = place_in_block(row.end, first_key);
    const int prefix = place_in_block(row.prefix, first_key);
    for (int j = begin; j < end; ++j) {
        if (j >= low && j < high) {  // the common case, a whole interval at once
            j = (high < end ? high : end) - 1;
        } else if (j >= prefix) {
            s[j] = negative_infinity();
        }
    }
}

// Then, in a row all of whose scores are the lowest float or less: those that it sees count as that
// float.
[[gnu::noinline]] static inline void raise_row(const Tile& tile, int r, std::int64_t first_key,
                                               int begin, int end) noexcept {
    const TileRow& row = tile.rows[r];
    float* s = tile.scores + r * kBlock;
    for (int j = begin; j < end; ++j) {
        const std::int64_t key = first_key + j;
        const bool seen = (key >= row.begin && key < row.end) || key < row.prefix;
        if (seen && s[j] < kLowest) s[j] = kLowest;
    }
}

}  // namespace headroom::detail
