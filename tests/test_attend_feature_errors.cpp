// What the features of attend() refuse: status, place of the argument in the call, and that nothing
// has changed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include <headroom/attention.hpp>

#include "support/feature_call.hpp"
#include "support/refusals.hpp"

using namespace headroom;
using namespace headroom::test;

using Call = FeatureCall;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

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
    refused("keys forgotten", Status::bad_shape, 8,
            [](Call& c) { return c(BoolMask{{.data = c.mask}}); });
    refused("keys forgotten in a bias", Status::bad_shape, 8,
            [](Call& c) { return c(ScoreBias{{.data = c.bias}}); });
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
