// Which tensors of a file make a layer, and where in them its parts lie. Nothing is read yet.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tools/conventions.hpp"
#include "tools/names.hpp"
#include "tools/safetensors.hpp"

namespace headroom::tools {

/// A matrix of the layer as the library takes it, [rows] outputs by [columns] inputs.
struct MatrixPart {
    std::string tensor = {};  ///< The whole name.
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t first_row = 0;  ///< In a tensor that holds more than one matrix.
    bool transposed = false;     ///< The tensor has the inputs first.
};

/// Elements [first, first + size) of a tensor in whatever dimensions; without a name none.
struct VectorPart {
    std::string tensor = {};
    std::int64_t first = 0;
    std::int64_t size = 0;
};

struct LayerParts {
    const Convention* convention = nullptr;
    std::string prefix;  ///< Empty or ending in a dot.
    MatrixPart query, key, value, output;
    VectorPart query_bias, key_bias, value_bias, output_bias;
    VectorPart extra_key, extra_value;
    std::string relative_bias;         ///< T5's table, maybe of another layer; empty: none.
    std::set<std::string> used;        ///< Whole names.
    std::vector<std::string> ignored;  ///< Under the prefix, but neither used nor a companion.
};

/// The layer at a prefix. Throws UserError, naming the file and the tensor, if there is none, if
/// two conventions fit, if a tensor is missing, has a shape that cannot be, or asks for what the
/// library does not do.
LayerParts find_layer(const Safetensors& file, const std::string& prefix);

/// The prefixes, ending in dots, at which a file may have a layer.
std::set<std::string, NaturalOrder> layer_prefixes(const Safetensors& file);

}  // namespace headroom::tools
