// Whole layers: projections, attention and output projection. Without a mask or rotary embedding,
// as the yardstick.
#include "bench/case.hpp"
#include "bench/shapes.hpp"

#include <algorithm>
#include <utility>

namespace bench {
namespace {

using headroom::rows_of;

std::size_t count(int a, int b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

// The weights of a layer of heads 64 wide, as frameworks store them and as the yardstick wants
// them.
template <class Layer>
struct Weights {
    static constexpr int kWidth = Layer::shape.model_dim;
    Buffer input = Buffer(count(3 * kWidth, kWidth)), bias = Buffer(count(3, kWidth));
    Buffer output = Buffer(count(kWidth, kWidth)), output_bias = Buffer(count(1, kWidth));
    Buffer input_panels = Buffer(count(3 * kWidth, kWidth)),
           output_panels = Buffer(count(kWidth, kWidth));
    Buffer blob = bytes_of(Layer::weights_bytes);

    explicit Weights(const std::string& name) {
        input.fill(11, 0.1f);
        output.fill(12, 0.1f);
        bias.fill(13, 0.5f);
        output_bias.fill(14, 0.5f);
        pack_panels(input.data(), 3 * kWidth, kWidth, input_panels.data());
        pack_panels(output.data(), kWidth, kWidth, output_panels.data());
        const std::size_t matrix = count(kWidth, kWidth), vector = count(1, kWidth);
        const std::span<const float> w = input.floats(), b = bias.floats();
        expect_ok(Layer::pack({.query_weight = w.first(matrix),
                               .key_weight = w.subspan(matrix, matrix),
                               .value_weight = w.subspan(2 * matrix),
                               .output_weight = output.floats(),
                               .query_bias = b.first(vector),
                               .key_bias = b.subspan(vector, vector),
                               .value_bias = b.subspan(2 * vector),
                               .output_bias = output_bias.floats(),
                               .extra_key = {},
                               .extra_value = {}},
                              blob.bytes()),
                  name);
    }
};

// What each layer needs beside its weights. A layer is bound to its port before the clock runs:
// open() reads the whole blob to verify its checksum.
template <class Layer>
class LayerCase : public Case {
public:
    LayerCase(std::string name, double multiply_adds, int tokens)
        : Case(std::move(name), multiply_adds),
          tokens_(tokens),
          weights_(this->name()),
          x_(count(tokens, kWidth)),
          y_(count(tokens, kWidth)),
          yardstick_y_(count(tokens, kWidth)),
          state_(bytes_of(Layer::state_bytes)),
          scratch_(bytes_of(Layer::scratch_bytes)) {
        x_.fill(15, 1.0f);
        expect_ok(Layer::cache(state_.bytes(), cache_), this->name());
    }

    void ours(const headroom::Port& port) override {
        if (port_ != &port) {
            expect_ok(layer_.open(port, weights_.blob.bytes()), name());
            port_ = &port;
        }
        expect_ok(cache_.truncate(cached_), name());
        expect_ok(
            layer_.forward(rows_of(std::as_const(x_).floats(), tokens_, kWidth),
                           rows_of(y_.floats(), tokens_, kWidth), state_.bytes(), scratch_.bytes()),
            name());
    }
    std::span<const float> our_output() const override { return y_.floats(); }
    std::span<const float> yardstick_output() const override { return yardstick_y_.floats(); }

protected:
    static constexpr int kWidth = Layer::shape.model_dim;
    int tokens_;
    int cached_ = 0;
    Weights<Layer> weights_;
    Buffer x_, y_, yardstick_y_, state_, scratch_;
    headroom::KvCache cache_;

private:
    Layer layer_;
    const headroom::Port* port_ = nullptr;
};

template <int Tokens>
class Encoder : public LayerCase<headroom::MultiHeadAttention<encoder_192(Tokens)>> {
    using Base = LayerCase<headroom::MultiHeadAttention<encoder_192(Tokens)>>;
    static constexpr int kPadded = Tokens + 16;  // what the yardstick's kernels may read

public:
    explicit Encoder(std::string name)
        : Base(std::move(name),
               Tokens * static_cast<double>(
                            headroom::token_cost(encoder_192(Tokens), Tokens).multiply_adds()),
               Tokens),
          projected_(count(9 * 64, kPadded)),
          panels_(count(3 * 64, kPadded)),
          by_head_(count(192, kPadded)),
          by_token_(count(192, kPadded)) {}

    void yardstick(const Yardstick& with) override {
        with.layer({Tokens, 3, this->x_.data(), this->weights_.input_panels.data(),
                    this->weights_.bias.data(), this->weights_.output_panels.data(),
                    this->weights_.output_bias.data(), projected_.data(), panels_.data(), nullptr,
                    by_head_.data(), by_token_.data(), this->yardstick_y_.data()});
    }

private:
    Buffer projected_, panels_, by_head_, by_token_;
};

// One token that becomes the 512th in the cache.
class Decoder : public LayerCase<headroom::MultiHeadAttention<layer_one_token>> {
    static constexpr int kHeads = 8, kKeys = 512;

public:
    explicit Decoder(std::string name)
        : LayerCase(
              std::move(name),
              static_cast<double>(headroom::token_cost(layer_one_token, kKeys).multiply_adds()), 1),
          keys_(count(kHeads * kKeys, 64)),
          values_(count(kHeads * kKeys, 64)),
          panels_(count(kHeads * kKeys, 64)),
          projected_(count(3, 512)),
          by_head_(count(1, 512)) {
        keys_.fill(21, 1.0f);
        values_.fill(22, 1.0f);
        for (int h = 0; h < kHeads; ++h) {
            const std::size_t at = count(h * kKeys, 64);
            pack_panels(keys_.data() + at, kKeys, 64, panels_.data() + at);
        }
        cached_ = kKeys - 1;
        const auto first = [this](const Buffer& all) {  // the first 511 tokens of each head
            auto view = headroom::head_major(all.floats(), kHeads, kKeys, 64);
            view.tokens = cached_;
            return view;
        };
        expect_ok(cache_.append(first(keys_), first(values_)), this->name());
    }

    void yardstick(const Yardstick& with) override {
        with.one_token({1, kHeads, x_.data(), weights_.input_panels.data(), weights_.bias.data(),
                        weights_.output_panels.data(), weights_.output_bias.data(),
                        projected_.data(), panels_.data(), values_.data(), by_head_.data(), nullptr,
                        yardstick_y_.data()});
    }

private:
    Buffer keys_, values_, panels_, projected_, by_head_;
};

}  // namespace

std::vector<std::unique_ptr<Case>> layer_cases() {
    std::vector<std::unique_ptr<Case>> all;
    all.push_back(std::make_unique<Encoder<98>>("layer_98"));
    all.push_back(std::make_unique<Encoder<197>>("layer_197"));
    all.push_back(std::make_unique<Decoder>("layer_one_token"));
    return all;
}

}  // namespace bench
