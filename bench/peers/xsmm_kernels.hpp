// Kernels of libxsmm for attention and projections.
//
// libxsmm counts columns first. A row-major tensor [rows][width] is its matrix of width x rows, so
//   scores^T (keys x queries) = keys (keys x width) * queries (width x queries)
//   out^T   (width x queries) = values (width x keys) * weights (keys x queries)
// Only the keys have to be transposed for that: once for each head and call, or once for all if
// they are in a cache.
#pragma once

#include "bench/peers/softmax.hpp"

#include <libxsmm.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {
namespace {

std::size_t floats(int a, int b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

// c (m x n) = or += a (m x k) b (k x n), all column-major.
class Kernel {
public:
    Kernel() = default;
    Kernel(int m, int n, int k, int lda, int ldb, int ldc, bool adds) {
        const float one = 1.0f, add = adds ? 1.0f : 0.0f;
        const int flags = LIBXSMM_GEMM_FLAG_NONE, prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
        call_ = libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &add, &flags, &prefetch);
    }
    explicit operator bool() const { return call_ != nullptr; }
    void operator()(const float* a, const float* b, float* c) const { call_(a, b, c); }

private:
    libxsmm_smmfunction call_ = nullptr;
};

// [count][width], rows `stride` apart, to [width][count].
inline void transpose(const float* rows, std::ptrdiff_t stride, int count, int width,
                      float* columns) {
    libxsmm_otrans(columns, rows, sizeof(float), width, count, static_cast<int>(stride), count);
}

struct Blocks {
    int queries, keys;
};
constexpr Blocks blocks[] = {{16, 64},  {16, 128}, {32, 64},  {32, 128}, {48, 128},
                             {32, 256}, {48, 512}, {64, 128}, {64, 256}, {98, 98}};
constexpr int variants = static_cast<int>(sizeof blocks / sizeof blocks[0]);

struct Strides {
    int query, value, out;
};

// One head, or heads that share keys as rows of one token; online softmax over blocks of keys.
class HeadKernels {
public:
    HeadKernels(int width, int rows, int tokens, int keys, bool causal, float scale,
                const Strides& strides, const Blocks& block)
        : width_(width),
          rows_(rows),
          tokens_(tokens),
          keys_(keys),
          causal_(causal),
          scale_(scale),
          strides_(strides),
          block_{std::min(block.queries, rows), std::min(block.keys, keys)},
          scores_(floats(block_.queries, block_.keys)),
          state_(floats(2, block_.queries)) {
        const int q[] = {block_.queries, rows % block_.queries};
        const int k[] = {block_.keys, keys % block_.keys};
        for (int i = 0; i < 2; ++i) {
            for (int j = 0; j < 2; ++j) {
                if (q[i] == 0 || k[j] == 0) continue;
                score_[i][j] = Kernel(k[j], q[i], width, keys, strides.query, block_.keys, false);
                first_[i][j] =
                    Kernel(width, q[i], k[j], strides.value, block_.keys, strides.out, false);
                add_[i][j] =
                    Kernel(width, q[i], k[j], strides.value, block_.keys, strides.out, true);
                good_ = good_ && score_[i][j] && first_[i][j] && add_[i][j];
            }
        }
    }

    bool good() const { return good_; }

    // `columns`: the keys transposed, [width][keys].
    void run(const float* query, const float* columns, const float* value, float* out) {
        for (int i = 0; i < rows_; i += block_.queries) {
            const int rows = std::min(block_.queries, rows_ - i);
            run_rows(i, rows, query + std::ptrdiff_t{i} * strides_.query, columns, value,
                     out + std::ptrdiff_t{i} * strides_.out);
        }
    }

private:
    int seen(int row) const { return causal_ ? keys_ - tokens_ + row % tokens_ + 1 : keys_; }

    void run_rows(int first_row, int rows, const float* query, const float* columns,
                  const float* value, float* out) {
        const int part = rows == block_.queries ? 0 : 1;
        float* const largest = state_.data();
        float* const sums = largest + block_.queries;
        int last = 0;
        for (int r = 0; r < rows; ++r) last = std::max(last, seen(first_row + r));
        for (int j = 0; j < last; j += block_.keys) {
            const int count = std::min(block_.keys, keys_ - j), end = count == block_.keys ? 0 : 1;
            score_[part][end](columns + j, query, scores_.data());
            for (int r = 0; r < rows; ++r) {
                float* const row = scores_.data() + std::ptrdiff_t{r} * block_.keys;
                const int own = std::clamp(seen(first_row + r) - j, 0, count);
                soften(row, own, count, j == 0, largest[r], sums[r],
                       out + std::ptrdiff_t{r} * strides_.out);
            }
            (j == 0 ? first_ : add_)[part][end](value + std::ptrdiff_t{j} * strides_.value,
                                                scores_.data(), out);
        }
        for (int r = 0; r < rows; ++r)
            scale_row(out + std::ptrdiff_t{r} * strides_.out, 1.0f / sums[r]);
    }

    // Weights of a block relative to the largest score so far; what was added before is rescaled
    // where that grew.
    void soften(float* row, int own, int count, bool is_first, float& largest, float& sum,
                float* out) const {
        const float here = own > 0 ? largest_of(row, own) : -1e30f;
        const float before = is_first ? here : largest;
        largest = std::max(here, before);
        float factor = 1.0f;
        if (!is_first && largest > before) {
            factor = exp_of(scale_ * (before - largest));
            scale_row(out, factor);
        }
        const float added = own > 0 ? exponentials(row, own, largest, scale_) : 0.0f;
        sum = is_first ? added : sum * factor + added;
        std::fill(row + own, row + count, 0.0f);
    }

    void scale_row(float* row, float factor) const {
        for (int c = 0; c < width_; ++c) row[c] *= factor;
    }

    int width_, rows_, tokens_, keys_;
    bool causal_, good_ = true;
    float scale_;
    Strides strides_;
    Blocks block_;
    std::vector<float> scores_, state_;
    Kernel score_[2][2], first_[2][2], add_[2][2];
};

// Kernels of every variant of block sizes.
std::vector<HeadKernels> all_kernels(int width, int rows, int tokens, int keys, bool causal,
                                     float scale, const Strides& strides) {
    std::vector<HeadKernels> all;
    for (const Blocks& block : blocks)
        all.emplace_back(width, rows, tokens, keys, causal, scale, strides, block);
    return all;
}

bool all_good(const std::vector<HeadKernels>& all) {
    return std::all_of(all.begin(), all.end(), [](const HeadKernels& k) { return k.good(); });
}

// y [tokens][outputs] = x [tokens][inputs] times packed weights, and bias; tiles of both.
class Projection {
public:
    static constexpr int outputs_of_tile = 64, tokens_of_tile = 32;

    Projection(const float* weight, const float* bias, int tokens, int inputs, int outputs)
        : bias_(bias),
          tokens_(tokens),
          inputs_(inputs),
          outputs_(outputs),
          packed_(floats(inputs, outputs)) {
        for (int first = 0; first < outputs; first += outputs_of_tile) {
            const int count = std::min(outputs_of_tile, outputs - first);
            transpose(weight + std::ptrdiff_t{first} * inputs, inputs, count, inputs,
                      packed_.data() + std::ptrdiff_t{first} * inputs);
        }
        const int rows[] = {std::min(tokens_of_tile, tokens), tokens % tokens_of_tile};
        const int columns[] = {std::min(outputs_of_tile, outputs), outputs % outputs_of_tile};
        for (int i = 0; i < 2; ++i) {
            for (int j = 0; j < 2; ++j) {
                if (rows[i] == 0 || columns[j] == 0) continue;
                kernels_[i][j] =
                    Kernel(columns[j], rows[i], inputs, columns[j], inputs, outputs, true);
                good_ = good_ && kernels_[i][j];
            }
        }
    }
    bool good() const { return good_; }

    void run(const float* x, float* y) const {
        for (int i = 0; i < tokens_; ++i)
            std::copy_n(bias_, outputs_, y + std::ptrdiff_t{i} * outputs_);
        for (int first = 0; first < outputs_; first += outputs_of_tile) {
            const int j = outputs_ - first < outputs_of_tile && first > 0 ? 1 : 0;
            for (int t = 0; t < tokens_; t += tokens_of_tile) {
                const int i = tokens_ - t < tokens_of_tile && t > 0 ? 1 : 0;
                kernels_[i][j](packed_.data() + std::ptrdiff_t{first} * inputs_,
                               x + std::ptrdiff_t{t} * inputs_,
                               y + std::ptrdiff_t{t} * outputs_ + first);
            }
        }
    }

private:
    const float* bias_;
    int tokens_, inputs_, outputs_;
    bool good_ = true;
    std::vector<float> packed_;
    Kernel kernels_[2][2];
};

}  // namespace
}  // namespace bench
