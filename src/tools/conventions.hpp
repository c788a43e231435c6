// The names that frameworks give an attention layer's tensors, and what their models do that no
// tensor says.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/safetensors.hpp"

namespace headroom::tools {

/// Which layers of a model see no later token.
enum class CausalHabit {
    never,         ///< Or not known: then the user says it.
    always,        ///< A language model's.
    decoder_self,  ///< Self-attention below a module called "decoder".
};

/// A way of naming and storing a layer. Names follow the layer's prefix.
struct Convention {
    /// A tensor that the library has no use for, and what the model does with it.
    struct Unsupported {
        const char* tensor;
        const char* what;
    };

    const char* name;

    /// Queries, keys, values, output. Keys and values null: they follow the queries in one tensor.
    std::array<const char*, 4> weights;
    std::array<const char*, 4> biases;  ///< Likewise; all may be missing in a file.
    bool transposed = false;            ///< Matrices lie as [inputs][outputs].

    /// What else tells this convention from others of the same weights[0].
    std::vector<const char*> present = {};
    std::vector<const char*> absent = {};

    std::vector<const char*> companions = {};  ///< Under the prefix, but not of the attention.
    std::vector<Unsupported> unsupported = {};

    CausalHabit causal = CausalHabit::never;
    bool rotary = false;                    ///< Rotates halves of queries and keys.
    bool unscaled = false;                  ///< Scores are not divided by sqrt(head_dim).
    bool may_have_zero_key = false;         ///< PyTorch's add_zero_attn leaves no trace in a file.
    const char* head_dim_halves = nullptr;  ///< A tensor of head_dim / 2 elements, if there.
    const char* relative_bias = nullptr;    ///< T5's [buckets][heads].
};

std::span<const Convention> conventions();

/// The conventions by which a file has a layer at a prefix ("" or ending in a dot): at most one for
/// each weights[0].
std::vector<const Convention*> recognise(const Safetensors& file, const std::string& prefix);

/// Whether a layer of this prefix is causal by habit.
bool is_causal(const Convention& convention, std::string_view prefix);

/// The last component of a prefix that ends in a dot: "self_attn" of "layers.0.self_attn.".
std::string_view last_component(std::string_view prefix);

}  // namespace headroom::tools
