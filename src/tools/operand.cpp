#include "tools/operand.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

[[noreturn]] void refuse(const FloatArray& array, const std::string& why) {
    throw UserError(shape_of(array) + why);
}

Tensor layout_of(const FloatArray& array, Index heads) {
    const Dims& dims = array.dims;
    const std::span<float> none;
    if (array.dims.size() == 4) {
        if (heads > 0 && dims[1] != heads) {
            refuse(array,
                   ": its second dimension is not the number of heads, " + std::to_string(heads));
        }
        if (dims[1] < 1 || dims[3] < 1) refuse(array, ": heads and width must not be 0");
        return head_major(none, dims[1], dims[2], dims[3], dims[0]);
    }
    if (dims.size() != 3) {
        refuse(array,
               "; it must be [batch, tokens, heads * width] or "
               "[batch, heads, tokens, width]");
    }
    if (heads < 1) refuse(array, ": for 3 dimensions the number of heads must be given");
    if (dims[2] < 1 || dims[2] % heads != 0) {
        refuse(array, ": its last dimension is not shared by " + std::to_string(heads) + " heads");
    }
    return token_major(none, dims[1], heads, dims[2] / heads, dims[0]);
}

}  // namespace

std::string shape_of(const FloatArray& array) {
    return array.name + " has shape " + shape_text(array.dims);
}

Operand::Operand(FloatArray array, Index heads) : view_(layout_of(array, heads)) {
    data_ = std::move(array.values);
}

Operand::Operand(std::vector<float> values, Tensor layout, Index offset)
    : data_(std::move(values)), offset_(offset), view_(layout) {}

Operand Operand::zeros(Index batches, Index heads, Index tokens, Index width) {
    return {std::vector<float>(static_cast<std::size_t>(batches * heads * tokens * width)),
            head_major(std::span<float>(), heads, tokens, width, batches)};
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

Operand concatenate(const FloatArray& past, const Operand& added, const std::string& name) {
    const Operand before(past, 0);
    if (before.batches() != added.batches() || before.heads() != added.heads() ||
        before.width() != added.width()) {
        refuse(past, "; " + name + " continues it with " + shape_text(added.head_major_dims()) +
                         " (batch, heads, tokens, width)");
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

namespace {

std::size_t elements(const Dims& dims) {
    const auto size =
        size_within(dims, std::numeric_limits<Index>::max() / static_cast<Index>(sizeof(double)));
    if (!size) throw std::length_error("an output of this shape");
    return *size;
}

}  // namespace

OutputMemory::OutputMemory(bool three_dimensions, Index batches, Index heads, Index tokens,
                           Index width)
    : values(elements({batches, heads, tokens, width}), std::numeric_limits<float>::quiet_NaN()),
      dims(three_dimensions ? Dims{batches, tokens, heads * width}
                            : Dims{batches, heads, tokens, width}),
      view(three_dimensions ? token_major(values, tokens, heads, width, batches)
                            : head_major(values, heads, tokens, width, batches)) {}

}  // namespace headroom::tools
