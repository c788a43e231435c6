// The shape of a layer, and the bytes that follow from it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <headroom/detail/sizes.hpp>
#include <headroom/kv_cache.hpp>

namespace headroom {

/// A multi-head attention layer. Fields with 0 take the value that their comment names.
struct Shape {
    int model_dim = 0;         ///< Width of a token, the source of the queries.
    int heads = 1;             ///< Query heads.
    int kv_heads = 0;          ///< Key and value heads, a divisor of heads; 0: heads.
    int head_dim = 0;          ///< Width of a query and key; 0: model_dim / heads (must divide).
    int value_dim = 0;         ///< Width of a value; 0: head_dim.
    int key_source_dim = 0;    ///< Width of the source of the keys; 0: model_dim.
    int value_source_dim = 0;  ///< Width of the source of the values; 0: model_dim.
    int output_dim = 0;        ///< Width of an output token; 0: model_dim.
    bool extra_key = false;    ///< The weights hold a key and value (PyTorch's bias_k, bias_v).
    int rotary_dim = 0;        ///< RotaryComputed's dim, for its scratch; 0: not used.

    int max_queries = 1;        ///< Tokens processed at once: bounds scratch, not a call.
    std::int64_t max_keys = 0;  ///< Contiguous cache: tokens it holds. Ring: ignored.
    std::int64_t window = 0;    ///< Ring cache: keys that a query sees, its own: window_left + 1.
    std::int64_t sinks = 0;     ///< Ring cache: first tokens that stay.
};

/// The shape with every 0 replaced by what it stands for.
constexpr Shape resolved(Shape s) noexcept {
    if (s.kv_heads == 0) s.kv_heads = s.heads;
    if (s.head_dim == 0 && s.heads > 0 && s.model_dim % s.heads == 0)
        s.head_dim = s.model_dim / s.heads;
    if (s.value_dim == 0) s.value_dim = s.head_dim;
    if (s.key_source_dim == 0) s.key_source_dim = s.model_dim;
    if (s.value_source_dim == 0) s.value_source_dim = s.model_dim;
    if (s.output_dim == 0) s.output_dim = s.model_dim;
    return s;
}

/// Whether a layer of this shape can exist: every width in [1, 65536], heads in [1, 4096] and
/// divisible by kv_heads, rotary_dim even and at most head_dim, and a cache that storage allows.
constexpr bool valid(const Shape& shape) noexcept {
    const Shape s = resolved(shape);
    constexpr auto width = [](int n) { return n >= 1 && n <= 65536; };
    return width(s.model_dim) && width(s.head_dim) && width(s.value_dim) &&
           width(s.key_source_dim) && width(s.value_source_dim) && width(s.output_dim) &&
           s.heads >= 1 && s.heads <= 4096 && s.kv_heads >= 1 && s.heads % s.kv_heads == 0 &&
           s.rotary_dim >= 0 && s.rotary_dim % 2 == 0 && s.rotary_dim <= s.head_dim &&
           s.max_queries >= 1 && s.max_queries <= 65536 &&
           detail::storage_of(s.max_keys, s.window, s.sinks, s.max_queries).valid();
}

/// The cache of a layer.
constexpr CacheShape cache_shape(const Shape& shape) noexcept {
    const Shape s = resolved(shape);
    return {s.kv_heads, s.head_dim, s.value_dim, s.max_keys, s.window, s.sinks, s.max_queries};
}

/// Bytes of a layer's state: its cache. 0 if the shape is not valid or a size overflows; likewise
/// below.
constexpr std::size_t state_bytes(const Shape& shape) noexcept {
    return valid(shape) ? state_bytes(cache_shape(shape)) : 0;
}

namespace detail {

// The packed weights, see src/attention/packed_weights.hpp for the drawing.
constexpr std::size_t matrix_bytes(std::int64_t outputs, std::int64_t inputs) noexcept {
    return floats(times(positive(panels_of(outputs) * panel_lanes), positive(inputs)));
}
constexpr std::size_t vector_bytes(std::int64_t outputs) noexcept {
    return floats(positive(panels_of(outputs) * panel_lanes));
}

// One token of the projected input, [queries | keys | values], each rounded up to whole panels.
constexpr std::int64_t projected_width(const Shape& s) noexcept {
    return panel_lanes * (panels_of(std::int64_t{s.heads} * s.head_dim) +
                          panels_of(std::int64_t{s.kv_heads} * s.head_dim) +
                          panels_of(std::int64_t{s.kv_heads} * s.value_dim));
}

// The part of a layer's scratch that all workers share.
constexpr std::size_t layer_scratch_bytes(const Shape& s) noexcept {
    const std::size_t n = positive(s.max_queries);
    std::size_t bytes = floats(times(n, positive(projected_width(s))));
    bytes = plus(bytes, floats(times(n, positive(std::int64_t{s.heads} * s.value_dim))));
    return s.rotary_dim > 0 ? plus(bytes, floats(times(n + 1, positive(s.rotary_dim)))) : bytes;
}

}  // namespace detail

/// Bytes of the packed weights.
constexpr std::size_t weights_bytes(const Shape& shape) noexcept {
    using namespace detail;
    if (!valid(shape)) return 0;
    const Shape s = resolved(shape);
    const std::int64_t q = std::int64_t{s.heads} * s.head_dim,
                       k = std::int64_t{s.kv_heads} * s.head_dim,
                       v = std::int64_t{s.kv_heads} * s.value_dim,
                       o = std::int64_t{s.heads} * s.value_dim;
    std::size_t bytes = plus(header_bytes, plus(matrix_bytes(q, s.model_dim), vector_bytes(q)));
    bytes = plus(bytes, plus(matrix_bytes(k, s.key_source_dim), vector_bytes(k)));
    bytes = plus(bytes, plus(matrix_bytes(v, s.value_source_dim), vector_bytes(v)));
    bytes = plus(bytes, plus(matrix_bytes(s.output_dim, o), vector_bytes(s.output_dim)));
    return s.extra_key ? plus(bytes, plus(vector_bytes(k), vector_bytes(v))) : bytes;
}

/// Bytes of a layer's scratch, which all layers of a model may share; independent of the number of
/// keys. `workers` as in Executor.
constexpr std::size_t scratch_bytes(const Shape& shape, int workers = 1) noexcept {
    using namespace detail;
    if (!valid(shape) || workers < 1) return 0;
    const Shape s = resolved(shape);
    return plus(layer_scratch_bytes(s),
                times(static_cast<std::size_t>(workers),
                      tile_bytes(s.max_queries, s.heads, s.kv_heads, s.head_dim)));
}

}  // namespace headroom
