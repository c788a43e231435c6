#include "tools/head_maps.hpp"

#include <cmath>

namespace headroom::tools {

Grid pool(std::span<const float> map, std::int64_t queries, std::int64_t keys,
          std::int64_t row_step, std::int64_t column_step) {
    Grid grid{.rows = (queries + row_step - 1) / row_step,
              .columns = (keys + column_step - 1) / column_step,
              .row_step = row_step,
              .column_step = column_step,
              .cells = {}};
    grid.cells.assign(static_cast<std::size_t>(grid.rows * grid.columns), not_visible);
    for (std::int64_t query = 0; query < queries; ++query)
        for (std::int64_t key = 0; key < keys; ++key) {
            const float weight = map[static_cast<std::size_t>(query * keys + key)];
            float& cell = grid.cells[static_cast<std::size_t>(query / row_step * grid.columns +
                                                              key / column_step)];
            if (std::isnan(weight) || weight > cell) cell = weight;  // never from NaN to a number
        }
    return grid;
}

}  // namespace headroom::tools
