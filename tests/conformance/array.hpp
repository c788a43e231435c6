// A tensor as a case's files hold it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <headroom/tensor.hpp>

namespace headroom::conformance {

enum class Dtype { float16, float32, float64, int32, int64, boolean };

/// The name of a type in case.json: "float32", "bool".
const char* name_of(Dtype dtype);

using Dims = std::vector<Index>;

/// "[2, 3]", for messages.
std::string text_of(const Dims& dims);

/// Elements of a tensor of these dimensions; 1 if there are none. Dimensions are not negative.
Index size_of(const Dims& dims);

/// A contiguous tensor, last dimension fastest. Every type but int64 fits a double exactly; an
/// int64 that does not is refused by the reader.
struct Array {
    Dtype dtype = Dtype::float32;
    Dims dims;
    std::vector<double> values;

    Index rank() const { return static_cast<Index>(dims.size()); }

    /// Whether the type is one of numbers with a fraction.
    bool is_real() const {
        return dtype == Dtype::float16 || dtype == Dtype::float32 || dtype == Dtype::float64;
    }

    /// The elements in the library's type. Of float64 the nearest float; a finite number beyond the
    /// range stays finite, because an infinite one would mask.
    std::vector<float> floats() const;

    std::vector<std::int64_t> integers() const;
};

}  // namespace headroom::conformance
