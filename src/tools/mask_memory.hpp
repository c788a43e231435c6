// A mask of ONNX with its memory.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tools/attend_problem.hpp"
#include "tools/dims.hpp"
#include "tools/npy.hpp"

namespace headroom::tools {

/// Booleans, of which true lets a key be seen, or numbers that are added to the scores.
struct MaskArray {
    std::string name;  ///< What messages call it.
    Dims dims;
    std::variant<BoolArray, std::vector<float>> values;
};

/// The mask of a file of bools or floating-point numbers; throws UserError for any other.
MaskArray mask_of(const NpyArray& array);

class MaskMemory {
public:
    /// Broadcasts a mask, right-aligned, to [batches][heads][queries][keys] as ONNX does: a
    /// dimension of 1 is repeated, keys at the mask's last dimension and beyond are masked. Throws
    /// UserError if the shapes do not fit.
    MaskMemory(MaskArray mask, Index batches, Index heads, Index queries, Index keys);

    /// Gives the problem this mask as its bias or mask; it refers to this object.
    void bind(AttendProblem& problem) const;

private:
    MaskArray mask_;
    Mask<float> strides_;  // without data
};

}  // namespace headroom::tools
