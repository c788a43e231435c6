// A tensor of a case, in numbers that a test can change and compare.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tools/npy.hpp"

namespace headroom::conformance {

using tools::Dims;
using tools::Dtype;
using tools::name_of;
using tools::shape_text;
using tools::size_of;

/// A contiguous tensor, last dimension fastest. Every type but int64 fits a double exactly; an
/// int64 that does not is refused by read_array().
struct Array {
    Dtype dtype = Dtype::float32;
    Dims dims;
    std::vector<double> values;

    Index rank() const { return static_cast<Index>(dims.size()); }

    /// The elements in the library's type: of float64 tools::nearest_float().
    std::vector<float> floats() const;

    std::vector<std::int64_t> integers() const;
};

/// Reads a .npy file. Throws an exception that names it if it is damaged or of another type.
Array read_array(const std::filesystem::path& path);

}  // namespace headroom::conformance
