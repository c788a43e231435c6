// A tile on a port with one float in a register: small before all else.
//
//   queries [rows][key_width]    scores [rows][128]    sums [rows][16]
//
// No lane is ever left empty there, so one way serves prefill and decode: four rows at a time,
// whose products share what they load, each block from scores to outputs. The order of every sum
// is that of the other layouts, so the bits are the same.
//
// With care for NaN (`exact`) it is one row at a time, and values only of the keys that it sees.
#pragma once

#include "kernels/exp.hpp"
#include "kernels/finish_scores.hpp"
#include "kernels/fold.hpp"
#include "kernels/products_compact.hpp"

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
    int from, to, gap, gap_end;
};

HEADROOM_INLINE RowLimits limits_of(const TileRow& row, std::int64_t first_key) noexcept {
    const int low = place_in_block(row.begin, first_key), high = place_in_block(row.end, first_key);
    const int prefix = place_in_block(row.prefix, first_key);
    if (prefix == 0) return low < high ? RowLimits{low, high, 0, 0} : RowLimits{};
    return low < high ? RowLimits{0, high, prefix, low} : RowLimits{0, prefix, 0, 0};
}

// The largest of scores [from, to) and of m.
template <class L>
HEADROOM_INLINE float largest_of(const float* scores, int from, int to, float m) noexcept {
    if constexpr (requires { L::largest_score(scores, scores, m); }) {
        return from < to ? L::largest_score(scores + from, scores + to, m) : m;
    } else {
        for (int j = from; j < to; ++j) m = scores[j] > m ? scores[j] : m;
        return m;
    }
}

// Scores [from, to) of a row to weights; adds them to the sums.
template <class L>
HEADROOM_INLINE void weigh_keys(float* scores, int from, int to, float maximum,
                                float* sums) noexcept {
    if constexpr (requires { L::weigh_pairs(scores, scores, maximum, sums, from); }) {
        if (from < to) L::weigh_pairs(scores + from, scores + to, maximum, sums, from % kLanes);
    } else {
        for (int j = from; j < to; ++j) {
            const float x = scores[j] - maximum;
            scores[j] = 0.0f;
            if (x < kExpCut) continue;
            scores[j] = exp_one<L>(x);
            sums[j % kLanes] += scores[j];
        }
    }
}

// With care, the scores of the row that is worked at, in a row of scores that is not: -inf where it
// does not see the key.
HEADROOM_INLINE float* kept_scores(const Tile& tile, int r) noexcept {
    return tile.scores + (r ^ 1) * kBlock;
}

// One row of a block: hides what it does not see, turns scores into weights, and lets its maximum
// grow. Returns whether that grew.
template <class L>
HEADROOM_INLINE bool weigh_row_compact(const Tile& tile, int r, const BlockStep& step,
                                       RowLimits row, BlockRange range) noexcept {
    float* scores = tile.scores + r * kBlock;
    for (int j = row.gap; j < row.gap_end; ++j) scores[j] = negative_infinity();
    // An even number of keys, the first of them even.
    int from = row.from, to = row.to;
    if (from % 2 != 0) scores[--from] = negative_infinity();
    if (to % 2 != 0) scores[to++] = negative_infinity();

    const float old = tile.maximum[r], most = largest_of<L>(scores, from, to, old);
    tile.maximum[r] = most;
    if (!tile.steps && (step.exact || !(most > kLowest))) {
        // Scores of -inf that are visible count as the lowest float.
        for (int j = row.from; j < row.to; ++j) {
            if (scores[j] < kLowest && (j < row.gap || j >= row.gap_end)) scores[j] = kLowest;
        }
    }
    const bool whole = from <= range.begin && to >= range.end && !step.exact;
    for (int j = range.begin; !whole && j < range.end; ++j) {
        const bool inside = j >= from && j < to;
        if (step.exact) kept_scores(tile, r)[j] = inside ? scores[j] : negative_infinity();
        if (!inside) scores[j] = 0.0f;
    }

    float *total = tile.sums + r * kLanes, block[kLanes];
    float* const sums = step.first ? total : block;
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k) sums[k] = 0.0f;
    weigh_keys<L>(scores, from, to, most, sums);
    if (step.first) return false;
    const bool grew = most > old;
    const float alpha = grew ? exp_scalar<L>(old - most) : 1.0f;
    tile.alpha[r] = alpha;
    for (int k = 0; k < kLanes; ++k) total[k] = mul_add_one<L>(total[k], alpha, block[k]);
    return grew;
}

// 1 / l; a row that saw nothing has l = 0 and gets 0.
HEADROOM_INLINE float inverse_sum(const float* lanes) noexcept {
    const float sum = folded(lanes);
    return sum == 0.0f ? 0.0f : 1.0f / sum;
}

// Adds a block's values to the outputs of a group. Returns whether one came out NaN.
template <class L>
HEADROOM_INLINE bool value_group(const Tile& tile, int row, int rows, const BlockStep& step,
                                 BlockRange range, bool grew) noexcept {
    for (int r = row; grew && r < row + rows; ++r) {
        for (Index c = 0; c < tile.value_width; ++c) tile.rows[r].out[c] *= tile.alpha[r];
    }
    const float *weights = tile.scores + row * kBlock, *kept = kept_scores(tile, row);
    bool poisoned = false;
    for (int j = range.begin, first = step.first;; first = 0) {
        int stop = range.end;
        if (step.exact) {  // the next keys that the row sees
            while (j < stop && kept[j] < kLowest) ++j;
            for (stop = j; stop < range.end && !(kept[stop] < kLowest);) ++stop;
        }
        ValueRun run{tile.source.value, 0};
        if (j < stop) run = value_run(tile.source, step.first_key + j, stop - j);
        const bool last = j + run.count >= range.end;
        Products task;
#pragma GCC unroll 1
        for (int r = 0; r < rows; ++r) {
            task.a[r] = weights + r * kBlock + j;
            task.out[r] = tile.rows[row + r].out;
            task.factor[r] = last && step.last ? tile.inverse[row + r] : 1.0f;
        }
        task.b = run.value;
        task.b_step = tile.source.value_stride;
        task.n = run.count;
        task.zero = task.poison = 0.0f;
        task.from_zero = first;
        poisoned |= multiply_panel<L>(task, rows, tile.value_width);
        if (last) return poisoned;
        j += static_cast<int>(run.count);
    }
}

// A block for rows [row, row + rows). Returns whether an output came out NaN.
template <class L>
[[gnu::noinline]] bool attend_group(const Tile& tile, int row, int rows,
                                    const BlockStep& step) noexcept {
    BlockRange range = step.range;
    if (!step.alike) {
        range = {kBlock, 0};
        for (int r = 0; r < rows; ++r) {
            const RowLimits seen = limits_of(tile.rows[row + r], step.first_key);
            if (seen.from >= seen.to) continue;
            range.begin = seen.from < range.begin ? seen.from : range.begin;
            range.end = seen.to > range.end ? seen.to : range.end;
        }
    }
    if (range.empty()) {
        if (!step.first && !step.last) return false;
        range = {0, 0};
    } else {
        score_group<L>(tile, row, rows, step.first_key, range.begin, range.end);
        if (tile.steps) {
            run_steps<L>(tile, {tile.scores + row * kBlock, kBlock, 1, row, rows, step.first_key,
                                range.begin, range.end});
        }
    }
    bool grew = false;
#pragma GCC unroll 1
    for (int r = 0; r < rows; ++r) {
        // Worked out again: four rows' limits would lie on the stack below all products.
        const RowLimits seen = step.alike ? RowLimits{range.begin, range.end, 0, 0}
                                          : limits_of(tile.rows[row + r], step.first_key);
        grew |= weigh_row_compact<L>(tile, row + r, step, seen, range);
        if (step.last) tile.inverse[row + r] = inverse_sum(tile.sums + (row + r) * kLanes);
    }
    return value_group<L>(tile, row, rows, step, range, grew);
}

// Copies the queries, which the outputs may lie over; with care there is a copy already.
HEADROOM_INLINE void start_rows_compact(const Tile& tile, bool exact) noexcept {
    float* query = tile.queries;
    for (int r = 0; r < tile.count; ++r) {
        const float* from = tile.rows[r].query;
        if (!exact) {
#pragma GCC unroll 4
            for (Index d = 0; d < tile.key_width; ++d) *query++ = *from++;
        }
        tile.maximum[r] = kLowest;
    }
}

// Returns whether an output came out NaN: then the tile must be done again with care.
template <class L>
[[gnu::noinline]] bool attend_compact(const Tile& tile, bool exact) noexcept {
    const bool join = tile.features->finish_tile != nullptr;
    start_rows_compact(tile, exact);
    bool poisoned = false;
    BlockStep step{first_block(tile), {}, false, true, false, exact};
    const std::int64_t stop = last_key(tile);
    // Blocks start the sums, but there may be none, and yet something that joins.
    for (int i = 0; step.first_key >= stop && i < tile.count * kLanes; ++i) tile.sums[i] = 0.0f;
    for (; step.first_key < stop; step.first = false) {
        const std::int64_t key = step.first_key, next = next_block(tile, key);
        step.range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
        step.alike =
            tile.core_begin <= key + step.range.begin && tile.core_end >= key + step.range.end;
        step.last = next >= stop && !join;
        const int group = exact ? 1 : kRows;
        for (int r = 0; r < tile.count; r += group) {
            const int left = tile.count - r;
            poisoned |= attend_group<L>(tile, r, left < group ? left : group, step);
        }
        step.first_key = next;
    }
    return poisoned;
}

}  // namespace headroom::detail
