// A softmax that the compiler turns into vector code for the module's instruction set.
#pragma once

#include <bit>
#include <cstdint>

namespace bench {
namespace {

// e^x for x <= 0, to a few times 1e-7: x = n ln 2 + r, a polynomial of r, times 2^n. What is
// below -87 counts as -87.
inline float exp_of(float x) {
    const float clamped = x > -87.0f ? x : -87.0f;
    const float n = __builtin_rintf(clamped * 1.44269504f);
    const float r = (clamped - n * 0.693145752f) - n * 1.42860677e-6f;
    float p = 1.3888889e-3f;
    p = p * r + 8.3333333e-3f;
    p = p * r + 4.1666667e-2f;
    p = p * r + 1.6666667e-1f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

// The largest of a row; each vector lane keeps one.
inline float largest_of(const float* row, int count) {
    float most = row[0];
    for (int i = 1; i < count; ++i) most = row[i] > most ? row[i] : most;
    return most;
}

// row[i] becomes e^(scale * (row[i] - largest)). Returns the sum.
inline float exponentials(float* row, int count, float largest, float scale) {
    float sum = 0.0f;
    for (int i = 0; i < count; ++i) {
        row[i] = exp_of(scale * (row[i] - largest));
        sum += row[i];
    }
    return sum;
}

inline void softmax(float* row, int count) {
    const float factor = 1.0f / exponentials(row, count, largest_of(row, count), 1.0f);
    for (int i = 0; i < count; ++i) row[i] *= factor;
}

}  // namespace
}  // namespace bench
