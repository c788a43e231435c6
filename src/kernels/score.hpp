// Scores with the queries in the lanes: scores[key j][row r] = scale * (query r . key j).
//
//   queries   d = 0:  q0[0]  q1[0]  q2[0] ...      a register is `width` rows, loaded for K keys
//             d = 1:  q0[1]  q1[1]  q2[1] ...
//   key j     k[j][d] is broadcast: from a plain row, or from a panel, where j is a lane
//
// Each element of the result adds its own terms in the order d = 0, 1, 2 ..., so K and V, how many
// keys and registers are in flight, never change a bit.
#pragma once

#include "kernels/tile.hpp"

namespace headroom::detail {

// K keys x V registers. Panel says which of the key's two steps is the constant 1, D the width if
// it is known.
template <class L, int K, int V, bool Panel, int D>
HEADROOM_INLINE void score_tile(const float* queries, Index lanes, const float* key, Index step,
                                Index key_width, float scale, float* scores,
                                auto* highest) noexcept {
    using reg = typename L::reg;
    const Index width = D ? D : key_width;
    const Index key_step = Panel ? 1 : step, dim_step = Panel ? step : 1;
    reg sum[K][V];
#pragma GCC unroll 16
    for (int j = 0; j < K; ++j) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) sum[j][v] = L::zero();
    }

    if constexpr (own_products<L>) {
        L::add_products(sum, key, key_step, dim_step, queries, lanes, width);
    } else {
#pragma GCC unroll 2
        for (Index d = 0; d < width; ++d) {
            reg q[V];
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) q[v] = L::load(queries + d * lanes + v * L::width);
#pragma GCC unroll 16
            for (int j = 0; j < K; ++j) {
                const auto k = L::splat(key[j * key_step + d * dim_step]);
#pragma GCC unroll 8
                for (int v = 0; v < V; ++v) sum[j][v] = L::mul_add(k, q[v], sum[j][v]);
            }
        }
    }

    const auto factor = L::splat(scale);
#pragma GCC unroll 16
    for (int j = 0; j < K; ++j) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            sum[j][v] = L::mul(sum[j][v], factor);
            L::store(scores + j * lanes + v * L::width, sum[j][v]);
        }
    }
    // The maximum does not depend on its order, so it grows as a tree: the next tile need not wait
    // for a chain.
#pragma GCC unroll 4
    for (int half = 1; half < K; half *= 2) {
#pragma GCC unroll 16
        for (int j = 0; j + half < K; j += 2 * half) {
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) sum[j][v] = L::max(sum[j + half][v], sum[j][v]);
        }
    }
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
        if constexpr (few_registers<L>) {
            float* most = highest + v * L::width;
            L::store(most, L::max(sum[0][v], L::load(most)));
        } else {
            highest[v] = L::max(sum[0][v], highest[v]);
        }
    }
}

// All keys of a run for V registers of rows; the running maxima stay in registers.
template <class L, int V, bool Panel, int D>
[[gnu::noinline]] void score_run(const float* queries, Index lanes, const KeyRun& run,
                                 Index key_width, float scale, float* scores,
                                 float* maximum) noexcept {
    // Beyond eight, plain rows would need more addresses than there are registers.
    constexpr int kMost = L::template score_keys<V>, K = Panel || kMost < 8 ? kMost : 8;
    const Index step = Panel ? run.dim_step : run.key_step;
    const float* key = run.key;
    typename L::reg highest[V];
    if constexpr (!few_registers<L>) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) highest[v] = L::load(maximum + v * L::width);
    }

    const auto keys = [&]<int N>() __attribute__((always_inline)) {
        if constexpr (few_registers<L>) {  // few registers: the maxima wait in memory
            score_tile<L, N, V, Panel, D>(queries, lanes, key, step, key_width, scale, scores,
                                          maximum);
        } else {
            score_tile<L, N, V, Panel, D>(queries, lanes, key, step, key_width, scale, scores,
                                          highest);
        }
        scores += N * lanes;
        key += Panel ? N : N * run.key_step;
    };
    Index left = run.count;
    // Panels side by side are contiguous, and where they end the run is cut.
#pragma GCC unroll 1
    for (; left >= K; left -= K) keys.template operator()<K>();
    if constexpr (K > 8) {
        if (left & 8) keys.template operator()<8>();
    }
    if constexpr (K > 4) {
        if (left & 4) keys.template operator()<4>();
    }
    if constexpr (K > 2) {
        if (left & 2) keys.template operator()<2>();
    }
    if (left & 1) keys.template operator()<1>();

    if constexpr (!few_registers<L>) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) L::store(maximum + v * L::width, highest[v]);
    }
}

// The scores of keys [begin, end) of the block at first_key for the registers [from, to) of rows.
template <class L, bool Panel, int D>
HEADROOM_INLINE void score_keys(const Tile& tile, std::int64_t first_key, int begin, int end,
                                int from, int to, float* maximum) noexcept {
    constexpr int kMost = L::score_vectors;
    for (int j = begin; j < end;) {
        const KeyRun run = key_run(tile.source, tile.key_width, first_key + j, end - j);
        for (int v = from; v < to;) {
            const float* queries = tile.queries + v * L::width;
            float* scores = tile.scores + j * tile.lanes + v * L::width;
            float* highest = maximum + v * L::width;
            const auto registers = [&]<int V>() __attribute__((always_inline)) {
                score_run<L, V, Panel, D>(queries, tile.lanes, run, tile.key_width, tile.scale,
                                          scores, highest);
                v += V;
            };
            const int left = to - v;
            if constexpr (kMost >= 4) {
                if (left >= 4) {
                    registers.template operator()<4>();
                    continue;
                }
            }
            if constexpr (kMost >= 3) {
                if (left >= 3) {
                    registers.template operator()<3>();
                    continue;
                }
            }
            if constexpr (kMost >= 2) {
                if (left >= 2) {
                    registers.template operator()<2>();
                    continue;
                }
            }
            registers.template operator()<1>();
        }
        j += static_cast<int>(run.count);
    }
}

// Picks the instance for where the keys are and for the widths that the port has compiled in.
template <class L>
HEADROOM_INLINE void score_block(const Tile& tile, std::int64_t first_key, int begin, int end,
                                 int from, int to, float* maximum) noexcept {
    const auto instance = [&]<int D>() __attribute__((always_inline)) {
        if (tile.source.panels) {
            score_keys<L, true, D>(tile, first_key, begin, end, from, to, maximum);
        } else {
            score_keys<L, false, D>(tile, first_key, begin, end, from, to, maximum);
        }
    };
    if constexpr (L::widths_compiled_in) {
        if (tile.key_width == 64) return instance.template operator()<64>();
        if (tile.key_width == 128) return instance.template operator()<128>();
    }
    instance.template operator()<0>();
}

}  // namespace headroom::detail
