// PyTorch through its C++ interface, so without what Python adds to each call: batched products and
// its softmax, or its own attention operators where they apply, whichever is faster.
#include "bench/peers/peer.hpp"
#include "bench/peers/tuned.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/api/include/torch/version.h>

#include <string>
#include <tuple>

namespace bench {
namespace {

using at::Tensor;

// A view of memory that is the caller's. PyTorch takes no pointers to const, though it only reads.
Tensor view(const float* data, at::IntArrayRef sizes) {
    return at::from_blob(const_cast<float*>(data), sizes, at::kFloat);
}

// 0 where a token may look, else very low: [rows][keys]; row r is token r mod tokens.
Tensor causal_mask(int rows, int tokens, int keys) {
    Tensor mask = at::zeros({rows, keys});
    for (int r = 0; r < rows; ++r) {
        const int seen = keys - tokens + r % tokens + 1;
        mask.select(0, r).slice(0, seen, keys).fill_(-1e30f);
    }
    return mask;
}

// [heads][rows][width] on [heads][keys][width].
class Heads {
public:
    Heads(int rows, int tokens, int keys, bool causal, float scale)
        : mask_(causal ? causal_mask(rows, tokens, keys) : at::zeros({1, 1})),
          causal_(causal),
          scale_(scale) {}

    Tensor products(const Tensor& query, const Tensor& key, const Tensor& value) const {
        const Tensor scores =
            at::baddbmm(mask_, query, key.transpose(1, 2), causal_ ? 1.0 : 0.0, scale_);
        return at::bmm(at::softmax(scores, -1), value);
    }

    // The operator scales by 1 / sqrt(width), as all our shapes do.
    Tensor own_operator(const Tensor& query, const Tensor& key, const Tensor& value) const {
        const c10::optional<Tensor> mask = causal_ ? c10::optional<Tensor>(mask_) : c10::nullopt;
        return std::get<0>(
            at::_scaled_dot_product_attention(query, key, value, mask, 0.0, false, false));
    }

    Tensor run(int variant, const Tensor& query, const Tensor& key, const Tensor& value) const {
        return variant == 0 ? products(query, key, value) : own_operator(query, key, value);
    }

private:
    Tensor mask_;
    bool causal_;
    float scale_;
};

class Attend : public Job {
public:
    explicit Attend(const AttendTask& t)
        : rows_(t.heads / t.kv_heads * t.tokens),
          heads_(rows_, t.tokens, t.keys, t.causal, t.scale),
          query_(view(t.query, {t.kv_heads, rows_, t.width})),
          key_(view(t.key, {t.kv_heads, t.keys, t.width})),
          value_(view(t.value, {t.kv_heads, t.keys, t.width})),
          out_(view(t.out, {t.kv_heads, rows_, t.width})) {
        variant_ = fastest_variant(2, [this](int variant) { run(variant); });
    }
    void run() override { run(variant_); }

private:
    void run(int variant) {
        const c10::InferenceMode guard;
        out_.copy_(heads_.run(variant, query_, key_, value_));
    }

    int rows_;
    Heads heads_;
    Tensor query_, key_, value_, out_;
    int variant_ = 0;
};

class Layer : public Job {
public:
    explicit Layer(const LayerTask& t)
        : t_(t),
          rows_(t.heads / t.kv_heads * t.tokens),
          heads_(rows_, t.tokens, t.keys, t.causal, t.scale),
          x_(view(t.x, {t.tokens, t.model_dim})),
          y_(view(t.y, {t.tokens, t.model_dim})),
          input_(view(t.input_weight, {t.input_width(), t.model_dim})),
          input_bias_(view(t.input_bias, {t.input_width()})),
          output_(view(t.output_weight, {t.model_dim, t.model_dim})),
          output_bias_(view(t.output_bias, {t.model_dim})),
          keys_(view(t.cached_keys, {t.kv_heads, t.keys, t.width}).clone()),
          values_(view(t.cached_values, {t.kv_heads, t.keys, t.width}).clone()) {
        const bool plain = t.heads == t.kv_heads && t.position() == 0 && !t.causal;
        variant_ = fastest_variant(plain ? 3 : 2, [this](int variant) { run(variant); });
    }
    void run() override { run(variant_); }

private:
    void run(int variant) {
        const c10::InferenceMode guard;
        y_.copy_(variant == 2 ? own_layer() : composed(variant));
    }

    // What torch.nn.MultiheadAttention calls where it can.
    Tensor own_layer() const {
        const Tensor x = x_.unsqueeze(0);
        const Tensor y = std::get<0>(at::_native_multi_head_attention(
            x, x, x, t_.model_dim, t_.heads, input_, input_bias_, output_, output_bias_,
            c10::nullopt, false, true, c10::nullopt));
        return y.squeeze(0);
    }

    Tensor composed(int variant) {
        const auto parts = at::linear(x_, input_, input_bias_)
                               .view({t_.tokens, t_.heads + 2 * t_.kv_heads, t_.width})
                               .transpose(0, 1)
                               .split_with_sizes({t_.heads, t_.kv_heads, t_.kv_heads}, 0);
        Tensor key = parts[1], value = parts[2];
        if (t_.position() > 0) {
            keys_.slice(1, t_.position()).copy_(key);
            values_.slice(1, t_.position()).copy_(value);
            key = keys_;
            value = values_;
        }
        const Tensor query = parts[0].reshape({t_.kv_heads, rows_, t_.width});
        const Tensor by_head = heads_.run(variant, query, key, value);
        const Tensor by_token = by_head.reshape({t_.heads, t_.tokens, t_.width})
                                    .transpose(0, 1)
                                    .reshape({t_.tokens, t_.model_dim});
        return at::linear(by_token, output_, output_bias_);
    }

    LayerTask t_;
    int rows_;
    Heads heads_;
    Tensor x_, y_, input_, input_bias_, output_, output_bias_, keys_, values_;
    int variant_ = 0;
};

const char* description() {
    at::set_num_threads(1);
    static const std::string words = std::string("PyTorch ") + TORCH_VERSION + ", in C++";
    return words.c_str();
}

Job* attend(const AttendTask& task) { return new Attend(task); }
Job* layer(const LayerTask& task) { return new Layer(task); }

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::description, bench::attend, bench::layer};
    return &peer;
}
