// attend(): attention on tensors that are already projected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/bind.hpp>
#include <headroom/features.hpp>
#include <headroom/kv_cache.hpp>
#include <headroom/port.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>

namespace headroom {

/// What bounds the scratch of attend(). A call may have fewer queries and narrower keys, and no
/// more query heads for each key head (heads / kv_heads).
struct AttendShape {
    Index max_queries = 1;  ///< Tokens of `query`.
    Index heads = 1;        ///< Heads of `query`, ...
    Index kv_heads = 1;     ///< ... a multiple of those of `key` and `value`.
    Index key_width = 1;    ///< Width of a query and of a key.
    Index value_width = 1;  ///< Width of a value; costs no scratch: it goes straight to the output.
};

/// Bytes of scratch for attend(), independent of the number of keys; 0 if the shape is not valid or
/// the size overflows: an array of 0 bytes is no span, and the compiler's message does not say why,
/// so static_assert(scratch_bytes(shape) > 0). At most 48 queries are in flight, so more queries
/// than that cost nothing.
constexpr std::size_t scratch_bytes(const AttendShape& shape, int workers = 1) noexcept {
    return workers < 1 ? 0
                       : detail::times(static_cast<std::size_t>(workers),
                                       detail::tile_bytes(shape.max_queries, shape.heads,
                                                          shape.kv_heads, shape.key_width));
}

/// Lets each query attend to the keys it may see, head by head:
///
///   out[b][i][h] = sum over j of w_j * value[b][j][g]
///            w_j = softmax over j of scale * (query[b][i][h] . key[b][j][g])
///
/// where g = h / (heads / kv_heads) and j runs over the keys that query i sees (see Attention).
///
///   1 port     its instructions must exist here
///   2 query    f32 [batches][queries][heads][key_width]      read; batches * heads * queries, and
///              batches * heads, below 2^31
///   3 key      f32 [batches][keys][kv_heads][key_width]      read; keys may be 0
///   4 value    f32 [batches][keys][kv_heads][value_width]    read
///   5 out      f32 [batches][queries][heads][value_width]    written; no overlap with 3, 4 and the
///              features' arrays; with 2 only if it is the same memory with the same strides, or if
///              the two interleave, with a common stride, without sharing an element
///   6 scratch  scratch_bytes() bytes, aligned to 64, overwritten; overlaps nothing
///   7 how      see Attention
///   8...       features, in any order (features.hpp) and an Executor; errors in them name the
///              place of the feature in the call. Rotary embedding is a call of its own: rotate()
///
/// Elements need no alignment beyond their own. A row that sees no key is +0. What a row does not
/// see cannot change it, not even NaN. Equal inputs give equal bits on every port, however the
/// queries are cut into calls. On error nothing has been written. Work: 2 * key_width multiply-adds
/// for each visible (head, query, key), whole blocks that no query of a tile sees left out. No
/// heap, no locks, no globals.
///
/// The floating-point environment is the default one: round to nearest, subnormals kept. A program
/// linked with -ffast-math flushes them to zero, and gets other bits where they occur.
///
/// Returns ok, unsupported_port, bad_shape, bad_value, too_small, misaligned or overlap.
template <class... Features>
Result attend(const Port& port, const ConstTensor& query, const ConstTensor& key,
              const ConstTensor& value, const Tensor& out, std::span<std::byte> scratch,
              const Attention& how = {}, const Features&... features) noexcept {
    const detail::BoundFeatures<Features...> bound(port, 8, features...);
    return detail::attend({port, query, key, value, nullptr, out, scratch, how, bound.features});
}

/// The same on the keys and values of a cache, read in place (batches = 1). `how.valid_keys`
/// defaults to cache.size(); how.first_position does not: the newest tokens' queries stand at
/// cache.size() - queries.
///
///   1 port  2 query  3 cache  4 out  5 scratch  6 how  7... features; as above
///
/// Returns as above, or not_open.
///
/// A ring needs 0 <= how.window_left < window and how.sink_tokens <= sinks of its CacheShape, so
/// that what works with few tokens works with many: what a query sees never depends on what happens
/// to be stored still. A query that could see a token that is no longer stored is bad_value.
template <class... Features>
Result attend(const Port& port, const ConstTensor& query, const KvCache& cache, const Tensor& out,
              std::span<std::byte> scratch, const Attention& how = {},
              const Features&... features) noexcept {
    const detail::BoundFeatures<Features...> bound(port, 7, features...);
    return detail::attend({port, query, detail::no_tensor, detail::no_tensor, &cache, out, scratch,
                           how, bound.features});
}

}  // namespace headroom
