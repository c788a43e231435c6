// The layouts in which ONNX takes queries, keys and values, as views without another copy.
#pragma once

#include <string>
#include <vector>

#include <headroom/tensor.hpp>

#include "tools/dims.hpp"

namespace headroom::tools {

/// A tensor in the library's type, and what messages call it.
struct FloatArray {
    std::string name;
    Dims dims;
    std::vector<float> values;
};

/// "K.npy has shape [2, 3]"
std::string shape_of(const FloatArray& array);

/// A tensor [batches][tokens][heads][width] in memory of its own.
class Operand {
public:
    /// 3-D [B][T][heads * width], where the heads are the slow part of the last dimension, or 4-D
    /// [B][heads][T][width], where `heads` is not needed (0). Throws UserError if the shape does
    /// not fit, or has no head or no width.
    Operand(FloatArray array, Index heads);

    /// Any other layout: a view without data, and where in `values` it starts.
    Operand(std::vector<float> values, Tensor layout, Index offset = 0);

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
    std::size_t start() const;
    Index place(Index b, Index t, Index h, Index c) const;

    std::vector<float> data_;
    Index offset_ = 0;
    Tensor view_;  // without data
};

/// Past tokens, 4-D, then new ones, as a cache would hold them. Throws UserError if the two do not
/// fit; `name` is what it calls the new ones.
Operand concatenate(const FloatArray& past, const Operand& added, const std::string& name);

/// An output of the layout that the queries came in: 3-D [B][T][H * D] or 4-D [B][H][T][D].
/// All NaN. The view refers to this object.
struct OutputMemory {
    OutputMemory(bool three_dimensions, Index batches, Index heads, Index tokens, Index width);
    OutputMemory(const OutputMemory&) = delete;
    OutputMemory& operator=(const OutputMemory&) = delete;

    std::vector<float> values;
    Dims dims;
    Tensor view;
};

}  // namespace headroom::tools
