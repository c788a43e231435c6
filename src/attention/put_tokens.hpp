// Moves tokens from the rows of a tensor into a cache: keys into the lanes of a panel, values as
// they are.
#pragma once

#include <cstddef>

#include "kernels/tile.hpp"

namespace headroom::detail {

// The compilers' own vectors: code for any processor, but good code only for those that have such
// registers. Every x86-64 and every AArch64 has them. On processors of 32 bits vectors would be
// emulated as a rule, and plain loops are better.
using Two [[gnu::vector_size(8)]] = float;
using Four [[gnu::vector_size(16)]] = float;
inline constexpr bool four_in_a_register = sizeof(void*) >= 8;

// What lies at a, then what lies at b.
HEADROOM_INLINE Four two_and_two(const float* a, const float* b) noexcept {
    Two low, high;
    __builtin_memcpy(&low, a, sizeof low);
    __builtin_memcpy(&high, b, sizeof high);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3);
}

// Turns 4 * Quads keys into lanes, two dimensions at a time, and returns how many dimensions that
// were.
//
//   pairs    a0 a1 b0 b1   c0 c1 d0 d1   ...    of the keys a, b, c, d ...
//   lanes    a0 b0 c0 d0   ...                  dimension 0
//            a1 b1 c1 d1   ...                  dimension 1
//
// The lanes of a dimension are written one after the other: those of a whole panel are a cache
// line. Squares of four by four would need as many exchanges, and twice as many registers.
template <int Quads>
HEADROOM_INLINE Index put_pairs(const float* from, Index stride, Index width, float* to,
                                Index step) noexcept {
    Index k = 0;
    for (; k + 2 <= width; k += 2) {
        Four pairs[2 * Quads], lanes;
        for (int i = 0; i < 2 * Quads; ++i) {
            const float* key = from + k + 2 * i * stride;
            pairs[i] = two_and_two(key, key + stride);
        }
        float* lane = to + k * step;
        for (int i = 0; i < Quads; ++i) {
            lanes = __builtin_shufflevector(pairs[2 * i], pairs[2 * i + 1], 0, 2, 4, 6);
            __builtin_memcpy(lane + 4 * i, &lanes, sizeof lanes);
        }
        lane += step;
        for (int i = 0; i < Quads; ++i) {
            lanes = __builtin_shufflevector(pairs[2 * i], pairs[2 * i + 1], 1, 3, 5, 7);
            __builtin_memcpy(lane + 4 * i, &lanes, sizeof lanes);
        }
    }
    return k;
}

// Turns 4 * Quads keys into lanes.
template <int Quads>
HEADROOM_INLINE void put_quads(const float* from, Index stride, Index width, float* to,
                               Index step) noexcept {
    Index k = 0;
    if constexpr (four_in_a_register) k = put_pairs<Quads>(from, stride, width, to, step);
    for (; k < width; ++k) {
        const float* key = from + k;
        float* lane = to + k * step;
        for (int i = 0; i < 4 * Quads; i += 4, key += 4 * stride) {
            lane[i] = key[0];
            lane[i + 1] = key[stride];
            lane[i + 2] = key[2 * stride];
            lane[i + 3] = key[3 * stride];
        }
    }
}

// Turns `count` keys into lanes of a panel: to[k * step + i] = from[i * stride + k]. At least four
// keys at a time, so that each cache line of either side is met once while it is near.
inline void put_in_lanes(const float* from, Index stride, Index count, Index width, float* to,
                         Index step) noexcept {
    Index i = 0;
    if (four_in_a_register && count == kLanes) {
        put_quads<kLanes / 4>(from, stride, width, to, step);
        i = count;
    }
    for (; i + 4 <= count; i += 4) put_quads<1>(from + i * stride, stride, width, to + i, step);
    for (; i < count; ++i) {
        for (Index k = 0; k < width; ++k) to[k * step + i] = from[i * stride + k];
    }
}

// Puts `count` rows one after the other. If that is how they lie already, they are one long row.
inline void put_rows(const float* from, Index stride, Index count, Index width,
                     float* to) noexcept {
    if (stride == width) {
        width *= count;
        count = 1;
    }
    for (Index i = 0; i < count; ++i) {
        __builtin_memcpy(to + i * width, from + i * stride,
                         static_cast<std::size_t>(width) * sizeof(float));
    }
}

}  // namespace headroom::detail
