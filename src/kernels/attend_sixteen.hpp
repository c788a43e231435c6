// One head of 16 queries, 16 keys and widths of 16, as small models have. It is over so soon that
// to plan it and to lay out its rows would take as long; on registers of 16 lanes the scores never
// leave them.
//
//   scratch   queries  [16 d][16 rows]       keys     [16][16], if they are not contiguous
//             weights  [16 keys][16 rows]    inverse  [16]
//
// Every row sees every key: one block, one panel, each virtual lane of a row's sum holds one key.
// The order of every sum is that of attend_lanes(), so the bits are the same.
#pragma once

#include <headroom/detail/sizes.hpp>

#include "kernels/exp.hpp"
#include "kernels/tile.hpp"

namespace headroom::detail {

// A head, as pointers to its first token and floats between tokens.
struct SixteenTask {
    const float* query;
    const float* key;
    const float* value;
    float* out;
    Index query_stride;
    Index key_stride;
    Index value_stride;
    Index out_stride;
    float scale;
    float* scratch;  // 64-byte aligned, drawn above
};
static_assert((3 * 256 + 16) * sizeof(float) <= tile_bytes(kLanes, 1, 1, kLanes));

// Runs step(i) for i = 0 ... 15. On registers of 16 lanes a loop over a head is short, and worth
// unrolling whole.
template <class L, class Step>
HEADROOM_INLINE void for_sixteen(Step step) noexcept {
    if constexpr (L::width == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) step(i);
    } else {
#pragma GCC unroll 2
        for (int i = 0; i < kLanes; ++i) step(i);
    }
}

// scores[j][n]: register n of the rows' scores with key j, and their maxima. `key` is contiguous.
template <class L>
HEADROOM_INLINE void score_sixteen(const float* queries, const float* key, float scale,
                                   typename L::reg (&score)[kLanes][kLanes / L::width]) noexcept {
    using reg = typename L::reg;
    constexpr int N = kLanes / L::width, V = N <= L::score_vectors ? N : 1,
                  K = L::template score_keys<V>;
    const auto factor = L::splat(scale);
#pragma GCC unroll 16
    for (int first = 0; first < kLanes; first += K) {
#pragma GCC unroll 16
        for (int n = 0; n < N; n += V) {
            reg sum[K][V];
#pragma GCC unroll 16
            for (int j = 0; j < K; ++j) {
#pragma GCC unroll 16
                for (int v = 0; v < V; ++v) sum[j][v] = L::zero();
            }
            for_sixteen<L>([&](int d) __attribute__((always_inline)) {
                reg q[V];
#pragma GCC unroll 16
                for (int v = 0; v < V; ++v)
                    q[v] = L::load(queries + d * kLanes + (n + v) * L::width);
#pragma GCC unroll 16
                for (int j = 0; j < K; ++j) {
                    const auto k = L::splat(key[(first + j) * kLanes + d]);
#pragma GCC unroll 16
                    for (int v = 0; v < V; ++v) sum[j][v] = L::mul_add(k, q[v], sum[j][v]);
                }
            });
#pragma GCC unroll 16
            for (int j = 0; j < K; ++j) {
#pragma GCC unroll 16
                for (int v = 0; v < V; ++v) score[first + j][n + v] = L::mul(sum[j][v], factor);
            }
        }
    }
}

// Scores to weights, into memory, and 1 / l. Returns false if a row's scores are all so low that
// they must be raised.
template <class L>
HEADROOM_INLINE bool weigh_sixteen(typename L::reg (&p)[kLanes][kLanes / L::width], float* weights,
                                   float* inverse) noexcept {
    using reg = typename L::reg;
    constexpr int N = kLanes / L::width, kTogether = 2;
    bool ordinary = true;
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
        reg highest[kLanes / 2], x[kLanes];
#pragma GCC unroll 16
        for (int j = 0; j < kLanes / 2; ++j) highest[j] = L::max(p[j][n], p[j + kLanes / 2][n]);
#pragma GCC unroll 4
        for (int half = kLanes / 4; half > 0; half /= 2) {
#pragma GCC unroll 16
            for (int j = 0; j < half; ++j) highest[j] = L::max(highest[j], highest[j + half]);
        }
        ordinary = ordinary && L::all(L::less(L::splat(kLowest), highest[0]));
#pragma GCC unroll 16
        for (int j = 0; j < kLanes; ++j) x[j] = L::sub(p[j][n], highest[0]);
#pragma GCC unroll 16
        for (int j = 0; j < kLanes; j += kTogether) exp_registers<L, kTogether>(x + j);
#pragma GCC unroll 16
        for (int j = 0; j < kLanes; ++j) L::store(weights + j * kLanes + n * L::width, x[j]);
#pragma GCC unroll 4
        for (int half = kLanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 16
            for (int j = 0; j < half; ++j) x[j] = L::add(x[j], x[j + half]);
        }
        // A row sees its own maximum, so its sum is at least 1, or NaN.
        L::store(inverse + n * L::width, L::div(L::splat(1.0f), x[0]));
    }
    return ordinary;
}

template <class L>
HEADROOM_INLINE bool weights_sixteen(const SixteenTask& t) noexcept {
    using reg = typename L::reg;
    constexpr int W = L::width, N = kLanes / W;
    float *queries = t.scratch, *weights = queries + 256, *keys = weights + 256,
          *inverse = keys + 256;
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
#pragma GCC unroll 16
        for (int c = 0; c < kLanes; c += W) {
            const float* rows[W];
#pragma GCC unroll 16
            for (int i = 0; i < W; ++i) rows[i] = t.query + (n * W + i) * t.query_stride + c;
            L::transpose(rows, queries + c * kLanes + n * W, kLanes);
        }
    }
    const float* key = t.key;
    if (t.key_stride != kLanes) {
        for (int j = 0; j < kLanes; ++j) {
            for (int n = 0; n < N; ++n)
                L::store(keys + j * kLanes + n * W, L::load(t.key + j * t.key_stride + n * W));
        }
        key = keys;
    }
    reg score[kLanes][N];
    score_sixteen<L>(queries, key, t.scale, score);
    return weigh_sixteen<L>(score, weights, inverse);
}

// The outputs, R rows at a time.
template <class L>
HEADROOM_INLINE void values_sixteen(const SixteenTask& t) noexcept {
    using reg = typename L::reg;
    constexpr int W = L::width, N = kLanes / W, R = N == 1 ? 16 : 4;
    const float *weights = t.scratch + 256, *inverse = t.scratch + 3 * 256;
#pragma GCC unroll 1
    for (int first = 0; first < kLanes; first += R) {
        reg sum[R][N];
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n) sum[r][n] = L::zero();
        }
        const float* value = t.value;
        for_sixteen<L>([&](int j) __attribute__((always_inline)) {
            reg x[N];
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n) x[n] = L::load(value + n * W);
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                const auto w = L::splat(weights[j * kLanes + first + r]);
#pragma GCC unroll 16
                for (int n = 0; n < N; ++n) sum[r][n] = L::mul_add(w, x[n], sum[r][n]);
            }
            value += t.value_stride;
        });
        float* out = t.out + first * t.out_stride;
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
            const auto factor = L::splat(inverse[first + r]);
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n)
                L::store(out + n * W, L::add(L::mul(sum[r][n], factor), L::zero()));
            out += t.out_stride;
        }
    }
}

// Returns false, with nothing written to `out`, if scores must be raised: the caller does the head
// in the general way. Nothing else needs care: every row sees every key, so there is no NaN or Inf
// that must not be met, and what it makes is what the formulas make.
template <class L>
bool attend_sixteen(const SixteenTask& task) noexcept {
    if (!weights_sixteen<L>(task)) return false;
    values_sixteen<L>(task);
    return true;
}

}  // namespace headroom::detail
