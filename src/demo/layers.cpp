#include "demo/layers.hpp"

namespace headroom::demo {
namespace {

constexpr int lanes = 16;
static_assert(width % lanes == 0);

// The sum of a row of numbers, in 16 lanes.
float row_sum(const float* x) noexcept {
    float sums[lanes] = {};
    for (int i = 0; i < width; i += lanes)
        for (int lane = 0; lane < lanes; ++lane) sums[lane] += x[i + lane];
    for (int half = lanes / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    return sums[0];
}

// y = x W + b; `y` is not `x`. The sums pass through memory rather than stay in registers: the
// shorter inner loop that this needs gcc 12 unrolls, and then does not vectorise (3 times slower).
template <int Outputs>
void dense(const float* x, const DenseWeights& weights, float* y) noexcept {
    float sums[Outputs] = {};
    const float* row = weights.matrix;
    for (int i = 0; i < width; ++i, row += Outputs)
        for (int o = 0; o < Outputs; ++o) sums[o] += x[i] * row[o];
    for (int o = 0; o < Outputs; ++o) y[o] = sums[o] + weights.bias[o];
}

}  // namespace

void normalise(const float* x, const NormWeights& weights, float* y) noexcept {
    float centred[width], squares[width];
    const float mean = row_sum(x) / width;
    for (int i = 0; i < width; ++i) centred[i] = x[i] - mean;
    for (int i = 0; i < width; ++i) squares[i] = centred[i] * centred[i];
    const float variance = row_sum(squares) / width;
    // IEEE requires sqrt to be correctly rounded, so that it is the same everywhere.
    const float factor = 1.0f / __builtin_sqrtf(variance + norm_epsilon);
    for (int i = 0; i < width; ++i)
        y[i] = centred[i] * factor * weights.scale[i] + weights.shift[i];
}

void add_feed_forward(float* x, const NormWeights& norm, const DenseWeights& dense1,
                      const DenseWeights& dense2) noexcept {
    float in[width], hidden[width];
    normalise(x, norm, in);
    dense<width>(in, dense1, hidden);
    for (float& h : hidden) h = h > 0.0f ? h : 0.0f;
    dense<width>(hidden, dense2, in);
    add_to(x, in);
}

void output_logits(const float* x, const DenseWeights& weights, float* logits) noexcept {
    float padded[padded_letters];
    dense<padded_letters>(x, weights, padded);
    for (int i = 0; i < target_letters; ++i) logits[i] = padded[i];
}

void add(const float* a, const float* b, float* x) noexcept {
    for (int i = 0; i < width; ++i) x[i] = a[i] + b[i];
}

void add_to(float* x, const float* a) noexcept { add(x, a, x); }

}  // namespace headroom::demo
