#include <utility>

#include <headroom/headroom.hpp>

#include "bench/shapes/measure.hpp"
#include "bench/shapes/runs.hpp"

namespace bench {
namespace {

std::size_t product(int a, int b, int c) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

}  // namespace

void run(const PrefillShape& s, Memory& memory) {
    const std::size_t rows = product(s.heads, s.queries, s.width),
                      keys = product(s.heads, s.keys, s.width);
    const std::size_t arena = headroom::scratch_bytes({.max_queries = s.queries,
                                                       .heads = s.heads,
                                                       .kv_heads = s.heads,
                                                       .key_width = s.width,
                                                       .value_width = s.width});
    const std::span<const float> query = memory.floats(rows, 1, 2.0f);
    const std::span<const float> key = memory.floats(keys, 2, 1.0f);
    const std::span<const float> value = memory.floats(keys, 3, 1.0f);
    const std::span<float> out = memory.floats(rows);
    const std::span<std::byte> scratch = memory.bytes(arena);

    using headroom::head_major;
    measure({s.name, arena}, memory, [&] {
        return headroom::attend(
            headroom::best_port(), head_major(query, s.heads, s.queries, s.width),
            head_major(key, s.heads, s.keys, s.width), head_major(value, s.heads, s.keys, s.width),
            head_major(out, s.heads, s.queries, s.width), scratch, {.causal = s.causal});
    });
}

void run(const DecodeShape& s, Memory& memory) {
    const headroom::CacheShape cache_shape{
        .kv_heads = s.kv_heads, .key_width = s.width, .value_width = s.width, .max_keys = s.keys};
    const std::size_t state_size = headroom::state_bytes(cache_shape);
    const std::size_t scratch_size = headroom::scratch_bytes({.max_queries = 1,
                                                              .heads = s.heads,
                                                              .kv_heads = s.kv_heads,
                                                              .key_width = s.width,
                                                              .value_width = s.width});
    const std::span<const float> query = memory.floats(product(s.heads, 1, s.width), 4, 2.0f);
    const std::span<float> out = memory.floats(product(s.heads, 1, s.width));
    const std::span<std::byte> state = memory.bytes(state_size);
    const std::span<std::byte> scratch = memory.bytes(scratch_size);
    const std::span<float> token = memory.floats(product(2, s.kv_heads, s.width));

    using headroom::head_major;
    headroom::KvCache cache;
    // Token by token: keys and values as tensors would double the memory.
    const bool opened = memory.enough() && cache.open(cache_shape, state).ok();
    for (int t = 0; opened && t < s.keys; ++t) {
        fill(token, 5 + static_cast<unsigned>(t), 1.0f);
        const std::span<const float> both = token;
        const std::size_t half = both.size() / 2;
        static_cast<void>(cache.append(head_major(both.first(half), s.kv_heads, 1, s.width),
                                       head_major(both.last(half), s.kv_heads, 1, s.width)));
    }
    measure({s.name, state_size + scratch_size}, memory, [&] {
        return headroom::attend(headroom::best_port(), head_major(query, s.heads, 1, s.width),
                                cache, head_major(out, s.heads, 1, s.width), scratch);
    });
}

}  // namespace bench
