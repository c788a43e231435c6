// What the heads of one layer did with one sequence, as numbers: what `headroom heads` shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <headroom/features.hpp>

namespace headroom::tools {

/// Stands in a map for a key that its query may not see; every weight is >= 0 or NaN.
inline constexpr float not_visible = -1.0f;

struct HeadMaps {
    std::int64_t heads = 0, queries = 0, keys = 0;
    std::vector<float> weights;              ///< [heads][queries][keys], not_visible included.
    std::vector<HeadStatistics> statistics;  ///< [heads]
    /// Queries and keys are tokens of one sequence: query i is the token of key first_query + i.
    bool self = false;
    std::int64_t first_query = 0;
    std::vector<std::string> query_labels, key_labels;  ///< One for each, or none.
    /// What the run took for granted, a line each: "causal (Llama; else --no-causal)".
    std::vector<std::string> settings;
    /// What was run, as pairs of a name and a value: "file" and "model.safetensors".
    std::vector<std::pair<std::string, std::string>> about;

    std::span<const float> map(std::int64_t head) const {
        const auto size = static_cast<std::size_t>(queries * keys);
        return std::span(weights).subspan(static_cast<std::size_t>(head) * size, size);
    }
};

/// A map made smaller: each cell is the largest weight of `row_step` x `column_step` weights, NaN
/// if one is NaN, not_visible if all are.
struct Grid {
    std::int64_t rows = 0, columns = 0;
    std::int64_t row_step = 1, column_step = 1;
    std::vector<float> cells;  ///< [rows][columns]
};
Grid pool(std::span<const float> map, std::int64_t queries, std::int64_t keys,
          std::int64_t row_step, std::int64_t column_step);

/// The step that makes `size` elements at most `limit` cells.
constexpr std::int64_t step_for(std::int64_t size, std::int64_t limit) {
    return size <= limit ? 1 : (size + limit - 1) / limit;
}

}  // namespace headroom::tools
