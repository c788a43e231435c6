// Where tokens come to lie: append() at every place of a panel, as many as begin, fill or span it.
#include <doctest.h>

#include <cstdint>
#include <span>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/cache_pair.hpp"

namespace headroom::test {
namespace {

// Widths on both sides of whole vectors, and odd ones.
CacheShape shape_of(int place, int count, bool ring) {
    CacheShape shape{.kv_heads = 1 + (place + count) % 2,
                     .key_width = 1 + (3 * place + count) % 11,
                     .value_width = 1 + (place + 5 * count) % 7};
    if (ring) {
        shape.window = 5;
        shape.sinks = 3;
        shape.max_queries = 40;
    } else {
        shape.max_keys = place + count;
    }
    return shape;
}

TEST_CASE("kv_cache: append puts any number of tokens at any place, whatever their strides") {
    for (int place = 0; place < 16; ++place) {
        for (int count = 0; count <= 36; ++count) {
            for (const bool ring : {false, true}) {
                INFO(count << " tokens at " << place << (ring ? " of a ring" : ""));
                Random random(static_cast<std::uint64_t>(1000 + 100 * place + count));
                CachePair pair(shape_of(place, count > 0 ? count : 1, ring));
                // A ring comes there in its second turn: the lanes beside are older tokens.
                if (ring) REQUIRE((pair.append(40, random).ok() && pair.append(40, random).ok()));
                REQUIRE(pair.append(place, random).ok());
                REQUIRE(pair.append(count, random).ok());
                REQUIRE(pair.model.matches(pair.cache));
                CHECK(pair.state.intact());
            }
        }
    }
}

// As a layer or a caller without gaps has them: [tokens][heads][width], [heads][tokens][width].
TEST_CASE("kv_cache: append takes rows that lie in a row, and rows of all heads in turn") {
    const CacheShape shape{.kv_heads = 3, .key_width = 18, .value_width = 12, .max_keys = 70};
    for (const bool by_head : {false, true}) {
        for (const int place : {0, 7, 16, 30}) {
            INFO("at " << place << (by_head ? ", head by head" : ", token by token"));
            Random random(static_cast<std::uint64_t>(place));
            CachePair pair(shape);
            REQUIRE(pair.append(place, random).ok());
            const Index count = 40;
            for (Index t = 0; t < count; ++t) pair.model.append(random);
            const auto [keys, values] = pair.model.newest(count, random);
            const auto packed = [&](const Field& field, Index width, std::vector<float>& memory) {
                memory.clear();
                for (Index i = 0; i < count * shape.kv_heads; ++i) {
                    const Index token = by_head ? i % count : i / shape.kv_heads;
                    const Index head = by_head ? i / count : i % shape.kv_heads;
                    const auto row = field.row(0, token, head);
                    memory.insert(memory.end(), row.begin(), row.end());
                }
                const std::span<const float> all(memory);
                return by_head ? head_major(all, shape.kv_heads, count, width)
                               : token_major(all, count, shape.kv_heads, width);
            };
            std::vector<float> of_keys, of_values;
            const ConstTensor key = packed(keys, shape.key_width, of_keys);
            const ConstTensor value = packed(values, shape.value_width, of_values);
            REQUIRE(pair.cache.append(key, value).ok());
            CHECK(pair.model.matches(pair.cache));
            CHECK(pair.state.intact());
        }
    }
}

}  // namespace
}  // namespace headroom::test
