#include "conformance/array.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace headroom::conformance {

std::vector<float> Array::floats() const {
    std::vector<float> converted(values.size());
    std::transform(values.begin(), values.end(), converted.begin(), tools::nearest_float);
    return converted;
}

std::vector<std::int64_t> Array::integers() const {
    std::vector<std::int64_t> converted(values.size());
    std::transform(values.begin(), values.end(), converted.begin(),
                   [](double x) { return static_cast<std::int64_t>(x); });
    return converted;
}

Array read_array(const std::filesystem::path& path) {
    const tools::NpyFile file(path);
    const tools::NpyArray& stored = file.array();
    Array array{stored.dtype, stored.dims, stored.doubles()};
    for (const double value : array.values) {
        if (array.dtype == Dtype::int64 && std::fabs(value) >= 0x1p53) {
            throw std::runtime_error(stored.name + ": has an integer of 2^53 or more");
        }
    }
    return array;
}

}  // namespace headroom::conformance
