// Attention of heads by oneDNN's primitives: matmul, softmax, matmul.
#pragma once

#include <dnnl.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace bench {
namespace {

using Dims = dnnl::memory::dims;

struct Device {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
};
inline Device& device() {
    static Device one;
    return one;
}

inline dnnl::memory::desc floats_desc(const Dims& sizes, const Dims& strides) {
    return {sizes, dnnl::memory::data_type::f32, strides};
}
inline dnnl::memory::desc packed_desc(const Dims& sizes) {
    return {sizes, dnnl::memory::data_type::f32, dnnl::memory::format_tag::any};
}

// The library's memory objects take no pointers to const, though it only reads inputs.
inline dnnl::memory memory_at(const dnnl::memory::desc& desc, const float* data) {
    return {desc, device().engine, const_cast<float*>(data)};
}

inline dnnl::memory reordered(const dnnl::memory& from, const dnnl::memory::desc& to) {
    dnnl::memory packed(to, device().engine);
    dnnl::reorder(from, packed).execute(device().stream, const_cast<dnnl::memory&>(from), packed);
    device().stream.wait();
    return packed;
}

// Where the rows of all heads lie, in floats.
struct Layout {
    dnnl::memory::dim head, row;
};
struct KeyLayout {
    dnnl::memory::dim head, element, row;
};
struct HeadsShape {
    dnnl::memory::dim heads;  // that have keys of their own
    dnnl::memory::dim rows;   // queries of each; row r is token r mod tokens
    dnnl::memory::dim tokens, keys, width;
    bool causal;
    float scale;
    Layout query;
    KeyLayout key;
    Layout value, out;
};

class DnnlHeads {
public:
    explicit DnnlHeads(const HeadsShape& shape) : s_(shape) {
        if (!s_.causal) return;
        const auto size = static_cast<std::size_t>(s_.rows * s_.keys);
        mask_.assign(size, 0.0f);
        for (dnnl::memory::dim r = 0; r < s_.rows; ++r) {
            float* const row = mask_.data() + r * s_.keys;
            std::fill(row + seen(r), row + s_.keys, -1e30f);
        }
    }

    // All heads in one batched product of all rows.
    void run_batched(const float* query, const float* key, const float* value, float* out) {
        step(s_.heads, 0, s_.rows, query, key, value, out);
    }

    // One head after the other, so many rows at a time.
    void run_blocks(int block, const float* query, const float* key, const float* value,
                    float* out) {
        for (dnnl::memory::dim h = 0; h < s_.heads; ++h) {
            for (dnnl::memory::dim r = 0; r < s_.rows; r += block) {
                step(1, r, std::min<dnnl::memory::dim>(block, s_.rows - r),
                     query + h * s_.query.head + r * s_.query.row, key + h * s_.key.head,
                     value + h * s_.value.head, out + h * s_.out.head + r * s_.out.row);
            }
        }
    }

private:
    struct Kernels {
        dnnl::matmul scores, values;
        dnnl::softmax_forward softmax;
        dnnl::memory query, key, weights, mask, value, out;
    };

    dnnl::memory::dim seen(dnnl::memory::dim row) const {
        return s_.causal ? s_.keys - s_.tokens + row % s_.tokens + 1 : s_.keys;
    }

    // The longest of the rows decides how many keys are looked at.
    dnnl::memory::dim most_seen(dnnl::memory::dim first, dnnl::memory::dim rows) const {
        dnnl::memory::dim most = 0;
        for (dnnl::memory::dim r = first; r < first + rows; ++r) most = std::max(most, seen(r));
        return most;
    }

    void step(dnnl::memory::dim heads, dnnl::memory::dim first, dnnl::memory::dim rows,
              const float* query, const float* key, const float* value, float* out) {
        const dnnl::memory::dim keys = most_seen(first, rows);
        const auto at = std::tuple(heads, rows, keys);
        auto found = kernels_.find(at);
        if (found == kernels_.end()) found = kernels_.emplace(at, made(heads, rows, keys)).first;
        Kernels& k = found->second;
        k.query.set_data_handle(const_cast<float*>(query));
        k.key.set_data_handle(const_cast<float*>(key));
        k.value.set_data_handle(const_cast<float*>(value));
        k.out.set_data_handle(out);
        const dnnl::stream& stream = device().stream;
        std::unordered_map<int, dnnl::memory> arguments{
            {DNNL_ARG_SRC, k.query}, {DNNL_ARG_WEIGHTS, k.key}, {DNNL_ARG_DST, k.weights}};
        if (s_.causal) {
            k.mask.set_data_handle(mask_.data() + first * s_.keys);
            arguments.emplace(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, k.mask);
        }
        k.scores.execute(stream, arguments);
        k.softmax.execute(stream, {{DNNL_ARG_SRC, k.weights}, {DNNL_ARG_DST, k.weights}});
        k.values.execute(
            stream,
            {{DNNL_ARG_SRC, k.weights}, {DNNL_ARG_WEIGHTS, k.value}, {DNNL_ARG_DST, k.out}});
    }

    Kernels made(dnnl::memory::dim heads, dnnl::memory::dim rows, dnnl::memory::dim keys) {
        const auto query = floats_desc({heads, rows, s_.width}, {s_.query.head, s_.query.row, 1});
        const auto key =
            floats_desc({heads, s_.width, keys}, {s_.key.head, s_.key.element, s_.key.row});
        const auto value = floats_desc({heads, keys, s_.width}, {s_.value.head, s_.value.row, 1});
        const auto out = floats_desc({heads, rows, s_.width}, {s_.out.head, s_.out.row, 1});
        const auto weights = floats_desc({heads, rows, keys}, {rows * keys, keys, 1});
        const auto mask = floats_desc({1, rows, keys}, {rows * s_.keys, s_.keys, 1});
        dnnl::primitive_attr attributes;
        attributes.set_output_scales(0, {s_.scale});
        if (s_.causal) {
            dnnl::post_ops after;
            after.append_binary(dnnl::algorithm::binary_add, mask);
            attributes.set_post_ops(after);
        }
        const dnnl::engine& engine = device().engine;
        const dnnl::matmul::primitive_desc scores({query, key, weights}, attributes, engine);
        const dnnl::matmul::primitive_desc values({weights, value, out}, engine);
        const dnnl::softmax_forward::primitive_desc softmax(
            {dnnl::prop_kind::forward_inference, weights, 2}, engine);
        const auto used = static_cast<std::size_t>(heads * rows * keys);
        if (buffer_.size() < used) buffer_.resize(used);
        // The buffer may have moved.
        for (auto& [size, kernel] : kernels_) kernel.weights.set_data_handle(buffer_.data());
        return {dnnl::matmul(scores),           dnnl::matmul(values),
                dnnl::softmax_forward(softmax), memory_at(query, nullptr),
                memory_at(key, nullptr),        memory_at(weights, buffer_.data()),
                memory_at(mask, nullptr),       memory_at(value, nullptr),
                memory_at(out, nullptr)};
    }

    HeadsShape s_;
    std::vector<float> mask_, buffer_;
    std::map<std::tuple<dnnl::memory::dim, dnnl::memory::dim, dnnl::memory::dim>, Kernels> kernels_;
};

// y = x times packed weights, and bias.
class DnnlProjection {
public:
    DnnlProjection(const float* weight, const float* bias, int tokens, int inputs, int outputs)
        : x_(floats_desc({tokens, inputs}, {inputs, 1})),
          y_(floats_desc({tokens, outputs}, {outputs, 1})),
          bias_(memory_at(floats_desc({1, outputs}, {outputs, 1}), bias)) {
        const dnnl::matmul::primitive_desc product(
            {x_, packed_desc({inputs, outputs}), bias_.get_desc(), y_}, device().engine);
        product_ = dnnl::matmul(product);
        const auto rows = memory_at(floats_desc({inputs, outputs}, {1, inputs}), weight);
        weights_ = reordered(rows, product.weights_desc());
    }

    void run(const float* x, float* y) const {
        product_.execute(device().stream, {{DNNL_ARG_SRC, memory_at(x_, x)},
                                           {DNNL_ARG_WEIGHTS, weights_},
                                           {DNNL_ARG_BIAS, bias_},
                                           {DNNL_ARG_DST, memory_at(y_, y)}});
    }

private:
    dnnl::memory::desc x_, y_;
    dnnl::memory bias_, weights_;
    dnnl::matmul product_;
};

}  // namespace
}  // namespace bench
