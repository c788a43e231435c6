// A projection: y[row][o] = (sum over i of x[row][i] * weight[o][i]) + bias[o] + 0.
//
//   panels    16 outputs each, up to four side by side in a group:
//             i = 0:  w[0][0] w[1][0] ... w[63][0]      V registers are loaded once for R rows
//             i = 1:  w[0][1] w[1][1] ... w[63][1]      x[row][i] is broadcast
//
// The sum starts at +0 and grows in the order of i by fused multiply-adds; the bias comes last; + 0
// makes -0 +0.
#pragma once

#include <utility>

#include "kernels/lanes.hpp"

#include <headroom/detail/sizes.hpp>

namespace headroom::detail {

struct Projection {
    const float* x;
    Index x_stride;
    Index rows;
    Index inputs;
    const float* panels;  // of the whole matrix
    const float* bias;    // of the whole matrix
    Index all_panels;     // in the matrix: the last group may be short
    Index first_panel;
    Index panel_count;
    float* y;  // of the first panel's first output
    Index y_stride;
    Index outputs;     // to write; the rest of the last panel is padding
    const bool* keep;  // null, or whether to use each segment of `segment` inputs
    Index segment;
};

// R rows x V registers of one group. `panel` is the first of the registers' columns, `step` the
// group's width.
template <class L, int R, int V>
HEADROOM_INLINE void project_tile(const Projection& task, const float* x, const float* panel,
                                  Index step, const float* bias, float* y, Index columns) noexcept {
    using reg = typename L::reg;
    reg sum[R][V];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) sum[r][v] = L::zero();
    }
    const Index length = task.keep != nullptr ? task.segment : task.inputs;
#pragma GCC unroll 1
    for (Index first = 0, s = 0; first < task.inputs; first += length, ++s) {
        if (task.keep != nullptr && !task.keep[s]) continue;
        const float* w = panel + first * step;
        const float* from = x + first;
        if constexpr (own_products<L>) {
            L::add_products(sum, from, task.x_stride, 1, w, step, length);
        } else {
#pragma GCC unroll 1
            for (Index i = 0; i < length; ++i) {
                reg b[V];
#pragma GCC unroll 8
                for (int v = 0; v < V; ++v) b[v] = L::load(w + v * L::width);
                if constexpr (R == 1 && V * L::width == kGroupLanes) fetch_group<L>(w);
#pragma GCC unroll 16
                for (int r = 0; r < R; ++r) {
                    const auto a = L::splat(from[r * task.x_stride + i]);
#pragma GCC unroll 8
                    for (int v = 0; v < V; ++v) sum[r][v] = L::mul_add(a, b[v], sum[r][v]);
                }
                w += step;
            }
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            const reg out = L::add(L::add(sum[r][v], L::load(bias + v * L::width)), L::zero());
            const Index n = columns - v * L::width;
            if (n > 0) store_upto<L>(y + r * task.y_stride + v * L::width, out, n);
        }
    }
}

template <class L, int V, int... R>
HEADROOM_INLINE void project_some(const Projection& task, int rows, const float* x,
                                  const float* panel, Index step, const float* bias, float* y,
                                  Index columns, std::integer_sequence<int, R...>) noexcept {
    static_cast<void>(
        ((rows == R + 1 ? (project_tile<L, R + 1, V>(task, x, panel, step, bias, y, columns), true)
                        : false) ||
         ...));
}

// V registers of columns for all rows.
template <class L, int V>
[[gnu::noinline]] void project_columns(const Projection& task, const float* panel, Index step,
                                       const float* bias, float* y, Index columns) noexcept {
    constexpr int kMost = V > L::project_vectors ? 1 : L::template project_rows<V>;
    const float* x = task.x;
    Index done = 0;
    for (Index tiles = (task.rows + kMost - 1) / kMost; tiles > 0; --tiles) {
        const int n = static_cast<int>((task.rows - done + tiles - 1) / tiles);
        project_some<L, V>(task, n, x, panel, step, bias, y, columns,
                           std::make_integer_sequence<int, kMost>());
        done += n;
        x += n * task.x_stride;
        y += n * task.y_stride;
    }
}

template <class L>
HEADROOM_INLINE void project(const Projection& task) noexcept {
    Index columns = task.outputs;
    float* y = task.y;
    for (Index p = task.first_panel, end = p + task.panel_count; p < end;) {
        const Index group = p / group_panels * group_panels;
        const Index in_group =
            task.all_panels - group < group_panels ? task.all_panels - group : group_panels;
        const Index step = in_group * kLanes;
        const Index stop = group + in_group < end ? group + in_group : end;
        const float* panel = task.panels + (group * task.inputs + (p - group)) * kLanes;
        const float* bias = task.bias + p * kLanes;
        Index left = (stop - p) * kLanes / L::width;  // registers
        const auto registers = [&]<int V>() __attribute__((always_inline)) {
            if constexpr (V > 1 && V <= L::project_vectors) {
                if (leave_to_narrower<L>(task.rows, V, L::template project_rows<V>,
                                         L::template project_rows<V / 2>))
                    return;
            }
            for (; left >= V; left -= V) {
                if (columns <= 0) return;
                project_columns<L, V>(task, panel, step, bias, y, columns);
                panel += V * L::width;
                bias += V * L::width;
                y += V * L::width;
                columns -= V * L::width;
            }
        };
        // A single row is bound by the stream of weights and by the latency of its sums: a whole
        // group at once.
        constexpr int kGroup = static_cast<int>(group_panels) * kLanes / L::width;
        if constexpr (kGroup > L::project_vectors && kGroup <= 8) {
            if (task.rows == 1) registers.template operator()<kGroup>();
        }
        registers.template operator()<L::project_vectors>();
        if constexpr (L::project_vectors > 2) registers.template operator()<2>();
        if constexpr (L::project_vectors > 1) registers.template operator()<1>();
        p = stop;
    }
}

}  // namespace headroom::detail
