#include "conformance/array.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::conformance {

const char* name_of(Dtype dtype) {
    switch (dtype) {
        case Dtype::float16:
            return "float16";
        case Dtype::float32:
            return "float32";
        case Dtype::float64:
            return "float64";
        case Dtype::int32:
            return "int32";
        case Dtype::int64:
            return "int64";
        case Dtype::boolean:
            return "bool";
    }
    return "";
}

std::string text_of(const Dims& dims) {
    std::string text = "[";
    for (const Index n : dims) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
    return text + "]";
}

Index size_of(const Dims& dims) {
    Index size = 1;
    for (const Index n : dims) size *= n;
    return size;
}

std::vector<float> Array::floats() const {
    static constexpr double largest = std::numeric_limits<float>::max();
    std::vector<float> converted(values.size());
    std::transform(values.begin(), values.end(), converted.begin(), [](double x) {
        return static_cast<float>(std::isfinite(x) ? std::clamp(x, -largest, largest) : x);
    });
    return converted;
}

std::vector<std::int64_t> Array::integers() const {
    std::vector<std::int64_t> converted(values.size());
    std::transform(values.begin(), values.end(), converted.begin(),
                   [](double x) { return static_cast<std::int64_t>(x); });
    return converted;
}

}  // namespace headroom::conformance
