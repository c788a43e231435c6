// A softmax that the compiler turns into vector code for the module's instruction set.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

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

// What follows is written for any kind of count: one that the compiler knows becomes code without a
// loop, which is what short rows need.
using Sixteen = std::integral_constant<int, 16>;

template <class Count>
float largest_of_row(const float* row, Count count) {
    float most = row[0];
    for (int i = 0; i < count; ++i) most = row[i] > most ? row[i] : most;
    return most;
}
inline float largest_of(const float* row, int count) {
    return count == 16 ? largest_of_row(row, Sixteen()) : largest_of_row(row, count);
}

template <class Count>
float exponentials_of_row(float* row, Count count, float largest, float scale) {
    float sum = 0.0f;
    for (int i = 0; i < count; ++i) {
        row[i] = exp_of(scale * (row[i] - largest));
        sum += row[i];
    }
    return sum;
}

// row[i] becomes e^(scale * (row[i] - largest)). Returns the sum.
inline float exponentials(float* row, int count, float largest, float scale) {
    return count == 16 ? exponentials_of_row(row, Sixteen(), largest, scale)
                       : exponentials_of_row(row, count, largest, scale);
}

inline void softmax(float* row, int count) {
    const float factor = 1.0f / exponentials(row, count, largest_of(row, count), 1.0f);
    for (int i = 0; i < count; ++i) row[i] *= factor;
}

}  // namespace
}  // namespace bench
