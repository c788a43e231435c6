// A layer's weights out of a file, as the library takes them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <headroom/shape.hpp>
#include <headroom/weights.hpp>

#include "tools/layer_parts.hpp"
#include "tools/safetensors.hpp"

namespace headroom::tools {

/// What the tensors alone cannot tell. 0: derive it, or for a width: do not check it.
struct LayerOptions {
    std::string prefix = {};  ///< "encoder.attn" for encoder.attn.in_proj_weight and so on.
    int heads = 0;            ///< Required, unless head_dim or the tensors tell.
    int kv_heads = 0;
    int head_dim = 0;
    int value_dim = 0;
};

/// T5's bias of each score: a number for each head and range of distances.
struct RelativeBias {
    int buckets = 0;  ///< 0: none.
    int heads = 0;
    std::vector<float> values;  ///< [buckets][heads]
};

/// A layer's weights, and the shape that follows from them.
struct LayerWeights {
    LayerParts parts;
    Shape shape;                          ///< Resolved; max_queries and max_keys are 1.
    std::vector<std::string> not_finite;  ///< The tensors that hold a NaN or an infinity.
    std::vector<float> query, key, value, output;
    std::vector<float> query_bias, key_bias, value_bias, output_bias;
    std::vector<float> extra_key, extra_value;
    RelativeBias relative_bias;

    LayerTensors tensors() const {
        return {query,    key,        value,       output,    query_bias,
                key_bias, value_bias, output_bias, extra_key, extra_value};
    }
};

/// The number of query heads: from the options, else from the tensors that tell, else 0.
int heads_of(const Safetensors& file, const LayerParts& parts, const LayerOptions& options);

/// Reads the layer `options.prefix` of a file, by one of the conventions of conventions.hpp. Throws
/// UserError as find_layer() does, if the heads are not known or do not fit, and if a tensor is of
/// a type that is no weight's.
LayerWeights read_layer(const Safetensors& file, const LayerOptions& options);

/// Packs the weights into a blob of weights_bytes(shape). Throws UserError, naming the file, if the
/// library refuses them.
void pack_layer(const Safetensors& file, const LayerWeights& layer, std::span<std::byte> blob);

/// The warnings that a user of these weights should see, one line each: tensors under the prefix
/// that have no part in it, and such as hold a NaN or an infinity.
std::vector<std::string> warnings(const Safetensors& file, const LayerWeights& layer);

}  // namespace headroom::tools
