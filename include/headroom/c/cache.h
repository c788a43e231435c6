// The cache of keys and values: a handle on memory that the caller owns.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <headroom/c/memory.h>
#include <headroom/c/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a cache holds. With `window` = 0 it is contiguous and holds max_keys tokens. With a window
/// it is a ring that never fills: it keeps the first `sinks` tokens and as many of the newest as
/// `max_queries` queries with that window can see.
typedef struct hr_cache_shape {
    int kv_heads;      ///< 0: 1.
    int key_width;     ///< At least 1.
    int value_width;   ///< 0: key_width.
    int64_t max_keys;  ///< Contiguous: its capacity in tokens. Ring: ignored.
    int64_t window;    ///< Ring: keys that a query sees, its own included: hr_attention.keys_left.
    int64_t sinks;     ///< Ring: first tokens that stay for ever.
    int64_t max_queries;  ///< Ring: the most tokens appended before they have attended; 0: 1.
} hr_cache_shape;

/// Bytes of the state of a cache; 0 if the shape is NULL or not valid, or if the size overflows.
/// HR_STATE_BYTES and HR_RING_STATE_BYTES are the same number for a static array.
///
/// Token p always lies in lane p mod 16 of its panel. All-zero bytes are an empty cache. The state
/// holds no pointer: it may be moved, copied, or kept in retention RAM.
size_t hr_cache_bytes(const hr_cache_shape* shape);

/// A handle on a cache's state, in the caller's memory; its fields are the library's own.
/// All zero: not open. It may be copied and made anew at any time, since all that is remembered
/// lies in the state. No function allocates; each takes constant time unless it says otherwise, and
/// recognises a state whose header has been destroyed since (HR_BAD_STATE, argument 1).
typedef struct hr_cache {
    hr_cache_shape shape;
    void* state;
    size_t bytes;
} hr_cache;

/// Binds a handle to memory.
///   1 cache   written
///   2 shape
///   3 state   hr_cache_bytes(shape) bytes, aligned to 64, all zero or written by a cache of this
///             shape
/// Returns HR_OK, HR_NOT_OPEN (1), HR_BAD_SHAPE, HR_TOO_SMALL, HR_MISALIGNED or HR_BAD_STATE (the
/// header is not one that this shape can have); on error the handle is as before.
hr_result hr_cache_open(hr_cache* cache, const hr_cache_shape* shape, hr_memory state);

/// Tokens in the cache; in a ring, tokens since it was cleared. 0 if NULL, not open, or if the
/// header has been destroyed, which hr_cache_truncate(cache, 0) tells from an empty cache.
int64_t hr_cache_size(const hr_cache* cache);

/// Tokens it can hold; for a ring 2^62. 0 where the size is 0 for want of a cache.
int64_t hr_cache_capacity(const hr_cache* cache);

/// Forgets all tokens: the same as zeroing the header, the first 64 bytes of the state, which also
/// mends a destroyed one. No effect if NULL or not open.
void hr_cache_clear(hr_cache* cache);

/// Drops the newest tokens so that `tokens` remain (rejected or speculative ones). Returns HR_OK,
/// HR_NOT_OPEN or HR_BAD_STATE (1), or HR_BAD_VALUE (2) if tokens is not in [0, hr_cache_size()]
/// or, in a ring, if what the next query would see has been overwritten already.
hr_result hr_cache_truncate(hr_cache* cache, int64_t tokens);

/// Appends tokens without moving old ones.
///   1 cache
///   2 key    f32 [1][tokens][kv_heads][key_width]     read; overlaps no state
///   3 value  f32 [1][tokens][kv_heads][value_width]   read; overlaps no state
/// Returns HR_OK, HR_NOT_OPEN or HR_BAD_STATE (1), HR_BAD_SHAPE, HR_TOO_SMALL, HR_OVERLAP, or
/// HR_CACHE_FULL (2); a ring takes at most max_queries tokens at a time (HR_BAD_SHAPE). On error
/// the state is unchanged. Work: one copy of each element.
hr_result hr_cache_append(hr_cache* cache, hr_const_tensor key, hr_const_tensor value);

/// Copies another cache of the same shape (a beam): only the slots in use. 1 to, 2 from. Returns
/// HR_OK, HR_NOT_OPEN or HR_BAD_STATE (either), HR_BAD_SHAPE or HR_OVERLAP (2). Work: one copy of
/// each element in use.
hr_result hr_cache_copy(hr_cache* to, const hr_cache* from);

#ifdef __cplusplus
}
#endif
