// What the features of attend() and its use of a cache refuse: status, place of the argument in the
// call, and that nothing has changed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include <headroom/attention.hpp>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/ports.hpp"
#include "support/refusals.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

// A small valid call: 1 batch, 3 queries, 5 keys, 4 heads on 2, widths 8 and 6; and what features
// point to.
struct Call {
    static constexpr AttendShape shape{3, 4, 2, 8, 6};
    float q[3 * 4 * 8], k[5 * 2 * 8], v[5 * 2 * 6], o[3 * 4 * 6 + 8];
    alignas(64) std::byte scratch[scratch_bytes(shape, 2)];
    float four[4] = {0.5f, 0.25f, 0.125f, 1.0f}, extra_key[16] = {}, extra_value[12] = {};
    float bias[4 * 3 * 5] = {};
    bool keep[4] = {true, true, false, true}, mask[4 * 3 * 5] = {};
    HeadStatistics statistics[4];
    Attention how;
    CacheMemory memory{{.kv_heads = 2, .key_width = 8, .value_width = 6, .max_keys = 7}};

    Call() {
        Random random(63);
        for (std::span<float> part :
             {std::span<float>(q), std::span<float>(k), std::span<float>(v), std::span<float>(o)})
            random.fill(part);
        (void)memory.cache.append(token_major(k, 5, 2, 8), token_major(v, 5, 2, 6));
    }
    Mask<float> biases() { return {bias, 5, 0, 15, 5, 1}; }
    Mask<bool> masks() { return {mask, 5, 0, 15, 5, 1}; }

    template <class... Features>
    Result operator()(const Features&... f) {
        return attend(best_port(), token_major(q, 3, 4, 8), token_major(k, 5, 2, 8),
                      token_major(v, 5, 2, 6), token_major(o, 3, 4, 6), scratch, how, f...);
    }
    template <class... Features>
    Result cached(const Features&... f) {
        return attend(best_port(), token_major(q, 3, 4, 8), memory.cache, token_major(o, 3, 4, 6),
                      scratch, how, f...);
    }
    std::uint64_t hash() const {
        return hash_bytes(std::as_bytes(std::span(o))) ^ (memory.hash() * 3);
    }
};

template <class Attempt>
void refused(const std::string& what, Status status, int argument, Attempt attempt) {
    expect_refused<Call>(what, status, argument, attempt);
}

}  // namespace

TEST_CASE("feature errors: the valid call is fine with every feature") {
    Call c;
    const WeightsCallback callback{Stage::softmax, nullptr, [](void*, const WeightsBlock&) {}};
    CHECK(c(Softcap{1.0f}, Alibi{c.four}, ScoreBias{c.biases()}, BoolMask{c.masks()},
            SinkLogits{c.four}, ExtraKey{c.extra_key, c.extra_value}, ZeroKey{}, HeadMask{c.keep},
            callback, Statistics{c.statistics})
              .ok());
    CHECK(c.cached(Statistics{c.statistics}, ZeroKey{}, callback, Softcap{2.0f}).ok());
}

TEST_CASE("feature errors: values") {
    for (const float cap : {0.0f, -1.0f, nan_value, inf})
        refused("softcap", Status::bad_value, 8, [&](Call& c) { return c(Softcap{cap}); });
    for (const float slope : {nan_value, inf, -inf})
        refused("slope", Status::bad_value, 8,
                [&](Call& c) { return c.four[3] = slope, c(Alibi{c.four}); });
    refused("no receiver", Status::bad_value, 8, [](Call& c) { return c(WeightsCallback{}); });
    refused("no such stage", Status::bad_value, 8, [](Call& c) {
        return c(
            WeightsCallback{static_cast<Stage>(9), nullptr, [](void*, const WeightsBlock&) {}});
    });
    refused("no run", Status::bad_value, 8, [](Call& c) {
        return c(Executor{2, nullptr, nullptr});
    });
    for (const int workers : {0, -1})
        refused("workers", Status::bad_value, 8, [&](Call& c) {
            return c(
                Executor{workers, nullptr, [](void*, int, void (*)(void*, int, int), void*) {}});
        });
    refused("scratch for fewer workers", Status::too_small, 6, [](Call& c) {
        return c(Executor{3, nullptr, [](void*, int, void (*)(void*, int, int), void*) {}});
    });
}

TEST_CASE("feature errors: spans one element short, or for another number of heads") {
    const auto short_four = [](Call& c) { return std::span<const float>(c.four, 3); };
    refused("slopes", Status::too_small, 8, [&](Call& c) { return c(Alibi{short_four(c)}); });
    refused("sinks", Status::too_small, 8, [&](Call& c) { return c(SinkLogits{short_four(c)}); });
    refused("extra key", Status::too_small, 8, [](Call& c) {
        return c(ExtraKey{shorter(std::span<const float>(c.extra_key)), c.extra_value});
    });
    refused("extra value", Status::too_small, 8, [](Call& c) {
        return c(ExtraKey{c.extra_key, shorter(std::span<const float>(c.extra_value))});
    });
    static const float five[5] = {};
    refused("slopes of more heads", Status::bad_shape, 8, [](Call& c) { return c(Alibi{five}); });
    refused("heads", Status::too_small, 8,
            [](Call& c) { return c(HeadMask{std::span<const bool>(c.keep, 3)}); });
    refused("statistics", Status::too_small, 8,
            [](Call& c) { return c(Statistics{std::span(c.statistics).first(3)}); });
    refused("bias", Status::too_small, 8, [](Call& c) {
        Mask<float> m = c.biases();
        m.data = shorter(m.data);
        return c(ScoreBias{m});
    });
    refused("mask", Status::too_small, 8, [](Call& c) {
        Mask<bool> m = c.masks();
        m.data = shorter(m.data);
        return c(BoolMask{m});
    });
    refused("mask, key stride 2", Status::too_small, 8, [](Call& c) {
        Mask<bool> m = c.masks();
        m.key_stride = 2;
        return c(BoolMask{m});
    });
}

TEST_CASE("feature errors: masks of impossible shape") {
    for (Index Mask<float>::*field :
         {&Mask<float>::keys, &Mask<float>::batch_stride, &Mask<float>::head_stride,
          &Mask<float>::query_stride, &Mask<float>::key_stride})
        refused("bias", Status::bad_shape, 8, [&](Call& c) {
            Mask<float> m = c.biases();
            m.*field = -1;
            return c(ScoreBias{m});
        });
    refused("mask", Status::bad_shape, 8, [](Call& c) {
        Mask<bool> m = c.masks();
        m.query_stride = -1;
        return c(BoolMask{m});
    });
}

TEST_CASE("feature errors: a mask needs only the elements that the call addresses") {
    Call c;
    Mask<float> m = c.biases();
    m.keys = 3;  // the last row then ends two elements earlier
    m.data = m.data.first(m.data.size() - 2);
    CHECK(c(ScoreBias{m}).ok());
    m.data = shorter(m.data);
    CHECK(words(c(ScoreBias{m})) == words({Status::too_small, 8}));
    m.keys = 0;
    m.data = {};
    CHECK(c(ScoreBias{m}).ok());  // hides everything
    CHECK(c.o[0] == 0.0f);
}

TEST_CASE("feature errors: the place of the feature, not its kind, is named") {
    refused("second", Status::bad_value, 9, [](Call& c) { return c(ZeroKey{}, Softcap{0.0f}); });
    refused("third", Status::too_small, 10, [](Call& c) {
        return c(Softcap{1.0f}, ZeroKey{}, HeadMask{std::span<const bool>(c.keep, 3)});
    });
    refused("cache: first", Status::bad_value, 7, [](Call& c) { return c.cached(Softcap{0.0f}); });
    refused("cache: second", Status::too_small, 8, [](Call& c) {
        return c.cached(Softcap{1.0f}, Alibi{std::span<const float>(c.four, 3)});
    });
}

TEST_CASE("feature errors: features' arrays and the memory that is written") {
    const auto check = [](const std::string& what, auto attempt) {
        Call c;
        const std::uint64_t before = c.hash();
        const Result result = attempt(c);
        INFO(what, ": ", words(result));
        CHECK(result.status == Status::overlap);
        CHECK((result.argument == 5 || result.argument == 8));  // the output, or the feature
        CHECK(c.hash() == before);
    };
    const auto outs = [](Call& c) { return std::span<float>(c.o).subspan(3 * 4 * 6 - 1); };
    check("slopes", [&](Call& c) { return c(Alibi{outs(c).first(4)}); });
    check("sinks", [&](Call& c) { return c(SinkLogits{outs(c).first(4)}); });
    check("extra key", [&](Call& c) {
        return c(ExtraKey{std::span<float>(c.o).first(16), c.extra_value});
    });
    check("extra value", [&](Call& c) {
        return c(ExtraKey{c.extra_key, std::span<float>(c.o).first(12)});
    });
    check("bias", [&](Call& c) { return c(ScoreBias{{outs(c), 5, 0, 0, 0, 0}}); });
    check("mask", [&](Call& c) {
        return c(BoolMask{{{reinterpret_cast<bool*>(c.o), 60}, 5, 0, 15, 5, 1}});
    });
    check("head mask", [&](Call& c) { return c(HeadMask{{reinterpret_cast<bool*>(c.o), 4}}); });
    check("statistics", [&](Call& c) {
        return c(Statistics{{reinterpret_cast<HeadStatistics*>(c.o), 4}});
    });
}

TEST_CASE("feature errors: statistics over what another feature reads") {
    const auto check = [](const std::string& what, auto attempt) {
        Call c;
        alignas(HeadStatistics) static std::byte both[4 * sizeof(HeadStatistics)];
        std::memset(both, 0, sizeof both);
        const Statistics statistics{{reinterpret_cast<HeadStatistics*>(both), 4}};
        const std::uint64_t before = c.hash();
        INFO(what);
        CHECK(words(attempt(c, statistics, reinterpret_cast<float*>(both))) ==
              words(Status::overlap, 8));
        CHECK(c.hash() == before);
        CHECK(std::all_of(both, both + sizeof both, [](std::byte e) { return e == std::byte{0}; }));
    };
    const auto floats = [](float* at, std::size_t n) { return std::span<float>(at, n); };
    check("slopes", [&](Call& c, auto& s, float* at) { return c(s, Alibi{floats(at, 4)}); });
    check("sinks", [&](Call& c, auto& s, float* at) { return c(s, SinkLogits{floats(at, 4)}); });
    check("extra key", [&](Call& c, auto& s, float* at) {
        return c(s, ExtraKey{floats(at, 16), c.extra_value});
    });
    check("extra value", [&](Call& c, auto& s, float* at) {
        return c(s, ExtraKey{c.extra_key, floats(at, 12)});
    });
    check("bias", [&](Call& c, auto& s, float* at) {
        return c(s, ScoreBias{{floats(at, 5), 5, 0, 0, 0, 1}});
    });
    check("mask", [&](Call& c, auto& s, float* at) {
        return c(s, BoolMask{{{reinterpret_cast<bool*>(at), 5}, 5, 0, 0, 0, 1}});
    });
    check("head mask", [&](Call& c, auto& s, float* at) {
        return c(s, HeadMask{{reinterpret_cast<bool*>(at), 4}});
    });
    check("lengths", [&](Call& c, auto& s, float* at) {
        c.how.valid_keys = {reinterpret_cast<std::int64_t*>(at), 1};
        return c(s);
    });
    check("positions", [&](Call& c, auto& s, float* at) {
        c.how.first_positions = {reinterpret_cast<std::int64_t*>(at), 1};
        return c(s);
    });
}

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
    how = fine, how.window_left = 90;
    CHECK(words(ask(how)) == words({Status::bad_value, 6}));
    how = fine, how.sink_tokens = 40;
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
