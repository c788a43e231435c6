// The products of a tile on a port with one float in a register: whole blocks by the port, what
// fills none one sum at a time. A panel of keys lies as values do, so its scores are done like
// values.
#pragma once

#include "kernels/tile.hpp"
#include "kernels/weigh_compact.hpp"

namespace headroom::detail {

inline constexpr int kRows = 4;     // rows of a block
inline constexpr int kFewRows = 2;  // so few rows have blocks of their own

// One sum: start + a[i] * b[i * b_step] for i = 0 ... n - 1.
template <class L>
[[gnu::noinline]] float chain(float sum, const float* a, const float* b, Index b_step,
                              Index n) noexcept {
    for (; n > 0; --n, ++a, b += b_step) sum = mul_add_one<L>(*a, *b, sum);
    return sum;
}

HEADROOM_INLINE void repeat_rows(Products& task, int rows) noexcept {
#pragma GCC unroll 1
    for (int r = rows; r < kRows; ++r) {
        task.a[r] = task.a[0];
        task.out[r] = task.out[0];
        task.factor[r] = task.factor[0];
    }
}

template <class L>
[[gnu::noinline]] void score_singly(const Products& task, int rows, Index keys) noexcept {
    for (int r = 0; r < rows; ++r) {
        for (Index j = 0; j < keys; ++j) {
            const float* key = task.b + j * task.b_step;
            task.out[r][j] = chain<L>(0.0f, task.a[r], key, 1, task.n) * task.factor[r];
        }
    }
}

// Scores of `keys` plain keys in blocks of so many, of four rows together or of each by itself.
template <class L, int block>
HEADROOM_INLINE void score_blocks(Products& task, int rows, Index keys) noexcept {
    constexpr bool apart = block == 8;
    if (!apart) repeat_rows(task, rows);
    const float* const key = task.b;
    task.blocks = static_cast<Index>(static_cast<std::size_t>(keys) / block);
    // What is left over makes a last block that reaches back over keys that are done already.
    for (Index left = keys & (block - 1);; left = 0) {
        if constexpr (apart) {
            L::each_by_rows(task, rows);
        } else {
            L::rows_by_rows(task);
        }
        if (left == 0) return;
        const int moved = apart ? rows : kRows;
#pragma GCC unroll 1
        for (int r = 0; r < moved; ++r) task.out[r] -= block - left;
        task.b = key + (keys - block) * task.b_step;
        task.blocks = 1;
    }
}

// Scores of `keys` plain keys; `task.out` has room for all of them.
template <class L>
[[gnu::noinline]] void score_plain(Products& task, int rows, Index keys) noexcept {
    if (task.n % 2 == 0) {
        if (keys >= 8 && rows <= kFewRows) return score_blocks<L, 8>(task, rows, keys);
        if (keys >= 4) return score_blocks<L, 4>(task, rows, keys);
    }
    score_singly<L>(task, rows, keys);
}

// Of an odd number of products the first, by itself.
template <class L>
[[gnu::noinline]] void first_product(Products& task, int rows, Index columns) noexcept {
    for (int r = 0; r < rows; ++r) {
        const float a = *task.a[r]++;
        float* out = task.out[r];
        for (Index c = 0; c < columns; ++c)
            out[c] = mul_add_one<L>(a, task.b[c], task.from_zero ? 0.0f : out[c]);
    }
    task.b += task.b_step;
    task.from_zero = 0;
    --task.n;
}

// What fills no block.
template <class L>
[[gnu::noinline]] void last_columns(Products& task, int rows, const float* b,
                                    Index columns) noexcept {
    for (int r = 0; r < rows; ++r) {
        for (Index c = 0; c < columns; ++c) {
            float* out = task.out[r] + c;
            const float sum =
                chain<L>(task.from_zero ? 0.0f : *out, task.a[r], b + c, task.b_step, task.n);
            *out = sum * task.factor[r] + 0.0f;
            task.poison = mul_add_one<L>(*out, 0.0f, task.poison);
        }
    }
}

HEADROOM_INLINE bool poisoned(const Products& task) noexcept {
    return task.poison - task.poison != 0.0f;
}

// Products with a panel or with values. Returns whether an output is NaN or infinite, or so large
// that its square is.
template <class L>
[[gnu::noinline]] bool multiply_panel(Products& task, int rows, Index columns) noexcept {
    task.zero = task.poison = 0.0f;
    if (task.n % 2 != 0) first_product<L>(task, rows, columns);
    if (rows <= kFewRows && columns >= 16) {
        task.blocks = columns >> 4;
        L::each_by_panel(task, rows);
        if ((columns & 15) == 0) return poisoned(task);
        task.b += columns & ~Index{15};
        columns &= 15;
    }
    const float* const b = task.b;
    const Index whole = columns & ~Index{3};
    if (whole != 0) {
        task.blocks = whole >> 2;
        repeat_rows(task, rows);
        L::rows_by_panel(task);
    }
    if (whole != columns) last_columns<L>(task, rows, b + whole, columns - whole);
    return poisoned(task);
}

// Prepares the scores of keys j ... of a group.
HEADROOM_INLINE void set_keys(const Tile& tile, const RowGroup& group, int j, const float* key,
                              Index key_step, Products& task) noexcept {
    const TileRow* row = tile.rows + group.row;
    float* scores = tile.scores + group.row * kBlock + j;
#pragma GCC unroll 1
    for (int r = 0; r < group.rows; ++r, scores += kBlock) {
        task.a[r] = row[r].query;
        task.out[r] = scores;
        task.factor[r] = tile.scale;
    }
    task.b = key;
    task.b_step = key_step;
    task.n = tile.key_width;
    task.from_zero = 1;
}

// The same for panels, which may lie in several runs. Returns how many keys.
[[gnu::noinline]] static inline int set_panels(const Tile& tile, const RowGroup& group,
                                               std::int64_t first_key, int j, int end,
                                               Products& task) noexcept {
    const KeyRun run = key_run(tile.source, tile.key_width, first_key + j, end - j);
    set_keys(tile, group, j, run.key, run.dim_step, task);
    return static_cast<int>(run.count);
}

// The scores of a group. Of panels whole blocks, also beyond the range: nobody reads what is there.
template <class L>
HEADROOM_INLINE void score_group(const Tile& tile, const RowGroup& group, std::int64_t first_key,
                                 Products& task) noexcept {
    int j = group.range.begin, end = group.range.end;
    if (!tile.source.panels) {
        const KeyRun run = key_run(tile.source, tile.key_width, first_key + j, end - j);
        set_keys(tile, group, j, run.key, run.key_step, task);
        return score_plain<L>(task, group.rows, run.count);
    }
    const int within = group.rows <= kFewRows ? kLanes - 1 : 3;
    j &= ~within;
    end = (end + within) & ~within;
    do {
        const int count = set_panels(tile, group, first_key, j, end, task);
        multiply_panel<L>(task, group.rows, count);
        j += count;
    } while (j < end);
}

}  // namespace headroom::detail
