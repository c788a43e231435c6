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

#include "kernels/products_compact.hpp"

namespace headroom::detail {

HEADROOM_INLINE RowLimits limits_of(const TileRow& row, std::int64_t first_key) noexcept {
    const auto place = [first_key](std::int64_t key) {
        return static_cast<std::uint8_t>(place_in_block(key, first_key));
    };
    const std::uint8_t low = place(row.begin), high = place(row.end), prefix = place(row.prefix);
    if (prefix == 0) return low < high ? RowLimits{low, high, 0, 0} : RowLimits{};
    return low < high ? RowLimits{0, high, prefix, low} : RowLimits{0, prefix, 0, 0};
}

// What each row of a group sees of a block, and the hull of that.
HEADROOM_INLINE void limit_group(const Tile& tile, RowGroup& group, std::int64_t first_key,
                                 RowLimits* limits) noexcept {
    group.range = {kBlock, 0};
    for (int r = 0; r < group.rows; ++r) {
        const RowLimits seen = limits_of(tile.rows[group.row + r], first_key);
        limits[r] = seen;
        if (seen.from >= seen.to) continue;
        group.range.begin = seen.from < group.range.begin ? seen.from : group.range.begin;
        group.range.end = seen.to > group.range.end ? seen.to : group.range.end;
    }
}

// Prepares the products with the values of keys j ... of a block, as many as lie in one run; with
// care, of those that the row sees. Returns the key after them. Its frame is not on the stack while
// the products run.
[[gnu::noinline]] static inline int next_values(const Tile& tile, const RowGroup& group,
                                                const BlockStep& step, int j,
                                                Products& task) noexcept {
    const int end = group.range.end;
    int stop = end;
    if (step.exact) {
        const float* const kept = kept_scores(tile, group.row);
        while (j < stop && kept[j] < kLowest) ++j;
        for (stop = j; stop < end && !(kept[stop] < kLowest);) ++stop;
    }
    ValueRun run{tile.source.value, 0};
    if (j < stop) run = value_run(tile.source, step.first_key + j, stop - j);
    const int next = j + static_cast<int>(run.count);
    const bool divide = step.last && next >= end;
    const float *weights = tile.scores + group.row * kBlock + j,
                *inverse = tile.inverse + group.row;
    const TileRow* row = tile.rows + group.row;
#pragma GCC unroll 1
    for (int r = 0; r < group.rows; ++r, weights += kBlock) {
        task.a[r] = weights;
        task.out[r] = row[r].out;
        task.factor[r] = divide ? inverse[r] : 1.0f;
    }
    task.b = run.value;
    task.b_step = tile.source.value_stride;
    task.n = run.count;
    return next;
}

// Adds a block's values to the outputs of a group. Returns whether one came out NaN.
template <class L>
HEADROOM_INLINE bool value_group(const Tile& tile, const RowGroup& group, const BlockStep& step,
                                 Products& task) noexcept {
    bool poisoned = false;
    task.from_zero = step.first;
    for (int j = group.range.begin;; task.from_zero = 0) {
        j = next_values(tile, group, step, j, task);
        poisoned |= multiply_panel<L>(task, group.rows, tile.value_width);
        if (j >= group.range.end) return poisoned;
    }
}

// Scales the outputs of rows whose maximum grew.
[[gnu::noinline]] static inline void rescale_group(const Tile& tile,
                                                   const RowGroup& group) noexcept {
    for (int r = group.row; r < group.row + group.rows; ++r) {
        for (Index c = 0; c < tile.value_width; ++c) tile.rows[r].out[c] *= tile.alpha[r];
    }
}

// A block for rows [row, row + rows). Returns whether an output came out NaN.
template <class L>
[[gnu::noinline]] bool attend_group(const Tile& tile, int row, int rows,
                                    const BlockStep& step) noexcept {
    RowGroup group{row, rows, step.range};
    RowLimits limits[kRows];
    Products task;
    if (step.alike) {
        limits[0] = {static_cast<std::uint8_t>(group.range.begin),
                     static_cast<std::uint8_t>(group.range.end), 0, 0};
    } else {
        limit_group(tile, group, step.first_key, limits);
    }
    if (group.range.empty()) {
        if (!step.first && !step.last) return false;
        group.range = {0, 0};
        limits[0] = {};
    } else {
        score_group<L>(tile, group, step.first_key, task);
        if (tile.steps) {
            run_steps<L>(tile, {tile.scores + row * kBlock, kBlock, 1, row, rows, step.first_key,
                                group.range.begin, group.range.end});
        }
    }
    if (weigh_group<L>(tile, group, step, limits)) rescale_group(tile, group);
    return value_group<L>(tile, group, step, task);
}

// Copies the queries, if the outputs lie over them or something joins, which reads the copy.
HEADROOM_INLINE void start_rows_compact(const Tile& tile, bool join, bool exact) noexcept {
    const bool copy = !exact && (join || tile.rows->query == tile.rows->out);
    float* query = tile.queries;
    for (int r = 0; r < tile.count; ++r) {
        tile.maximum[r] = kLowest;
        if (!copy) continue;
        const float* from = tile.rows[r].query;
        tile.rows[r].query = query;
#pragma GCC unroll 1
        for (Index d = 0; d < tile.key_width; ++d) *query++ = *from++;
    }
}

// Returns whether an output came out NaN: then the tile must be done again with care.
template <class L>
[[gnu::noinline]] bool attend_compact(const Tile& tile, bool exact) noexcept {
    const bool join = tile.features->finish_tile != nullptr;
    start_rows_compact(tile, join, exact);
    if (sees_nothing(tile)) {  // blocks start the sums, and something joins
        for (int i = 0; i < tile.count * kLanes; ++i) tile.sums[i] = 0.0f;
        return false;
    }
    const std::int64_t stop = last_key(tile);
    BlockStep step{first_block(tile), {}, false, true, false, exact};
    for (bool poisoned = false;; step.first = false) {
        const std::int64_t key = step.first_key;
        step.range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
        step.alike =
            tile.core_begin <= key + step.range.begin && tile.core_end >= key + step.range.end;
        const bool end = stop - key <= kBlock;
        step.last = end && !join;
        const int most = exact ? 1 : kRows;
        for (int r = 0; r < tile.count; r += most) {
            const int left = tile.count - r;
            poisoned |= attend_group<L>(tile, r, left < most ? left : most, step);
        }
        if (end) return poisoned;
        step.first_key = next_block(tile, key);
    }
}

}  // namespace headroom::detail
