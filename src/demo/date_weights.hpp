// The date model's weights, as they lie in flash.
#pragma once

#include <cstddef>
#include <span>

#include "demo/date_shape.hpp"

namespace headroom::demo {

/// LayerNorm: y = (x - mean) / sqrt(variance + epsilon) * scale + shift. f32 [width] each.
struct NormWeights {
    const float* scale;
    const float* shift;
};

/// y = x W + b with W f32 [inputs][outputs], so that neighbouring outputs are neighbours in memory
/// (frameworks store the transposed matrix), and b f32 [outputs].
struct DenseWeights {
    const float* matrix;
    const float* bias;
};

/// A packed attention layer: MultiHeadAttention<...>::weights_bytes bytes, aligned to 64.
using PackedAttention = std::span<const unsigned char>;

struct EncoderWeights {
    NormWeights norm1;
    PackedAttention self_attention;
    NormWeights norm2;
    DenseWeights dense1, dense2;
};

struct DateWeights {
    const float* source_embedding;  ///< [source_tokens][width]
    const float* source_position;   ///< [longest_text][width]
    EncoderWeights encoder[encoder_layers];
    NormWeights encoder_norm;

    const float* target_embedding;  ///< [target_tokens][width]
    const float* target_position;   ///< [answer_length][width]
    NormWeights norm1;
    PackedAttention self_attention;
    NormWeights norm2;
    PackedAttention cross_attention;
    NormWeights norm3;
    DenseWeights dense1, dense2;
    NormWeights decoder_norm;
    DenseWeights output;  ///< [width][padded_letters]
};

/// What DateWeights refers to, in bytes.
inline constexpr std::size_t weights_bytes = [] {
    constexpr std::size_t w = width, norms = 2 * encoder_layers + 5,
                          denses = 2 * encoder_layers + 2;
    constexpr std::size_t embeddings = source_tokens + longest_text + target_tokens + answer_length;
    const std::size_t floats =
        embeddings * w + norms * 2 * w + denses * (w + 1) * w + (w + 1) * padded_letters;
    return floats * sizeof(float) + encoder_layers * EncoderAttention::weights_bytes +
           DecoderAttention::weights_bytes + CrossAttention::weights_bytes;
}();

/// The trained weights. The build makes their definition from date_model.safetensors.
extern const DateWeights date_weights;

}  // namespace headroom::demo
