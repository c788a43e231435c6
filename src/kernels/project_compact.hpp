// A projection on a port with one float in a register: products with the panels of the weights.
#pragma once

#include "kernels/products_compact.hpp"
#include "kernels/project.hpp"

namespace headroom::detail {

// Rows [row, row + rows) times `columns` of a group of panels.
template <class L>
HEADROOM_INLINE void project_group(const Projection& task, Index row, int rows, const float* panel,
                                   Index step, Index first_output, Index columns) noexcept {
    const Index length = task.keep != nullptr ? task.segment : task.inputs;
    int from_zero = 1;
    // No segment may be kept at all: a last one without products leaves the sums at +0.
    for (Index first = 0, s = 0;; first += length, ++s) {
        const bool end = first >= task.inputs;
        if (end && from_zero == 0) break;
        if (!end && task.keep != nullptr && !task.keep[s]) continue;
        Products products;
        for (int r = 0; r < rows; ++r) {
            products.a[r] = task.x + (row + r) * task.x_stride + first;
            products.out[r] = task.y + (row + r) * task.y_stride + first_output;
            products.factor[r] = 1.0f;
        }
        products.b = panel + first * step;
        products.b_step = step;
        products.n = end ? 0 : length;
        products.from_zero = from_zero;
        multiply_panel<L>(products, rows, columns);
        from_zero = 0;
    }
    const float* bias = task.bias + task.first_panel * kLanes + first_output;
    for (int r = 0; r < rows; ++r) {
        float* y = task.y + (row + r) * task.y_stride + first_output;
        for (Index c = 0; c < columns; ++c) y[c] = (y[c] + bias[c]) + 0.0f;
    }
}

template <class L>
requires(compact<L>) HEADROOM_INLINE void project(const Projection& task) noexcept {
    for (Index p = task.first_panel, end = p + task.panel_count; p < end;) {
        const Index group = p / group_panels * group_panels;
        const Index in_group = smaller(group_panels, task.all_panels - group);
        const Index stop = smaller(group + in_group, end);
        const float* panel = task.panels + (group * task.inputs + (p - group)) * kLanes;
        const Index output = (p - task.first_panel) * kLanes;
        const Index columns = smaller((stop - p) * kLanes, task.outputs - output);
        for (Index row = 0; row < task.rows && columns > 0; row += kRows) {
            project_group<L>(task, row, static_cast<int>(smaller(kRows, task.rows - row)), panel,
                             in_group * kLanes, output, columns);
        }
        p = stop;
    }
}

}  // namespace headroom::detail
