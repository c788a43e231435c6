#include "conformance/torch_inputs.hpp"

#include <cmath>

#include "conformance/attend_call.hpp"

namespace headroom::conformance {

TokenLayout layout_of(const TestCase& test) {
    const TokenLayout layout{.batch_first = test.flag("batch_first"),
                             .unbatched = test.flag("unbatched")};
    for (const char* name : {"query", "key", "value"}) test.input(name, layout.unbatched ? 2 : 3);
    return layout;
}

Shape shape_of(const TestCase& test, const TokenLayout& layout) {
    const Array& query = test.input("query");
    const Index queries = layout.tokens(query), keys = layout.tokens(test.input("key"));
    Shape shape{.model_dim = static_cast<int>(test.integer("embed_dim", query.dims.back())),
                .heads = static_cast<int>(test.integer("num_heads", 0)),
                .extra_key = test.flag("add_bias_kv"),
                .max_queries = static_cast<int>(std::max<Index>((queries + 1) / 2, 1)),
                .max_keys = std::max<Index>(keys, 1)};
    shape.key_source_dim = static_cast<int>(test.integer("kdim", shape.model_dim));
    shape.value_source_dim = static_cast<int>(test.integer("vdim", shape.model_dim));
    if (!valid(shape)) throw Failure("the case's attributes make no layer");
    return resolved(shape);
}

test::Arena packed_weights(const TestCase& test, const Shape& shape) {
    std::vector<float> query, key, value, bias, extra_key, extra_value, output_bias;
    const auto width = static_cast<std::size_t>(shape.model_dim);

    if (test.find("in_proj_weight") != nullptr) {  // [3E][E]: queries, keys, values
        const std::vector<float> all = test.input("in_proj_weight", 2).floats();
        if (all.size() != 3 * width * width) throw Failure("in_proj_weight does not fit");
        const auto part = static_cast<std::ptrdiff_t>(width * width);
        query.assign(all.begin(), all.begin() + part);
        key.assign(all.begin() + part, all.begin() + 2 * part);
        value.assign(all.begin() + 2 * part, all.end());
    } else {
        query = test.input("q_proj_weight", 2).floats();
        key = test.input("k_proj_weight", 2).floats();
        value = test.input("v_proj_weight", 2).floats();
    }
    if (const Array* array = test.find("in_proj_bias")) bias = array->floats();
    if (!bias.empty() && bias.size() != 3 * width) throw Failure("in_proj_bias does not fit");
    if (const Array* array = test.find("out_proj.bias")) output_bias = array->floats();
    if (shape.extra_key) {
        extra_key = test.input("bias_k").floats();
        extra_value = test.input("bias_v").floats();
    }

    const std::vector<float> output = test.input("out_proj.weight", 2).floats();
    LayerTensors tensors{.query_weight = query,
                         .key_weight = key,
                         .value_weight = value,
                         .output_weight = output,
                         .query_bias = {},
                         .key_bias = {},
                         .value_bias = {},
                         .output_bias = output_bias,
                         .extra_key = extra_key,
                         .extra_value = extra_value};
    if (!bias.empty()) {
        const std::span<const float> all = bias;
        tensors.query_bias = all.first(width);
        tensors.key_bias = all.subspan(width, width);
        tensors.value_bias = all.last(width);
    }
    test::Arena blob(weights_bytes(shape));
    require_ok(pack_weights(shape, tensors, blob.span()), "pack_weights()");
    return blob;
}

TorchMasks::TorchMasks(const TestCase& test, Index batches, Index heads, Index queries, Index keys)
    : batches_(batches), heads_(heads), queries_(queries), keys_(keys) {
    if (const Array* mask = test.find("key_padding_mask")) {  // [B][S] or [S]
        if (size_of(mask->dims) != batches * keys || mask->dims.back() != keys) {
            throw Failure("key_padding_mask has shape " + shape_text(mask->dims));
        }
        include(*mask, keys, 0, 0);
    }
    if (const Array* mask = test.find("attn_mask")) {  // [T][S], or [B * H][T][S]
        if (mask->dims == Dims{queries, keys}) {
            include(*mask, 0, 0, keys);
        } else if (mask->dims == Dims{batches * heads, queries, keys}) {
            include(*mask, heads * queries * keys, queries * keys, keys);
        } else {
            throw Failure("attn_mask has shape " + shape_text(mask->dims));
        }
    }
}

std::size_t TorchMasks::place(Index batch, Index head, Index query) const {
    return static_cast<std::size_t>(((batch * heads_ + head) * queries_ + query) * keys_);
}

std::size_t TorchMasks::sequence_size() const { return place(1, 0, 0); }

// Adds a mask to what there is. PyTorch's bool masks are true where a key is hidden.
void TorchMasks::include(const Array& mask, Index batch_stride, Index head_stride,
                         Index query_stride) {
    const std::size_t size = place(batches_, 0, 0);
    const bool is_bool = mask.dtype == Dtype::boolean;
    if (is_bool && visible_ == nullptr) {
        visible_ = std::make_unique<bool[]>(size);
        std::fill_n(visible_.get(), size, true);
    }
    if (!is_bool) bias_.resize(size, 0.0f);

    const std::vector<float> values = mask.floats();
    for (Index b = 0; b < batches_; ++b)
        for (Index h = 0; h < heads_; ++h)
            for (Index i = 0; i < queries_; ++i)
                for (Index j = 0; j < keys_; ++j) {
                    const Index from = b * batch_stride + h * head_stride + i * query_stride + j;
                    const float value = values[static_cast<std::size_t>(from)];
                    const std::size_t to = place(b, h, i) + static_cast<std::size_t>(j);
                    if (is_bool) {
                        visible_[to] = visible_[to] && value == 0;
                    } else {
                        bias_[to] += value;
                    }
                }
}

std::optional<ScoreBias> TorchMasks::bias(Index batch) const {
    if (bias_.empty()) return {};
    const std::span<const float> all = bias_;
    const auto values = all.subspan(place(batch, 0, 0), sequence_size());
    return ScoreBias{{values, keys_, 0, queries_ * keys_, keys_, 1}};
}

std::optional<BoolMask> TorchMasks::visible(Index batch) const {
    if (visible_ == nullptr) return {};
    const std::span<const bool> values(visible_.get() + place(batch, 0, 0), sequence_size());
    return BoolMask{{values, keys_, 0, queries_ * keys_, keys_, 1}};
}

bool TorchMasks::is_empty(Index batch, Index head, Index query) const {
    const std::size_t row = place(batch, head, query);
    for (std::size_t i = row; i < row + static_cast<std::size_t>(keys_); ++i) {
        const bool hidden = visible_ != nullptr && !visible_[i];
        const bool masked = !bias_.empty() && std::isinf(bias_[i]) && bias_[i] < 0;
        if (!hidden && !masked) return false;
    }
    return true;
}

}  // namespace headroom::conformance
