// A tile with the queries in the lanes: prefill, and everything whose keys are plain rows.
#pragma once

#include "kernels/finish_scores.hpp"
#include "kernels/score.hpp"
#include "kernels/softmax.hpp"
#include "kernels/value.hpp"

namespace headroom::detail {

template <class L>
HEADROOM_INLINE int registers_of(const Tile& tile) noexcept {
    return (tile.count + L::width - 1) / L::width;
}

// queries[d][r] = row r's element d; lanes without a row are zero.
template <class L>
[[gnu::noinline]] void transpose_queries(const Tile& tile) noexcept {
    constexpr int W = L::width;
    static constexpr float kZeros[W] = {};
    if constexpr (few_registers<L>) {
        for (int r = 0; r < tile.count; r += W) {
            const float* rows[W];
            for (int i = 0; i < W; ++i) rows[i] = tile.rows[r + i < tile.count ? r + i : r].query;
            L::transpose_rows(rows, tile.count - r, tile.queries + r, tile.lanes, tile.key_width);
        }
        return;
    }
    for (int r = 0; r < registers_of<L>(tile) * W; r += W) {
        Index d = 0;
        for (; d + W <= tile.key_width; d += W) {
            const float* rows[W];
            for (int i = 0; i < W; ++i)
                rows[i] = r + i < tile.count ? tile.rows[r + i].query + d : kZeros;
            L::transpose(rows, tile.queries + d * tile.lanes + r, tile.lanes);
        }
        for (; d < tile.key_width; ++d) {
            for (int i = 0; i < W; ++i) {
                tile.queries[d * tile.lanes + r + i] =
                    r + i < tile.count ? tile.rows[r + i].query[d] : 0.0f;
            }
        }
    }
}

// Scores of keys [begin, end) of a block that not every row sees, or that steps change.
template <class L>
[[gnu::noinline]] void score_hidden(const Tile& tile, std::int64_t first_key, int begin,
                                    int end) noexcept {
    const int registers = registers_of<L>(tile);
    float unused[tile_rows] = {};  // the maximum of unfinished scores means nothing
    place_limits(tile, first_key);
    for (int j = begin; j < end;) {
        // Sixteen keys at a time: the registers whose rows all end before them (causal) are not
        // computed.
        const int stop = static_cast<int>(smaller(end, j - j % kLanes + kLanes));
        int from = 0;
        if (!tile.steps) {
            for (bool seen = false; from < registers; ++from) {
                for (int r = from * L::width; r < (from + 1) * L::width && r < tile.count; ++r) {
                    seen |= tile.high[r] > static_cast<float>(j) ||
                            tile.prefix[r] > static_cast<float>(j);
                }
                if (seen) break;
            }
        }
        score_block<L>(tile, first_key, j, stop, from, registers, unused);
        const typename L::reg hidden = L::splat(negative_infinity());
        for (int v = 0; v < from; ++v) {
            for (int i = j; i < stop; ++i)
                L::store(tile.scores + i * tile.lanes + v * L::width, hidden);
        }
        if (!tile.steps) hide_and_maximise<L>(tile, j, stop, from, registers);
        j = stop;
    }
    if (tile.steps) {
        run_steps<L>(tile, {tile.scores, 1, tile.lanes, 0, tile.count, first_key, begin, end});
        hide_and_maximise<L>(tile, begin, end, 0, registers);
    }
}

// Steps on scores of keys [begin, end) of a block that every row sees, and their maxima. Returns
// whether scores of -inf are still to be raised.
template <class L>
[[gnu::noinline]] bool finish_seen(const Tile& tile, std::int64_t first_key, int begin,
                                   int end) noexcept {
    Scores scores{tile.scores, 1, tile.lanes, 0, tile.count, first_key, begin, end};
    const Features& f = *tile.features;
    if (only_alibi(f)) {
        scores.maximum = tile.maximum;
        f.alibi_step(tile, scores);
        return true;
    }
    run_steps<L>(tile, scores);
    for (int v = 0; v < registers_of<L>(tile); ++v) {
        const Index at = v * L::width;
        typename L::reg highest = L::load(tile.maximum + at);
        for (int j = begin; j < end; ++j)
            highest = L::max(L::load(tile.scores + j * tile.lanes + at), highest);
        L::store(tile.maximum + at, highest);
    }
    return false;
}

// The finished scores and the maxima of a block.
template <class L>
HEADROOM_INLINE void score_tile_block(const Tile& tile, std::int64_t first_key,
                                      BlockRange range) noexcept {
    const int registers = registers_of<L>(tile);
    const int core = place_in_block(tile.core_begin, first_key),
              core_end = place_in_block(tile.core_end, first_key);
    const int begin = static_cast<int>(larger(range.begin, core)),
              end = static_cast<int>(smaller(range.end, core_end));
    if (begin >= end) return score_hidden<L>(tile, first_key, range.begin, range.end);

    if (range.begin < begin) score_hidden<L>(tile, first_key, range.begin, begin);
    // The maxima of unfinished scores mean nothing; no limits are kept in `low` here.
    score_block<L>(tile, first_key, begin, end, 0, registers, tile.steps ? tile.low : tile.maximum);
    // A row whose maximum is still the lowest float may hold scores of -inf that must count as that
    // float.
    bool lowest = false;
    const bool raise = !tile.steps || finish_seen<L>(tile, first_key, begin, end);
    for (int v = 0; raise && v < registers; ++v) {
        lowest |= !L::all(L::less(L::splat(kLowest), L::load(tile.maximum + v * L::width)));
    }
    if (lowest) {
        for_each_register<L>({tile.scores, 1, tile.lanes, 0, tile.count, first_key, begin, end},
                             [](float* s, int, int) { L::store(s, raised<L>(L::load(s))); });
    }
    if (end < range.end) score_hidden<L>(tile, first_key, end, range.end);
}

// Which keys of the block rows [from, to) see between them.
HEADROOM_INLINE BlockRange rows_range(const Tile& tile, int from, int to,
                                      std::int64_t first_key) noexcept {
    int begin = kBlock, end = 0, prefix = 0;
    for (int r = from; r < to; ++r) {
        const TileRow& row = tile.rows[r];
        const int low = place_in_block(row.begin, first_key),
                  high = place_in_block(row.end, first_key);
        if (low < high) {
            begin = low < begin ? low : begin;
            end = high > end ? high : end;
        }
        const int head = place_in_block(row.prefix, first_key);
        prefix = head > prefix ? head : prefix;
    }
    if (begin >= end) return {0, prefix};
    return {prefix > 0 ? 0 : begin, end > prefix ? end : prefix};
}

// Bytes from a row's query to where that of the same row in the next tile would be: as far as from
// this tile's first query to the next one's. The last tile asks for what is behind its head, which
// costs a few lines and reads nothing. 0 if nobody asks ahead.
template <class L>
HEADROOM_INLINE std::uintptr_t next_query(const Tile& tile) noexcept {
    if constexpr (L::fetch_ahead == 0) return 0;
    const TileRow* row = tile.rows;
    if (tile.count < 2 || row[0].head != row[tile.count - 1].head) return 0;
    const auto address = [](const float* query) { return reinterpret_cast<std::uintptr_t>(query); };
    return (address(row[1].query) - address(row[0].query)) *
           static_cast<std::uintptr_t>(tile.count);
}

// How the weights of a block lie: row r, key j of the block is data[r * row_step + j * key_step].
struct Weights {
    const float* data;
    Index row_step;
    Index key_step;
};

// Adds a block's values to the outputs of rows [from, to). Returns whether one came out NaN.
template <class L>
HEADROOM_INLINE bool value_rows_block(const Tile& tile, const Weights& weights, int from, int to,
                                      std::int64_t first_key, BlockRange range, bool first,
                                      bool last, bool rescale) noexcept {
    bool poisoned = false;
    int j = range.begin;
    do {
        const Index left = range.end > j ? range.end - j : 0;
        const ValueRun run =
            left > 0 ? value_run(tile.source, first_key + j, left) : ValueRun{tile.source.value, 0};
        const bool final_run = run.count == left;
        const ValueTask task{weights.data + from * weights.row_step + j * weights.key_step,
                             weights.row_step,
                             weights.key_step,
                             run.value,
                             tile.source.value_stride,
                             run.count,
                             tile.rows + from,
                             rescale && j == range.begin ? tile.alpha + from : nullptr,
                             last && final_run ? tile.inverse + from : nullptr,
                             first && j == range.begin,
                             tile.source.panels && !tile.queries_in_lanes,
                             last && tile.queries_in_lanes ? next_query<L>(tile) : 0};
        poisoned |= add_values<L>(task, to - from, tile.value_width);
        j += static_cast<int>(run.count);
        if (final_run) break;
    } while (true);
    return poisoned;
}

template <class L>
HEADROOM_INLINE bool add_block(const Tile& tile, const Weights& weights, std::int64_t first_key,
                               BlockRange range, bool first, bool last, bool rescale) noexcept {
    if (tile.core_begin <= first_key + range.begin && tile.core_end >= first_key + range.end) {
        return value_rows_block<L>(tile, weights, 0, tile.count, first_key, range, first, last,
                                   rescale);
    }
    // Rows differ: a few at a time, each with the keys that these few see.
    constexpr int kMost = L::template value_rows<L::value_vectors>;
    bool poisoned = false;
    for (int tiles = (tile.count + kMost - 1) / kMost, r = 0; tiles > 0; --tiles) {
        const int n = (tile.count - r + tiles - 1) / tiles;
        const BlockRange part = rows_range(tile, r, r + n, first_key);
        if (!part.empty() || first || last) {
            poisoned |=
                value_rows_block<L>(tile, weights, r, r + n, first_key, part, first, last, rescale);
        }
        r += n;
    }
    return poisoned;
}

// alpha = exp(old maximum - new maximum) where a maximum grew; returns whether one did.
template <class L>
HEADROOM_INLINE bool place_alpha(const Tile& tile, const float* old, int registers) noexcept {
    bool grew = false;
    for (int v = 0; v < registers; ++v) {
        const Index at = v * L::width;
        grew |= L::any(L::less(L::load(old + at), L::load(tile.maximum + at)));
    }
    if (!grew) return false;
    for (int v = 0; v < registers; ++v) {
        const Index at = v * L::width;
        L::store(tile.alpha + at,
                 exp_one<L>(L::sub(L::load(old + at), L::load(tile.maximum + at))));
    }
    return true;
}

template <class L>
HEADROOM_INLINE void start_rows(const Tile& tile, int registers) noexcept {
    for (int v = 0; v < registers; ++v) {
        L::store(tile.maximum + v * L::width, L::splat(kLowest));
        for (int k = 0; k < kLanes; ++k)
            L::store(tile.sums + k * tile.lanes + v * L::width, L::zero());
    }
}

// All sums are there, and the last block's weights. Returns whether the rows end with its values;
// something may be left to join.
template <class L>
HEADROOM_INLINE bool end_sums(Tile& tile, int registers) noexcept {
    const FinishTile finish = tile.features->finish_tile;
    if (finish == nullptr) {
        invert_sums<L>(tile, registers);
        return true;
    }
    if constexpr (joins_early<L>) {
        tile.join = Join::before_last_values;
        const bool joined = finish(tile);
        tile.join = joined ? Join::done : Join::after_values;
        return joined;
    }
    return false;
}

// Returns whether an output came out NaN: then the tile must be done again with care.
template <class L>
HEADROOM_INLINE bool attend_lanes(Tile& tile) noexcept {
    const int registers = registers_of<L>(tile);
    transpose_queries<L>(tile);
    start_rows<L>(tile, registers);

    bool first = true, poisoned = false;
    for (std::int64_t key = first_block(tile), stop = last_key(tile); key < stop;) {
        const BlockRange range = block_range(key, tile.hull_prefix, tile.hull_begin, tile.hull_end);
        const std::int64_t next = next_block(tile, key);
        float old[tile_rows];
        for (int v = 0; v < registers; ++v) {
            L::store(old + v * L::width, L::load(tile.maximum + v * L::width));
        }
        score_tile_block<L>(tile, key, range);
        const bool rescale = !first && place_alpha<L>(tile, old, registers);
        weigh_block<L>(tile, registers, range.begin, range.end, first, rescale);
        const bool last = next >= stop && end_sums<L>(tile, registers);
        poisoned |=
            add_block<L>(tile, {tile.scores, 1, tile.lanes}, key, range, first, last, rescale);
        first = false;
        key = next;
    }
    return poisoned;
}

}  // namespace headroom::detail
