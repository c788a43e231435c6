// The shapes that headroom_shapes counts in instructions. Those that `headroom bench` times as well
// have its names and sizes (src/tools/bench/shape.cpp): a test compares them.
#pragma once

#include <headroom/shape.hpp>

namespace bench {

// attend() on plain tensors, [heads][tokens][width] each.
struct PrefillShape {
    const char* name;
    int heads, queries, keys, width;
    bool causal;
};
inline constexpr PrefillShape attend_16{"attend_16", 2, 16, 16, 16, false};
inline constexpr PrefillShape attend_98{"attend_98", 3, 98, 98, 64, false};
inline constexpr PrefillShape attend_197{"attend_197", 3, 197, 197, 64, false};
inline constexpr PrefillShape attend_1500{"attend_1500", 6, 1500, 1500, 64, false};
inline constexpr PrefillShape causal_512{"causal_512", 8, 512, 512, 128, true};
inline constexpr PrefillShape causal_98{"causal_98", 3, 98, 98, 64, true};
// One head, as small devices have it.
inline constexpr PrefillShape head_16x16{"head_16x16", 1, 16, 16, 16, false};
inline constexpr PrefillShape head_32x32{"head_32x32", 1, 32, 32, 16, false};
inline constexpr PrefillShape head_1x64{"head_1x64", 1, 1, 64, 32, false};

// attend() of one token on the keys of a cache.
struct DecodeShape {
    const char* name;
    int heads, kv_heads, keys, width;
};
inline constexpr DecodeShape cached_1x64{"cached_1x64", 1, 1, 64, 32};
inline constexpr DecodeShape decode_512{"decode_512", 32, 8, 512, 64};
inline constexpr DecodeShape decode_2048{"decode_2048", 32, 8, 2048, 64};

// Layers: some tokens at once, or the token that fills the cache.
constexpr headroom::Shape encoder_192(int tokens) {
    return {.model_dim = 192, .heads = 3, .max_queries = tokens, .max_keys = tokens};
}
inline constexpr headroom::Shape layer_98 = encoder_192(98), layer_197 = encoder_192(197);
inline constexpr headroom::Shape layer_16{
    .model_dim = 64, .heads = 4, .max_queries = 16, .max_keys = 16};
inline constexpr headroom::Shape layer_decode_512{
    .model_dim = 512, .heads = 8, .max_queries = 1, .max_keys = 512};

}  // namespace bench
