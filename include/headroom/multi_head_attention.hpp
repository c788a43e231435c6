// MultiHeadAttention: a whole layer, from tokens to tokens, in memory that the caller owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/layer.hpp>
#include <headroom/features.hpp>
#include <headroom/kv_cache.hpp>
#include <headroom/options.hpp>
#include <headroom/rotary.hpp>
#include <headroom/shape.hpp>
#include <headroom/weights.hpp>

namespace headroom {

/// A multi-head attention layer of a shape known at compile time:
///
///   q = x Wq + bq,  k = c Wk + bk,  v = c Wv + bv,  y = concat(head_0 ... head_{H-1}) Wo + bo
///
/// The object is a handle of a few words: a port and the packed weights, which it reads in place.
/// Keys and values live in a state, one for each sequence; scratch may be shared by all layers of a
/// thread.
///
///   alignas(64) static std::byte state[Layer::state_bytes];      // all zero: no tokens
///   alignas(64) static std::byte scratch[Layer::scratch_bytes];
///
/// However a sequence is cut into calls, each token gets the same bits, as long as it sees the same
/// keys. Calls with different state and scratch may run at the same time.
template <Shape S>
class MultiHeadAttention {
    static_assert(S.head_dim > 0 || (S.heads > 0 && S.model_dim % S.heads == 0),
                  "model_dim is no multiple of heads: give head_dim");
    static_assert(S.max_keys > 0 || S.window > 0,
                  "the cache has no size: give max_keys (contiguous) or window (a ring)");
    static_assert(valid(S), "this shape cannot exist: see Shape and valid()");

public:
    static constexpr Shape shape = resolved(S);
    static constexpr std::size_t state_bytes = headroom::state_bytes(S);
    static constexpr std::size_t scratch_bytes = headroom::scratch_bytes(S);
    static constexpr std::size_t weights_bytes = headroom::weights_bytes(S);
    static_assert(!valid(S) || (state_bytes && scratch_bytes && weights_bytes),
                  "a size of this shape overflows");

    /// Scratch for calls that are given an Executor with this many workers.
    static constexpr std::size_t scratch_bytes_for(int workers) noexcept {
        return headroom::scratch_bytes(S, workers);
    }

    /// Packs weights into weights_bytes of memory; see pack_weights(). 1 tensors, 2 blob.
    static Result pack(const LayerTensors& tensors, std::span<std::byte> blob) noexcept {
        return detail::without_shape(pack_weights(shape, tensors, blob));
    }

    /// Binds the layer to a port and to packed weights, which must stay where they are.
    ///   1 port, 2 weights: a blob of this shape, aligned to 64
    /// Returns ok, unsupported_port, too_small, misaligned, bad_weights or bad_checksum; on error
    /// the layer is as before. Reads every byte of the blob once.
    Result open(const Port& port, std::span<const std::byte> weights) noexcept {
        return detail::open_layer(handle_, shape, port, weights);
    }

    /// Self-attention: appends the tokens of x to the cache, then lets each attend to the cache.
    /// The same call serves a prompt (many tokens) and decoding (one token). An encoder clears the
    /// state before each sequence (cache(), KvCache::clear()), is not causal, and names the length
    /// of a padded sequence in how.valid_keys; outputs of padding tokens are computed like others.
    ///
    ///   1 x        f32 [tokens][model_dim]    read; tokens may be 0 and may exceed max_queries
    ///   2 y        f32 [tokens][output_dim]   written; may be x with its stride, else no overlap
    ///   3 state    state_bytes, aligned to 64, read and written; overlaps nothing
    ///   4 scratch  scratch_bytes, aligned to 64, overwritten; overlaps nothing
    ///   5 how      see Attention; the tokens continue the cache, so first_position(s) are ignored
    ///   6...       features (features.hpp), RotaryTables or RotaryComputed, an Executor
    ///
    /// The key and value sources must be as wide as the model. A shape with an extra key takes no
    /// ExtraKey feature (bad_value): the weights have it. A ring cache needs `how` to be causal
    /// with 0 <= window_left < Shape::window (which counts the query's own key, window_left does
    /// not) and sink_tokens <= Shape::sinks (bad_value). Returns
    /// ok, not_open, bad_shape, bad_value, too_small, misaligned, overlap, cache_full or bad_state;
    /// on error neither y nor the state has changed. Work, in multiply-adds for each token: the
    /// weights' elements, and key_width + value_width for each head and visible key.
    template <class... Features>
    Result forward(const ConstRows& x, const Rows& y, std::span<std::byte> state,
                   std::span<std::byte> scratch, const Attention& how = {},
                   const Features&... features) const noexcept {
        detail::LayerCall call{handle_, shape,   x,   x,  x,       y,
                               state,   scratch, how, {}, &layout, nullptr};
        bind(call, 6, features...);
        return detail::forward(call);
    }

    /// Cross-attention, first half: projects the context and appends its keys and values to the
    /// cache.
    ///
    ///   1 keys     f32 [tokens][key_source_dim]     read
    ///   2 values   f32 [tokens][value_source_dim]   read; usually the same memory as 1
    ///   3 state    as above    4 scratch  as above
    ///   5...       RotaryTables or RotaryComputed (from the cache's size on), an Executor
    ///
    /// A ring takes at most max_queries tokens at a time. Returns as forward().
    template <class... Features>
    Result append_context(const ConstRows& keys, const ConstRows& values,
                          std::span<std::byte> state, std::span<std::byte> scratch,
                          const Features&... features) const noexcept {
        static_assert((detail::serves_append<Features> && ...),
                      "nothing attends here: this feature has no effect");
        detail::LayerCall call{handle_, shape,   {}, keys, values,  {},
                               state,   scratch, {}, {},   &layout, nullptr};
        bind(call, 5, features...);
        return detail::append_context(call);
    }

    /// Cross-attention, second half: lets each token of x attend to what the cache holds. Nothing
    /// is appended; the state is only read, so many calls may share it.
    ///
    ///   1 x   2 y   3 state  read   4 scratch   5 how   6... features; as in forward()
    ///
    /// how.first_position counts here: it is where x stands among the keys, and for rotary
    /// embedding.
    template <class... Features>
    Result attend_context(const ConstRows& x, const Rows& y, std::span<const std::byte> state,
                          std::span<std::byte> scratch, const Attention& how = {},
                          const Features&... features) const noexcept {
        detail::LayerCall call{handle_, shape, x,  {},      {},     y, detail::read_only(state),
                               scratch, how,   {}, &layout, nullptr};
        bind(call, 6, features...);
        return detail::attend_context(call);
    }

    /// The cache in a state, for its life cycle: size, clear, truncate, copy. See KvCache::open().
    static Result cache(std::span<std::byte> state, KvCache& handle) noexcept {
        return detail::without_shape(handle.open(cache_shape(shape), state));
    }

private:
    static constexpr detail::LayerLayout layout = detail::layer_layout_of(shape);
    static_assert(!valid(S) || layout.weights.bytes == weights_bytes);

    template <class... Features>
    void bind(detail::LayerCall& call, std::uint8_t first,
              const Features&... features) const noexcept {
        const Port& port = handle_.port_or_best();
        detail::bind_all(call.features, port, first, features...);
        // Only shapes that have one link its code.
        if constexpr (shape.extra_key) detail::bind_extra_key(call.features, port);
    }

    detail::LayerHandle handle_;
};

}  // namespace headroom
