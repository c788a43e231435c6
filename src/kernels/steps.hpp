// Features that change scores in place, one register at a time, whichever way the scores lie.
#pragma once

#include "kernels/finish_scores.hpp"
#include "kernels/tanh.hpp"

namespace headroom::detail {

// s = cap * tanh(s / cap), the quotient as a product with 1 / cap.
template <class L>
HEADROOM_INLINE void softcap_scores(const Tile& tile, const Scores& scores) noexcept {
    const float cap = tile.features->softcap->cap;
    const auto factor = L::splat(cap), inverse = L::splat(1.0f / cap);
    for_each_register<L>(scores, [&](float* s, int, int) {
        L::store(s, L::mul(factor, tanh_register<L>(L::mul(L::load(s), inverse))));
    });
}

// Distances saturate at 2^23, so that every one is exact as a float.
inline constexpr std::int64_t kFarthest = std::int64_t{1} << 23;

// A query's place among the keys of a block, as a float. One that is so far off that every distance
// saturates moves to where it just does, and is exact there.
HEADROOM_INLINE float query_place(std::int64_t position, std::int64_t first_key) noexcept {
    constexpr std::int64_t kMost = kFarthest + 2 * kBlock;
    const std::int64_t place = position - first_key;
    return static_cast<float>(static_cast<std::int32_t>(place < -kMost  ? -kMost
                                                        : place > kMost ? kMost
                                                                        : place));
}

// s = fma(slope, -|key - query|, s), the sign taken by the slope: fma(-slope, |key - query|, s).
template <class L>
HEADROOM_INLINE typename L::reg absolute(typename L::reg distance) noexcept {
    return L::max(distance, L::sub(L::zero(), distance));
}
template <class L>
HEADROOM_INLINE typename L::reg saturated(typename L::reg distance) noexcept {
    const auto farthest = L::splat(static_cast<float>(kFarthest));
    return L::select(L::less(farthest, distance), farthest, distance);
}

// A register of rows with the queries in the lanes: what belongs to the rows is gathered once for
// all keys. Distances are small integers, so counting them up or down is exact.
template <class L>
class AlibiRows {
    using reg = typename L::reg;

public:
    AlibiRows(const Tile& tile, const Scores& scores, int r) noexcept : scores_(scores), at_(r) {
        constexpr int W = L::width;
        const TileRow* rows = tile.rows + scores.first_row + r;
        const int count = scores.rows - r < W ? scores.rows - r : W;
        float place[W], minus_slope[W];
        before_ = after_ = query_place(rows[0].position, scores.first_key);
        if (rows[0].head == rows[count - 1].head) {
            // Consecutive queries. Counted on from a place that was moved, distances saturate, too.
            for (int i = 0; i < W; ++i) place[i] = static_cast<float>(i);
            query_ = L::add(L::splat(before_), L::load(place));
            after_ += static_cast<float>(W - 1);
            minus_slope_ = L::splat(-rows[0].slope);
            return;
        }
        for (int i = 0; i < W; ++i) {
            const TileRow& from = rows[i < count ? i : count - 1];
            place[i] = query_place(from.position, scores.first_key);
            minus_slope[i] = -from.slope;
            if (place[i] < before_) before_ = place[i];
            if (place[i] > after_) after_ = place[i];
        }
        query_ = L::load(place);
        minus_slope_ = L::load(minus_slope);
    }

    void run() const noexcept {
        reg highest = scores_.maximum == nullptr ? L::zero() : L::load(scores_.maximum + at_);
        const int begin = scores_.begin, end = scores_.end;
        constexpr float kNear = static_cast<float>(kFarthest - kBlock);
        if (before_ < -kNear || after_ > kNear) {
            add(begin, end, minus_slope_, highest,
                [](reg d) { return saturated<L>(absolute<L>(d)); });
        } else {
            // Where all rows are on one side of the keys the slope takes the distance's sign.
            const int first = key_at(before_), second = key_at(after_);
            add(begin, first, L::sub(L::zero(), minus_slope_), highest, [](reg d) { return d; });
            add(first, second, minus_slope_, highest, [](reg d) { return absolute<L>(d); });
            add(second, end, minus_slope_, highest, [](reg d) { return d; });
        }
        if (scores_.maximum != nullptr) L::store(scores_.maximum + at_, highest);
    }

private:
    int key_at(float place) const noexcept {
        return place <= static_cast<float>(scores_.begin) ? scores_.begin
               : place >= static_cast<float>(scores_.end) ? scores_.end
                                                          : static_cast<int>(place);
    }

    // Distances and maxima are chains, each of whose steps takes as long as a sum: several keys at
    // once keep the processor busy, where there are registers for them.
    template <class Size>
    HEADROOM_INLINE void add(int from, int to, reg slope, reg& highest, Size size) const noexcept {
        constexpr int N = compact<L> || few_registers<L> ? 1 : 4;
        const reg step = L::splat(static_cast<float>(N));
        reg distance[N], most[N];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) {
            distance[n] = L::sub(L::splat(static_cast<float>(from + n)), query_);
            most[n] = highest;
        }
        float* s = scores_.data + from * scores_.key_stride + at_;
        const auto next_key = [&](int n) __attribute__((always_inline)) {
            const reg changed = L::mul_add(slope, size(distance[n]), L::load(s));
            L::store(s, changed);
            most[n] = L::max(changed, most[n]);
            distance[n] = L::add(distance[n], step);
            s += scores_.key_stride;
        };
        int j = from;
#pragma GCC unroll 1
        for (; j + N <= to; j += N) {
#pragma GCC unroll 4
            for (int n = 0; n < N; ++n) next_key(n);
        }
        if constexpr (N > 1) {
#pragma GCC unroll 4
            for (int n = 0; n < N - 1; ++n) {
                if (j + n < to) next_key(n);
            }
        }
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) highest = L::max(most[n], highest);
    }

    const Scores& scores_;
    Index at_;
    float before_, after_;  // the least and the greatest of the rows' places
    reg query_;
    reg minus_slope_;
};

template <class L>
HEADROOM_INLINE void alibi_by_keys(const Tile& tile, const Scores& scores) noexcept {
    constexpr int W = L::width;
    float within[W];
    for (int i = 0; i < W; ++i) within[i] = static_cast<float>(i);
    for (int r = 0; r < scores.rows; ++r) {
        const TileRow& row = tile.rows[scores.first_row + r];
        const auto query = L::splat(query_place(row.position, scores.first_key));
        const auto minus_slope = L::splat(-row.slope);
        float* const s = scores.data + r * scores.row_stride;
        for (int j = scores.begin - scores.begin % W; j < scores.end; j += W) {
            const auto key = L::add(L::splat(static_cast<float>(j)), L::load(within));
            const auto distance = saturated<L>(absolute<L>(L::sub(key, query)));
            L::store(s + j, L::mul_add(minus_slope, distance, L::load(s + j)));
        }
    }
}

template <class L>
HEADROOM_INLINE void alibi_scores(const Tile& tile, const Scores& scores) noexcept {
    if (scores.row_stride != 1) return alibi_by_keys<L>(tile, scores);
    for (int r = 0; r < scores.rows; r += L::width) AlibiRows<L>(tile, scores, r).run();
}

}  // namespace headroom::detail
