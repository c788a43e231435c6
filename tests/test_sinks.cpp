// A sink joins the softmax of its head's rows and has no value. Some ports join the sinks of many
// rows at once, before the last values are added, as long as no sink is above its row's largest
// score: wherever the sinks lie, the bits are scalar's, which joins row by row.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/reference.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

// The largest score of a row; -inf if it sees nothing.
double largest(const Row& row) {
    double most = -std::numeric_limits<double>::infinity();
    for (const double x : row.biased) most = std::max(most, x);
    return most;
}

// Enough queries for whole registers of rows, and nothing else that joins. In some, all scores are
// small integers over four: exact, so that a sink can equal them.
Problem sinks_problem(Random& r, double feature_share) {
    Sizes s = Sizes::random(r, 8, 60);
    s.queries = r.between(7, 100);
    if (r.chance(0.1)) s.keys = r.between(120, 280);
    const bool exact = r.chance(0.4);
    Problem p = random_problem(r, s, exact ? 0.0 : feature_share, false);
    p.extra.reset();
    p.zero.reset();
    if (exact) {
        const auto integers = [&r](Index, Index, Index, std::span<float> row) {
            for (float& x : row) x = static_cast<float>(r.between(-2, 2));
        };
        p.query.for_each_row(integers);
        p.key.for_each_row(integers);
        p.how.scale = 0.25f;
    }
    p.sink_logits = Array<float>(s.heads);
    for (float& x : p.sink_logits.span()) x = r.normal(2.0);
    p.sinks = SinkLogits{p.sink_logits.span()};
    return p;
}

// Each sink near the largest score of some row of its head, or far from all of them.
void place_sinks(Problem& p, Random& r) {
    const bool below = r.chance(0.4);  // of every row, as far as one can tell from one
    for (Index h = 0; h < p.sizes.heads; ++h) {
        const Index b = r.between(0, p.sizes.batches - 1), i = r.between(0, p.sizes.queries - 1);
        const double near = largest(reference_row(p, b, h, i));
        const double from = std::isfinite(near) ? near : 0.0;
        const double off = below ? r.pick({-4.0, -5.0, -20.0, -41.0, -1e4})
                                 : r.pick({-41.0, -39.9, -3.0, -0.25, -1e-6, 0.0, 0.0, 0.0, 1e-6,
                                           0.25, 3.0, 39.9, 41.0, 3e38});
        p.sink_logits[h] = static_cast<float>(from + off);
    }
}

struct Seen {
    int below = 0, equal = 0, above = 0, nothing = 0;  // rows, by their sink
};

// The first element further from the oracle than it allows, in words; empty if none.
std::string first_wrong(const Problem& p, const Field& out, Seen& seen) {
    std::string wrong;
    out.for_each_row([&](Index b, Index i, Index h, std::span<const float> got) {
        const Row want = reference_row(p, b, h, i);
        const double most = largest(want), sink = p.sink_logits[h];
        ++(!want.sees    ? seen.nothing
           : sink < most ? seen.below
           : sink > most ? seen.above
                         : seen.equal);
        for (std::size_t c = 0; c < got.size(); ++c) {
            const bool near = std::abs(got[c] - want.out[c]) <= want.tolerance;  // false for NaN
            if (near && !(got[c] == 0.0f && std::signbit(got[c]))) continue;
            wrong = "batch " + std::to_string(b) + " head " + std::to_string(h) + " query " +
                    std::to_string(i) + ": want " + std::to_string(want.out[c]) + " got " +
                    std::to_string(got[c]);
        }
    });
    return wrong;
}

// The outputs of every port, from tensors and from a cache, are those that scalar gives to each
// query alone.
void check_bits(const Problem& p) {
    const Field want = p.out.blank();
    for (Index i = 0; i < p.sizes.queries; ++i)
        REQUIRE(run(scalar_port(), p, want, {.first = i, .count = 1}).ok());
    CacheMemory memory(cache_shape_of(p.sizes, p.sizes.keys + 1));
    const bool cached = p.sizes.batches == 1;
    if (cached) REQUIRE(append(memory.cache, p, 0, p.sizes.keys).ok());
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        const Field out = p.out.blank();
        REQUIRE(run(*port, p, out).ok());
        REQUIRE(difference(want.memory(), out.memory()) == "");
        if (!cached) continue;
        const Field from_cache = p.out.blank();
        REQUIRE(run(*port, p, from_cache, {.cache = &memory.cache}).ok());
        REQUIRE(difference(want.memory(), from_cache.memory()) == "");
    }
}

}  // namespace

TEST_CASE("sinks: below, at and above the scores, as declared and as scalar") {
    Random seeds(81);
    Seen seen;
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = sinks_problem(r, n % 2 == 0 ? 0.0 : 0.25);
        place_sinks(p, r);
        INFO("case ", n, " seed ", seed, ": ", describe(p));
        check_bits(p);
        const Field out = p.out.blank();
        REQUIRE(run(some_port(n), p, out).ok());
        REQUIRE(first_wrong(p, out, seen) == "");
    }
    if (!full_effort()) return;  // a few cases need not reach every kind of row
    CHECK(seen.below > 0);
    CHECK(seen.equal > 0);
    CHECK(seen.above > 0);
    CHECK(seen.nothing > 0);
}

TEST_CASE("sinks: without bounds, and no numbers") {
    Random seeds(82);
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = sinks_problem(r, n % 2 == 0 ? 0.0 : 0.25);
        const float all = r.pick({0.0f, -inf});
        for (float& x : p.sink_logits.span()) {
            if (all == -inf || r.chance(0.5)) x = r.pick({-inf, -3.4e38f});
            if (all != -inf && r.chance(0.2)) x = r.pick({inf, 3.4e38f, 1e30f, -1e30f, no_number});
        }
        INFO("case ", n, " seed ", seed, ": ", describe(p));
        check_bits(p);
        for (float& x : p.sink_logits.span()) x = -inf;
        const Field none = p.out.blank(), without = p.out.blank();
        REQUIRE(run(some_port(n), p, none).ok());
        p.sinks.reset();
        REQUIRE(run(some_port(n), p, without).ok());
        REQUIRE(difference(without.memory(), none.memory()) == "");
    }
}

TEST_CASE("sinks: what a row does not see leaves its bits, whatever it is") {
    Random seeds(83);
    int clean_rows = 0;
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = sinks_problem(r, 0.25);
        place_sinks(p, r);
        const Port& port = some_port(n);
        INFO("case ", n, " seed ", seed, " port ", name_of(port), ": ", describe(p));
        const Field clean = p.out.blank(), got = p.out.blank();
        REQUIRE(run(port, p, clean).ok());

        std::vector<bool> poisoned(static_cast<std::size_t>(p.sizes.keys));
        for (std::size_t j = 0; j < poisoned.size(); ++j) poisoned[j] = r.chance(0.05);
        const float poison = r.pick({no_number, inf, -inf});
        const bool in_key = r.chance(0.5);
        const auto spoil = [&](Index, Index j, Index, std::span<float> row) {
            if (poisoned[static_cast<std::size_t>(j)]) row[row.size() / 2] = poison;
        };
        (in_key ? p.key : p.value).for_each_row(spoil);
        check_bits(p);
        REQUIRE(run(port, p, got).ok());
        std::string wrong;
        got.for_each_row([&](Index b, Index i, Index h, std::span<const float> row) {
            for (Index j = 0; j < p.sizes.keys; ++j)
                if (poisoned[static_cast<std::size_t>(j)] && visible(p, b, h, i, j)) return;
            ++clean_rows;
            const std::string d = difference(clean.row(b, i, h), row);
            if (!d.empty()) wrong = d;
        });
        REQUIRE(wrong == "");
    }
    CHECK(clean_rows > 0);
}

TEST_CASE("sinks: equal scores of zero, a weight that is known") {
    for (const Port* port : runnable_ports())
        for (const Index queries : {1, 6, 7, 16, 49, 100})
            for (const float sink : {0.0f, -1.0f, 2.0f, -50.0f, 50.0f, -inf, inf}) {
                Problem p;
                p.sizes = {.queries = queries, .keys = 140, .key_width = 8, .value_width = 19};
                p.query = Field::token_major(1, queries, 1, 8);
                p.key = Field::token_major(1, 140, 1, 8);
                p.value = Field::token_major(1, 140, 1, 19);
                p.out = Field::token_major(1, queries, 1, 19);
                for (float& x : p.query.memory()) x = 0.0f;
                for (float& x : p.key.memory()) x = 1.0f;
                for (float& x : p.value.memory()) x = 2.0f;
                p.sink_logits = Array<float>(1);
                p.sink_logits[0] = sink;
                p.sinks = SinkLogits{p.sink_logits.span()};
                const Field out = p.out.blank();
                REQUIRE(run(*port, p, out).ok());
                INFO("port ", name_of(*port), " queries ", queries, " sink ", sink);
                const double want = 2.0 * 140.0 / (140.0 + std::exp(double{sink}));
                // What is more than 40 below the largest is dropped.
                for (const float x : out.memory())
                    REQUIRE(std::abs(x - want) <= 0x1p-20 * want + 1e-16);
            }
}
