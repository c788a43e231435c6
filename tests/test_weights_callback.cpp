// What a WeightsCallback is shown at each stage, against the oracle; and that it and Statistics
// have the same bits on every port and change none of the output.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/executors.hpp"
#include "support/reference.hpp"
#include "support/run.hpp"
#include "support/shown.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr float minus_inf = -std::numeric_limits<float>::infinity();

// The first value that is not what the oracle says, in words.
std::string first_wrong(const Problem& p, const Shown& shown, Stage stage) {
    const Sizes& s = p.sizes;
    for (Index b = 0; b < s.batches; ++b)
        for (Index h = 0; h < s.heads; ++h) {
            const bool pruned = p.heads && !p.kept_heads[h];
            for (Index i = 0; i < s.queries; ++i) {
                const Row row = reference_row(p, b, h, i);
                for (Index j = 0; j < s.keys; ++j) {
                    const std::size_t at = shown.place(b, h, i, j);
                    const std::string where = "batch " + std::to_string(b) + " head " +
                                              std::to_string(h) + " query " + std::to_string(i) +
                                              " key " + std::to_string(j) + ": ";
                    if (shown.times[at] != (pruned ? 0 : 1))
                        return where + "shown " + std::to_string(shown.times[at]) + " times";
                    if (pruned) continue;
                    const auto key = static_cast<std::size_t>(j);
                    const float got = shown.values[at];
                    const bool masked = row.biased[key] == minus_inf;
                    double want = stage == Stage::raw ? row.raw[key] : row.capped[key];
                    double tolerance = row.score_error;
                    bool exact = false;
                    if (stage == Stage::bias) want = row.biased[key], exact = masked;
                    if (stage == Stage::softmax) {
                        want = row.weight[key], exact = masked;
                        tolerance = row.weight_error * want + 0x1p-56;
                    }
                    const float want_bits = static_cast<float>(want);
                    if (exact ? bits_of(got) == bits_of(want_bits)
                              : std::abs(got - want) <= tolerance)
                        continue;
                    return where + "want " + std::to_string(want) + " got " + std::to_string(got);
                }
            }
        }
    return {};
}

}  // namespace

TEST_CASE("weights: the four stages against the oracle") {
    Random seeds(71);
    for (int n = 0; n < repeats(600); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Problem p =
            random_problem(r, Sizes::random(r, 20, n % 10 == 0 ? 300 : 40), n % 3 == 0 ? 0.0 : 0.3);
        const Stage stage = static_cast<Stage>(n / 3 % 4);
        const Port& port = some_port(n);
        INFO("case ", n, " seed ", seed, " port ", name_of(port), " stage ", n / 3 % 4, ": ",
             describe(p));
        const Field plain = p.out.blank(), out = p.out.blank();
        REQUIRE(run(port, p, plain).ok());
        Shown shown(p, out);
        const WeightsCallback callback{stage, &shown, Shown::receive};
        REQUIRE(run(port, p, out, {.weights = &callback}).ok());
        REQUIRE(shown.complaint == "");
        REQUIRE(first_wrong(p, shown, stage) == "");
        REQUIRE(difference(plain.memory(), out.memory()) == "");
        REQUIRE(out.gaps_intact());
    }
}

TEST_CASE("weights: stages raw and softcap show what no row sees, the others hide it") {
    Random random(72);
    const Sizes s{.queries = 5, .keys = 9, .key_width = 3, .value_width = 2};
    Problem p = random_problem(random, s, 0.0, false);
    p.how = {.causal = true};
    p.key.at(0, 8, 0, 0) = std::numeric_limits<float>::quiet_NaN();  // nobody sees key 8
    const Field clean = p.out.blank();
    REQUIRE(run(scalar_port(), p, clean).ok());
    for (const Port* port : runnable_ports())
        for (const Stage stage : {Stage::raw, Stage::softcap, Stage::bias, Stage::softmax}) {
            INFO("port ", name_of(*port), " stage ", static_cast<int>(stage));
            const Field out = p.out.blank();
            Shown shown(p, out);
            const WeightsCallback callback{stage, &shown, Shown::receive};
            REQUIRE(run(*port, p, out, {.weights = &callback}).ok());
            for (Index i = 0; i < s.queries; ++i) {
                const float last = shown.values[shown.place(0, 0, i, 8)];
                if (stage == Stage::bias)
                    CHECK(last == minus_inf);
                else if (stage == Stage::softmax)
                    CHECK(bits_of(last) == 0u);
                else
                    CHECK(last != last);
            }
            CHECK(difference(clean.memory(), out.memory()) == "");
        }
}

TEST_CASE("weights: a score that overflows below is no masked one, whatever else its row holds") {
    Random random(76);
    const Sizes s{.queries = 3, .keys = 5, .key_width = 2, .value_width = 2};
    const float slope = 0.5f;
    for (const Port* port : runnable_ports())
        for (int n = 0; n < 4; ++n) {
            const float beside = n % 2 == 0 ? 1.0f : std::numeric_limits<float>::quiet_NaN();
            INFO("port ", name_of(*port), " beside ", beside, " ALiBi ", n >= 2);
            Problem p = random_problem(random, s, 0.0, false);
            p.how = {};
            if (n >= 2) p.alibi = Alibi{{&slope, 1}};
            for (Index c = 0; c < 2; ++c) {
                for (Index i = 0; i < 3; ++i) p.query.at(0, i, 0, c) = 1e30f;
                p.key.at(0, 1, 0, c) = -1e30f;
            }
            p.key.at(0, 3, 0, 0) = beside;
            for (const Stage stage : {Stage::bias, Stage::softmax}) {
                const Field out = p.out.blank();
                Shown shown(p, out);
                const WeightsCallback callback{stage, &shown, Shown::receive};
                REQUIRE(run(*port, p, out, {.weights = &callback}).ok());
                for (Index i = 0; i < s.queries; ++i) {
                    const float low = shown.values[shown.place(0, 0, i, 1)];
                    if (stage == Stage::bias)
                        CHECK(low == -std::numeric_limits<float>::max());
                    else
                        CHECK((low != low) == (beside != beside));
                }
            }
        }
}

TEST_CASE("weights: a score that overflows below is a weight, whatever the scratch held") {
    Random random(73);
    Problem p = random_problem(random, {.queries = 3, .keys = 5, .key_width = 2, .value_width = 2},
                               0.0, false);
    p.how = {};
    for (Index i = 0; i < 3; ++i)
        for (Index c = 0; c < 2; ++c) p.query.at(0, i, 0, c) = 1e30f;
    for (Index j = 0; j < 5; ++j)
        for (Index c = 0; c < 2; ++c) p.key.at(0, j, 0, c) = -1e30f;
    for (const Port* port : runnable_ports())
        for (const int byte : {0x00, 0x7f, 0xff}) {
            const Arena scratch(scratch_bytes(AttendShape{3, 1, 1, 2, 2}));
            std::memset(scratch.span().data(), byte, scratch.span().size());
            const Field out = p.out.blank();
            Shown shown(p, out);
            const WeightsCallback callback{Stage::bias, &shown, Shown::receive};
            REQUIRE(attend(*port, p.query.view(), p.key.view(), p.value.view(), out.view(),
                           scratch.span(), p.how, callback)
                        .ok());
            INFO("port ", name_of(*port), " scratch ", byte);
            for (const float score : shown.values)
                CHECK(score == -std::numeric_limits<float>::max());
        }
}

TEST_CASE("weights: the same bits on every port, in a cache, in slices and with workers") {
    Random seeds(73);
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Sizes s = Sizes::random(r, 60, n % 10 == 0 ? 300 : 60);
        s.batches = 1;
        const Problem p = random_problem(r, s, 0.25);
        const Stage stage = static_cast<Stage>(n % 4);
        const Field unused = p.out.blank();
        const auto collect = [&](const Port& port, How how) {
            const Field out = p.out.blank();
            Shown shown(p, unused);
            std::vector<HeadStatistics> statistics(static_cast<std::size_t>(s.heads));
            const WeightsCallback callback{stage, &shown, Shown::receive};
            const Statistics into{statistics};
            how.weights = &callback;
            how.statistics = &into;
            REQUIRE(run(port, p, out, how).ok());
            std::vector<float> all = shown.values;
            for (const HeadStatistics& head : statistics)
                for (const float x :
                     {static_cast<float>(head.rows), head.entropy, head.largest_weight,
                      static_cast<float>(head.query), static_cast<float>(head.key)})
                    all.push_back(x);
            return all;
        };
        INFO("case ", n, " seed ", seed, " stage ", n % 4, ": ", describe(p));
        const std::vector<float> want = collect(scalar_port(), {});
        CacheMemory memory(cache_shape_of(s, s.keys + 1));
        REQUIRE(append(memory.cache, p, 0, s.keys).ok());
        Shuffled shuffled(1 + n % 3, seed);
        Threads threads(2);
        for (const Port* port : runnable_ports()) {
            INFO("port ", name_of(*port));
            REQUIRE(difference(want, collect(*port, {})) == "");
            REQUIRE(difference(want, collect(*port, {.cache = &memory.cache})) == "");
            REQUIRE(difference(want, collect(*port, {.executor = &shuffled.executor()})) == "");
            REQUIRE(difference(want, collect(*port, {.executor = &threads.executor()})) == "");
        }
    }
}

TEST_CASE("weights: a ring shows what it still has, and never anything else") {
    Random seeds(77);
    int skipped = 0;
    for (int n = 0; n < repeats(100); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const std::int64_t window = r.between(1, 60), sinks = r.between(0, 20);
        const Index queries = r.between(1, 12);
        Sizes s{.queries = queries, .keys = r.between(queries, 500), .heads = 2, .key_width = 5};
        Problem p = random_problem(r, s, 0.0, false);
        p.how = {.causal = true,
                 .first_position = s.keys - queries,
                 .window_left = window - 1,
                 .sink_tokens = sinks};
        CacheShape shape = cache_shape_of(s, 0);
        shape.window = window, shape.sinks = sinks, shape.max_queries = queries;
        CacheMemory memory(shape);
        for (Index at = 0; at < s.keys; at += queries)
            REQUIRE(append(memory.cache, p, at, std::min(queries, s.keys - at)).ok());
        for (const Stage stage : {Stage::raw, Stage::softcap, Stage::bias, Stage::softmax}) {
            const Port& port = some_port(n);
            INFO("case ", n, " seed ", seed, " port ", name_of(port), " stage ",
                 static_cast<int>(stage), " window ", window, " sinks ", sinks, ": ", describe(p));
            const Field out = p.out.blank(), unused = p.out.blank();
            Shown want(p, unused), got(p, unused);
            got.may_skip = true;
            const WeightsCallback all{stage, &want, Shown::receive},
                ring{stage, &got, Shown::receive};
            REQUIRE(run(port, p, out, {.weights = &all}).ok());
            REQUIRE(run(port, p, out, {.cache = &memory.cache, .weights = &ring}).ok());
            REQUIRE(got.complaint == "");
            for (Index i = 0; i < queries; ++i)
                for (Index j = 0; j < s.keys; ++j) {
                    const std::size_t at = want.place(0, i % 2, i, j);
                    const bool hidden = !visible(p, 0, i % 2, i, j), shown = got.times[at] != 0;
                    const bool same = bits_of(got.values[at]) == bits_of(want.values[at]);
                    const bool lost = stage <= Stage::softcap && got.values[at] != got.values[at];
                    const bool right = shown ? same || (hidden && lost) : hidden;
                    if (!right) FAIL("head ", i % 2, " query ", i, " key ", j);
                    skipped += !shown;
                }
        }
    }
    if (full_effort()) CHECK(skipped > 0);
}
