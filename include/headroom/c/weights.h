// Packing a layer's weights into the one blob that every port reads in place.
#pragma once

#include <headroom/c/memory.h>
#include <headroom/c/shape.h>
#include <headroom/c/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A layer's weights as frameworks store them: f32, matrices [outputs][inputs], row after row. The
/// rows of head h are h * head_dim ... (h + 1) * head_dim - 1. A bias of zeros ({NULL, 0}) stands
/// for zeros.
typedef struct hr_tensors {
    hr_floats query_weight;   ///< [heads * head_dim][model_dim]
    hr_floats key_weight;     ///< [kv_heads * head_dim][key_source_dim]
    hr_floats value_weight;   ///< [kv_heads * value_dim][value_source_dim]
    hr_floats output_weight;  ///< [output_dim][heads * value_dim]
    hr_floats query_bias;     ///< [heads * head_dim] or none
    hr_floats key_bias;       ///< [kv_heads * head_dim] or none
    hr_floats value_bias;     ///< [kv_heads * value_dim] or none
    hr_floats output_bias;    ///< [output_dim] or none
    hr_floats extra_key;      ///< [kv_heads * head_dim] if shape.extra_key, else none
    hr_floats extra_value;    ///< [kv_heads * value_dim] if shape.extra_key, else none
} hr_tensors;

/// Packs weights for layers of this shape (only its widths, heads and extra_key matter).
///   1 shape    2 tensors  read
///   3 blob     hr_weights_bytes(shape) bytes, aligned to 64; written; overlaps no tensor
/// Returns HR_OK, HR_BAD_SHAPE (1: the shape; 2: no tensors, or one's size is wrong or its pointer
/// NULL), HR_TOO_SMALL, HR_MISALIGNED or HR_OVERLAP; on error nothing is written. The blob is
/// little-endian, the same for all ports, with magic, format version, shape, size and CRC-32. Work:
/// one copy of each element and one pass for the checksum.
hr_result hr_pack_weights(const hr_shape* shape, const hr_tensors* tensors, hr_memory blob);

/// Checks a blob against a shape: 1 shape, 2 blob (aligned to 64, read). Returns HR_OK,
/// HR_BAD_SHAPE, HR_TOO_SMALL, HR_MISALIGNED, HR_BAD_WEIGHTS or HR_BAD_CHECKSUM. Reads every byte
/// once.
hr_result hr_check_weights(const hr_shape* shape, hr_const_memory blob);

#ifdef __cplusplus
}
#endif
