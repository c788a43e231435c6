// From the scores of a row and a block to weights and their sums, on a port with one float in a
// register.
#pragma once

#include "kernels/exp.hpp"
#include "kernels/finish_scores.hpp"
#include "kernels/fold.hpp"

namespace headroom::detail {

// One block of keys, as all groups of rows meet it.
struct BlockStep {
    std::int64_t first_key;
    BlockRange range;
    bool alike;  // every row sees all of the range
    bool first;
    bool last;
    bool exact;
};

// What a row sees of a block: keys [from, to) less [gap, gap_end), which lie between the first
// tokens and the window.
struct RowLimits {
    std::uint8_t from, to, gap, gap_end;
};

// Some rows of a tile, and the keys of a block that one of them sees.
struct RowGroup {
    int row;
    int rows;
    BlockRange range;
};

// The whole panels that keys [from, to) are in.
HEADROOM_INLINE int panel_begin(int from) noexcept { return from & -kLanes; }
HEADROOM_INLINE int panel_end(int to) noexcept { return (to + kLanes - 1) & -kLanes; }

// The largest of scores [from, to) and of m; none of them is below `least`, if the port asks.
template <class L>
HEADROOM_INLINE float largest_of(const float* scores, int from, int to, float m,
                                 float& least) noexcept {
    if constexpr (requires { L::largest_score(scores, scores, m, least); }) {
        return L::largest_score(scores + from, scores + to, m, least);
    } else {
        for (int j = from; j < to; ++j) m = scores[j] > m ? scores[j] : m;
        return m;
    }
}

// Scores [from, to) to weights.
template <class L>
HEADROOM_INLINE void weigh_keys(float* scores, int from, int to, float most, float least) noexcept {
    if constexpr (requires { L::weigh_pairs(scores, scores, most, least); }) {
        L::weigh_pairs(scores + from, scores + to, most, least);
    } else {
        for (int j = from; j < to; ++j) {
            const float x = scores[j] - most;
            scores[j] = x < kExpCut ? 0.0f : exp_one<L>(x);
        }
    }
}

// sums[k] = the sum of weights k mod 16 of [from, to), in a row where zeros fill up the panels.
template <class L>
HEADROOM_INLINE void sum_weights(const float* weights, int from, int to, float* sums) noexcept {
    if constexpr (requires { L::sum_panels(weights, weights, sums); }) {
        if (from < to) {
            return L::sum_panels(weights + panel_begin(from), weights + panel_end(to), sums);
        }
    }
#pragma GCC unroll 1
    for (int k = 0; k < kLanes; ++k) sums[k] = 0.0f;
    for (int j = from; j < to; ++j) sums[j % kLanes] += weights[j];
}

// With care, the scores of the row that is worked at, in a row of scores that is not: -inf where it
// does not see the key.
HEADROOM_INLINE float* kept_scores(const Tile& tile, int r) noexcept {
    return tile.scores + (r ^ 1) * kBlock;
}

// What is rare: visible scores of -inf count as the lowest float; with care, scores are kept.
template <class L>
[[gnu::noinline]] void settle_scores(const Tile& tile, int r, const BlockStep& step,
                                     const RowLimits& row) noexcept {
    float *const scores = tile.scores + r * kBlock, *const kept = kept_scores(tile, r);
    for (int j = row.from; j < row.to; ++j) {
        const bool seen = j < row.gap || j >= row.gap_end;
        if (seen && !tile.steps && scores[j] < kLowest) scores[j] = kLowest;
        if (step.exact) kept[j] = scores[j];
    }
}

// Turns the scores of a row's keys into weights, and lets its maximum grow.
template <class L>
HEADROOM_INLINE void weigh_seen(const Tile& tile, int r, float* scores, float* maximum,
                                const BlockStep& step, const RowLimits& row) noexcept {
    for (int j = row.gap; j < row.gap_end; ++j) scores[j] = negative_infinity();
    // Pairs: in the place next to an odd key is a score twice, until that becomes 0.
    const int from = row.from & ~1, to = (row.to + 1) & ~1;
    if (from < row.from) scores[from] = scores[row.from];
    if (to > row.to) scores[row.to] = scores[row.to - 1];

    float least = 0.0f;
    const float most = largest_of<L>(scores, from, to, *maximum, least);
    *maximum = most;
    if (step.exact || !(most > kLowest)) settle_scores<L>(tile, r, step, row);
    weigh_keys<L>(scores, from, to, most, least);
}

// The sums of a block that is not the first; `old` is the maximum before it. Returns whether that
// grew, and the outputs with it.
template <class L>
HEADROOM_INLINE bool join_sums(const Tile& tile, int r, float old, const float* block,
                               float* total) noexcept {
    const float most = tile.maximum[r];
    const bool grew = most > old;
    const float alpha = grew ? exp_scalar<L>(old - most) : 1.0f;
    tile.alpha[r] = alpha;
#pragma GCC unroll 1
    for (int k = 0; k < kLanes; ++k) total[k] = mul_add_one<L>(total[k], alpha, block[k]);
    return grew;
}

// The lanes of a row's sum are folded by the port, if it has a way of its own.
template <class L>
HEADROOM_INLINE float inverse_of_lanes(const float* lanes) noexcept {
    float sum;
    if constexpr (requires { L::fold_lanes(lanes); }) {
        sum = L::fold_lanes(lanes);
    } else {
        sum = folded(lanes);
    }
    return inverse_of_sum(sum);
}

// One row of a block. Returns whether its maximum grew.
template <class L>
HEADROOM_INLINE bool weigh_row_compact(const Tile& tile, int r, const BlockStep& step,
                                       const RowLimits& row, BlockRange range) noexcept {
    const int from = row.from, to = row.to;
    float *const scores = tile.scores + r * kBlock, *const maximum = tile.maximum + r;
    const float old = *maximum;
    if (from < to) weigh_seen<L>(tile, r, scores, maximum, step, row);
    // Nothing for what other rows see, and up to whole panels.
    const int first = panel_begin(from), begin = first < range.begin ? first : range.begin;
    const int last = panel_end(to), end = last > range.end ? last : range.end;
#pragma GCC unroll 1
    for (int j = begin; j < from; ++j) scores[j] = 0.0f;
#pragma GCC unroll 1
    for (int j = to; j < end; ++j) scores[j] = 0.0f;

    float* const total = tile.sums + r * kLanes;
    // Of 16 floats at least, and of no use in this layout.
    float* const sums = step.first ? total : tile.low;
    sum_weights<L>(scores, from, to, sums);
    const bool grew = !step.first && join_sums<L>(tile, r, old, sums, total);
    if (step.last) tile.inverse[r] = inverse_of_lanes<L>(total);
    return grew;
}

// The rows of a group, with limits for each or `alike`. Returns whether a maximum grew.
template <class L>
[[gnu::noinline]] bool weigh_group(const Tile& tile, const RowGroup& group, const BlockStep& step,
                                   const RowLimits* limits) noexcept {
    bool grew = false;
#pragma GCC unroll 1
    for (int r = group.row; r < group.row + group.rows; ++r) {
        grew |= weigh_row_compact<L>(tile, r, step, *limits, group.range);
        if (!step.alike) ++limits;
    }
    return grew;
}

}  // namespace headroom::detail
