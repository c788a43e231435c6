// The parts of the date model that are not attention: normalisation, dense layers, embeddings.
#pragma once

#include "demo/date_weights.hpp"

namespace headroom::demo {

// Plain C++ gives the same bits everywhere if every sum has a written order and nothing is fused
// (-ffp-contract=off). Sums along a row are kept in 16 lanes and folded 8, 4, 2, 1; dense layers
// add up each output in the order of the inputs, all outputs side by side, as compilers vectorise.

/// y = normalised x; `y` may be `x`. f32 [width] both.
void normalise(const float* x, const NormWeights& weights, float* y) noexcept;

/// x += dense2(relu(dense1(normalised x))). f32 [width].
void add_feed_forward(float* x, const NormWeights& norm, const DenseWeights& dense1,
                      const DenseWeights& dense2) noexcept;

/// logits[target_letters] = the output layer of x, f32 [width].
void output_logits(const float* x, const DenseWeights& weights, float* logits) noexcept;

/// x = a + b and x += a. f32 [width].
void add(const float* a, const float* b, float* x) noexcept;
void add_to(float* x, const float* a) noexcept;

}  // namespace headroom::demo
