// Shapes of tensors in files.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
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

/// The same, if it is at most `most`; else nothing. A dimension of 0 does not make the others
/// small: they still become strides.
inline std::optional<std::size_t> size_within(const Dims& dims, Index most) {
    for (const Index n : dims) {
        most /= std::max<Index>(n, 1);
        if (most == 0) return std::nullopt;
    }
    return static_cast<std::size_t>(size_of(dims));
}

}  // namespace headroom::tools
