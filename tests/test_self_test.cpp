// The self-test: passes on every port, and sees each thing that it is there to see.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <iterator>
#include <set>
#include <string>

#include <headroom/self_test.hpp>
#include <headroom/version.hpp>

#include "support/fake_port.hpp"
#include "support/float_mode.hpp"
#include "support/memory.hpp"
#include "support/ports.hpp"
#include "support/refusals.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

using Layer = MultiHeadAttention<Shape{
    .model_dim = 16, .heads = 2, .extra_key = true, .rotary_dim = 4, .max_keys = 32}>;
using AllFeatures = Configuration<Softcap, Alibi, ScoreBias, BoolMask, SinkLogits, ExtraKey,
                                  ZeroKey, HeadMask, WeightsCallback, Statistics>;
using Everything = Configuration<AttendTensors, Layer, AllFeatures, RotaryTables>;

std::string failed(Status status, SelfTestPart part) {
    return words(status, static_cast<int>(part));
}
const std::string ok = words(Status::ok, 0);

template <class Used>
Result run_on(const Port& port, std::size_t less = 0, std::size_t shift = 0) {
    const Arena arena(self_test_bytes<Used> - less, shift);
    const Result r = self_test<Used>(arena.span(), port);
    CHECK(arena.intact());
    return r;
}

// Calls f(Configuration<Part>{}) for each part that there is, and for what is made of several.
template <class F>
void each_part(F f) {
    const auto call = [&f]<class... Parts>(Configuration<Parts...>) {
        (f(Configuration<Parts>{}), ...);
    };
    call(Configuration<AttendTensors, AttendCache, Projections, Softcap, Alibi, ScoreBias, BoolMask,
                       SinkLogits, ExtraKey, ZeroKey, HeadMask, WeightsCallback, Statistics,
                       RotaryTables, RotaryComputed, Layer, AllFeatures, Everything>{});
}

std::string hex(std::uint32_t word) {
    char text[11];
    std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(word));
    return text;
}

struct PartHash {
    const char* name;
    std::uint32_t (*hash)(const detail::SelfTest&) noexcept;
    std::uint32_t golden;
};
using Golden = detail::SelfTestGolden;
const PartHash hashes[] = {
    {"tensors", detail::hash_tensors, Golden::tensors},
    {"cache", detail::hash_cache, Golden::cache},
    {"projections", detail::hash_projections, Golden::projections},
    {"softcap", detail::hash_softcap, Golden::softcap},
    {"alibi", detail::hash_alibi, Golden::alibi},
    {"score_bias", detail::hash_score_bias, Golden::score_bias},
    {"bool_mask", detail::hash_bool_mask, Golden::bool_mask},
    {"sink_logits", detail::hash_sink_logits, Golden::sink_logits},
    {"extra_key", detail::hash_extra_key, Golden::extra_key},
    {"zero_key", detail::hash_zero_key, Golden::zero_key},
    {"head_mask", detail::hash_head_mask, Golden::head_mask},
    {"weights", detail::hash_weights, Golden::weights},
    {"statistics", detail::hash_statistics, Golden::statistics},
    {"rotation", detail::hash_rotation, Golden::rotation},
    {"rotary", detail::hash_rotary, Golden::rotary},
};

}  // namespace

TEST_CASE("self-test: every part has its golden hash on every port") {
    CHECK(detail::self_test_numerics == numerics_version);
    for (const Port* port : runnable_ports()) {
        const Arena arena(self_test_bytes<Everything>);
        const detail::SelfTest test{*port, arena.span()};
        REQUIRE(detail::begin_self_test(test, arena.span().size()).ok());
        for (const PartHash& part : hashes) {
            INFO(std::string(part.name), " port ", name_of(*port));
            CHECK(hex(part.hash(test)) == hex(part.golden));
        }
        CHECK(detail::vector_subnormals(test) == 1);
    }
}

TEST_CASE("self-test: passes, whatever a program uses, in exactly the scratch that it names") {
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        each_part([&]<class Part>(Configuration<Part>) {
            CHECK(words(run_on<Configuration<Part>>(*port)) == ok);
        });
        CHECK(words(run_on<Configuration<>>(*port)) == ok);
        CHECK(words(run_on<Everything>(*port)) == ok);
    }
    alignas(64) static std::byte scratch[self_test_bytes<Everything>];
    CHECK(self_test<Everything>(scratch).ok());  // the best port
}

TEST_CASE("self-test: refuses less memory, a wrong address and a port that cannot run") {
    each_part([]<class Part>(Configuration<Part>) {
        using Used = Configuration<Part>;
        CHECK(words(run_on<Used>(best_port(), 1)) == words(Status::too_small, 1));
        CHECK(words(run_on<Used>(best_port(), 0, 4)) == words(Status::misaligned, 1));
        CHECK(words(run_on<Used>(unsupported_port())) == words(Status::unsupported_port, 2));
    });

    const Arena arena(self_test_bytes<Everything>);
    const auto all_ones = [&] {
        for (const std::byte b : arena.span())
            if (b != std::byte{0xff}) return false;
        return true;
    };
    const auto less = arena.span().first(arena.span().size() - 1);
    CHECK_FALSE(self_test<Everything>(less, best_port()).ok());
    CHECK_FALSE(self_test<Everything>(arena.span(), unsupported_port()).ok());
    CHECK(all_ones());
}

TEST_CASE("self-test: more parts never need less scratch, and sizes are those of arenas") {
    static_assert(self_test_bytes<Configuration<>> == 2048);
    static_assert(self_test_bytes<Configuration<Layer>> ==
                  self_test_bytes<Configuration<AttendCache, Projections>>);
    static_assert(self_test_bytes<Configuration<RotaryTables>> <
                  self_test_bytes<Configuration<RotaryTables, Softcap>>);
    static_assert(self_test_bytes<Everything> == self_test_bytes<Configuration<AttendCache>>);
    static_assert(self_test_bytes<Everything> <= 20 * 1024);
    static_assert(self_test_bytes<Everything> % 64 == 0);
}

TEST_CASE("self-test: a floating-point mode that is not the default is seen") {
    for (const FloatMode& mode : float_modes()) {
        const auto want = failed(Status::bad_state, mode.flushes ? SelfTestPart::subnormals
                                                                 : SelfTestPart::rounding_mode);
        for (const Port* port : runnable_ports()) {
            const Arena all(self_test_bytes<Everything>), none(self_test_bytes<Configuration<>>);
            Result everything, nothing;
            {
                const InFloatMode here(mode);
                everything = self_test<Everything>(all.span(), *port);
                nothing = self_test<Configuration<>>(none.span(), *port);
            }
            INFO("mode ", std::string(mode.name), " port ", name_of(*port));
            CHECK(words(everything) == want);
            CHECK(words(nothing) == want);
            CHECK(self_test<Everything>(all.span(), *port).ok());  // the mode is gone
        }
    }
}

TEST_CASE("self-test: a port that flushes says so, and one that does not is believed no more") {
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        Port other = *port;
        other.flushes_subnormals = false;
        const std::string want =
            port->flushes_subnormals ? failed(Status::bad_state, SelfTestPart::subnormals) : ok;
        CHECK(words(run_on<Configuration<AttendTensors>>(other)) == want);
        CHECK(words(run_on<Configuration<AttendCache>>(other)) == want);
        CHECK(words(run_on<Configuration<Projections, Softcap>>(other)) == ok);
    }
}

TEST_CASE("self-test: each part has its own words") {
    std::set<std::string> lines;
    for (int i = 0; i < 256; ++i) lines.insert(describe(static_cast<SelfTestPart>(i)));
    CHECK(lines.size() == std::size(hashes) + 3);  // rounding, subnormals, what is no part
    CHECK(lines.count("not a part of the self-test") == 1);
}
