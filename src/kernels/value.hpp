// The last part of a block: out[row r] = out[row r] * alpha + sum over keys j of p[j][r] *
// value[j].
//
//   p      j = 0:  p0 p1 p2 ...        weights of R rows are broadcast
//   value  j = 0:  v[0] v[1] v[2] ...  V registers of one value, loaded once for R rows
//
// The first block starts at +0, a later one at out * alpha (where a maximum grew), the last
// multiplies by 1 / l and adds +0, so that no output is -0. Keys are added in ascending order, each
// by one fused multiply-add.
#pragma once

#include <utility>

#include "kernels/tile.hpp"

namespace headroom::detail {

struct ValueTask {
    const float* weights;  // of row 0, key `begin`
    Index row_step;        // floats between rows' weights
    Index key_step;        // floats between keys' weights
    const float* value;    // of key `begin`
    Index value_stride;
    Index keys;
    const TileRow* rows;
    const float* alpha;    // null: no maximum grew
    const float* inverse;  // null: not the last block
    bool first;
    bool streams = false;           // values are read once: a cache that few rows attend to
    std::uintptr_t next_query = 0;  // bytes from a row's query to one that is wanted soon; 0: none
};

// Asks for the queries that the next tile transposes, those of R rows and as many columns as are
// added up now. A burst of all of them would wait for each other; a few at a time cost nothing.
template <class L, int R, int V>
HEADROOM_INLINE void fetch_queries(const ValueTask& task, Index column) noexcept {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
        // An address, not a pointer: the next tile may have fewer rows, or none.
        const auto query = reinterpret_cast<std::uintptr_t>(task.rows[r].query) + task.next_query +
                           static_cast<std::uintptr_t>(column) * sizeof(float);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V * L::width; i += kLineFloats)
            __builtin_prefetch(reinterpret_cast<const void*>(query + i * sizeof(float)), 0, 2);
    }
}

// R rows x V registers of the output's columns from `column`; the last register may be partial.
// `Fetch`: values to come are asked for. A pass over all that memory brings in one go asks a little
// ahead; where narrower passes follow each other, the later ones find the block in the cache, so
// each asks for its share of the next block: then memory never pauses.
template <class L, int R, int V, bool Partial, bool Fetch>
HEADROOM_INLINE typename L::reg value_tile(const ValueTask& task, Index column,
                                           int columns) noexcept {
    using reg = typename L::reg;
    reg sum[R][V];
    const auto load = [columns](const float* from, int v) __attribute__((always_inline)) {
        return Partial && v == V - 1 ? load_upto<L>(from + v * L::width, columns - v * L::width)
                                     : L::load(from + v * L::width);
    };
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
        const float* out = task.rows[r].out + column;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) sum[r][v] = task.first ? L::zero() : load(out, v);
        if (task.alpha != nullptr) {
            const auto factor = L::splat(task.alpha[r]);
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) sum[r][v] = L::mul(sum[r][v], factor);
        }
    }

    if constexpr (L::fetch_ahead > 0) {
        if (task.next_query != 0) fetch_queries<L, R, V>(task, column);
    }
    const float* value = task.value + column;
    [[maybe_unused]] const float* weights = task.weights;
    if constexpr (own_products<L> && !Partial) {
        L::add_products(sum, weights, task.row_step, task.key_step, value, task.value_stride,
                        task.keys);
    } else {
        const auto add_key = [&]([[maybe_unused]] Index j) __attribute__((always_inline)) {
            reg x[V];
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) x[v] = load(value, v);
            if constexpr (Fetch && V * L::width == kGroupLanes) {
                fetch_group<L>(value);
            } else if constexpr (Fetch) {
                constexpr int kStep = V * L::width;
                __builtin_prefetch(
                    task.value + task.keys * task.value_stride + column * task.keys + j * kStep, 0,
                    2);
            }
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                const auto p = L::splat(weights[r * task.row_step]);
#pragma GCC unroll 8
                for (int v = 0; v < V; ++v) sum[r][v] = L::mul_add(p, x[v], sum[r][v]);
            }
            value += task.value_stride;
            weights += task.key_step;
        };
        Index j = 0;
        // What few widths need shall stay small, and what has few registers gains nothing.
        if constexpr (!Partial && !few_registers<L>) {
#pragma GCC unroll 1
            for (; j + 1 < task.keys; j += 2) {
                add_key(j);
                add_key(j + 1);
            }
        }
#pragma GCC unroll 1
        for (; j < task.keys; ++j) add_key(j);
    }

    // NaN wherever an output is; four short chains, or one where registers are few
    constexpr int kChains = few_registers<L> ? 1 : 4;
    reg poison[4] = {L::zero(), L::zero(), L::zero(), L::zero()};
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
        float* out = task.rows[r].out + column;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            reg y = sum[r][v];
            if (task.inverse != nullptr) {
                y = L::add(L::mul(y, L::splat(task.inverse[r])), L::zero());
                reg& chain = poison[(r * V + v) % kChains];
                chain = L::mul_add(y, L::zero(), chain);
            }
            if (Partial && v == V - 1) {
                store_upto<L>(out + v * L::width, y, columns - v * L::width);
            } else {
                L::store(out + v * L::width, y);
            }
        }
    }
    if constexpr (kChains == 1) return poison[0];
    return L::add(L::add(poison[0], poison[1]), L::add(poison[2], poison[3]));
}

template <class L, int V, bool Partial, bool Fetch, int... R>
HEADROOM_INLINE bool value_rows(const ValueTask& task, int rows, Index column, int columns,
                                std::integer_sequence<int, R...>) noexcept {
    typename L::reg poison = L::zero();
    static_cast<void>(
        ((rows == R + 1
              ? (poison = value_tile<L, R + 1, V, Partial, Fetch>(task, column, columns), true)
              : false) ||
         ...));
    return L::any(L::unordered(poison));
}

template <class L, int V, bool Partial, bool Fetch>
[[gnu::noinline]] bool value_columns(const ValueTask& task, int rows, Index column,
                                     int columns) noexcept {
    constexpr int kMost = Fetch ? L::max_rows : L::template value_rows<V>;
    constexpr auto kCounts = std::make_integer_sequence<int, kMost>();
    bool poisoned = false;
    ValueTask part = task;
    // As few tiles as possible, and those as even as possible.
    for (int tiles = (rows + kMost - 1) / kMost, done = 0; tiles > 0; --tiles) {
        const int n = (rows - done + tiles - 1) / tiles;
        poisoned |= value_rows<L, V, Partial, Fetch>(part, n, column, columns, kCounts);
        done += n;
        part.rows += n;
        part.weights += n * part.row_step;
        if (part.alpha != nullptr) part.alpha += n;
        if (part.inverse != nullptr) part.inverse += n;
    }
    return poisoned;
}

// One row, as many whole V registers of columns as there are: nothing to divide among tiles.
template <class L, int V>
[[gnu::noinline]] bool value_row(const ValueTask& task, Index value_width) noexcept {
    bool poisoned = false;
#pragma GCC unroll 1
    for (Index column = 0; column + V * L::width <= value_width; column += V * L::width) {
        poisoned |=
            L::any(L::unordered(value_tile<L, 1, V, false, false>(task, column, V * L::width)));
    }
    return poisoned;
}

// All columns of `rows` rows. Returns whether an output is NaN (or infinite), known only in the
// last block.
template <class L>
HEADROOM_INLINE bool add_values(const ValueTask& task, int rows, Index value_width) noexcept {
    bool poisoned = false;
    Index column = 0;
    const auto columns = [&]<int V>() __attribute__((always_inline)) {
        if constexpr (V > 1) {
            if (leave_to_narrower<L>(rows, V, L::template value_rows<V>,
                                     L::template value_rows<V / 2>))
                return;
        }
        if constexpr (few_registers<L> && L::template value_rows<V> == 1) {
            poisoned |= value_row<L, V>(task, value_width);
            column = value_width / (V * L::width) * (V * L::width);
            return;
        }
        for (; value_width - column >= V * L::width; column += V * L::width) {
            if constexpr (L::fetch_ahead > 0 && V == L::value_vectors) {
                if (task.streams) {
                    poisoned |= value_columns<L, V, false, true>(task, rows, column, V * L::width);
                    continue;
                }
            }
            poisoned |= value_columns<L, V, false, false>(task, rows, column, V * L::width);
        }
    };
    columns.template operator()<L::value_vectors>();
    if constexpr (L::value_vectors > 2) columns.template operator()<2>();
    if constexpr (L::value_vectors > 1) columns.template operator()<1>();
    if (column < value_width) {
        poisoned |= value_columns<L, 1, true, false>(task, rows, column,
                                                     static_cast<int>(value_width - column));
    }
    return poisoned;
}

}  // namespace headroom::detail
