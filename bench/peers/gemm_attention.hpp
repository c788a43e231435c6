// Attention and layers out of matrix products and a softmax, for libraries that offer products.
//
//   Multiply  multiply(rows, columns, inner, factor, a, b, add, c): c = factor * a b + add * c
//
// Scores are made for a block of queries at a time, so that they stay in a cache; how many is tried
// out, and so is which way round keys and weights lie where they are there before the call.
#pragma once

#include "bench/peers/peer.hpp"
#include "bench/peers/softmax.hpp"
#include "bench/peers/tuned.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace bench {
namespace {

// Rows of floats; transposed: element (r, c) lies at data[c * stride + r].
struct Matrix {
    const float* data;
    std::ptrdiff_t stride;
    bool transposed = false;

    Matrix from_row(std::ptrdiff_t row) const { return {data + row * stride, stride, transposed}; }
};

struct Output {
    float* data;
    std::ptrdiff_t stride;
    Output from_row(std::ptrdiff_t row) const { return {data + row * stride, stride}; }
};

inline std::vector<float> transposed(const float* rows, int count, int width) {
    std::vector<float> columns(static_cast<std::size_t>(count) * static_cast<std::size_t>(width));
    for (int r = 0; r < count; ++r) {
        for (int c = 0; c < width; ++c)
            columns[static_cast<std::size_t>(c) * static_cast<std::size_t>(count) +
                    static_cast<std::size_t>(r)] = rows[static_cast<std::ptrdiff_t>(r) * width + c];
    }
    return columns;
}

// One head's queries, or those of several heads that share keys.
struct Head {
    Matrix query;      // [rows][width]
    Matrix key;        // read as [width][keys]
    Matrix value;      // [keys][width]
    Output out;        // [rows][width]
    int rows, tokens;  // row r is token r mod tokens
};

constexpr std::array<int, 8> block_sizes{16, 32, 48, 64, 96, 128, 256, 1 << 30};

template <class Multiply>
class HeadAttention {
public:
    HeadAttention(int width, int keys, bool causal, float scale)
        : width_(width), keys_(keys), causal_(causal), scale_(scale) {}

    void run(const Head& head, int block) {
        block = std::min(block, head.rows);
        scores_.resize(static_cast<std::size_t>(block) * static_cast<std::size_t>(keys_));
        for (int first = 0; first < head.rows; first += block) {
            const int rows = std::min(block, head.rows - first);
            int seen = 0;
            for (int r = 0; r < rows; ++r) seen = std::max(seen, keys_of(head, first + r));
            Multiply::multiply(rows, seen, width_, scale_, head.query.from_row(first), head.key,
                               0.0f, {scores_.data(), keys_});
            for (int r = 0; r < rows; ++r) {
                float* const row = scores_.data() + std::ptrdiff_t{r} * keys_;
                const int own = keys_of(head, first + r);
                softmax(row, own);
                std::fill(row + own, row + seen, 0.0f);
            }
            Multiply::multiply(rows, width_, seen, 1.0f, {scores_.data(), keys_}, head.value, 0.0f,
                               head.out.from_row(first));
        }
    }

private:
    int keys_of(const Head& head, int row) const {
        return causal_ ? keys_ - head.tokens + row % head.tokens + 1 : keys_;
    }

    int width_, keys_;
    bool causal_;
    float scale_;
    std::vector<float> scores_;
};

template <class Multiply>
class GemmAttend : public Job {
public:
    explicit GemmAttend(const AttendTask& task)
        : task_(task), attention_(task.width, task.keys, task.causal, task.scale) {
        if (task.has_cache) {
            for (int g = 0; g < task.kv_heads; ++g)
                columns_.push_back(transposed(task.key + g * key_size(), task.keys, task.width));
        }
        const int layouts = task.has_cache ? 2 : 1, sizes = static_cast<int>(block_sizes.size());
        variant_ = fastest_variant(layouts * sizes, [this](int variant) { run(variant); });
    }

    void run() override { run(variant_); }

private:
    std::ptrdiff_t key_size() const { return std::ptrdiff_t{task_.keys} * task_.width; }

    void run(int variant) {
        const int sizes = static_cast<int>(block_sizes.size());
        const int rows = task_.heads / task_.kv_heads * task_.tokens;
        for (int g = 0; g < task_.kv_heads; ++g) {
            const std::ptrdiff_t query = std::ptrdiff_t{g} * rows * task_.width;
            const Matrix key =
                variant < sizes
                    ? Matrix{task_.key + g * key_size(), task_.width, true}
                    : Matrix{columns_[static_cast<std::size_t>(g)].data(), task_.keys, false};
            attention_.run({{task_.query + query, task_.width},
                            key,
                            {task_.value + g * key_size(), task_.width},
                            {task_.out + query, task_.width},
                            rows,
                            task_.tokens},
                           block_sizes[static_cast<std::size_t>(variant % sizes)]);
        }
    }

    AttendTask task_;
    HeadAttention<Multiply> attention_;
    std::vector<std::vector<float>> columns_;
    int variant_ = 0;
};

template <class Multiply>
class GemmLayer : public Job {
public:
    explicit GemmLayer(const LayerTask& task)
        : task_(task),
          attention_(task.width, task.keys, task.causal, task.scale),
          input_(transposed(task.input_weight, task.input_width(), task.model_dim)),
          output_(transposed(task.output_weight, task.model_dim, task.model_dim)),
          projected_(floats(task.tokens, task.input_width())),
          heads_(floats(task.tokens, task.model_dim)) {
        if (task.position() > 0) {
            const std::size_t cache = floats(task.kv_heads * task.keys, task.width);
            keys_.assign(task.cached_keys, task.cached_keys + cache);
            values_.assign(task.cached_values, task.cached_values + cache);
        }
        const int sizes = static_cast<int>(block_sizes.size());
        variant_ = fastest_variant(2 * sizes, [this](int variant) { run(variant); });
    }

    void run() override { run(variant_); }

private:
    static std::size_t floats(int a, int b) {
        return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
    }

    void run(int variant) {
        const int sizes = static_cast<int>(block_sizes.size()), model = task_.model_dim;
        const bool plain = variant < sizes;
        project(task_.x,
                plain ? Matrix{task_.input_weight, model, true}
                      : Matrix{input_.data(), task_.input_width(), false},
                task_.input_bias, task_.input_width(), projected_.data());
        if (!keys_.empty()) append();
        attend(block_sizes[static_cast<std::size_t>(variant % sizes)]);
        project(
            heads_.data(),
            plain ? Matrix{task_.output_weight, model, true} : Matrix{output_.data(), model, false},
            task_.output_bias, model, task_.y);
    }

    void project(const float* x, const Matrix& weights, const float* bias, int outputs, float* y) {
        for (int i = 0; i < task_.tokens; ++i)
            std::copy_n(bias, outputs, y + std::ptrdiff_t{i} * outputs);
        Multiply::multiply(task_.tokens, outputs, task_.model_dim, 1.0f, {x, task_.model_dim},
                           weights, 1.0f, {y, outputs});
    }

    // Where the keys or values of a head begin in a token's projection.
    int column(int head) const { return (task_.heads + head) * task_.width; }

    void append() {
        for (int i = 0; i < task_.tokens; ++i) {
            const float* const row = projected_.data() + std::ptrdiff_t{i} * task_.input_width();
            for (int g = 0; g < task_.kv_heads; ++g) {
                const std::ptrdiff_t at =
                    (std::ptrdiff_t{g} * task_.keys + task_.position() + i) * task_.width;
                std::copy_n(row + column(g), task_.width, keys_.data() + at);
                std::copy_n(row + column(task_.kv_heads + g), task_.width, values_.data() + at);
            }
        }
    }

    // Of one token, the heads that share keys lie like rows.
    void attend(int block) {
        const int group = task_.heads / task_.kv_heads, width = task_.width;
        const bool together = task_.tokens == 1;
        for (int h = 0; h < task_.heads; h += together ? group : 1) {
            const int g = h / group;
            const std::ptrdiff_t stride = task_.input_width(),
                                 at = std::ptrdiff_t{g} * task_.keys * width;
            const Matrix key = keys_.empty() ? Matrix{projected_.data() + column(g), stride, true}
                                             : Matrix{keys_.data() + at, width, true};
            const Matrix value =
                keys_.empty() ? Matrix{projected_.data() + column(task_.kv_heads + g), stride}
                              : Matrix{values_.data() + at, width};
            attention_.run({{projected_.data() + h * width, together ? width : stride},
                            key,
                            value,
                            {heads_.data() + h * width, together ? width : task_.model_dim},
                            together ? group : task_.tokens,
                            task_.tokens},
                           block);
        }
    }

    LayerTask task_;
    HeadAttention<Multiply> attention_;
    std::vector<float> input_, output_, projected_, heads_, keys_, values_;
    int variant_ = 0;
};

}  // namespace
}  // namespace bench
