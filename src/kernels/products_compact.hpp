// The products of a tile on a port with one float in a register: whole blocks by the port, what
// fills none one sum at a time. A panel of keys lies as values do, so its scores are done like
// values.
#pragma once

#include "kernels/tile.hpp"

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

// Scores of `keys` plain keys; `task.out` has room for all of them.
template <class L>
[[gnu::noinline]] void score_plain(Products& task, int rows, Index keys) noexcept {
    const bool apart = rows <= kFewRows && keys >= 8;
    const Index block = apart ? 8 : 4;
    if (task.n % 2 != 0 || keys < block) {
        for (int r = 0; r < rows; ++r) {
            for (Index j = 0; j < keys; ++j) {
                const float* key = task.b + j * task.b_step;
                task.out[r][j] = chain<L>(0.0f, task.a[r], key, 1, task.n) * task.factor[r];
            }
        }
        return;
    }
    repeat_rows(task, rows);
    const float* const key = task.b;
    // What is left over makes a last block that reaches back over keys that are done already.
    for (Index blocks = keys / block, left = keys % block;;) {
        if (apart) {
            for (int r = 0; r < rows; ++r) {
                task.blocks = blocks;
                L::row_by_rows(task, r);
            }
        } else {
            task.blocks = blocks;
            L::rows_by_rows(task);
        }
        if (left == 0) return;
        for (int r = 0; r < kRows; ++r) task.out[r] -= block - left;
        task.b = key + (keys - block) * task.b_step;
        blocks = 1;
        left = 0;
    }
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

// Products with a panel or with values. Returns whether an output is NaN or infinite.
template <class L>
[[gnu::noinline]] bool multiply_panel(Products& task, int rows, Index columns) noexcept {
    if (task.n % 2 != 0) first_product<L>(task, rows, columns);
    const float* b = task.b;
    task.blocks = columns / 16;
    if (rows <= kFewRows && task.blocks > 0) {
        for (int r = 0; r < rows; ++r) {
            task.b = b;
            task.blocks = columns / 16;
            L::row_by_panel(task, r);
        }
        b += columns - columns % 16;
        columns %= 16;
    }
    task.blocks = columns / 4;
    if (task.blocks > 0) {
        task.b = b;
        repeat_rows(task, rows);
        L::rows_by_panel(task);
        b += columns - columns % 4;
        columns %= 4;
    }
    for (int r = 0; r < rows; ++r) {
        for (Index c = 0; c < columns; ++c) {
            float* out = task.out[r] + c;
            const float sum =
                chain<L>(task.from_zero ? 0.0f : *out, task.a[r], b + c, task.b_step, task.n);
            *out = sum * task.factor[r] + 0.0f;
            task.poison = mul_add_one<L>(*out, 0.0f, task.poison);
        }
    }
    return task.poison != task.poison;
}

// Scores of rows [row, row + rows) for keys [begin, end) of a block.
template <class L>
HEADROOM_INLINE void score_group(const Tile& tile, int row, int rows, std::int64_t first_key,
                                 int begin, int end) noexcept {
    // Of panels whole blocks, also beyond begin and end: nobody reads what is there.
    const int within = !tile.source.panels ? 0 : rows <= kFewRows ? kLanes - 1 : 3;
    for (int j = begin & ~within; j < end;) {
        const KeyRun run =
            key_run(tile.source, tile.key_width, first_key + j, (end - j + within) & ~within);
        Products task;
        const float* query = tile.queries + row * tile.key_width;
        float* scores = tile.scores + row * kBlock + j;
#pragma GCC unroll 1
        for (int r = 0; r < rows; ++r, query += tile.key_width, scores += kBlock) {
            task.a[r] = query;
            task.out[r] = scores;
            task.factor[r] = tile.scale;
        }
        task.b = run.key;
        task.n = tile.key_width;
        task.zero = task.poison = 0.0f;
        task.from_zero = 1;
        if (tile.source.panels) {
            task.b_step = run.dim_step;
            multiply_panel<L>(task, rows, run.count);
        } else {
            task.b_step = run.key_step;
            score_plain<L>(task, rows, run.count);
        }
        j += static_cast<int>(run.count);
    }
}

}  // namespace headroom::detail
