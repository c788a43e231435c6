// The layouts in which the operators take queries, keys and values, as views without a copy.
#pragma once

#include <string>
#include <vector>

#include <headroom/tensor.hpp>

#include "conformance/array.hpp"

namespace headroom::conformance {

/// A tensor [batches][tokens][heads][width] in memory of its own.
class Operand {
public:
    /// 3-D [B][T][heads * width], where the heads are the slow part of the last dimension, or 4-D
    /// [B][heads][T][width], where `heads` is not needed (0). Throws Failure if the
    /// shape does not fit.
    Operand(const Array& array, Index heads, const std::string& name);

    /// Part `part` of `parts` in a packed 5-D [B][T][heads][parts][width].
    Operand(const Array& array, Index part, Index parts, const std::string& name);

    /// Heads [first, first + heads) of a 3-D [B][T][all * width].
    Operand(const Array& array, Index all, Index first, Index heads, const std::string& name);

    /// Contiguous [B][heads][T][width], all zero.
    static Operand zeros(Index batches, Index heads, Index tokens, Index width);

    Tensor view();
    ConstTensor view() const;
    Index batches() const { return view_.batches; }
    Index tokens() const { return view_.tokens; }
    Index heads() const { return view_.heads; }
    Index width() const { return view_.width; }

    float& at(Index b, Index t, Index h, Index c);
    float at(Index b, Index t, Index h, Index c) const;

    /// The elements in the order of ONNX's 4-D layout, and its dimensions.
    std::vector<float> head_major_values() const;
    Dims head_major_dims() const { return {batches(), heads(), tokens(), width()}; }

private:
    Operand() = default;
    std::size_t start() const;
    Index place(Index b, Index t, Index h, Index c) const;

    std::vector<float> data_;
    Index offset_ = 0;
    Tensor view_;  // without data
};

/// Past tokens, then new ones, as a cache would hold them; the new ones alone if there is no past.
/// Throws Failure if the two do not fit.
Operand concatenate(const Array* past, const Operand& added, const std::string& name);

/// An output of the layout that the queries came in: 3-D [B][T][H * D] or 4-D [B][H][T][D].
/// All NaN.
struct OutputMemory {
    OutputMemory(bool three_dimensions, Index batches, Index heads, Index tokens, Index width);

    std::vector<float> values;
    Dims dims;
    Tensor view;
};

}  // namespace headroom::conformance
