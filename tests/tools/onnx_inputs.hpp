// Random inputs of ai.onnx.Attention.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/random.hpp"
#include "tools/onnx_attend.hpp"

namespace headroom::test {

inline tools::FloatArray random_array(Random& random, const std::string& name,
                                      const tools::Dims& dims) {
    tools::FloatArray array{name, dims,
                            std::vector<float>(static_cast<std::size_t>(tools::size_of(dims)))};
    random.fill(array.values);
    return array;
}

inline tools::MaskArray random_mask(Random& random, const tools::Dims& dims, bool bools) {
    const auto size = static_cast<std::size_t>(tools::size_of(dims));
    tools::MaskArray mask{"M", dims, {}};
    if (!bools) {
        mask.values = random_array(random, "M", dims).values;
        return mask;
    }
    tools::BoolArray values{std::make_unique<bool[]>(size), size};
    for (std::size_t i = 0; i < size; ++i) values.data[i] = random.chance(0.7);
    mask.values = std::move(values);
    return mask;
}

}  // namespace headroom::test
