// What attend() refuses, with which status and about which argument; and that a refused call has
// changed nothing: not the output and not what surrounds it. Caches and features:
// test_attend_feature_errors.cpp.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <headroom/attention.hpp>

#include "support/attend_call.hpp"
#include "support/refusals.hpp"

using namespace headroom;
using namespace headroom::test;
using Call = AttendCall;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();
constexpr Index far = std::numeric_limits<Index>::max() / 2;

template <class Attempt>
void refused(const std::string& what, Status status, int argument, Attempt attempt) {
    expect_refused<Call>(what, status, argument, attempt);
}

template <class Attempt>
void accepted(const std::string& what, Attempt attempt) {
    Call call;
    INFO(what);
    CHECK(words(attempt(call)) == words(Status::ok, 0));
}

}  // namespace

TEST_CASE("errors: the unspoiled call is fine") {
    accepted("plain", [](Call& c) { return c(); });
    accepted("longer spans than needed", [](Call& c) {
        c.query.data = {c.query.data.data(), c.query.data.size() + 1};
        c.out.data = {c.out.data.data(), c.out.data.size() + 1};
        c.scratch = {c.scratch.data(), c.scratch.size() + 1};
        return c();
    });
    accepted("no keys, no key memory", [](Call& c) {
        c.key.tokens = c.value.tokens = 0;
        c.key.data = c.value.data = {};
        c.how.valid_keys = {};
        return c();
    });
    accepted("inputs that overlap each other", [](Call& c) {
        c.key.data = c.query.data;
        c.value.data = c.query.data;
        return c();
    });
    accepted("a read-only view that repeats", [](Call& c) {
        c.key.head_stride = c.key.batch_stride = 0;
        c.query.token_stride = 0;
        return c();
    });
}

TEST_CASE("errors: a port that this processor lacks") {
    static const Port port{"none", "a processor yet to be built", []() noexcept { return false; },
                           best_port().kernels};
    refused("port", Status::unsupported_port, 1, [](Call& c) {
        c.port = &port;
        return c();
    });
}

TEST_CASE("errors: a span that is one element short") {
    refused("query", Status::too_small, 2,
            [](Call& c) { return c.query.data = shorter(c.query.data), c(); });
    refused("key", Status::too_small, 3,
            [](Call& c) { return c.key.data = shorter(c.key.data), c(); });
    refused("value", Status::too_small, 4,
            [](Call& c) { return c.value.data = shorter(c.value.data), c(); });
    refused("out", Status::too_small, 5,
            [](Call& c) { return c.out.data = shorter(c.out.data), c(); });
    refused("scratch", Status::too_small, 6,
            [](Call& c) { return c.scratch = shorter(c.scratch), c(); });
    refused("no scratch", Status::too_small, 6, [](Call& c) { return c.scratch = {}, c(); });
    refused("valid_keys", Status::too_small, 7,
            [](Call& c) { return c.how.valid_keys = shorter(c.how.valid_keys), c(); });
    refused("first_positions", Status::too_small, 7,
            [](Call& c) { return c.how.first_positions = shorter(c.how.first_positions), c(); });
    refused("query, strided: the last element decides", Status::too_small, 2, [](Call& c) {
        c.query.token_stride += 1;
        return c();
    });
    refused("key, null", Status::too_small, 3, [](Call& c) { return c.key.data = {}, c(); });
    refused("a query too far away to address", Status::too_small, 2, [](Call& c) {
        c.query.batch_stride = far;
        return c();
    });
}

TEST_CASE("errors: scratch of every shape is refused one byte short, and for one worker too few") {
    Random random(62);
    for (int n = 0; n < 40; ++n) {
        const Index kv_heads = random.between(1, 3), heads = kv_heads * random.between(1, 20);
        const Index queries = random.between(1, 60), width = random.between(1, 70);
        const AttendShape shape{queries, heads, kv_heads, width, 1};
        std::vector<float> q(static_cast<std::size_t>(queries * heads * width)), o(q.size());
        const ConstTensor query = token_major(q, queries, heads, width);
        const ConstTensor key = token_major(std::span<const float>(), 0, kv_heads, width);
        const ConstTensor value = token_major(std::span<const float>(), 0, kv_heads, 1);
        o.resize(static_cast<std::size_t>(queries * heads));
        const Tensor out = token_major(std::span(o), queries, heads, 1);
        const Arena enough(scratch_bytes(shape));
        CHECK(attend(best_port(), query, key, value, out, enough.span()).ok());
        const Arena short_one(scratch_bytes(shape) - 1);
        CHECK(words(attend(best_port(), query, key, value, out, short_one.span())) ==
              words(Status::too_small, 6));
    }
}

TEST_CASE("errors: scratch that is not aligned") {
    for (const std::ptrdiff_t shift : {1, 4, 16, 32, 63})
        refused("scratch", Status::misaligned, 6, [&](Call& c) {
            c.scratch = {c.scratch.data() + shift, c.scratch.size()};
            return c();
        });
}

TEST_CASE("errors: sizes and strides out of range") {
    refused("no heads", Status::bad_shape, 2, [](Call& c) { return c.query.heads = 0, c(); });
    refused("negative queries", Status::bad_shape, 2,
            [](Call& c) { return c.query.tokens = -1, c(); });
    refused("negative batches", Status::bad_shape, 2,
            [](Call& c) { return c.query.batches = -1, c(); });
    refused("query width 0", Status::bad_shape, 2, [](Call& c) { return c.query.width = 0, c(); });
    refused("negative width", Status::bad_shape, 2,
            [](Call& c) { return c.query.width = -8, c(); });
    refused("negative keys", Status::bad_shape, 3, [](Call& c) { return c.key.tokens = -1, c(); });
    refused("value width 0", Status::bad_shape, 4,
            [](Call& c) { return c.value.width = c.out.width = 0, c(); });
    refused("negative query stride", Status::bad_shape, 2,
            [](Call& c) { return c.query.token_stride = -1, c(); });
    refused("negative key stride", Status::bad_shape, 3,
            [](Call& c) { return c.key.head_stride = -8, c(); });
    refused("negative value stride", Status::bad_shape, 4,
            [](Call& c) { return c.value.batch_stride = -8, c(); });
    refused("negative out stride", Status::bad_shape, 5,
            [](Call& c) { return c.out.head_stride = -6, c(); });
    // Times 4 heads: 2^31, and twice what an Index holds.
    for (const Index batches : {Index{1} << 29, std::numeric_limits<Index>::max() / 2 + 1})
        refused("more rows than can be counted", Status::bad_shape, 2, [=](Call& c) {
            for (auto* t : {&c.query, &c.key, &c.value}) t->batches = batches, t->batch_stride = 0;
            c.out.batches = batches;
            c.query.tokens = c.out.tokens = 0;
            c.how = {};
            return c();
        });
}

TEST_CASE("errors: arguments that disagree") {
    refused("key width", Status::bad_shape, 3, [](Call& c) { return c.key.width = 7, c(); });
    refused("key batches", Status::bad_shape, 3, [](Call& c) { return c.key.batches = 1, c(); });
    refused("key heads do not divide", Status::bad_shape, 3, [](Call& c) {
        c.key = token_major(c.part(1, 240), c.keys, 3, c.key_width, c.batches);
        c.value = token_major(c.part(2, 180), c.keys, 3, c.value_width, c.batches);
        return c();
    });
    refused("value heads", Status::bad_shape, 4, [](Call& c) { return c.value.heads = 1, c(); });
    refused("value tokens", Status::bad_shape, 4, [](Call& c) { return c.value.tokens = 4, c(); });
    refused("value batches", Status::bad_shape, 4,
            [](Call& c) { return c.value.batches = 1, c(); });
    refused("out batches", Status::bad_shape, 5, [](Call& c) { return c.out.batches = 1, c(); });
    refused("out tokens", Status::bad_shape, 5, [](Call& c) { return c.out.tokens = 2, c(); });
    refused("out heads", Status::bad_shape, 5, [](Call& c) { return c.out.heads = 2, c(); });
    refused("out width", Status::bad_shape, 5, [](Call& c) { return c.out.width = 5, c(); });
}

TEST_CASE("errors: an output whose elements share memory") {
    for (Index Tensor::*stride :
         {&Tensor::batch_stride, &Tensor::token_stride, &Tensor::head_stride}) {
        Call call;
        call.out.*stride = 0;
        const std::uint64_t before = call.hash();
        const Result result = call();
        CHECK((result.status == Status::bad_shape || result.status == Status::overlap));
        CHECK(result.argument == 5);
        CHECK(call.hash() == before);
    }
}

TEST_CASE("errors: values out of range") {
    for (const float scale : {nan_value, inf, -inf})
        refused("scale", Status::bad_value, 7, [&](Call& c) { return c.how.scale = scale, c(); });
    for (const std::int64_t window : {std::int64_t{-2}, std::numeric_limits<std::int64_t>::min()}) {
        refused("left", Status::bad_value, 7,
                [&](Call& c) { return c.how.window_left = window, c(); });
        refused("right", Status::bad_value, 7,
                [&](Call& c) { return c.how.window_right = window, c(); });
    }
    refused("sinks", Status::bad_value, 7, [](Call& c) { return c.how.sink_tokens = -1, c(); });
    refused("length -1", Status::bad_value, 7, [](Call& c) { return c.lengths[1] = -1, c(); });
    refused("length keys + 1", Status::bad_value, 7, [](Call& c) { return c.lengths[1] = 6, c(); });
}

TEST_CASE("errors: memory that must not be shared") {
    // By one element each: the last of one and the first of the other.
    const auto touch = [](Call& c, auto& tensor) {
        tensor.data = {&c.out.data.back(), tensor.data.size()};
        return c();
    };
    refused("out and query", Status::overlap, 5, [&](Call& c) { return touch(c, c.query); });
    refused("out and key", Status::overlap, 5, [&](Call& c) { return touch(c, c.key); });
    refused("out and value", Status::overlap, 5, [&](Call& c) { return touch(c, c.value); });
    refused("query in place, one element on", Status::overlap, 5, [](Call& c) {
        c.value.width = 8;
        c.value.data = c.key.data;
        c.value.head_stride = c.key.head_stride;
        c.value.token_stride = c.key.token_stride;
        c.value.batch_stride = c.key.batch_stride;
        c.out = token_major(c.part(0, 193).subspan(1), c.queries, c.heads, 8, c.batches);
        return c();
    });
    // The result of one query would be written over the next query.
    refused("query in place, its rows sharing memory", Status::overlap, 5, [](Call& c) {
        c.query = {c.part(0, 192), 1, 3, 1, 8, 0, 4, 0};
        c.key = c.value = {c.part(1, 192), 1, 5, 1, 8, 0, 8, 0};
        c.value.width = 4;
        c.out = {c.part(0, 192), 1, 3, 1, 4, 0, 4, 0};
        c.how = {};
        return c();
    });
    refused("query's memory in another layout", Status::overlap, 5, [](Call& c) {
        c.value = c.key;
        c.out = head_major(c.part(0, 192), c.heads, c.queries, 8, c.batches);
        return c();
    });
    const auto into_scratch = [](Call& c, auto& tensor) {
        using T = typename std::remove_reference_t<decltype(tensor.data)>::element_type;
        auto* const last = reinterpret_cast<float*>(c.scratch.data() + c.scratch.size()) - 1;
        tensor.data = std::span<T>(last, tensor.data.size());
        return c();
    };
    refused("scratch and query", Status::overlap, 6,
            [&](Call& c) { return into_scratch(c, c.query); });
    refused("scratch and key", Status::overlap, 6, [&](Call& c) { return into_scratch(c, c.key); });
    refused("scratch and value", Status::overlap, 6,
            [&](Call& c) { return into_scratch(c, c.value); });
    refused("scratch and out", Status::overlap, 6, [&](Call& c) { return into_scratch(c, c.out); });
    refused("scratch and lengths", Status::overlap, 6, [](Call& c) {
        auto* const inside = reinterpret_cast<std::int64_t*>(c.scratch.data());
        inside[0] = inside[1] = 3;
        c.how.valid_keys = {inside, 2};
        return c();
    });
    Call call;
    std::memset(call.out.data.data(), 0, 16);  // lengths that are in range
    call.how.valid_keys = {reinterpret_cast<std::int64_t*>(call.out.data.data()), 2};
    const std::uint64_t before = call.hash();
    CHECK(words(call()) == words(Status::overlap, 5));
    CHECK(call.hash() == before);
}

TEST_CASE("errors: sharing that is allowed") {
    accepted("out is query", [](Call& c) {
        c.value = c.key;
        c.out = token_major(c.part(0, 192), c.queries, c.heads, 8, c.batches);
        return c();
    });
    accepted("out interleaves with query, token by token", [](Call& c) {
        c.query.token_stride = c.out.token_stride = 64;
        c.query.batch_stride = c.out.batch_stride = 192;
        c.query.data = c.part(0, 192 + 128 + 32);
        c.out.data = c.part(0, 384).subspan(32);
        return c();
    });
    accepted("out interleaves with query, head by head", [](Call& c) {
        c.query.head_stride = c.out.head_stride = 16;
        c.query.token_stride = c.out.token_stride = 64;
        c.query.batch_stride = c.out.batch_stride = 192;
        c.query.data = c.part(0, 384);
        c.out.data = c.part(0, 384).subspan(8);
        return c();
    });
    accepted("the neighbour's memory begins where out ends", [](Call& c) {
        c.key.data = {c.out.data.data() + c.out.data.size(), c.key.data.size()};
        return c();
    });
}
