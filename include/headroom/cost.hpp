// What a token costs in a layer, as numbers that follow from its shape.
#pragma once

#include <cstdint>

#include <headroom/shape.hpp>

namespace headroom {

/// The work of one token. Counts are exact; bytes are what must pass between the processor and the
/// memory that holds weights and cache, if neither stays in a cache of the processor.
struct TokenCost {
    std::int64_t projection_multiply_adds = 0;  ///< Queries, keys, values and output.
    std::int64_t attention_multiply_adds = 0;   ///< Scores and values of the keys that it sees.
    std::int64_t weight_bytes = 0;              ///< Packed weights read, biases included.
    std::int64_t cache_bytes_read = 0;          ///< Keys and values that it sees.
    std::int64_t cache_bytes_written = 0;       ///< Its own key and value.

    constexpr std::int64_t multiply_adds() const noexcept {
        return projection_multiply_adds + attention_multiply_adds;
    }
    constexpr std::int64_t bytes() const noexcept {
        return weight_bytes + cache_bytes_read + cache_bytes_written;
    }
};

/// The most keys that a token can see: all that fit, or a ring's sinks and window.
constexpr std::int64_t most_keys_seen(const Shape& shape) noexcept {
    return shape.window > 0 ? shape.sinks + shape.window : shape.max_keys;
}

/// The cost of a token that goes through forward() and sees `keys` keys, its own included; the
/// shape's extra key comes on top. A prompt's tokens share one reading of the weights. `shape` is
/// valid, `keys` in [0, 2^32).
constexpr TokenCost token_cost(const Shape& shape, std::int64_t keys) noexcept {
    const Shape s = resolved(shape);
    const std::int64_t queries = std::int64_t{s.heads} * s.head_dim,
                       key = std::int64_t{s.kv_heads} * s.head_dim,
                       value = std::int64_t{s.kv_heads} * s.value_dim,
                       output = std::int64_t{s.heads} * s.value_dim;
    const std::int64_t seen = keys + (s.extra_key ? 1 : 0);
    TokenCost cost;
    cost.projection_multiply_adds = queries * s.model_dim + key * s.key_source_dim +
                                    value * s.value_source_dim + output * s.output_dim;
    cost.attention_multiply_adds = seen * (queries + output);
    cost.weight_bytes = static_cast<std::int64_t>(weights_bytes(s)) -
                        static_cast<std::int64_t>(detail::header_bytes);
    cost.cache_bytes_read = 4 * keys * (key + value);
    cost.cache_bytes_written = 4 * (key + value);
    return cost;
}

}  // namespace headroom
