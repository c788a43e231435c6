// A whole layer, from tokens to tokens, of a shape known at run time.
#pragma once

#include <headroom/c/attention.h>
#include <headroom/c/cache.h>
#include <headroom/c/features.h>
#include <headroom/c/memory.h>
#include <headroom/c/port.h>
#include <headroom/c/shape.h>
#include <headroom/c/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A multi-head attention layer:
///
///   q = x Wq + bq,  k = c Wk + bk,  v = c Wv + bv,  y = concat(head_0 ... head_{H-1}) Wo + bo
///
/// A handle in the caller's memory; its fields are the library's own. All zero: not open. It refers
/// to the packed weights, which must stay where they are, and may be copied. Keys and values live
/// in a state, one for each sequence; scratch may be shared by all layers of a thread. However a
/// sequence is cut into calls, each token gets the same bits, as long as it sees the same keys;
/// they are those of the C++ layer. Calls with different state and scratch may run at the same
/// time.
typedef struct hr_layer {
    const hr_port* port;
    const void* weights;
    hr_shape shape;
} hr_layer;

/// Binds a layer to a port and to packed weights.
///   1 layer    written
///   2 shape    copied
///   3 port
///   4 weights  a blob of this shape, aligned to 64, read in place by every later call
/// Returns HR_OK, HR_NOT_OPEN (1: NULL), HR_BAD_SHAPE (2), HR_UNSUPPORTED_PORT, HR_TOO_SMALL,
/// HR_MISALIGNED, HR_BAD_WEIGHTS or HR_BAD_CHECKSUM; on error the handle is as before. Reads every
/// byte of the blob once.
hr_result hr_layer_open(hr_layer* layer, const hr_shape* shape, const hr_port* port,
                        hr_const_memory weights);

/// Self-attention: appends the tokens of x to the cache, then lets each attend to the cache. The
/// same call serves a prompt (many tokens) and decoding (one token). An encoder clears the state
/// before each sequence (hr_layer_cache(), hr_cache_clear()), is not causal, and names the length
/// of a padded sequence in how->valid_keys; outputs of padding tokens are computed like others.
///
///   1 layer
///   2 x         f32 [tokens][model_dim]    read; tokens may be 0 and may exceed max_queries
///   3 y         f32 [tokens][output_dim]   written; may be x with its stride, else no overlap
///   4 state     hr_state_bytes(), aligned to 64, read and written; overlaps nothing
///   5 scratch   hr_scratch_bytes(), aligned to 64, overwritten; overlaps nothing
///   6 how       NULL: zeros; the tokens continue the cache, so first_position(s) are ignored
///   7 features  NULL: none; an error in one has its hr_feature as argument
///
/// The key and value sources must be as wide as the model. A shape with an extra key takes no
/// extra_key feature (HR_BAD_VALUE): the weights have it. A ring cache needs `how` to be causal
/// with 1 <= keys_left <= hr_shape.window and sink_tokens <= hr_shape.sinks (HR_BAD_VALUE).
/// Returns HR_OK, HR_NOT_OPEN, HR_BAD_SHAPE, HR_BAD_VALUE, HR_TOO_SMALL, HR_MISALIGNED, HR_OVERLAP,
/// HR_CACHE_FULL or HR_BAD_STATE; on error neither y nor the state has changed. Work, in
/// multiply-adds for each token: the weights' elements, and head_dim + value_dim for each head and
/// visible key.
hr_result hr_layer_forward(const hr_layer* layer, hr_const_rows x, hr_rows y, hr_memory state,
                           hr_memory scratch, const hr_attention* how, const hr_features* features);

/// Cross-attention, first half: projects the context and appends its keys and values to the cache.
///
///   1 layer
///   2 keys      f32 [tokens][key_source_dim]     read
///   3 values    f32 [tokens][value_source_dim]   read; usually the same memory as 2
///   4 state     as above
///   5 scratch   as above
///   6 features  NULL, or rotary embedding (from the cache's size on) and an executor
///
/// A ring takes at most max_queries tokens at a time. Returns as hr_layer_forward().
hr_result hr_layer_append_context(const hr_layer* layer, hr_const_rows keys, hr_const_rows values,
                                  hr_memory state, hr_memory scratch, const hr_features* features);

/// Cross-attention, second half: lets each token of x attend to what the cache holds. Nothing is
/// appended; the state is only read, so many calls may share it.
///
///   1 layer   2 x   3 y   4 state  read   5 scratch   6 how   7 features   as hr_layer_forward()
///
/// how->first_position counts here: it is where x stands among the keys, and for rotary embedding.
hr_result hr_layer_attend_context(const hr_layer* layer, hr_const_rows x, hr_rows y,
                                  hr_const_memory state, hr_memory scratch, const hr_attention* how,
                                  const hr_features* features);

/// The cache in a state, for its life cycle: size, clear, truncate, copy. 1 layer, 2 state (as
/// above), 3 cache, written. Returns HR_OK, HR_NOT_OPEN (1 or 3), HR_TOO_SMALL, HR_MISALIGNED or
/// HR_BAD_STATE; on error the handle is as before.
hr_result hr_layer_cache(const hr_layer* layer, hr_memory state, hr_cache* cache);

#ifdef __cplusplus
}
#endif
