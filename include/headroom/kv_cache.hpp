// The cache of keys and values: a handle on memory that the caller owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/sizes.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>

namespace headroom {

/// What a cache holds. With `window` = 0 it is contiguous and holds max_keys tokens. With a window
/// it is a ring that never fills: it keeps the first `sinks` tokens and as many of the newest as
/// `max_queries` queries with that window can see.
struct CacheShape {
    int kv_heads = 1;
    int key_width = 1;
    int value_width = 1;
    std::int64_t max_keys = 0;     ///< Contiguous: its capacity in tokens. Ring: ignored.
    std::int64_t window = 0;       ///< Ring: keys that a query sees, its own: window_left + 1.
    std::int64_t sinks = 0;        ///< Ring: first tokens that stay for ever.
    std::int64_t max_queries = 1;  ///< Ring: the most tokens appended before they have attended.
};

/// Bytes of the state of a cache; 0 if the shape is not valid or the size overflows.
///
///   64 bytes   header: the number of tokens, and how far a ring has overwritten them
///   keys       [kv_heads][groups][key_width][64 slots]   a panel is 16 slots, a group 4 panels;
///                                                       the last group may be 1 to 3
///   values     [kv_heads][slots][value_width]
///
/// Token p always lies in lane p mod 16 of its panel. All-zero bytes are an empty cache. The state
/// holds no pointer: it may be moved, copied, or kept in retention RAM.
constexpr std::size_t state_bytes(const CacheShape& shape) noexcept {
    return detail::cache_bytes(
        detail::storage_of(shape.max_keys, shape.window, shape.sinks, shape.max_queries),
        shape.kv_heads, shape.key_width, shape.value_width);
}

/// A handle on a cache's state. It may be copied and made anew at any time: all that is remembered
/// lies in the state. No method allocates; every method takes constant time unless it says
/// otherwise.
class KvCache {
public:
    KvCache() = default;

    /// Binds the handle to memory: 1 shape, 2 state: state_bytes(shape) bytes, aligned to 64,
    /// either all zero or written by a cache of this shape. Returns ok, bad_shape, too_small,
    /// misaligned or bad_state (the header is not one that this shape can have); on error the
    /// handle is as before.
    Result open(const CacheShape& shape, std::span<std::byte> state) noexcept;

    /// Tokens in the cache; in a ring, tokens since it was cleared. 0 if not open.
    std::int64_t size() const noexcept;

    /// Tokens it can hold; for a ring 2^62.
    std::int64_t capacity() const noexcept;

    /// Forgets all tokens: the same as zeroing the header. No effect if not open.
    void clear() noexcept;

    /// Drops the newest tokens so that `tokens` remain (rejected or speculative ones). Returns ok,
    /// not_open, or bad_value (argument 1) if tokens is not in [0, size()] or, in a ring, if what
    /// the next query would see has been overwritten already.
    Result truncate(std::int64_t tokens) noexcept;

    /// Appends tokens without moving old ones.
    ///   1 key    f32 [1][tokens][kv_heads][key_width]     read; overlaps no state
    ///   2 value  f32 [1][tokens][kv_heads][value_width]   read; overlaps no state
    /// Returns ok, not_open, bad_shape, too_small, overlap, or cache_full; a ring takes at most
    /// max_queries tokens at a time (bad_shape). On error the state is unchanged. Work: one copy of
    /// each element.
    Result append(const ConstTensor& key, const ConstTensor& value) noexcept;

    /// Copies another cache of the same shape (a beam): only the slots in use. Returns ok, not_open
    /// (either), bad_shape or overlap (argument 1).
    Result copy_from(const KvCache& other) noexcept;

    const CacheShape& shape() const noexcept { return shape_; }
    std::span<const std::byte> state() const noexcept { return {state_, bytes_}; }
    bool is_open() const noexcept { return state_ != nullptr; }

private:
    CacheShape shape_;
    std::byte* state_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace headroom
