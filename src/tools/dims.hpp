// Shapes of tensors in files.
#pragma once

#include <string>
#include <vector>

#include <headroom/tensor.hpp>

namespace headroom::tools {

/// The slowest dimension first; empty for a scalar. Not negative.
using Dims = std::vector<Index>;

/// "[2, 3]", for messages.
template <class Integer = Index>
std::string shape_text(const std::vector<Integer>& shape) {
    std::string text = "[";
    for (const Integer n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
    return text + "]";
}

/// Elements of a tensor of these dimensions; 1 if there are none.
inline Index size_of(const Dims& dims) {
    Index size = 1;
    for (const Index n : dims) size *= n;
    return size;
}

}  // namespace headroom::tools
