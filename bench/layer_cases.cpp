// Whole layers: projections, attention and output projection, without rotary embedding. Through the
// interface for C, which takes shapes at run time and calls the same code as the C++ templates.
#include "bench/case.hpp"

#include <headroom/headroom.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace bench {
namespace {

void expect(hr_result result, const std::string& what) {
    if (result.status == HR_OK) return;
    std::fprintf(stderr, "%s: %s (argument %d)\n", what.c_str(), hr_describe(result.status),
                 result.argument);
    std::exit(2);
}

// A longer call runs in slices of so many queries: as fast, with half of the scratch.
constexpr int kSlice = 384;

hr_shape shape_of(const Shape& s) {
    hr_shape shape{};
    shape.model_dim = s.model_dim;
    shape.heads = s.heads;
    shape.kv_heads = s.kv_heads;
    shape.head_dim = s.width;
    shape.max_queries = std::min(s.tokens, kSlice);
    shape.max_keys = s.keys;
    return shape;
}

hr_memory memory_of(Buffer& buffer) { return hr_bytes(buffer.data(), buffer.bytes().size()); }

// The weights as frameworks store them, as the yardstick wants them, and packed.
struct Weights {
    Buffer input, bias, output, output_bias, input_panels, output_panels, blob;

    explicit Weights(const Shape& s)
        : input(product(input_width(s), s.model_dim)),
          bias(product(input_width(s), 1)),
          output(product(s.model_dim, s.model_dim)),
          output_bias(product(s.model_dim, 1)),
          input_panels(product(input_width(s), s.model_dim)),
          output_panels(product(s.model_dim, s.model_dim)),
          blob(bytes_of(blob_bytes(s))) {
        input.fill(11, 0.1f);
        output.fill(12, 0.1f);
        bias.fill(13, 0.5f);
        output_bias.fill(14, 0.5f);
        if (s.model_dim % 16 == 0 && input_width(s) % 16 == 0) {
            pack_panels(input.data(), input_width(s), s.model_dim, input_panels.data());
            pack_panels(output.data(), s.model_dim, s.model_dim, output_panels.data());
        }
        pack(s);
    }

    static int input_width(const Shape& s) { return (s.heads + 2 * s.kv_heads) * s.width; }
    static std::size_t blob_bytes(const Shape& s) {
        const hr_shape shape = shape_of(s);
        return hr_weights_bytes(&shape);
    }

private:
    void pack(const Shape& s) {
        const std::size_t query = product(s.heads, s.width), key = product(s.kv_heads, s.width);
        const auto part = [](const Buffer& all, std::size_t first, std::size_t count) {
            return hr_floats{all.data() + first, count};
        };
        const std::size_t in = static_cast<std::size_t>(s.model_dim);
        hr_tensors tensors{};
        tensors.query_weight = part(input, 0, query * in);
        tensors.key_weight = part(input, query * in, key * in);
        tensors.value_weight = part(input, (query + key) * in, key * in);
        tensors.output_weight = part(output, 0, query * in);
        tensors.query_bias = part(bias, 0, query);
        tensors.key_bias = part(bias, query, key);
        tensors.value_bias = part(bias, query + key, key);
        tensors.output_bias = part(output_bias, 0, in);
        const hr_shape shape = shape_of(s);
        expect(hr_pack_weights(&shape, &tensors, memory_of(blob)), s.name);
    }
};

// A layer is bound to its port before the clock runs: opening it reads the whole blob to verify its
// checksum.
class LayerCase : public Case {
public:
    LayerCase(const Shape& s, const headroom::Executor* executor)
        : Case(s, executor),
          weights_(s),
          x_(product(s.tokens, s.model_dim)),
          y_(product(s.tokens, s.model_dim)),
          keys_(product(s.kv_heads, s.keys, s.width)),
          values_(product(s.kv_heads, s.keys, s.width)),
          state_(bytes_of(state_bytes())),
          scratch_(bytes_of(scratch_bytes())) {
        x_.fill(15, 1.0f);
        keys_.fill(21, 1.0f);
        values_.fill(22, 1.0f);
        const headroom::CacheShape shape{.kv_heads = s.kv_heads,
                                         .key_width = s.width,
                                         .value_width = s.width,
                                         .max_keys = s.keys};
        expect_ok(cache_.open(shape, state_.bytes()), name());
        expect_ok(cache_.append(cached(keys_), cached(values_)), name());
        if (fits_yardstick()) prepare_yardstick();
    }

    void ours(const headroom::Port& port) override {
        if (port_ != &port) open(port);
        expect_ok(cache_.truncate(shape().position()), name());
        const int tokens = shape().tokens, width = shape().model_dim;
        const hr_const_rows x{x_.data(), x_.floats().size(), tokens, width, width};
        const hr_rows y{y_.data(), y_.floats().size(), tokens, width, width};
        hr_attention how{};
        how.causal = shape().causal;
        hr_executor threads{};
        hr_features features{};
        if (executor() != nullptr) {
            threads = {executor()->workers, executor()->context, executor()->run};
            features.executor = &threads;
        }
        expect(hr_layer_forward(&layer_, x, y, memory_of(state_), memory_of(scratch_), &how,
                                &features),
               name());
    }
    std::span<const float> our_output() const override { return y_.floats(); }
    std::vector<std::span<const float>> data() const override {
        std::vector<std::span<const float>> all{x_.floats(), weights_.blob.floats()};
        if (shape().has_cache()) all.push_back(state_.floats());
        return all;
    }
    std::size_t arena_bytes() const override { return scratch_bytes() + state_bytes(); }

    std::variant<AttendTask, LayerTask> task(float* out) const override {
        const Shape& s = shape();
        return LayerTask{s.model_dim,
                         s.heads,
                         s.kv_heads,
                         s.width,
                         s.tokens,
                         s.keys,
                         s.causal,
                         1.0f / std::sqrt(static_cast<float>(s.width)),
                         x_.data(),
                         weights_.input.data(),
                         weights_.bias.data(),
                         weights_.output.data(),
                         weights_.output_bias.data(),
                         keys_.data(),
                         values_.data(),
                         out};
    }

    // It knows two layers: 3 heads of 64 from an empty cache, and the 512th token of 8 heads.
    bool fits_yardstick() const override { return encoder() || one_token(); }
    void yardstick(const Yardstick& with) override {
        (one_token() ? with.one_token : with.layer)(
            {shape().tokens, shape().heads, x_.data(), weights_.input_panels.data(),
             weights_.bias.data(), weights_.output_panels.data(), weights_.output_bias.data(),
             projected_.data(), panels_.data(), values_.data(), by_head_.data(), by_token_.data(),
             yardstick_y_.data()});
    }
    std::span<const float> yardstick_output() const override { return yardstick_y_.floats(); }

private:
    std::size_t state_bytes() const {
        const hr_shape s = shape_of(shape());
        return hr_state_bytes(&s);
    }
    std::size_t scratch_bytes() const {
        const hr_shape s = shape_of(shape());
        return hr_scratch_bytes(&s, workers());
    }
    bool encoder() const {
        const Shape& s = shape();
        return s.model_dim == 192 && s.heads == 3 && s.kv_heads == 3 && !s.causal && !s.has_cache();
    }
    bool one_token() const {
        const Shape& s = shape();
        return s.model_dim == 512 && s.heads == 8 && s.kv_heads == 8 && s.tokens == 1 &&
               s.keys == 512;
    }

    void open(const headroom::Port& port) {
        const hr_shape s = shape_of(shape());
        expect(hr_layer_open(&layer_, &s, hr_find_port(port.name),
                             hr_const_bytes(weights_.blob.data(), weights_.blob.bytes().size())),
               name());
        port_ = &port;
    }

    // The tokens of each head that are there before the call.
    headroom::ConstTensor cached(const Buffer& all) {
        auto view =
            headroom::head_major(all.floats(), shape().kv_heads, shape().keys, shape().width);
        view.tokens = shape().position();
        return view;
    }

    void prepare_yardstick() {
        const Shape& s = shape();
        const int padded = s.tokens + 16;  // what its kernels may read
        projected_ = Buffer(product(3, s.model_dim, padded));
        by_head_ = Buffer(product(s.model_dim, padded));
        by_token_ = Buffer(product(s.model_dim, padded));
        panels_ = Buffer(product(s.heads, s.keys + 16, s.width));
        yardstick_y_ = Buffer(product(s.tokens, s.model_dim));
        if (!s.has_cache()) return;
        for (int h = 0; h < s.heads; ++h) {
            const std::size_t at = product(h, s.keys, s.width);
            pack_panels(keys_.data() + at, s.keys, s.width, panels_.data() + at);
        }
    }

    Weights weights_;
    Buffer x_, y_, keys_, values_, state_, scratch_;
    Buffer projected_{0}, panels_{0}, by_head_{0}, by_token_{0}, yardstick_y_{0};
    headroom::KvCache cache_;
    hr_layer layer_{};
    const headroom::Port* port_ = nullptr;
};

}  // namespace

std::unique_ptr<Case> make_layer_case(const Shape& shape, const headroom::Executor* executor) {
    return std::make_unique<LayerCase>(shape, executor);
}

}  // namespace bench
