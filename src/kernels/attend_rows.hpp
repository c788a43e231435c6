// A tile with the keys in the lanes: decode, where a few rows attend to the panels of a cache.
//
//   panel      d = 0:  k0[0] k1[0] ... k15[0]     loaded once for R rows; up to four panels lie
//              d = 1:  k0[1] k1[1] ... k15[1]     side by side: one stream feeds P in flight
//   scores     [rows][128], sums [rows][16]
//
// The order of every sum is that of the queries in the lanes, so the bits are the same.
#pragma once

#include "kernels/attend_lanes.hpp"
#include "kernels/fold.hpp"
#include "kernels/score_rows_plain.hpp"

namespace headroom::detail {

// Scores of R rows against P panels side by side.
// `ahead` is what will be read later: as many lines of it are asked for as are read now.
template <class L, int R, int P, int D>
HEADROOM_INLINE void score_panels(const float* queries, const float* panel, const float* ahead,
                                  Index dim_step, Index key_width, float scale,
                                  float* scores) noexcept {
    using reg = typename L::reg;
    constexpr int V = P * kLanes / L::width;
    const Index width = D ? D : key_width;
    reg sum[R][V];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sum[r][v] = L::zero();
    }
    if constexpr (own_products<L>) {
        L::add_products(sum, queries, width, 1, panel, dim_step, width);
    } else {
#pragma GCC unroll 1
        for (Index d = 0; d < width; ++d) {
            reg k[V];
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) k[v] = L::load(panel + d * dim_step + v * L::width);
            if constexpr (L::fetch_ahead > 0) {
#pragma GCC unroll 4
                for (int p = 0; p < P; ++p) __builtin_prefetch(ahead + (d * P + p) * kLanes);
            }
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) {
                const auto q = L::splat(queries[r * width + d]);
#pragma GCC unroll 16
                for (int v = 0; v < V; ++v) sum[r][v] = L::mul_add(q, k[v], sum[r][v]);
            }
        }
    }
    const auto factor = L::splat(scale);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v)
            L::store(scores + r * kBlock + v * L::width, L::mul(sum[r][v], factor));
    }
}

// All panels that hold keys [begin, end) of the block, whole: what lies outside is cut off later.
template <class L, int R, int D>
[[gnu::noinline]] void score_rows(const Tile& tile, std::int64_t first_key, int begin,
                                  int end) noexcept {
    int j = begin - begin % kLanes;
    while (j < end) {
        const Index panels = (end - j + kLanes - 1) / kLanes;
        const KeyRun run = key_run(tile.source, tile.key_width, first_key + j, panels * kLanes);
        const float* panel = run.key;
        const auto side_by_side = [&]<int P>() __attribute__((always_inline)) {
            const float* ahead = panel + L::fetch_ahead;
            if constexpr (P < group_panels) {
                // Each panel asks for its share of the next group, so that the stream never pauses.
                const int within = j % kGroupLanes;
                ahead = panel - within + tile.key_width * (kGroupLanes + within);
            }
            score_panels<L, R, P, D>(tile.queries, panel, ahead, run.dim_step, tile.key_width,
                                     tile.scale, tile.scores + j);
            panel += P * kLanes;
            j += P * kLanes;
        };
        Index left = run.count / kLanes;
        constexpr int kMost = L::template row_panels<R>;
        for (; left >= kMost; left -= kMost) side_by_side.template operator()<kMost>();
        if constexpr (kMost > 2) {
            if (left & 2) side_by_side.template operator()<2>();
        }
        if constexpr (kMost > 1) {
            if (left & 1) side_by_side.template operator()<1>();
        }
    }
}

template <class L, int... R>
HEADROOM_INLINE void score_rows_block(const Tile& tile, std::int64_t first_key, BlockRange range,
                                      std::integer_sequence<int, R...>) noexcept {
    const auto instance = [&]<int D>() __attribute__((always_inline)) {
        if (tile.source.panels) {
            static_cast<void>(
                ((tile.count == R + 1
                      ? (score_rows<L, R + 1, D>(tile, first_key, range.begin, range.end), true)
                      : false) ||
                 ...));
        } else {
            static_cast<void>(((tile.count == R + 1 ? (score_rows_plain<L, R + 1, D>(
                                                           tile, first_key, range.begin, range.end),
                                                       true)
                                                    : false) ||
                               ...));
        }
    };
    if constexpr (L::widths_compiled_in) {
        if (tile.key_width == 64) return instance.template operator()<64>();
    }
    instance.template operator()<0>();
}

// One row of a block: hides what the row does not see, grows its maximum, and turns scores into
// weights. [begin, end) is in whole panels; in the first block there is nothing to rescale. Returns
// whether the maximum grew.
template <class L>
HEADROOM_INLINE bool weigh_row(const Tile& tile, int r, std::int64_t first_key, int begin, int end,
                               bool first) noexcept {
    using reg = typename L::reg;
    constexpr int N = kLanes / L::width;
    float* s = tile.scores + r * kBlock;
    hide_row(tile, r, first_key, begin, end);

    reg highest[N];
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) highest[i] = L::splat(kLowest);
    for (int j = begin; j < end; j += kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < N; ++i) {
            highest[i] = L::max(L::load(s + j + i * L::width), highest[i]);
        }
    }
#pragma GCC unroll 16
    for (int i = 1; i < N; ++i) highest[0] = L::max(highest[i], highest[0]);
    const float block = L::max_across(highest[0]), old = tile.maximum[r];
    const bool grew = block > old;
    const float most = grew ? block : old;
    tile.maximum[r] = most;
    tile.alpha[r] = grew && !first ? exp_scalar<L>(old - most) : 1.0f;
    if (!(most > kLowest) && !tile.steps) raise_row(tile, r, first_key, begin, end);

    const auto m = L::splat(most);
    reg sum[N];
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) sum[i] = L::zero();
    constexpr int kTogether = N >= 4 ? 1 : 2;  // panels in lockstep
    const auto panels = [&]<int P>(int j) __attribute__((always_inline)) {
        reg x[P * N];
#pragma GCC unroll 16
        for (int i = 0; i < P * N; ++i) x[i] = L::sub(L::load(s + j + i * L::width), m);
        exp_registers<L, P * N>(x);
#pragma GCC unroll 16
        for (int i = 0; i < P * N; ++i) {
            L::store(s + j + i * L::width, x[i]);
            sum[i % N] = L::add(sum[i % N], x[i]);
        }
    };
    int j = begin;
    for (; j + kTogether * kLanes <= end; j += kTogether * kLanes)
        panels.template operator()<kTogether>(j);
    if constexpr (kTogether > 1) {
        if (j < end) panels.template operator()<1>(j);
    }

    float* total = tile.sums + r * kLanes;
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) {
        const reg before = L::load(total + i * L::width);
        L::store(total + i * L::width, L::mul_add(before, L::splat(tile.alpha[r]), sum[i]));
    }
    return grew;
}

template <class L>
HEADROOM_INLINE bool attend_rows(const Tile& tile) noexcept {
    const bool join = tile.features->finish_tile != nullptr;
    for (int r = 0; r < tile.count; ++r) {
        for (Index d = 0; d < tile.key_width; ++d)
            tile.queries[r * tile.key_width + d] = tile.rows[r].query[d];
        tile.maximum[r] = kLowest;
        for (int k = 0; k < kLanes; ++k) tile.sums[r * kLanes + k] = 0.0f;
    }

    bool first = true, poisoned = false;
    for (std::int64_t key = first_block(tile), stop = last_key(tile); key < stop;) {
        const BlockRange range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
        const std::int64_t next = next_block(tile, key);
        const bool last = next >= stop && !join;
        score_rows_block<L>(tile, key, range, std::make_integer_sequence<int, L::max_rows>());
        if (tile.steps) {
            run_steps<L>(tile,
                         {tile.scores, kBlock, 1, 0, tile.count, key, range.begin, range.end});
        }
        const int begin = range.begin - range.begin % kLanes,
                  end = (range.end + kLanes - 1) / kLanes * kLanes;
        bool grew = false;
        for (int r = 0; r < tile.count; ++r) {
            grew |= weigh_row<L>(tile, r, key, begin, end, first);
            if (last) tile.inverse[r] = inverse_of_sum(folded(tile.sums + r * kLanes));
        }
        poisoned |= value_rows_block<L>(tile, {tile.scores, kBlock, 1}, 0, tile.count, key, range,
                                        first, last, grew && !first);
        first = false;
        key = next;
    }
    return poisoned;
}

}  // namespace headroom::detail
