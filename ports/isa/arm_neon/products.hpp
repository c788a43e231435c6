// The inner loop of every kernel: sums of vectors times numbers.
//
//   sum[r][v] += scalars[r * row + i * step] * vectors[i * vector_step + v * 4], i = 0 ... n - 1
//
// FMLA takes the number from a lane of a register, so that one load brings four numbers:
//
//   along    step is 1: a register holds four terms of one row
//   across   row is 1: a register holds one term of four rows
//
// A turn of the loop adds four terms; all that is not a multiply-add is paid for once a turn. Loads
// come in bunches, as large as the registers allow: a core that issues in order waits whenever a
// load follows a multiply-add.
#pragma once

#include <arm_neon.h>

#include "kernels/lanes.hpp"

namespace headroom::isa {
namespace {

constexpr int kTerms = 4;  // of a turn

// Sum plus x times one lane of `numbers`: a constant, once loops are unrolled.
HEADROOM_INLINE float32x4_t add_product(float32x4_t sum, float32x4_t x, float32x4_t numbers,
                                        int lane) noexcept {
    switch (lane) {
        case 0:
            return vfmaq_laneq_f32(sum, x, numbers, 0);
        case 1:
            return vfmaq_laneq_f32(sum, x, numbers, 1);
        case 2:
            return vfmaq_laneq_f32(sum, x, numbers, 2);
        default:
            return vfmaq_laneq_f32(sum, x, numbers, 3);
    }
}

// `Count` numbers side by side, in as many registers as they fill; reads no other.
template <int Count>
HEADROOM_INLINE void load_numbers(float32x4_t* to, const float* from) noexcept {
#pragma GCC unroll 4
    for (int i = 0; i < Count / 4; ++i) to[i] = vld1q_f32(from + i * 4);
    constexpr int kWhole = Count / 4 * 4;
    if constexpr (Count % 4 == 1) to[Count / 4] = vld1q_dup_f32(from + kWhole);
    if constexpr (Count % 4 >= 2) {
        to[Count / 4] = vcombine_f32(vld1_f32(from + kWhole), vdup_n_f32(0.0f));
    }
    if constexpr (Count % 4 == 3) {
        to[Count / 4] = vld1q_lane_f32(from + kWhole + 2, to[Count / 4], 2);
    }
}

// No load and no multiply-add crosses this. Compilers would spread the loads among the
// multiply-adds.
template <int R, int V>
HEADROOM_INLINE void fence(float32x4_t (&sum)[R][V]) noexcept {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) asm volatile("" : "+w"(sum[r][v]) : : "memory");
    }
}

// Vectors that are loaded together: they, the sums and the numbers leave a few of the 32 registers.
template <bool Along, int R, int V>
constexpr int bunch() noexcept {
    int vectors = kTerms * V;
    const auto numbers = [](int n) { return Along ? R : (n + V - 1) / V * ((R + 3) / 4); };
    while (vectors > 1 && R * V + numbers(vectors) + vectors > 28) vectors /= 2;
    return vectors;
}

// Moves a pointer on, unseen: gcc 12 would otherwise keep an address for each vector instead of one
// with constant offsets, and load one vector at a time.
HEADROOM_INLINE void advance(const float*& from, Index by) noexcept {
    from += by;
    asm("" : "+r"(from));
}

// Four terms. `scalars` points at each row's numbers, or at each term's.
template <bool Along, int R, int V>
HEADROOM_INLINE void add_turn(float32x4_t (&sum)[R][V], const float* const* scalars,
                              const float* const* vectors) noexcept {
    constexpr int kFours = (R + 3) / 4, kBunch = bunch<Along, R, V>(),
                  kTogether = kBunch < V ? kBunch : V;
    static_assert(kTerms * V % kBunch == 0, "bunches are equal");
    float32x4_t numbers[Along ? R : kTerms * kFours];
    if constexpr (Along) {
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) numbers[r] = vld1q_f32(scalars[r]);
    }
#pragma GCC unroll 64
    for (int first = 0; first < kTerms * V; first += kBunch) {
        float32x4_t x[kBunch];
#pragma GCC unroll 64
        for (int i = 0; i < kBunch; ++i) {
            const int term = (first + i) / V, v = (first + i) % V;
            x[i] = vld1q_f32(vectors[term] + v * 4);
            if constexpr (!Along) {
                if (v == 0) load_numbers<R>(numbers + term * kFours, scalars[term]);
            }
        }
        fence(sum);
#pragma GCC unroll 64
        for (int i = 0; i < kBunch; i += kTogether) {
            const int term = (first + i) / V, v = (first + i) % V;
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                const float32x4_t number = numbers[Along ? r : term * kFours + r / 4];
#pragma GCC unroll 16
                for (int k = 0; k < kTogether; ++k) {
                    sum[r][v + k] =
                        add_product(sum[r][v + k], x[i + k], number, Along ? term : r % 4);
                }
            }
        }
        fence(sum);
    }
}

// What is left of n terms when whole turns are done.
template <int R, int V>
HEADROOM_INLINE void add_terms(float32x4_t (&sum)[R][V], const float* scalars, Index row,
                               Index step, const float* vectors, Index vector_step,
                               Index n) noexcept {
#pragma GCC unroll 1
    for (; n > 0; --n, scalars += step, vectors += vector_step) {
        float32x4_t number[R];
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) number[r] = vld1q_dup_f32(scalars + r * row);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            const float32x4_t x = vld1q_f32(vectors + v * 4);
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) sum[r][v] = vfmaq_f32(sum[r][v], x, number[r]);
            fence(sum);
        }
    }
}

// A function of its own for each tile: inlined, the loop shares the registers with what is around
// it, and compilers then move sums to and fro, or spill them. The sums come and go through memory
// once for all terms.
template <bool Along, int R, int V>
[[gnu::noinline]] void add_products(float* sums, const float* scalars, Index apart,
                                    const float* vectors, Index vector_step, Index n) noexcept {
    constexpr int kStreams = Along ? R : kTerms;
    float32x4_t sum[R][V];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sum[r][v] = vld1q_f32(sums + (r * V + v) * 4);
    }
    const float *from[kStreams], *x[kTerms];
#pragma GCC unroll 16
    for (int i = 0; i < kStreams; ++i) from[i] = scalars + i * apart;
#pragma GCC unroll 4
    for (int t = 0; t < kTerms; ++t) x[t] = vectors + t * vector_step;
#pragma GCC unroll 1
    for (; n >= kTerms; n -= kTerms) {
        add_turn<Along>(sum, from, x);
#pragma GCC unroll 16
        for (int i = 0; i < kStreams; ++i) from[i] += Along ? kTerms : kTerms * apart;
#pragma GCC unroll 4
        for (int t = 0; t < kTerms; ++t) advance(x[t], kTerms * vector_step);
    }
    add_terms(sum, from[0], Along ? apart : 1, Along ? 1 : apart, x[0], vector_step, n);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) vst1q_f32(sums + (r * V + v) * 4, sum[r][v]);
    }
}

}  // namespace
}  // namespace headroom::isa
