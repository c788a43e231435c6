// Scores with the keys in the lanes where the keys are plain rows: panels are made on the fly.
//
//   scores     [rows][128]
#pragma once

#include "kernels/tile.hpp"

namespace headroom::detail {

// Scores of R rows: sixteen keys are turned into a panel on the fly, `width` dimensions at a time.
template <class L, int R, int D>
[[gnu::noinline]] void score_rows_plain(const Tile& tile, std::int64_t first_key, int begin,
                                        int end) noexcept {
    using reg = typename L::reg;
    constexpr int W = L::width, N = kLanes / W;
    const Index width = D ? D : tile.key_width;
    const auto factor = L::splat(tile.scale);
    for (int j = begin - begin % kLanes; j < end; j += kLanes) {
        const float* key =
            tile.source.key + static_cast<Index>(first_key + j) * tile.source.key_stride;
        const Index left = static_cast<Index>(end - j), stride = tile.source.key_stride;
        // Lanes at and above `end` repeat the last key there is; nobody looks at their scores.
        const float* keys[kLanes];
        for (int i = 0; i < kLanes; ++i) keys[i] = key + (i < left ? i : left - 1) * stride;
        reg sum[R][N];
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n) sum[r][n] = L::zero();
        }
        const auto dimension = [&](Index d, const float* panel) __attribute__((always_inline)) {
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) {
                const auto q = L::splat(tile.queries[r * width + d]);
#pragma GCC unroll 16
                for (int n = 0; n < N; ++n)
                    sum[r][n] = L::mul_add(q, L::load(panel + n * W), sum[r][n]);
            }
        };
        Index d = 0;
#pragma GCC unroll 1
        for (; d + W <= width; d += W) {
            alignas(64) float panel[W * kLanes];
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n) {
                const float* rows[W];
#pragma GCC unroll 16
                for (int i = 0; i < W; ++i) rows[i] = keys[n * W + i] + d;
                L::transpose(rows, panel + n * W, kLanes);
            }
#pragma GCC unroll 16
            for (int i = 0; i < W; ++i) dimension(d + i, panel + i * kLanes);
        }
        for (; d < width; ++d) {
            alignas(64) float panel[kLanes];
            for (int i = 0; i < kLanes; ++i) panel[i] = keys[i][d];
            dimension(d, panel);
        }
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n)
                L::store(tile.scores + r * kBlock + j + n * W, L::mul(sum[r][n], factor));
        }
    }
}

}  // namespace headroom::detail
