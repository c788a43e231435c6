// One query that sees every key, with nothing but a scale: the newest token of a head. All that is
// neither scores nor weights nor values is left out, since with few keys it would take as long.
//
//   scratch   scores [128], sums [16]
//
// The order of every sum is that of attend_rows(), so the bits are the same.
#pragma once

#include <headroom/detail/sizes.hpp>

#include "kernels/exp.hpp"
#include "kernels/fold.hpp"
#include "kernels/tile.hpp"

namespace headroom::detail {

// A head, as pointers to its query, its first key and value, and its output.
struct OneTask {
    const float* query;
    const float* key;
    const float* value;
    float* out;
    Index keys;        // at least 1
    Index panels;      // that the keys have room in, as a cache lays them out; 0: plain rows
    Index key_stride;  // floats between plain keys
    Index value_stride;
    Index key_width;
    Index value_width;  // a multiple of 16
    float scale;
    float* scratch;  // 64-byte aligned, drawn above
};
static_assert((kBlock + kLanes) * sizeof(float) <= tile_bytes(1, 1, 1, 1));

// Scores of `keys` keys from the panel at `slot` on.
template <class L>
HEADROOM_INLINE void score_slots(const OneTask& task, Index slot, Index keys) noexcept {
    float* scores = task.scratch;
    for (Index left = (keys + kLanes - 1) / kLanes; left > 0;) {
        const Index side_by_side = smaller(group_panels, task.panels - slot);
        const Index panels = smaller(side_by_side, left);
        L::score_panels(task.query, task.key_width, task.key + slot * task.key_width * kLanes,
                        side_by_side * kLanes, panels, task.scale, scores);
        scores += panels * kLanes;
        slot += panels;
        left -= panels;
    }
}

// Scores that are all the lowest float or less count as that float.
template <class L>
[[gnu::noinline]] void raise_scores(float* s, Index count) noexcept {
    for (Index j = 0; j < count; ++j) {
        if (s[j] < kLowest) s[j] = kLowest;
    }
}

// What the blocks of the row have in common.
struct OneRow {
    float maximum = kLowest;
    float alpha = 1.0f;    // of the block
    float inverse = 0.0f;  // known in the last block
};

// l = fma(l, alpha, the block's), where alpha = exp(old maximum - new one) is returned.
template <class L>
[[gnu::noinline]] float join_sums(const float* block, float old, float maximum,
                                  float* total) noexcept {
    const float alpha = maximum > old ? exp_scalar<L>(old - maximum) : 1.0f;
    for (int k = 0; k < kLanes; k += L::width)
        L::store(total + k, L::mul_add(L::load(total + k), L::splat(alpha), L::load(block + k)));
    return alpha;
}

// Scores of a block's `count` keys to weights.
template <class L>
HEADROOM_INLINE void weigh_one(float* s, Index count, bool first, bool last, OneRow& row) noexcept {
    float *total = s + kBlock, block[kLanes];
    const Index whole = (count + kLanes - 1) & -kLanes;
    for (Index j = count; j < whole; ++j) s[j] = negative_infinity();
    const float highest = L::highest(s, whole / kLanes), old = row.maximum;
    if (highest > old) row.maximum = highest;
    if (!(row.maximum > kLowest)) raise_scores<L>(s, count);
    L::weigh_panels(s, whole / kLanes, row.maximum, first ? total : block);
    if (!first) row.alpha = join_sums<L>(block, old, row.maximum, total);
    if (last) row.inverse = inverse_of_sum(folded(total));
}

// Adds the values of a block to the output. Returns whether one came out NaN.
template <class L>
HEADROOM_INLINE bool add_values_one(const OneTask& task, const float* value, Index keys, bool first,
                                    bool last, const OneRow& row) noexcept {
    using reg = typename L::reg;
    constexpr int N = kLanes / L::width;
    const Index stride = task.value_stride;
    float* out = task.out;
    if (first && last && L::can_add_whole(keys, stride))
        return L::any(L::unordered(L::add_whole(task.scratch, keys, value, stride,
                                                task.value_width / kLanes, row.inverse, out)));
    reg poison = L::zero();
#pragma GCC unroll 1
    for (Index columns = task.value_width; columns > 0; columns -= kLanes) {
        reg sum[1][N];
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n)
            sum[0][n] =
                first ? L::zero() : L::mul(L::load(out + n * L::width), L::splat(row.alpha));
        L::add_products(sum, task.scratch, 0, 1, value, stride, keys);
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) {
            reg y = sum[0][n];
            if (last) {
                y = L::add(L::mul(y, L::splat(row.inverse)), L::zero());
                poison = L::mul_add(y, L::zero(), poison);
            }
            L::store(out + n * L::width, y);
        }
        out += kLanes;
        value += kLanes;
    }
    return L::any(L::unordered(poison));
}

// Returns false if an output came out NaN: then the caller does the head in the general way, which
// knows whether it should be.
template <class L>
bool attend_one(const OneTask& task) noexcept {
    OneRow row;
    bool poisoned = false;
    for (Index key = 0; key < task.keys; key += kBlock) {
        const Index left = task.keys - key, count = smaller(left, kBlock);
        const bool first = key == 0, last = left == count;
        if (task.panels > 0) {
            score_slots<L>(task, key / kLanes, count);
        } else {
            L::score_apart(task.query, task.key_width, task.key + key * task.key_stride,
                           task.key_stride, count, task.scale, task.scratch);
        }
        weigh_one<L>(task.scratch, count, first, last, row);
        poisoned |=
            add_values_one<L>(task, task.value + key * task.value_stride, count, first, last, row);
    }
    return !poisoned;
}

}  // namespace headroom::detail
