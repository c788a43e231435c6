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
    AlibiRows(const Tile& tile, const Scores& scores, int r) noexcept
        : scores_(scores), at_(r), before_(0), after_(0) {
        float place[L::width];
        for (int i = 0; i < L::width; ++i) {
            const int row = r + i < scores.rows ? r + i : scores.rows - 1;
            const TileRow& from = tile.rows[scores.first_row + row];
            place[i] = query_place(from.position, scores.first_key);
            minus_slope_[i] = -from.slope;
            if (i == 0 || place[i] < before_) before_ = place[i];
            if (i == 0 || place[i] > after_) after_ = place[i];
        }
        query_ = L::load(place);
    }

    void run() const noexcept {
        const reg minus_slope = L::load(minus_slope_);
        reg highest = scores_.maximum == nullptr ? L::zero() : L::load(scores_.maximum + at_);
        const int begin = scores_.begin, end = scores_.end;
        constexpr float kNear = static_cast<float>(kFarthest - kBlock);
        if (before_ < -kNear || after_ > kNear) {
            add(begin, end, minus_slope, highest,
                [](reg d) { return saturated<L>(absolute<L>(d)); });
        } else {
            // Where all rows are on one side of the keys the slope takes the distance's sign.
            const int first = key_at(before_), second = key_at(after_);
            add(begin, first, L::sub(L::zero(), minus_slope), highest, [](reg d) { return d; });
            add(first, second, minus_slope, highest, [](reg d) { return absolute<L>(d); });
            add(second, end, minus_slope, highest, [](reg d) { return d; });
        }
        if (scores_.maximum != nullptr) L::store(scores_.maximum + at_, highest);
    }

private:
    int key_at(float place) const noexcept {
        return place <= static_cast<float>(scores_.begin) ? scores_.begin
               : place >= static_cast<float>(scores_.end) ? scores_.end
                                                          : static_cast<int>(place);
    }

    template <class Size>
    HEADROOM_INLINE void add(int from, int to, reg slope, reg& highest, Size size) const noexcept {
        const reg one = L::splat(1.0f);
        reg distance = L::sub(L::splat(static_cast<float>(from)), query_);
        float* s = scores_.data + from * scores_.key_stride + at_;
        for (int j = from; j < to; ++j, s += scores_.key_stride) {
            const reg changed = L::mul_add(slope, size(distance), L::load(s));
            L::store(s, changed);
            highest = L::max(changed, highest);
            distance = L::add(distance, one);
        }
    }

    const Scores& scores_;
    Index at_;
    float before_, after_;  // the least and the greatest of the rows' places
    reg query_;
    float minus_slope_[L::width];
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
