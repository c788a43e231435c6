// The sizes of the arenas as integer constant expressions, for static arrays.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Each macro is the number that its function gives. That is 0 for arguments that are out of range
// and for a size that does not fit size_t; a compiler may accept an array of it (unless told
// -Wpedantic), but no call accepts such memory. Arguments are integer
// constant expressions of any integer type, named as the fields of hr_shape and in their order; a
// field whose 0 stands for another number is given as that number. workers: as in hr_executor, 1
// without one.
//
//   HR_ALIGNED static unsigned char state[HR_STATE_BYTES(4, 8, 8, 512)];

/// hr_cache_bytes() of a contiguous cache; and so hr_state_bytes() of every layer that can exist.
#define HR_STATE_BYTES(kv_heads, head_dim, value_dim, max_keys)                               \
    HR_DETAIL_CACHE(kv_heads, head_dim, value_dim, HR_DETAIL_IN(max_keys, 1, HR_DETAIL_MOST), \
                    HR_DETAIL_PANELS(max_keys))

/// The same with a ring.
#define HR_RING_STATE_BYTES(kv_heads, head_dim, value_dim, max_queries, window, sinks)       \
    HR_DETAIL_CACHE(                                                                         \
        kv_heads, head_dim, value_dim,                                                       \
        HR_DETAIL_IN(window, 1, HR_DETAIL_MOST) && HR_DETAIL_IN(sinks, 0, HR_DETAIL_MOST) && \
            HR_DETAIL_IN(max_queries, 1, HR_DETAIL_MOST),                                    \
        HR_DETAIL_PANELS(sinks) + 1 + (HR_DETAIL_U(window) + HR_DETAIL_U(max_queries) + 13) / 16)

/// hr_weights_bytes().
#define HR_WEIGHTS_BYTES(model_dim, heads, kv_heads, head_dim, value_dim, key_source_dim,        \
                         value_source_dim, output_dim, extra_key)                                \
    HR_DETAIL_BYTES(                                                                             \
        HR_DETAIL_HEADS(heads, kv_heads, 4096) && HR_DETAIL_WIDTH(model_dim) &&                  \
            HR_DETAIL_WIDTH(head_dim) && HR_DETAIL_WIDTH(value_dim) &&                           \
            HR_DETAIL_WIDTH(key_source_dim) && HR_DETAIL_WIDTH(value_source_dim) &&              \
            HR_DETAIL_WIDTH(output_dim),                                                         \
        1 + HR_DETAIL_MATRIX(HR_DETAIL_U(heads) * HR_DETAIL_U(head_dim), model_dim) +            \
            HR_DETAIL_MATRIX(HR_DETAIL_U(kv_heads) * HR_DETAIL_U(head_dim), key_source_dim) +    \
            HR_DETAIL_MATRIX(HR_DETAIL_U(kv_heads) * HR_DETAIL_U(value_dim), value_source_dim) + \
            HR_DETAIL_MATRIX(output_dim, HR_DETAIL_U(heads) * HR_DETAIL_U(value_dim)) +          \
            ((extra_key) ? HR_DETAIL_PANELS(HR_DETAIL_U(kv_heads) * HR_DETAIL_U(head_dim)) +     \
                               HR_DETAIL_PANELS(HR_DETAIL_U(kv_heads) * HR_DETAIL_U(value_dim))  \
                         : 0))

/// hr_scratch_bytes().
#define HR_SCRATCH_BYTES(heads, kv_heads, head_dim, value_dim, rotary_dim, max_queries, workers) \
    HR_DETAIL_BYTES(                                                                             \
        HR_DETAIL_HEADS(heads, kv_heads, 4096) && HR_DETAIL_WIDTH(head_dim) &&                   \
            HR_DETAIL_WIDTH(value_dim) && HR_DETAIL_IN(rotary_dim, 0, head_dim) &&               \
            (rotary_dim) % 2 == 0 && HR_DETAIL_IN(max_queries, 1, 65536) &&                      \
            HR_DETAIL_INT(workers),                                                              \
        HR_DETAIL_U(max_queries) *                                                               \
                (HR_DETAIL_PANELS(HR_DETAIL_U(heads) * HR_DETAIL_U(head_dim)) +                  \
                 HR_DETAIL_PANELS(HR_DETAIL_U(kv_heads) * HR_DETAIL_U(head_dim)) +               \
                 HR_DETAIL_PANELS(HR_DETAIL_U(kv_heads) * HR_DETAIL_U(value_dim))) +             \
            HR_DETAIL_PANELS(HR_DETAIL_U(max_queries) * HR_DETAIL_U(heads) *                     \
                             HR_DETAIL_U(value_dim)) +                                           \
            HR_DETAIL_PANELS((HR_DETAIL_U(max_queries) + 1) * HR_DETAIL_U(rotary_dim)) +         \
            HR_DETAIL_U(workers) * HR_DETAIL_TILE(max_queries, heads, kv_heads, head_dim))

/// hr_attend_scratch_bytes().
#define HR_ATTEND_SCRATCH_BYTES(max_queries, heads, kv_heads, key_width, workers)               \
    HR_DETAIL_BYTES(                                                                            \
        HR_DETAIL_IN(max_queries, 1, PTRDIFF_MAX) && HR_DETAIL_IN(key_width, 1, PTRDIFF_MAX) && \
            HR_DETAIL_HEADS(heads, kv_heads, PTRDIFF_MAX) && HR_DETAIL_INT(workers) &&          \
            HR_DETAIL_U(workers) <= SIZE_MAX / 64 /                                             \
                                        HR_DETAIL_TILE_PANELS(max_queries, heads, kv_heads) /   \
                                        HR_DETAIL_TILE_ROWS(key_width),                         \
        HR_DETAIL_U(workers) * HR_DETAIL_TILE(max_queries, heads, kv_heads, key_width))

// ---- What the macros above are made of; no part of the interface. Memory is counted in lines of
// 64 bytes, the 16 floats of a panel's row, as unsigned long long: no product of numbers within the
// checked ranges exceeds that, and what could is compared with a quotient first.

#define HR_DETAIL_MOST 1099511627776  // 2^40 tokens
#define HR_DETAIL_U(n) ((unsigned long long)(n))
// What is below low, which is not negative, wraps around.
#define HR_DETAIL_IN(n, low, high) (HR_DETAIL_U(n) - (low) <= HR_DETAIL_U(high) - (low))
#define HR_DETAIL_INT(n) ((n) > 0 && HR_DETAIL_U(n) >> 31 == 0)
#define HR_DETAIL_WIDTH(n) HR_DETAIL_IN(n, 1, 65536)
#define HR_DETAIL_DIVISOR(n) ((n) > 0 ? HR_DETAIL_U(n) : 1)
#define HR_DETAIL_HEADS(heads, kv_heads, most)                          \
    (HR_DETAIL_IN(heads, 1, most) && HR_DETAIL_IN(kv_heads, 1, most) && \
     HR_DETAIL_U(heads) % HR_DETAIL_DIVISOR(kv_heads) == 0)

// Panels of 16 that hold n, and a matrix with its bias: 16 outputs are a panel.
#define HR_DETAIL_PANELS(n) ((HR_DETAIL_U(n) + 15) / 16)
#define HR_DETAIL_MATRIX(outputs, inputs) (HR_DETAIL_PANELS(outputs) * (HR_DETAIL_U(inputs) + 1))

// A worker's tile, see detail::tile_bytes() in detail/sizes.hpp: up to 48 rows, 16 to a panel.
#define HR_DETAIL_GROUP(heads, kv_heads) (HR_DETAIL_U(heads) / HR_DETAIL_DIVISOR(kv_heads))
#define HR_DETAIL_TILE_PANELS(queries, heads, kv_heads)                      \
    (HR_DETAIL_U(queries) >= 48 || HR_DETAIL_GROUP(heads, kv_heads) >= 48 || \
             HR_DETAIL_U(queries) * HR_DETAIL_GROUP(heads, kv_heads) > 32    \
         ? 3                                                                 \
     : HR_DETAIL_U(queries) * HR_DETAIL_GROUP(heads, kv_heads) > 16 ? 2      \
                                                                    : 1)
#define HR_DETAIL_TILE_ROWS(key_width) (HR_DETAIL_U(key_width) + 128 + 16 + 7 + 18)
#define HR_DETAIL_TILE(queries, heads, kv_heads, key_width) \
    (HR_DETAIL_TILE_PANELS(queries, heads, kv_heads) * HR_DETAIL_TILE_ROWS(key_width))

// A cache of `panels` panels: the header, then for each head and panel a line for each element of
// a key and a value.
#define HR_DETAIL_CACHE(kv_heads, key_width, value_width, valid, panels)  \
    HR_DETAIL_BYTES(                                                      \
        (valid) && HR_DETAIL_INT(kv_heads) && HR_DETAIL_INT(key_width) && \
            HR_DETAIL_INT(value_width) &&                                 \
            (panels) <= SIZE_MAX / 64 / HR_DETAIL_DIVISOR(kv_heads) /     \
                            HR_DETAIL_ELEMENTS(key_width, value_width),   \
        1 + HR_DETAIL_U(kv_heads) * HR_DETAIL_ELEMENTS(key_width, value_width) * (panels))
#define HR_DETAIL_ELEMENTS(key_width, value_width) \
    (HR_DETAIL_DIVISOR(key_width) + HR_DETAIL_DIVISOR(value_width))

#define HR_DETAIL_BYTES(valid, lines) \
    ((size_t)((valid) && (lines) <= SIZE_MAX / 64 ? 64 * (lines) : 0))
