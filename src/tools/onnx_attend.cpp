#include "tools/onnx_attend.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

constexpr Index most_rows =
    std::numeric_limits<std::int32_t>::max();  // of batch * heads: the library's bound

// What two inputs disagree in.
[[noreturn]] void refuse(const FloatArray& one, const FloatArray& other, const std::string& what) {
    throw UserError(shape_of(one) + ", " + shape_of(other) + ": " + what);
}

// The elements; name and shape stay, for messages.
FloatArray take(FloatArray& array) {
    return {array.name, array.dims, std::exchange(array.values, {})};
}

std::vector<std::int64_t> read_lengths(const LengthArray& lengths, Index batches, Index keys) {
    if (lengths.dims != Dims{batches}) {
        throw UserError(lengths.name + " has shape " + shape_text(lengths.dims) + "; it must be [" +
                        std::to_string(batches) + "], a length for each batch");
    }
    for (const std::int64_t n : lengths.values) {
        if (n < 0 || n > keys) {
            throw UserError(lengths.name + ": a length of " + std::to_string(n) +
                            " where there are " + std::to_string(keys) + " keys");
        }
    }
    return lengths.values;
}

}  // namespace

OnnxAttend::Operands OnnxAttend::read_operands(OnnxInputs& in, const OnnxAttributes& attributes) {
    Operands all{Operand(take(in.query), attributes.heads),
                 Operand(take(in.key), attributes.kv_heads),
                 Operand(take(in.value), attributes.kv_heads), 0};
    const auto &q = all.query, &k = all.key, &v = all.value;
    if (q.batches() > most_rows / q.heads())
        throw UserError(shape_of(in.query) + ": batch * heads must be below 2^31");
    if (q.batches() != k.batches()) refuse(in.query, in.key, "their batches differ");
    if (k.batches() != v.batches()) refuse(in.key, in.value, "their batches differ");
    if (k.heads() != v.heads()) refuse(in.key, in.value, "their heads differ");
    if (k.tokens() != v.tokens()) refuse(in.key, in.value, "their tokens differ");
    if (q.width() != k.width()) refuse(in.query, in.key, "a query and a key differ in width");
    if (q.heads() % k.heads() != 0) {
        refuse(in.query, in.key,
               std::to_string(q.heads()) + " query heads do not share " +
                   std::to_string(k.heads()) + " key heads evenly");
    }
    all.past = add_past(in, all);
    return all;
}

Index OnnxAttend::add_past(const OnnxInputs& in, Operands& to) {
    if (!in.past_key && !in.past_value) return 0;
    if (!in.past_key || !in.past_value) {
        throw UserError((in.past_key ? in.past_key : in.past_value)->name +
                        ": past keys and past values are needed together");
    }
    if (in.valid_keys)
        throw UserError(in.valid_keys->name + ": lengths and past keys exclude each other");
    for (const FloatArray* const past : {&*in.past_key, &*in.past_value}) {
        if (past->dims.size() != 4)
            throw UserError(shape_of(*past) + "; it must be [batch, heads, tokens, width]");
    }
    if (in.past_key->dims[2] != in.past_value->dims[2])
        refuse(*in.past_key, *in.past_value, "their tokens differ");
    to.key = concatenate(*in.past_key, to.key, in.key.name);
    to.value = concatenate(*in.past_value, to.value, in.value.name);
    return in.past_key->dims[2];
}

OnnxAttend::OnnxAttend(OnnxInputs inputs, const OnnxAttributes& attributes)
    : OnnxAttend(inputs, attributes, read_operands(inputs, attributes)) {}

OnnxAttend::OnnxAttend(OnnxInputs& in, const OnnxAttributes& attributes, Operands operands)
    : query_(std::move(operands.query)),
      key_(std::move(operands.key)),
      value_(std::move(operands.value)),
      out_(in.query.dims.size() == 3, query_.batches(), query_.heads(), query_.tokens(),
           value_.width()) {
    problem_.out = out_.view;
    problem_.key = std::as_const(key_).view();
    problem_.value = std::as_const(value_).view();
    problem_.how.causal = attributes.causal;
    problem_.how.window_left = attributes.window_left;
    problem_.how.window_right = attributes.window_right;
    set_positions(in, attributes, operands.past);
    set_scale(attributes);
    problem_.query = std::as_const(query_).view();
    if (attributes.softcap != 0) problem_.softcap = Softcap{std::fabs(attributes.softcap)};
    if (in.mask) {
        mask_.emplace(std::move(*in.mask), query_.batches(), query_.heads(), query_.tokens(),
                      key_.tokens());
        mask_->bind(problem_);
    }
}

void OnnxAttend::set_positions(const OnnxInputs& in, const OnnxAttributes& attributes, Index past) {
    problem_.how.first_position = attributes.causal_offset.value_or(past);
    if (!in.valid_keys) return;
    valid_keys_ = read_lengths(*in.valid_keys, query_.batches(), key_.tokens());
    problem_.how.valid_keys = valid_keys_;
    if (attributes.causal_offset) return;
    for (const std::int64_t n : valid_keys_) first_positions_.push_back(n - query_.tokens());
    problem_.how.first_positions = first_positions_;
}

// To the library a scale of 0 is the default one. An explicit 0 makes every score 0, as do queries
// of 0; what is not finite times 0 is NaN.
void OnnxAttend::set_scale(const OnnxAttributes& attributes) {
    if (!attributes.scale) return;
    problem_.how.scale = *attributes.scale;
    if (*attributes.scale != 0) return;
    for (float& x : query_.view().data) x *= 0.0f;
    problem_.how.scale = 1;
}

}  // namespace headroom::tools
