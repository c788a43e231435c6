// Blocks of products in plain C++, for processors that products_vfp.hpp is not for.
#pragma once

#include "fused.hpp"
#include "kernels/products.hpp"

namespace headroom::detail {

// One block: sum[C * r + c] grows by a[row + r][i] * b[i * b_step + c * b_row], i < n.
template <int R, int C>
inline __attribute__((always_inline)) void grow_sums(const Products& task, int row, const float* b,
                                                     Index b_step, Index b_row,
                                                     float* sum) noexcept {
#pragma GCC unroll 1
    for (Index i = 0; i < task.n; ++i) {
#pragma GCC unroll 16
        for (int k = 0; k < R * C; ++k)
            sum[k] = fused(task.a[row + k / C][i], b[i * b_step + k % C * b_row], sum[k]);
    }
}

template <int R, int C>
inline __attribute__((always_inline)) void by_rows(Products& task, int row) noexcept {
#pragma GCC unroll 1
    for (Index block = 0; block < task.blocks; ++block) {
        float sum[R * C] = {};
        grow_sums<R, C>(task, row, task.b + block * C * task.b_step, 1, task.b_step, sum);
        for (int k = 0; k < R * C; ++k)
            task.out[row + k / C][block * C + k % C] = sum[k] * task.factor[row];
    }
    for (int r = row; r < row + R; ++r) task.out[r] += task.blocks * C;
}

template <int R, int C>
inline __attribute__((always_inline)) void by_panel(Products& task, int row) noexcept {
#pragma GCC unroll 1
    for (Index block = 0; block < task.blocks; ++block) {
        float sum[R * C];
        for (int k = 0; k < R * C; ++k)
            sum[k] = task.from_zero ? 0.0f : task.out[row + k / C][block * C + k % C];
        grow_sums<R, C>(task, row, task.b + block * C, task.b_step, 1, sum);
        for (int k = 0; k < R * C; ++k) {
            const float y = sum[k] * task.factor[row + k / C] + task.zero;
            task.out[row + k / C][block * C + k % C] = y;
            task.poison = fused(y, task.zero, task.poison);
        }
    }
    for (int r = row; r < row + R; ++r) task.out[r] += task.blocks * C;
}

inline __attribute__((always_inline)) void rows_by_rows(Products& task) noexcept {
    by_rows<4, 4>(task, 0);
}
inline __attribute__((always_inline)) void each_by_rows(Products& task, int rows) noexcept {
#pragma GCC unroll 1
    for (int r = 0; r < rows; ++r) by_rows<1, 8>(task, r);
}
inline __attribute__((always_inline)) void rows_by_panel(Products& task) noexcept {
    by_panel<4, 4>(task, 0);
}
inline __attribute__((always_inline)) void each_by_panel(Products& task, int rows) noexcept {
#pragma GCC unroll 1
    for (int r = 0; r < rows; ++r) by_panel<1, 16>(task, r);
}

}  // namespace headroom::detail
