// Attention and layers by oneDNN, in the best of a few ways to cut them.
#pragma once

#include "bench/peers/dnnl_heads.hpp"
#include "bench/peers/peer.hpp"
#include "bench/peers/tuned.hpp"

namespace bench {
namespace {

// 0: all rows of all heads at once.
constexpr int row_blocks[] = {0, 1 << 20, 32, 64, 128, 256};
constexpr int row_variants = static_cast<int>(sizeof row_blocks / sizeof row_blocks[0]);

inline void run_heads(DnnlHeads& heads, int variant, const float* query, const float* key,
                      const float* value, float* out) {
    if (row_blocks[variant] == 0)
        heads.run_batched(query, key, value, out);
    else
        heads.run_blocks(row_blocks[variant], query, key, value, out);
}

// Keys in a cache lie as they are, or transposed, so that they need not be turned round in each
// call.
class DnnlAttend : public Job {
public:
    explicit DnnlAttend(const AttendTask& t)
        : t_(t),
          plain_(shape(t, {std::int64_t{t.keys} * t.width, 1, t.width})),
          turned_(shape(t, {std::int64_t{t.keys} * t.width, t.keys, 1})) {
        if (t.has_cache) {
            for (int g = 0; g < t.kv_heads; ++g) turn(t.key + g * key_size());
        }
        const int layouts = t.has_cache ? 2 : 1;
        variant_ = fastest_variant(layouts * row_variants, [this](int variant) { run(variant); });
    }
    void run() override { run(variant_); }

private:
    std::ptrdiff_t key_size() const { return std::ptrdiff_t{t_.keys} * t_.width; }
    void turn(const float* rows) {
        for (int c = 0; c < t_.width; ++c) {
            for (int j = 0; j < t_.keys; ++j)
                columns_.push_back(rows[std::ptrdiff_t{j} * t_.width + c]);
        }
    }
    static HeadsShape shape(const AttendTask& t, const KeyLayout& key) {
        const std::int64_t rows = std::int64_t{t.heads} / t.kv_heads * t.tokens;
        const Layout of_rows{rows * t.width, t.width},
            of_keys{std::int64_t{t.keys} * t.width, t.width};
        return {t.kv_heads, rows,    t.tokens, t.keys,  t.width, t.causal,
                t.scale,    of_rows, key,      of_keys, of_rows};
    }
    void run(int variant) {
        if (variant < row_variants)
            run_heads(plain_, variant, t_.query, t_.key, t_.value, t_.out);
        else
            run_heads(turned_, variant - row_variants, t_.query, columns_.data(), t_.value, t_.out);
        device().stream.wait();
    }

    AttendTask t_;
    DnnlHeads plain_, turned_;
    std::vector<float> columns_;
    int variant_ = 0;
};

class DnnlLayer : public Job {
public:
    explicit DnnlLayer(const LayerTask& t)
        : t_(t),
          input_(t.input_weight, t.input_bias, t.tokens, t.model_dim, t.input_width()),
          output_(t.output_weight, t.output_bias, t.tokens, t.model_dim, t.model_dim),
          heads_(shape(t)),
          projected_(floats(t.tokens, t.input_width())),
          by_token_(floats(t.tokens, t.model_dim)) {
        if (t.position() > 0) {
            keys_.assign(t.cached_keys, t.cached_keys + t.kv_heads * key_size());
            values_.assign(t.cached_values, t.cached_values + t.kv_heads * key_size());
        }
        variant_ = fastest_variant(row_variants, [this](int variant) { run(variant); });
    }
    static bool supports(const LayerTask& t) { return t.tokens == 1 || t.heads == t.kv_heads; }
    void run() override { run(variant_); }

private:
    static std::size_t floats(int a, int b) {
        return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
    }
    std::ptrdiff_t key_size() const { return std::ptrdiff_t{t_.keys} * t_.width; }
    int column(int head) const { return (t_.heads + head) * t_.width; }

    // Of one token, the heads that share keys are its rows. Heads of several tokens that share keys
    // would be rows of two strides: supports() leaves them out.
    static HeadsShape shape(const LayerTask& t) {
        const bool one = t.tokens == 1, cached = t.position() > 0;
        const std::int64_t width = t.width, group = t.heads / t.kv_heads;
        const Layout keys =
            cached ? Layout{t.keys * width, width} : Layout{width, std::int64_t{t.input_width()}};
        return {one ? t.kv_heads : t.heads,
                one ? group : t.tokens,
                t.tokens,
                t.keys,
                width,
                t.causal,
                t.scale,
                {one ? group * width : width, one ? width : std::int64_t{t.input_width()}},
                {keys.head, 1, keys.row},
                keys,
                {one ? group * width : width, one ? width : std::int64_t{t.model_dim}}};
    }

    void run(int variant) {
        input_.run(t_.x, projected_.data());
        const float* key = projected_.data() + column(0);
        const float* value = projected_.data() + column(t_.kv_heads);
        if (t_.position() > 0) {
            append();
            key = keys_.data();
            value = values_.data();
        }
        run_heads(heads_, variant, projected_.data(), key, value, by_token_.data());
        output_.run(by_token_.data(), t_.y);
        device().stream.wait();
    }

    void append() {
        for (int i = 0; i < t_.tokens; ++i) {
            const float* const row = projected_.data() + std::ptrdiff_t{i} * t_.input_width();
            for (int g = 0; g < t_.kv_heads; ++g) {
                const std::ptrdiff_t at =
                    g * key_size() + std::ptrdiff_t{t_.position() + i} * t_.width;
                std::copy_n(row + column(g), t_.width, keys_.data() + at);
                std::copy_n(row + column(t_.kv_heads + g), t_.width, values_.data() + at);
            }
        }
    }

    LayerTask t_;
    DnnlProjection input_, output_;
    DnnlHeads heads_;
    std::vector<float> projected_, by_token_, keys_, values_;
    int variant_ = 0;
};

}  // namespace
}  // namespace bench
