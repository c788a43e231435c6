// A case's tensors as the operands and masks that attend() takes.
#pragma once

#include <string>

#include "conformance/array.hpp"
#include "tools/mask_memory.hpp"
#include "tools/operand.hpp"

namespace headroom::conformance {

using tools::MaskMemory;
using tools::Operand;
using tools::OutputMemory;

tools::FloatArray float_array(const Array& array, const std::string& name);
tools::MaskArray mask_array(const Array& array, const std::string& name);

/// 3-D [B][T][heads * width], or 4-D [B][heads][T][width], where `heads` is not needed (0). This
/// and the following throw Failure or UserError if the shape does not fit.
Operand operand(const Array& array, Index heads, const std::string& name);

/// Part `part` of `parts` in a packed 5-D [B][T][heads][parts][width].
Operand packed_part(const Array& array, Index part, Index parts, const std::string& name);

/// Heads [first, first + heads) of a 3-D [B][T][all * width].
Operand packed_heads(const Array& array, Index all, Index first, Index heads,
                     const std::string& name);

/// Past tokens, if there are any, then new ones, as a cache would hold them.
Operand with_past(const Array* past, const Operand& added, const std::string& name);

}  // namespace headroom::conformance
