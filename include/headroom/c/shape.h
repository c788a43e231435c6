// The shape of a layer, and the bytes of its three arenas.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A multi-head attention layer. Fields with 0 take the value that their comment names.
typedef struct hr_shape {
    int model_dim;         ///< Width of a token, the source of the queries.
    int heads;             ///< Query heads; 0: 1.
    int kv_heads;          ///< Key and value heads, a divisor of heads; 0: heads.
    int head_dim;          ///< Width of a query and key; 0: model_dim / heads (must divide).
    int value_dim;         ///< Width of a value; 0: head_dim.
    int key_source_dim;    ///< Width of the source of the keys; 0: model_dim.
    int value_source_dim;  ///< Width of the source of the values; 0: model_dim.
    int output_dim;        ///< Width of an output token; 0: model_dim.
    bool extra_key;        ///< The weights hold a key and value (PyTorch's bias_k, bias_v).
    int rotary_dim;        ///< hr_rotary_computed's dim, for its scratch; 0: not used.

    int max_queries;   ///< Tokens processed at once: bounds scratch, not a call; 0: 1.
    int64_t max_keys;  ///< Contiguous cache: tokens it holds. Ring: ignored.
    int64_t window;    ///< Ring cache: keys that a query sees, its own included: keys_left.
    int64_t sinks;     ///< Ring cache: first tokens that stay.
} hr_shape;

/// Whether a layer of this shape can exist: every width in [1, 65536], heads in [1, 4096] and
/// divisible by kv_heads, rotary_dim even and at most head_dim, max_queries in [1, 65536], and a
/// cache with max_keys (contiguous) or window (a ring) in [1, 2^40]. False for NULL.
bool hr_shape_valid(const hr_shape* shape);

/// Bytes of a layer's state: its cache. 0 if the shape is NULL or not valid, or if the size
/// overflows; likewise below. Each is the number that the macro of sizes.h gives for a static
/// array.
size_t hr_state_bytes(const hr_shape* shape);

/// Bytes of a layer's scratch, which all layers of a model may share; independent of the number of
/// keys. `workers` as in hr_executor, 1 without one.
size_t hr_scratch_bytes(const hr_shape* shape, int workers);

/// Bytes of the packed weights.
size_t hr_weights_bytes(const hr_shape* shape);

#ifdef __cplusplus
}
#endif
