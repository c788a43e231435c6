#include "conformance/layouts.hpp"

#include <limits>
#include <span>

#include "conformance/test_case.hpp"

namespace headroom::conformance {
namespace {

[[noreturn]] void refuse(const Array& array, const std::string& name, const std::string& why) {
    throw Failure(name + " has shape " + shape_text(array.dims) + ": " + why);
}

}  // namespace

Operand::Operand(const Array& array, Index heads, const std::string& name) : data_(array.floats()) {
    if (array.rank() == 4) {
        if (heads > 0 && array.dims[1] != heads) refuse(array, name, "not the number of heads");
        view_ = head_major(std::span<float>(), array.dims[1], array.dims[2], array.dims[3],
                           array.dims[0]);
        return;
    }
    if (array.rank() != 3) refuse(array, name, "neither 3 nor 4 dimensions");
    if (heads < 1 || array.dims[2] % heads != 0) {
        refuse(array, name,
               "its last dimension is not shared by " + std::to_string(heads) + " heads");
    }
    view_ =
        token_major(std::span<float>(), array.dims[1], heads, array.dims[2] / heads, array.dims[0]);
}

Operand::Operand(const Array& array, Index part, Index parts, const std::string& name)
    : data_(array.floats()) {
    if (array.rank() != 5 || array.dims[3] != parts) refuse(array, name, "not packed as expected");
    const Index width = array.dims[4], heads = array.dims[2], tokens = array.dims[1];
    view_ = {{},
             array.dims[0],
             tokens,
             heads,
             width,
             tokens * heads * parts * width,
             heads * parts * width,
             parts * width};
    offset_ = part * width;
}

Operand::Operand(const Array& array, Index all, Index first, Index heads, const std::string& name)
    : data_(array.floats()) {
    if (array.rank() != 3 || array.dims[2] % all != 0)
        refuse(array, name, "not packed as expected");
    const Index width = array.dims[2] / all, tokens = array.dims[1];
    view_ = {{}, array.dims[0], tokens, heads, width, tokens * all * width, all * width, width};
    offset_ = first * width;
}

Operand Operand::zeros(Index batches, Index heads, Index tokens, Index width) {
    Operand operand;
    operand.data_.resize(static_cast<std::size_t>(batches * heads * tokens * width));
    operand.view_ = head_major(std::span<float>(), heads, tokens, width, batches);
    return operand;
}

// An empty tensor has no memory that an offset could point into.
std::size_t Operand::start() const { return data_.empty() ? 0 : static_cast<std::size_t>(offset_); }

Tensor Operand::view() {
    Tensor full = view_;
    full.data = std::span(data_).subspan(start());
    return full;
}

ConstTensor Operand::view() const {
    ConstTensor full = view_;
    full.data = std::span(data_).subspan(start());
    return full;
}

Index Operand::place(Index b, Index t, Index h, Index c) const {
    return offset_ + b * view_.batch_stride + t * view_.token_stride + h * view_.head_stride + c;
}
float& Operand::at(Index b, Index t, Index h, Index c) {
    return data_[static_cast<std::size_t>(place(b, t, h, c))];
}
float Operand::at(Index b, Index t, Index h, Index c) const {
    return data_[static_cast<std::size_t>(place(b, t, h, c))];
}

std::vector<float> Operand::head_major_values() const {
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(size_of(head_major_dims())));
    for (Index b = 0; b < batches(); ++b)
        for (Index h = 0; h < heads(); ++h)
            for (Index t = 0; t < tokens(); ++t)
                for (Index c = 0; c < width(); ++c) values.push_back(at(b, t, h, c));
    return values;
}

Operand concatenate(const Array* past, const Operand& added, const std::string& name) {
    if (past == nullptr) return added;
    const Operand before(*past, 0, name);
    if (past->rank() != 4 || before.batches() != added.batches() ||
        before.heads() != added.heads() || before.width() != added.width()) {
        refuse(*past, name, "does not continue with " + shape_text(added.head_major_dims()));
    }
    Operand all = Operand::zeros(added.batches(), added.heads(), before.tokens() + added.tokens(),
                                 added.width());
    for (Index b = 0; b < all.batches(); ++b)
        for (Index t = 0; t < all.tokens(); ++t)
            for (Index h = 0; h < all.heads(); ++h)
                for (Index c = 0; c < all.width(); ++c)
                    all.at(b, t, h, c) = t < before.tokens()
                                             ? before.at(b, t, h, c)
                                             : added.at(b, t - before.tokens(), h, c);
    return all;
}

OutputMemory::OutputMemory(bool three_dimensions, Index batches, Index heads, Index tokens,
                           Index width)
    : values(static_cast<std::size_t>(batches * heads * tokens * width),
             std::numeric_limits<float>::quiet_NaN()),
      dims(three_dimensions ? Dims{batches, tokens, heads * width}
                            : Dims{batches, heads, tokens, width}),
      view(three_dimensions ? token_major(values, tokens, heads, width, batches)
                            : head_major(values, heads, tokens, width, batches)) {}

}  // namespace headroom::conformance
