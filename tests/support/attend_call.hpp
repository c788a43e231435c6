// A valid call of attend() that a test may spoil.
#pragma once

#include <cstring>
#include <headroom/attention.hpp>

#include "support/bits.hpp"
#include "support/memory.hpp"
#include "support/ports.hpp"

namespace headroom::test {

/// A valid call with everything in one block of floats, so that any overlap can be arranged: 2
/// batches, 3 queries, 5 keys, 4 heads on 2, widths 8 and 6. Each test spoils one thing.
struct AttendCall {
    static constexpr Index batches = 2, queries = 3, keys = 5, heads = 4, kv_heads = 2,
                           key_width = 8, value_width = 6;
    static constexpr AttendShape shape{queries, heads, kv_heads, key_width, value_width};
    static constexpr std::size_t room = 2048;

    alignas(64) float floats[4 * room];
    alignas(64) std::byte bytes[scratch_bytes(shape, 2) + 128];
    std::int64_t lengths[batches] = {5, 4}, firsts[batches] = {0, 1};
    ConstTensor query, key, value;
    Tensor out;
    std::span<std::byte> scratch{bytes + 64, scratch_bytes(shape)};
    Attention how{.valid_keys = lengths, .first_positions = firsts};
    const Port* port = &best_port();

    AttendCall() {
        Random random(61);
        random.fill(floats);
        std::memset(bytes, 0x5a, sizeof bytes);
        query = token_major(part(0, batches * queries * heads * key_width), queries, heads,
                            key_width, batches);
        key = token_major(part(1, batches * keys * kv_heads * key_width), keys, kv_heads, key_width,
                          batches);
        value = token_major(part(2, batches * keys * kv_heads * value_width), keys, kv_heads,
                            value_width, batches);
        out = token_major(part(3, batches * queries * heads * value_width), queries, heads,
                          value_width, batches);
    }

    // Somewhere inside quarter `n` of the floats.
    std::span<float> part(std::size_t n, Index count) {
        return {floats + n * room + 64, static_cast<std::size_t>(count)};
    }

    std::uint64_t hash() const { return hash_bytes(std::as_bytes(std::span(floats))); }

    template <class... Features>
    Result operator()(const Features&... features) {
        return attend(*port, query, key, value, out, scratch, how, features...);
    }
};

}  // namespace headroom::test
