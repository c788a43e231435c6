// The vector concept that every kernel is written against.
//
// A port's `Lanes` names a register of `width` floats, a divisor of 16, and the operations on it.
// Kernels work on 16 lanes at a time as 16 / width registers: only the width differs between ports,
// never which lane an element is in, nor the order in which a sum grows. That is why the bits are
// the same.
//
//   struct Lanes {
//       using reg = ...;                                  width floats
//       using mask = ...;                                 width truth values
//       static constexpr int width;
//       load(p)  store(p, x)                              unaligned
//       load_some(p, n)  store_some(p, x, n)              n < width elements; touch no other memory
//       zero()  splat(x)                                  a reg, or what converts to one
//       add(a, b)  sub(a, b)  mul(a, b)  div(a, b)        IEEE, round to nearest even
//       mul_add(a, b, c)                                  a * b + c, rounded once
//       max(a, b)                                         a > b ? a : b
//       max_across(a)                                     of the lanes, in any order
//       less(a, b)  unordered(a)  either(m, n)            unordered: the lanes that are NaN
//       any(m)  all(m)
//       select(m, a, b)                                   m ? a : b
//       mul_unless_below(x, cut, a, b)                    x < cut ? 0 : a * b
//       exponent(t)                                       the bits of t shifted left by 23
//       transpose(rows, to, stride)                       to[c * stride + r] = rows[r][c]
//
//       A port whose multiply-add takes a number from elsewhere than a vector of its own may have
//       inner loops of its own:
//
//       add_products(sum[R][V], scalars, row, step, vectors, vector_step, n)
//           sum[r][v] = a * b + sum[r][v] for i = 0 ... n - 1, where a is
//           scalars[r * row + i * step] and b the register at vectors + i * vector_step + v *
//           width; row or step is 1
//
//       One with few registers (eight) has these as well. An exponential takes them all, so sums
//       and maxima wait in memory:
//
//       score_apart(query, width, key, stride, keys, scale, scores)
//           scores[j] = scale * (query . key j), where element d of key j is key[j * stride + d];
//           the scores after the last one's, up to a multiple of 16, may become anything
//       score_panels(query, width, panel, dim_step, panels, scale, scores)
//           the same for `panels` panels of keys side by side
//       add_whole(weights, keys, values, stride, groups, inverse, out)
//           out = inverse * (sum of weights[j] * values[j * stride ...]) + 0 for 16 columns in each
//           of `groups`, where can_add_whole(keys, stride); NaN if one is
//       highest(at, panels)
//           the largest of 16 * panels > 0 floats, as max_across()
//       weigh_panels(at, panels, highest, sums)
//           x = exp(x - highest) for 16 * panels > 0 floats at `at`; sums[k] = the sum of lane k
//           of each panel, from +0 on
//       transpose_rows(rows, count, to, stride, n)
//           to[c * stride + r] = r < count ? rows[r][c] : 0 for r < width, c < n
//       weigh(at, stride, n, highest)
//           x = exp(x - highest) for the n > 0 registers x at `at`, at + stride ...
//
//       A port with one float in a register has its products in blocks (products.hpp), and is made
//       of attend_compact.hpp:
//
//       rows_by_rows(task)  each_by_rows(task, rows)
//       rows_by_panel(task)  each_by_panel(task, rows)
//       largest_score(s, end, m, least)  weigh_pairs(s, end, most, least)
//       sum_panels(weights, end, sums)  fold_lanes(sums)
//           if it has better: what weigh_compact.hpp does to the scores of a row, for an even
//           number of keys, and to whole panels of weights
//
//       Tile sizes, free, since they never change a bit:
//       score_vectors, score_keys<V>        registers of rows in flight, and keys for V of them;
//                                           a divisor of 16 where width is 8 or 16
//       exp_keys                            keys in lockstep in the exponential
//       value_vectors, value_rows<V>        registers of columns, and rows for V of them
//       row_panels<R>, max_rows             decode: panels in flight for R rows, and the most rows
//       fetch_ahead                         floats between what decode reads and what it asks for;
//                                           0: the hardware knows
//       project_vectors, project_rows<V>    registers of outputs, and rows for V of them
//       widths_compiled_in                  whether common head widths get instances of their own
//   };
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/products.hpp"

#define HEADROOM_INLINE inline __attribute__((always_inline))

namespace headroom::detail {

inline constexpr int kLanes = 16;   // of a panel
inline constexpr int kBlock = 128;  // keys of one step of the online softmax

// The smallest finite float: a visible score is never below it, a masked one is -inf.
inline constexpr float kLowest = -3.402823466e+38f;

template <class L>
inline constexpr bool own_products = requires(typename L::reg (&sum)[1][1], const float* p,
                                              Index n) {
    L::add_products(sum, p, n, n, p, n, n);
};
template <class L>
inline constexpr bool few_registers = requires(const float* from, float* to, Index n) {
    L::score_apart(from, n, from, n, n, 1.0f, to);
};

// Whether so many rows leave tiles of some registers by `most` rows to those of half the registers,
// which have as many sums for fewer loads. Ports with loops of their own have tiles for few rows.
template <class L>
HEADROOM_INLINE constexpr bool leave_to_narrower(Index rows, int registers, int most,
                                                 int narrower_most) noexcept {
    return own_products<L> && rows > most && registers / 2 * narrower_most >= registers * most;
}

template <class L>
inline constexpr bool compact = requires(Products& task) {
    L::rows_by_panel(task);
};

// Whether what joins may do so before the last values: where registers and code are to be had.
template <class L>
inline constexpr bool joins_early = !compact<L> && !few_registers<L>;

inline constexpr int kGroupLanes = 64;  // of panels side by side
inline constexpr int kLineFloats = 16;  // of a cache line, where anything is fetched ahead

HEADROOM_INLINE float negative_infinity() noexcept { return -__builtin_inff(); }

template <class L>
HEADROOM_INLINE typename L::reg load_upto(const float* from, Index n) noexcept {
    return n >= L::width ? L::load(from) : L::load_some(from, static_cast<int>(n));
}

template <class L>
HEADROOM_INLINE void store_upto(float* to, typename L::reg x, Index n) noexcept {
    if (n >= L::width) {
        L::store(to, x);
    } else {
        L::store_some(to, x, static_cast<int>(n));
    }
}

// Asks for the 64 floats that a stream read at `from` will reach `fetch_ahead` floats from now.
// Changes no bit.
template <class L>
HEADROOM_INLINE void fetch_group(const float* from) noexcept {
    if constexpr (L::fetch_ahead > 0) {
#pragma GCC unroll 4
        for (int i = 0; i < kGroupLanes; i += kLineFloats)
            __builtin_prefetch(from + L::fetch_ahead + i);
    }
}

// One multiply-add of the port on single floats.
template <class L>
HEADROOM_INLINE float mul_add_one(float a, float b, float c) noexcept {
    float lanes[L::width];
    L::store(lanes, L::mul_add(L::splat(a), L::splat(b), L::splat(c)));
    return lanes[0];
}

}  // namespace headroom::detail
