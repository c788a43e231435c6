#include "conformance/layouts.hpp"

#include <algorithm>
#include <memory>
#include <span>

#include "conformance/test_case.hpp"

namespace headroom::conformance {
namespace {

[[noreturn]] void refuse(const Array& array, const std::string& name) {
    throw Failure(name + " has shape " + shape_text(array.dims) + ": not packed as expected");
}

}  // namespace

tools::FloatArray float_array(const Array& array, const std::string& name) {
    return {name, array.dims, array.floats()};
}

tools::MaskArray mask_array(const Array& array, const std::string& name) {
    if (array.dtype != Dtype::boolean) return {name, array.dims, array.floats()};
    const std::size_t size = array.values.size();
    tools::BoolArray bools{std::make_unique<bool[]>(size), size};
    std::transform(array.values.begin(), array.values.end(), bools.data.get(),
                   [](double x) { return x != 0; });
    return {name, array.dims, std::move(bools)};
}

Operand operand(const Array& array, Index heads, const std::string& name) {
    return Operand(float_array(array, name), heads);
}

Operand packed_part(const Array& array, Index part, Index parts, const std::string& name) {
    if (array.rank() != 5 || array.dims[3] != parts) refuse(array, name);
    const Index width = array.dims[4], heads = array.dims[2], tokens = array.dims[1];
    const Tensor layout{{},
                        array.dims[0],
                        tokens,
                        heads,
                        width,
                        tokens * heads * parts * width,
                        heads * parts * width,
                        parts * width};
    return {array.floats(), layout, part * width};
}

Operand packed_heads(const Array& array, Index all, Index first, Index heads,
                     const std::string& name) {
    if (array.rank() != 3 || array.dims[2] % all != 0) refuse(array, name);
    const Index width = array.dims[2] / all, tokens = array.dims[1];
    const Tensor layout{{},    array.dims[0],        tokens,      heads,
                        width, tokens * all * width, all * width, width};
    return {array.floats(), layout, first * width};
}

Operand with_past(const Array* past, const Operand& added, const std::string& name) {
    return past == nullptr ? added : concatenate(float_array(*past, name), added, "the new part");
}

}  // namespace headroom::conformance
