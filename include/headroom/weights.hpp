// Packing a layer's weights into the one blob that every port reads in place.
#pragma once

#include <cstddef>
#include <span>

#include <headroom/shape.hpp>
#include <headroom/status.hpp>

namespace headroom {

/// A layer's weights as frameworks store them: f32, matrices [outputs][inputs], row after row. The
/// rows of head h are h * head_dim ... (h + 1) * head_dim - 1. An empty bias stands for zeros.
struct LayerTensors {
    std::span<const float> query_weight;      ///< [heads * head_dim][model_dim]
    std::span<const float> key_weight;        ///< [kv_heads * head_dim][key_source_dim]
    std::span<const float> value_weight;      ///< [kv_heads * value_dim][value_source_dim]
    std::span<const float> output_weight;     ///< [output_dim][heads * value_dim]
    std::span<const float> query_bias = {};   ///< [heads * head_dim] or empty
    std::span<const float> key_bias = {};     ///< [kv_heads * head_dim] or empty
    std::span<const float> value_bias = {};   ///< [kv_heads * value_dim] or empty
    std::span<const float> output_bias = {};  ///< [output_dim] or empty
    std::span<const float> extra_key = {};    ///< [kv_heads * head_dim] if shape.extra_key
    std::span<const float> extra_value = {};  ///< [kv_heads * value_dim] if shape.extra_key
};

/// Packs weights for layers of this shape (only its widths, heads and extra_key matter).
///   1 shape    2 tensors  read
///   3 blob     weights_bytes(shape) bytes, aligned to 64; written; overlaps no tensor
/// Returns ok, bad_shape (1: the shape; 2: a tensor's size is wrong), too_small, misaligned or
/// overlap; on error nothing is written. The blob is little-endian, the same for all ports, with
/// magic, format version, shape, size and CRC-32. Work: one copy of each element and one pass for
/// the checksum.
Result pack_weights(const Shape& shape, const LayerTensors& tensors,
                    std::span<std::byte> blob) noexcept;

/// Checks a blob against a shape: 1 shape, 2 blob (aligned to 64, read). Returns ok, bad_shape,
/// too_small, misaligned, bad_weights or bad_checksum. Reads every byte once.
Result check_weights(const Shape& shape, std::span<const std::byte> blob) noexcept;

}  // namespace headroom
