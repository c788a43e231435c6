// What attend() on a cache refuses: status, place of the argument in the call, and that nothing has
// changed.
#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "support/feature_call.hpp"
#include "support/refusals.hpp"

using namespace headroom;
using namespace headroom::test;

using Call = FeatureCall;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();

template <class Attempt>
void refused(const std::string& what, Status status, int argument, Attempt attempt) {
    expect_refused<Call>(what, status, argument, attempt);
}

}  // namespace

TEST_CASE("cache errors: the numbers of the arguments") {
    refused("query too short", Status::too_small, 2, [](Call& c) {
        return attend(best_port(), token_major(std::span(c.q).first(95), 3, 4, 8), c.memory.cache,
                      token_major(c.o, 3, 4, 6), c.scratch);
    });
    refused("two batches", Status::bad_shape, 2, [](Call& c) {
        const ConstTensor two = token_major(c.q, 1, 4, 8, 2);
        const Tensor out = token_major(c.o, 1, 4, 6, 2);
        return attend(best_port(), two, c.memory.cache, out, c.scratch);
    });
    refused("out too short", Status::too_small, 4, [](Call& c) {
        return attend(best_port(), token_major(c.q, 3, 4, 8), c.memory.cache,
                      token_major(std::span(c.o).first(71), 3, 4, 6), c.scratch);
    });
    refused("out width", Status::bad_shape, 4, [](Call& c) {
        return attend(best_port(), token_major(c.q, 3, 4, 8), c.memory.cache,
                      token_major(c.o, 3, 4, 5), c.scratch);
    });
    refused("scratch", Status::too_small, 5, [](Call& c) {
        return attend(best_port(), token_major(c.q, 3, 4, 8), c.memory.cache,
                      token_major(c.o, 3, 4, 6),
                      shorter(std::span(c.scratch).first(scratch_bytes(Call::shape))));
    });
    refused("scale", Status::bad_value, 6, [](Call& c) { return c.how.scale = inf, c.cached(); });
    static const std::int64_t six[] = {6}, minus[] = {-1};
    refused("length", Status::bad_value, 6,
            [](Call& c) { return c.how.valid_keys = six, c.cached(); });
    refused("length", Status::bad_value, 6,
            [](Call& c) { return c.how.valid_keys = minus, c.cached(); });
    refused("out in the state", Status::overlap, 4, [](Call& c) {
        auto* const inside = reinterpret_cast<float*>(c.memory.arena.span().data());
        return attend(best_port(), token_major(c.q, 3, 4, 8), c.memory.cache,
                      token_major(std::span<float>(inside, 72), 3, 4, 6), c.scratch);
    });
    refused("scratch in the state", Status::overlap, 5, [](Call& c) {
        return attend(best_port(), token_major(c.q, 3, 4, 8), c.memory.cache,
                      token_major(c.o, 3, 4, 6),
                      std::span<std::byte>(c.memory.arena.span().data(), sizeof c.scratch));
    });
    Call c;
    const Result closed = attend(best_port(), token_major(c.q, 3, 4, 8), KvCache{},
                                 token_major(c.o, 3, 4, 6), c.scratch);
    CHECK(words(closed) == words({Status::not_open, 3}));
}

TEST_CASE("cache errors: widths and heads of another cache") {
    for (const CacheShape& shape :
         {CacheShape{.kv_heads = 2, .key_width = 7, .value_width = 6, .max_keys = 5},
          CacheShape{.kv_heads = 3, .key_width = 8, .value_width = 6, .max_keys = 5}}) {
        Call c;
        const std::uint64_t before = c.hash();
        CacheMemory other(shape);
        CHECK(words(attend(best_port(), token_major(c.q, 3, 4, 8), other.cache,
                           token_major(c.o, 3, 4, 6), c.scratch)) == words({Status::bad_shape, 3}));
        CHECK(c.hash() == before);
    }
}

TEST_CASE("cache errors: a ring refuses a query that could see a forgotten token") {
    Call c;
    CacheMemory ring({.kv_heads = 2,
                      .key_width = 8,
                      .value_width = 6,
                      .window = 20,
                      .sinks = 3,
                      .max_queries = 2});
    for (int n = 0; n < 50; ++n)
        REQUIRE(ring.cache.append(token_major(c.k, 2, 2, 8), token_major(c.v, 2, 2, 6)).ok());
    const auto ask = [&](const Attention& how, Index queries = 1) {
        return attend(best_port(), token_major(c.q, queries, 4, 8), ring.cache,
                      token_major(c.o, queries, 4, 6), c.scratch, how);
    };
    const Attention fine{.causal = true, .first_position = 99, .window_left = 19, .sink_tokens = 3};
    CHECK(ask(fine).ok());
    const std::uint64_t before = c.hash() ^ ring.hash();
    Attention how = fine;
    how.window_left = -1;
    CHECK(words(ask(how)) == words({Status::bad_value, 6}));
    how = fine, how.window_left = 20;
    CHECK(words(ask(how)) == words({Status::bad_value, 6}));
    how = fine, how.sink_tokens = 4;
    CHECK(words(ask(how)) == words({Status::bad_value, 6}));
    how = fine, how.first_position = 60;
    CHECK(words(ask(how)) == words({Status::bad_value, 6}));
    // The first query sees one of the first 16 tokens, which stay; the third a forgotten one.
    how = {.causal = true, .first_position = 14, .window_left = 0};
    CHECK(words(ask(how, 3)) == words({Status::bad_value, 6}));
    CHECK((c.hash() ^ ring.hash()) == before);
    CHECK(ask(how, 2).ok());
    how = fine, how.window_left = 0, how.sink_tokens = 0;
    CHECK(ask(how).ok());
}

TEST_CASE("cache errors: a ring refuses at its first token what it would refuse later") {
    Call c;
    CacheMemory ring({.kv_heads = 2, .key_width = 8, .value_width = 6, .window = 4, .sinks = 1});
    REQUIRE(ring.cache.append(token_major(c.k, 1, 2, 8), token_major(c.v, 1, 2, 6)).ok());
    const auto ask = [&](std::int64_t window_left, std::int64_t sinks) {
        const std::uint64_t before = c.hash() ^ ring.hash();
        const Result result =
            attend(best_port(), token_major(c.q, 1, 4, 8), ring.cache, token_major(c.o, 1, 4, 6),
                   c.scratch, {.window_left = window_left, .sink_tokens = sinks});
        if (!result.ok()) CHECK((c.hash() ^ ring.hash()) == before);
        return words(result);
    };
    CHECK(ask(-1, 0) == words({Status::bad_value, 6}));
    CHECK(ask(4, 0) == words({Status::bad_value, 6}));
    CHECK(ask(3, 2) == words({Status::bad_value, 6}));
    CHECK(ask(3, 1) == words(Status::ok, 0));
    CHECK(ask(0, 0) == words(Status::ok, 0));
}
