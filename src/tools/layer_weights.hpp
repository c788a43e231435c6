// Finding a layer's weights among a file's tensors, by the names that frameworks give them.
#pragma once

#include <string>
#include <vector>

#include <headroom/shape.hpp>
#include <headroom/weights.hpp>

#include "tools/safetensors.hpp"

namespace headroom::tools {

/// What the tensors alone cannot tell. 0: derive it, or for a width: do not check it.
struct LayerOptions {
    std::string prefix = {};  ///< "encoder.attn" for encoder.attn.in_proj_weight and so on.
    int heads = 0;            ///< Required.
    int kv_heads = 0;
    int head_dim = 0;
    int value_dim = 0;
};

/// A layer's weights, and the shape that follows from them.
struct LayerWeights {
    Shape shape;                       ///< Resolved; max_queries and max_keys are 1.
    std::vector<std::string> names;    ///< The tensors that were used.
    std::vector<std::string> ignored;  ///< Under the prefix, but not used; none without a prefix.
    std::vector<float> query, key, value, output;
    std::vector<float> query_bias, key_bias, value_bias, output_bias;
    std::vector<float> extra_key, extra_value;

    LayerTensors tensors() const {
        return {query,    key,        value,       output,    query_bias,
                key_bias, value_bias, output_bias, extra_key, extra_value};
    }
};

/// Reads the layer `options.prefix` of a file. Two conventions are known:
///
///   PyTorch's nn.MultiheadAttention
///     in_proj_weight [3E][E],
///     or q_proj_weight [E][E], k_proj_weight [E][kdim], v_proj_weight [E][vdim];
///     in_proj_bias [3E]; bias_k, bias_v [1][1][E];
///     out_proj.weight [E][E], out_proj.bias [E]
///   one module for each projection, as in most language models
///     q_proj, k_proj, v_proj, and o_proj or out_proj,
///     each with .weight [out][in] and maybe .bias [out]
///
/// Throws UserError if a tensor is missing, has another type than F32 or a shape that does not fit.
LayerWeights read_layer(Safetensors& file, const LayerOptions& options);

}  // namespace headroom::tools
