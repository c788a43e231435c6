// A tile once more, row by row and key by key, touching only what each row sees. Slow, and rarely
// run: only when an output of the fast path came out NaN, because 0 * NaN must not reach a row that
// does not see it. The order of every sum is the same, so a row that is not poisoned has the same
// bits as before.
#pragma once

#include "kernels/attend_rows.hpp"

namespace headroom::detail {

// Element d of row r's query, where the fast path has copied it: the caller's may be overwritten by
// now.
HEADROOM_INLINE float query_element(const Tile& tile, bool in_lanes, int r, Index d) noexcept {
    return in_lanes ? tile.queries[d * tile.lanes + r] : tile.queries[r * tile.key_width + d];
}

template <class L>
HEADROOM_INLINE float dot_exact(const Tile& tile, bool in_lanes, int r,
                                const KeyRun& key) noexcept {
    float sum = 0.0f;
    for (Index d = 0; d < tile.key_width; ++d) {
        sum = mul_add_one<L>(query_element(tile, in_lanes, r, d), key.key[d * key.dim_step], sum);
    }
    return sum * tile.scale;
}

// Finished scores of one row and block into `scores` [128]; -inf where the row does not see the
// key.
template <class L>
[[gnu::noinline]] void score_row_exact(const Tile& tile, bool in_lanes, int r,
                                       std::int64_t first_key, BlockRange range,
                                       float* scores) noexcept {
    const TileRow& row = tile.rows[r];
    const auto seen = [&](int j) {
        const std::int64_t key = first_key + j;
        return (key >= row.begin && key < row.end) || key < row.prefix;
    };
    for (int j = 0; j < kBlock; ++j) scores[j] = 0.0f;  // steps may touch what is not seen
    for (int j = range.begin; j < range.end; ++j) {
        if (seen(j))
            scores[j] = dot_exact<L>(tile, in_lanes, r,
                                     key_run(tile.source, tile.key_width, first_key + j, 1));
    }
    if (tile.steps) {
        run_steps<L>(tile, {scores, kBlock, 1, r, 1, first_key, range.begin, range.end});
    }
    for (int j = range.begin; j < range.end; ++j) {
        if (!seen(j)) {
            scores[j] = negative_infinity();
        } else if (!tile.steps && scores[j] < kLowest) {
            scores[j] = kLowest;
        }
    }
}

template <class L>
HEADROOM_INLINE void add_value_exact(const Tile& tile, float* out, float weight,
                                     const float* value) noexcept {
    const auto p = L::splat(weight);
    for (Index c = 0; c < tile.value_width; c += L::width) {
        const Index n = tile.value_width - c;
        store_upto<L>(out + c, L::mul_add(p, load_upto<L>(value + c, n), load_upto<L>(out + c, n)),
                      n);
    }
}

template <class L>
HEADROOM_INLINE void scale_exact(const Tile& tile, float* out, float factor) noexcept {
    const auto a = L::splat(factor);
    for (Index c = 0; c < tile.value_width; c += L::width) {
        const Index n = tile.value_width - c;
        store_upto<L>(out + c, L::mul(load_upto<L>(out + c, n), a), n);
    }
}

template <class L>
[[gnu::noinline]] void attend_exact(const Tile& tile, bool in_lanes) noexcept {
    const bool join = tile.features->finish_tile != nullptr;
    alignas(64) float scores[kBlock];
    for (int r = 0; r < tile.count; ++r) {
        float* out = tile.rows[r].out;
        float maximum = kLowest, sum[kLanes] = {};
        for (Index c = 0; c < tile.value_width; ++c) out[c] = 0.0f;

        for (std::int64_t key = first_block(tile), stop = last_key(tile); key < stop;
             key = next_block(tile, key)) {
            const BlockRange range =
                block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
            score_row_exact<L>(tile, in_lanes, r, key, range, scores);
            float most = maximum;
            for (int j = range.begin; j < range.end; ++j)
                most = scores[j] > most ? scores[j] : most;
            float alpha = 1.0f;
            if (most > maximum) {
                alpha = exp_scalar<L>(maximum - most);
                scale_exact<L>(tile, out, alpha);
                maximum = most;
            }
            float block[kLanes] = {};
            for (int j = range.begin; j < range.end; ++j) {
                if (scores[j] == negative_infinity()) continue;
                const float p = exp_scalar<L>(scores[j] - maximum);
                block[j % kLanes] += p;
                add_value_exact<L>(tile, out, p, value_run(tile.source, key + j, 1).value);
            }
            for (int k = 0; k < kLanes; ++k) sum[k] = mul_add_one<L>(sum[k], alpha, block[k]);
        }

        tile.maximum[r] = maximum;
        for (int k = 0; k < kLanes; ++k) {
            tile.sums[in_lanes ? k * tile.lanes + r : r * kLanes + k] = sum[k];
        }
        if (!join) {
            scale_exact<L>(tile, out, inverse_of_sum(folded(sum)));
            for (Index c = 0; c < tile.value_width; ++c) out[c] = out[c] + 0.0f;
        }
    }
}

}  // namespace headroom::detail
