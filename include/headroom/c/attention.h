// hr_attend(): attention on tensors that are already projected, or on a cache.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <headroom/c/cache.h>
#include <headroom/c/features.h>
#include <headroom/c/memory.h>
#include <headroom/c/port.h>
#include <headroom/c/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Query i of a call stands at position p = first_position + i among the keys, which count from 0.
/// It sees key j if all of these hold:
///
///   j < valid_keys                             the sequence's length
///   j <= p                                     if causal
///   p - keys_left < j < p + keys_right         or j < sink_tokens
///   no bool_mask element is false, no score_bias value is -inf
///
/// All zero, and NULL where a call takes a pointer to it: no bound, the default scale. The windows
/// of the C++ headers leave the query's own key out, and -1 is no bound there: keys_left is
/// window_left + 1.
typedef struct hr_attention {
    /// Factor of the finished dot product; finite. 0: 1 / sqrt(key width).
    float scale;

    bool causal;

    /// Position of query 0; may be negative (its queries then see less, or nothing). In a layer
    /// that appends it is the cache's size before the call, and this field is ignored. Within
    /// +-2^61.
    int64_t first_position;

    /// Keys seen up to and from the query's own position, its own included; 0: no bound. Not
    /// negative.
    int64_t keys_left;
    int64_t keys_right;

    /// The first tokens of the sequence, seen by every query in spite of the window; not negative.
    int64_t sink_tokens;

    /// Keys of each sequence: i64 [batches], each in [0, keys]. NULL: all keys.
    const int64_t* valid_keys;

    /// Position of query 0 for each sequence: i64 [batches]. NULL: first_position for all. Ignored
    /// like it.
    const int64_t* first_positions;

    /// Elements of each of the two arrays that is given: the call's batches, 1 in a layer. Where it
    /// is forgotten, the call is refused (HR_TOO_SMALL).
    size_t batches;
} hr_attention;

/// Bytes of scratch for hr_attend(), independent of the number of keys; 0 if a number is out of
/// range or the size overflows. A call may have fewer queries, narrower keys, and no more query
/// heads for each key head. At most 48 queries are in flight, so more than that cost nothing.
/// `heads` is a multiple of `kv_heads`; `workers` as in hr_executor, 1 without one.
/// HR_ATTEND_SCRATCH_BYTES is the same number for a static array.
size_t hr_attend_scratch_bytes(ptrdiff_t max_queries, ptrdiff_t heads, ptrdiff_t kv_heads,
                               ptrdiff_t key_width, int workers);

/// Lets each query attend to the keys it may see, head by head:
///
///   out[b][i][h] = sum over j of w_j * value[b][j][g]
///            w_j = softmax over j of scale * (query[b][i][h] . key[b][j][g])
///
/// where g = h / (heads / kv_heads) and j runs over the keys that query i sees (see hr_attention).
///
///   1 port      its instructions must exist here
///   2 query     f32 [batches][queries][heads][key_width]      read; batches * heads * queries, and
///               batches * heads, below 2^31
///   3 key       f32 [batches][keys][kv_heads][key_width]      read; keys may be 0
///   4 value     f32 [batches][keys][kv_heads][value_width]    read
///   5 out       f32 [batches][queries][heads][value_width]    written; no overlap with 3, 4 and
///               the features' arrays; with 2 only if it is the same memory with the same strides,
///               or if the two interleave, with a common stride, without sharing an element
///   6 scratch   hr_attend_scratch_bytes() bytes, aligned to 64, overwritten; overlaps nothing
///   7 how       NULL: an hr_attention of zeros
///   8 features  NULL: none; an error in one has its hr_feature as argument. Rotary embedding is a
///               call of its own: hr_rotate()
///
/// Elements need no alignment beyond their own. A row that sees no key is +0. What a row does not
/// see cannot change it, not even NaN. Equal inputs give equal bits on every port, however the
/// queries are cut into calls, and from C++ as from C. On error nothing has been written. Work: 2 *
/// key_width multiply-adds for each visible (head, query, key), whole blocks that no query of a
/// tile sees left out. No heap, no locks, no globals.
///
/// The floating-point environment is the default one: round to nearest, subnormals kept. A program
/// linked with -ffast-math flushes them to zero, and gets other bits where they occur.
///
/// Returns HR_OK, HR_UNSUPPORTED_PORT, HR_BAD_SHAPE, HR_BAD_VALUE, HR_TOO_SMALL, HR_MISALIGNED or
/// HR_OVERLAP.
hr_result hr_attend(const hr_port* port, hr_const_tensor query, hr_const_tensor key,
                    hr_const_tensor value, hr_tensor out, hr_memory scratch,
                    const hr_attention* how, const hr_features* features);

/// The same on the keys and values of a cache, read in place (batches = 1). how->valid_keys
/// defaults to hr_cache_size(); how->first_position does not: the newest tokens' queries stand at
/// hr_cache_size() - queries.
///
///   1 port   2 query   3 cache   4 out   5 scratch   6 how   7 features   as above
///
/// Returns as above, or HR_NOT_OPEN or HR_BAD_STATE (3).
///
/// A ring needs 1 <= how->keys_left <= window and how->sink_tokens <= sinks of its hr_cache_shape,
/// so that what works with few tokens works with many: what a query sees never depends on what
/// happens to be stored still. A query that could see a token that is no longer stored is
/// HR_BAD_VALUE.
hr_result hr_attend_cached(const hr_port* port, hr_const_tensor query, const hr_cache* cache,
                           hr_tensor out, hr_memory scratch, const hr_attention* how,
                           const hr_features* features);

#ifdef __cplusplus
}
#endif
