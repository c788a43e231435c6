// The middle of a block with the queries in the lanes: from scores to weights p = exp(s - m), and
// the sums.
//
//   scores  key 0:  s0 s1 s2 ...     row r's sum is kept in 16 virtual lanes: lane k adds the keys
//           key 1:  s0 s1 s2 ...     with j mod 16 = k in ascending order. The block's sum grows
//           ...                      first, then l = fma(l, alpha, sum).
#pragma once

#include "kernels/exp.hpp"
#include "kernels/tile.hpp"

namespace headroom::detail {

// N registers of rows starting at `v`; keys [begin, end) of the block. `rescale` if a maximum grew.
template <class L, int N>
[[gnu::noinline]] void weigh_registers(const Tile& tile, int v, int begin, int end,
                                       bool rescale) noexcept {
    using reg = typename L::reg;
    const Index lanes = tile.lanes, at = v * L::width;
    reg highest[N];
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i) highest[i] = L::load(tile.maximum + at + i * L::width);

    for (int k = 0; k < kLanes; ++k) {
        reg sum[N];
#pragma GCC unroll 8
        for (int i = 0; i < N; ++i) sum[i] = L::zero();
        int j = begin - begin % kLanes + k;
        if (j < begin) j += kLanes;
        float* s = tile.scores + j * lanes + at;
        const Index stride = kLanes * lanes;
        const auto step = [&]<int Keys>() __attribute__((always_inline)) {
            reg x[Keys * N];
#pragma GCC unroll 4
            for (int u = 0; u < Keys; ++u) {
#pragma GCC unroll 8
                for (int i = 0; i < N; ++i) {
                    x[u * N + i] = L::sub(L::load(s + u * stride + i * L::width), highest[i]);
                }
            }
            exp_registers<L, Keys * N>(x);
#pragma GCC unroll 4
            for (int u = 0; u < Keys; ++u) {
#pragma GCC unroll 8
                for (int i = 0; i < N; ++i) {
                    L::store(s + u * stride + i * L::width, x[u * N + i]);
                    sum[i] = L::add(sum[i], x[u * N + i]);
                }
            }
            s += Keys * stride;
            j += Keys * kLanes;
        };
        constexpr int kKeys = L::exp_keys;
#pragma GCC unroll 1
        while (j + (kKeys - 1) * kLanes < end) step.template operator()<kKeys>();
        if constexpr (kKeys > 1) {
#pragma GCC unroll 1
            while (j < end) step.template operator()<1>();
        }

        float* total = tile.sums + k * lanes + at;
#pragma GCC unroll 8
        for (int i = 0; i < N; ++i) {
            const reg old = L::load(total + i * L::width);
            const reg grown = rescale
                                  ? L::mul_add(old, L::load(tile.alpha + at + i * L::width), sum[i])
                                  : L::add(old, sum[i]);
            L::store(total + i * L::width, grown);
        }
    }
}

// The same for a port with few registers, where the exponential leaves none for sums: those of the
// block grow in memory. In the first block they are the row's sums. In a whole panel of keys they
// start as its weights: 0 + p is p.
template <class L>
[[gnu::noinline]] void weigh_register(const Tile& tile, int v, int begin, int end, bool first,
                                      bool rescale) noexcept {
    using reg = typename L::reg;
    constexpr int W = L::width;
    const Index lanes = tile.lanes, at = v * W;
    const reg highest = L::load(tile.maximum + at);
    float block[kLanes * W];
    float* const sums = first ? tile.sums + at : block;
    const Index stride = first ? lanes : W;
    bool fresh = begin % kLanes == 0 && end - begin >= kLanes;
    for (int k = 0; !fresh && k < kLanes; ++k) L::store(sums + k * stride, L::zero());

    float* s = tile.scores + begin * lanes + at;
    if (begin < end) L::weigh(s, lanes, end - begin, highest);
    for (int j = begin; j < end; fresh = false) {
        const int within = j % kLanes, left = end - j;
        const int keys = kLanes - within < left ? kLanes - within : left;
        float* sum = sums + within * stride;
        const auto add = [&](bool alone) __attribute__((always_inline)) {
#pragma GCC unroll 1
            for (int n = keys; n > 0; --n, s += lanes, sum += stride)
                L::store(sum, alone ? L::load(s) : L::add(L::load(sum), L::load(s)));
        };
        if (fresh) {
            add(true);
        } else {
            add(false);
        }
        j += keys;
    }
    if (first) return;

    const reg alpha = rescale ? L::load(tile.alpha + at) : L::splat(1.0f);
    float* total = tile.sums + at;
    for (int k = 0; k < kLanes; ++k, total += lanes)
        L::store(total, L::mul_add(L::load(total), alpha, L::load(block + k * W)));
}

template <class L>
HEADROOM_INLINE void weigh_block(const Tile& tile, int registers, int begin, int end,
                                 [[maybe_unused]] bool first, bool rescale) noexcept {
    if constexpr (few_registers<L>) {
        for (int v = 0; v < registers; ++v) weigh_register<L>(tile, v, begin, end, first, rescale);
    } else {
        int v = 0;
        for (; registers - v >= 3; v += 3) weigh_registers<L, 3>(tile, v, begin, end, rescale);
        if (registers - v == 2) weigh_registers<L, 2>(tile, v, begin, end, rescale);
        if (registers - v == 1) weigh_registers<L, 1>(tile, v, begin, end, rescale);
    }
}

// The sums l of the rows of register v: the 16 virtual lanes folded 8, 4, 2, 1.
template <class L>
HEADROOM_INLINE typename L::reg folded_sums(const Tile& tile, int v) noexcept {
    typename L::reg lane[kLanes];
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k) lane[k] = L::load(tile.sums + k * tile.lanes + v * L::width);
#pragma GCC unroll 4
    for (int half = kLanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 16
        for (int k = 0; k < half; ++k) lane[k] = L::add(lane[k], lane[k + half]);
    }
    return lane[0];
}

// 1 / l. A row that saw nothing has l = 0 and gets 0.
template <class L>
HEADROOM_INLINE typename L::reg inverse_of_sums(typename L::reg sums) noexcept {
    const auto saw = L::less(L::zero(), sums);
    const typename L::reg one = L::div(L::splat(1.0f), sums);
    // NaN is not above zero, but must stay: only a sum of exactly zero becomes zero.
    return L::select(L::either(saw, L::unordered(sums)), one, L::zero());
}

template <class L>
HEADROOM_INLINE void invert_sums(const Tile& tile, int registers) noexcept {
    for (int v = 0; v < registers; ++v)
        L::store(tile.inverse + v * L::width, inverse_of_sums<L>(folded_sums<L>(tile, v)));
}

}  // namespace headroom::detail
