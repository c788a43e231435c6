// Attention maps made by hand, so that a test knows what is to be seen in them.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "tools/head_maps.hpp"

namespace headroom::test {

/// A score of a query at a position for a key; -inf hides it.
using Score = std::function<double(std::int64_t position, std::int64_t key)>;

struct MapShape {
    std::int64_t queries = 16, keys = 16;
    bool self = true;
    bool causal = false;
    double sink = -INFINITY;  ///< A logit that takes part and is not shown.
};

/// The softmax of each head's scores, and statistics as the library would give them.
inline tools::HeadMaps maps_of(const std::vector<Score>& heads, const MapShape& shape = {}) {
    tools::HeadMaps maps;
    maps.heads = static_cast<std::int64_t>(heads.size());
    maps.queries = shape.queries;
    maps.keys = shape.keys;
    maps.self = shape.self;
    maps.first_query = shape.self ? shape.keys - shape.queries : 0;
    for (const Score& score : heads) {
        HeadStatistics statistics;
        double entropy = 0.0;
        for (std::int64_t query = 0; query < shape.queries; ++query) {
            const std::int64_t position = maps.first_query + query;
            const auto see = [&](std::int64_t key) {
                return shape.causal && key > position ? -INFINITY : score(position, key);
            };
            double sum = std::exp(shape.sink);
            bool sees = false;
            for (std::int64_t key = 0; key < shape.keys; ++key) {
                sum += std::exp(see(key));
                sees |= see(key) != -INFINITY;
            }
            statistics.rows += sees ? 1 : 0;
            for (std::int64_t key = 0; key < shape.keys; ++key) {
                const double weight = std::exp(see(key)) / sum;
                const bool visible = see(key) != -INFINITY;
                maps.weights.push_back(visible ? static_cast<float>(weight) : tools::not_visible);
                if (weight > 0.0) entropy -= weight * std::log(weight);
                if (visible && static_cast<float>(weight) > statistics.largest_weight) {
                    statistics.largest_weight = static_cast<float>(weight);
                    statistics.query = static_cast<Index>(query);
                    statistics.key = key;
                }
            }
            const double hidden = std::exp(shape.sink) / sum;
            if (sees && hidden > 0.0) entropy -= hidden * std::log(hidden);
        }
        if (statistics.rows > 0)
            statistics.entropy = static_cast<float>(entropy / static_cast<double>(statistics.rows));
        maps.statistics.push_back(statistics);
    }
    return maps;
}

/// Looks at the key at a distance; at the others so much less.
inline Score looks_at_offset(std::int64_t offset, double height = 6.0) {
    return [=](std::int64_t position, std::int64_t key) {
        return key - position == offset ? height : 0.0;
    };
}
inline Score looks_at_key(std::int64_t wanted, double height = 6.0) {
    return [=](std::int64_t, std::int64_t key) { return key == wanted ? height : 0.0; };
}
inline Score looks_everywhere() {
    return [](std::int64_t, std::int64_t) { return 0.0; };
}

}  // namespace headroom::test
