// What a cache holds is what attend() sees, bit for bit, and what it no longer holds does not
// exist.
#include <doctest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/cache_model.hpp"
#include "support/index.hpp"
#include "support/ports.hpp"

namespace headroom::test {
namespace {

struct Tokens {
    Tokens(const CacheShape& s, std::int64_t count, Random& random)
        : shape(s),
          keys(normals(random, static_cast<std::size_t>(count * s.kv_heads * s.key_width))),
          values(normals(random, static_cast<std::size_t>(count * s.kv_heads * s.value_width))) {}

    ConstTensor key(std::int64_t first, std::int64_t count) const {
        const auto skip = static_cast<std::size_t>(first * shape.kv_heads * shape.key_width);
        return token_major(std::span(keys).subspan(skip), index_of(count), shape.kv_heads,
                           shape.key_width);
    }
    ConstTensor value(std::int64_t first, std::int64_t count) const {
        const auto skip = static_cast<std::size_t>(first * shape.kv_heads * shape.value_width);
        return token_major(std::span(values).subspan(skip), index_of(count), shape.kv_heads,
                           shape.value_width);
    }
    Result append(KvCache& cache, std::int64_t first, std::int64_t count) const {
        return cache.append(key(first, count), value(first, count));
    }

    CacheShape shape;
    std::vector<float> keys, values;
};

// Two query heads for each of the cache.
struct Queries {
    Queries(const CacheShape& s, Index count, Random& random)
        : heads(2 * s.kv_heads),
          x(normals(random, static_cast<std::size_t>(count * heads * s.key_width))),
          view(token_major(std::span<const float>(x), count, heads, s.key_width)),
          value_width(s.value_width),
          scratch(
              scratch_bytes(AttendShape{count, heads, s.kv_heads, s.key_width, s.value_width})) {}

    std::vector<float> over(const Port& port, const KvCache& cache, const Attention& how) const {
        std::vector<float> out(static_cast<std::size_t>(view.tokens * heads * value_width), 7.0f);
        last = attend(port, view, cache, token_major(out, view.tokens, heads, value_width),
                      scratch.span(), how);
        return out;
    }
    std::vector<float> over(const Port& port, const ConstTensor& key, const ConstTensor& value,
                            const Attention& how) const {
        std::vector<float> out(static_cast<std::size_t>(view.tokens * heads * value_width), 7.0f);
        last = attend(port, view, key, value, token_major(out, view.tokens, heads, value_width),
                      scratch.span(), how);
        return out;
    }

    Index heads;
    std::vector<float> x;
    ConstTensor view;
    Index value_width;
    Arena scratch;
    mutable Result last;
};

TEST_CASE("kv_cache: attending to a cache gives the bits of attending to its tensors") {
    for (int i = 0; i < repeats(120); ++i) {
        Random random(500 + static_cast<std::uint64_t>(i));
        CacheShape shape = random_cache_shape(i % 2 == 1, random);
        const bool ring = shape.window > 0;
        const std::int64_t count =
            ring ? random.between(1, 300) : random.between(0, shape.max_keys);
        const Tokens tokens(shape, count, random);
        const Arena state(state_bytes(shape));  // NaN wherever nothing is written
        std::memset(state.span().data(), 0, 64);
        KvCache cache;
        REQUIRE(cache.open(shape, state.span()).status == Status::ok);
        for (std::int64_t n, first = 0; first < count; first += n) {
            n = std::min<std::int64_t>(count - first,
                                       random.between(1, ring ? shape.max_queries : count));
            REQUIRE(tokens.append(cache, first, n).status == Status::ok);
        }
        const Index queries =
            index_of(random.between(1, ring ? std::min(shape.max_queries, count) : 50));
        Attention how{.causal = ring || random.chance(0.5), .first_position = count - queries};
        if (ring) how.window_left = random.between(0, shape.window - 1);
        if (ring) how.sink_tokens = random.between(0, shape.sinks);
        const Queries query(shape, queries, random);
        for (const Port* port : runnable_ports()) {
            INFO("case " << i << " port " << port->name);
            const std::vector<float> want =
                query.over(*port, tokens.key(0, count), tokens.value(0, count), how);
            REQUIRE(query.last.status == Status::ok);
            const std::vector<float> got = query.over(*port, cache, how);
            REQUIRE(query.last.status == Status::ok);
            CHECK(difference(want, got) == "");
        }
    }
}

TEST_CASE("kv_cache: tokens that were taken back leave no trace, not even NaN") {
    constexpr CacheShape shape{.kv_heads = 2, .key_width = 5, .value_width = 6, .max_keys = 60};
    Random random(5);
    Tokens tokens(shape, 60, random), poison(shape, 60, random);
    std::fill(poison.keys.begin(), poison.keys.end(), canary());
    std::fill(poison.values.begin(), poison.values.end(), canary());
    const Queries query(shape, 20, random);
    for (const std::int64_t kept : {0, 1, 11, 16, 30}) {
        const Arena clean_state(state_bytes(shape), 0, 0), state(state_bytes(shape), 0, 0);
        KvCache clean, cache;
        REQUIRE(clean.open(shape, clean_state.span()).ok());
        REQUIRE(cache.open(shape, state.span()).ok());
        REQUIRE(tokens.append(clean, 0, kept + 9).ok());

        REQUIRE(tokens.append(cache, 0, kept).ok());
        REQUIRE(poison.append(cache, kept, 60 - kept).ok());
        REQUIRE(cache.truncate(kept).ok());
        REQUIRE(tokens.append(cache, kept, 9).ok());
        for (const Port* port : runnable_ports()) {
            INFO("kept " << kept << " port " << port->name);
            CHECK(difference(query.over(*port, clean, {}), query.over(*port, cache, {})) == "");
            const Attention causal{.causal = true, .first_position = kept + 9 - 20};
            CHECK(difference(query.over(*port, clean, causal), query.over(*port, cache, causal)) ==
                  "");
        }
    }
}

TEST_CASE("kv_cache: valid_keys is the cache's size unless it is given") {
    constexpr CacheShape shape{.kv_heads = 1, .key_width = 4, .value_width = 4, .max_keys = 40};
    Random random(6);
    const Tokens tokens(shape, 40, random);
    const Arena state(state_bytes(shape), 0, 0);
    KvCache cache;
    REQUIRE(cache.open(shape, state.span()).ok());
    REQUIRE(tokens.append(cache, 0, 30).ok());
    const Queries query(shape, 3, random);
    for (const Port* port : runnable_ports()) {
        const std::vector<float> all = query.over(*port, cache, {});
        const std::int64_t thirty[] = {30}, twelve[] = {12}, more[] = {31}, less[] = {-1};
        CHECK(difference(all, query.over(*port, cache, {.valid_keys = thirty})) == "");
        CHECK(difference(query.over(*port, tokens.key(0, 12), tokens.value(0, 12), {}),
                         query.over(*port, cache, {.valid_keys = twelve})) == "");
        for (const auto& wrong : {std::span(more), std::span(less)}) {
            const std::vector<float> out = query.over(*port, cache, {.valid_keys = wrong});
            CHECK(query.last.status == Status::bad_value);
            CHECK(query.last.argument == 6);
            CHECK(out == std::vector<float>(out.size(), 7.0f));
        }
    }
}

TEST_CASE("kv_cache: a ring says so when a query could see a token that is gone") {
    constexpr CacheShape shape{.kv_heads = 1,
                               .key_width = 2,
                               .value_width = 2,
                               .window = 20,
                               .sinks = 5,
                               .max_queries = 4};
    Random random(7);
    const std::int64_t count = 203;
    const Tokens tokens(shape, count, random);
    const CacheLayout layout(shape);
    const std::int64_t oldest = count - (layout.slots - layout.fixed);
    const Arena state(state_bytes(shape), 0, 0);
    KvCache cache;
    REQUIRE(cache.open(shape, state.span()).ok());
    for (std::int64_t p = 0; p < count; ++p) REQUIRE(tokens.append(cache, p, 1).ok());
    const Queries query(shape, 1, random);
    const auto status = [&](const Attention& how) {
        (void)query.over(best_port(), cache, how);
        return query.last.status;
    };
    const std::int64_t last = count - 1;
    CHECK(status({.causal = true, .first_position = last, .window_left = 19, .sink_tokens = 5}) ==
          Status::ok);
    // From the newest token back: all is well until the window reaches a token that is gone.
    for (std::int64_t p = last; p > last - 60; --p) {
        INFO("position " << p);
        CHECK(status({.causal = true, .first_position = p, .window_left = 19}) ==
              (p - 19 >= oldest ? Status::ok : Status::bad_value));
    }
    // What the slots happen to hold beyond the window and the sinks is not offered.
    CHECK(status({.causal = true, .first_position = last, .window_left = 20}) == Status::bad_value);
    CHECK(status({.causal = true, .first_position = last}) == Status::bad_value);
    CHECK(status({}) == Status::bad_value);
    CHECK(status({.causal = true, .first_position = last, .window_left = 19, .sink_tokens = 6}) ==
          Status::bad_value);
}

}  // namespace
}  // namespace headroom::test
