#include "tools/mask_memory.hpp"

#include <utility>

#include "tools/user_error.hpp"

namespace headroom::tools {

MaskArray mask_of(const NpyArray& array) {
    MaskArray mask{"--mask " + array.name, array.dims, {}};
    if (array.dtype == Dtype::boolean) {
        mask.values = array.bools();
    } else if (is_real(array.dtype)) {
        mask.values = array.floats();
    } else {
        throw UserError(array.name + ": holds " + array.type_text() +
                        "; --mask takes bool (true lets a key be seen) or floating-point numbers "
                        "(added to the scores)");
    }
    return mask;
}

MaskMemory::MaskMemory(MaskArray mask, Index batches, Index heads, Index queries, Index keys)
    : mask_(std::move(mask)) {
    const Dims full = {batches, heads, queries, keys};
    const auto refuse = [&] {
        throw UserError(mask_.name + " has shape " + shape_text(mask_.dims) +
                        ", which does not broadcast to " + shape_text(full) +
                        " (batch, heads, queries, keys)");
    };
    const std::size_t rank = mask_.dims.size();
    if (rank < 1 || rank > 4 || mask_.dims.back() > keys) refuse();
    Dims dims(4 - rank, 1);
    dims.insert(dims.end(), mask_.dims.begin(), mask_.dims.end());

    strides_.keys = dims[3];
    const auto stride = [&](std::size_t dimension, Index step) {
        if (dims[dimension] != 1 && dims[dimension] != full[dimension]) refuse();
        return dims[dimension] == 1 ? 0 : step;
    };
    strides_.query_stride = stride(2, dims[3]);
    strides_.head_stride = stride(1, dims[2] * dims[3]);
    strides_.batch_stride = stride(0, dims[1] * dims[2] * dims[3]);
}

void MaskMemory::bind(AttendProblem& problem) const {
    if (const auto* const visible = std::get_if<BoolArray>(&mask_.values)) {
        problem.mask = BoolMask{{visible->values(), strides_.keys, strides_.batch_stride,
                                 strides_.head_stride, strides_.query_stride, 1}};
        return;
    }
    problem.bias = ScoreBias{strides_};
    problem.bias->values.data = std::get<std::vector<float>>(mask_.values);
}

}  // namespace headroom::tools
