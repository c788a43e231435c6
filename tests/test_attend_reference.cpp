// attend() means what its declaration says: thousands of random calls against the double-precision
// oracle.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "support/bits.hpp"
#include "support/reference.hpp"
#include "support/refusals.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

// The first element further from the oracle than the oracle allows, in words; empty if none.
std::string first_wrong(const Problem& p, const Field& out) {
    std::string wrong;
    out.for_each_row([&](Index b, Index i, Index h, std::span<const float> got) {
        if (!wrong.empty()) return;
        const Row want = reference_row(p, b, h, i);
        for (std::size_t c = 0; c < got.size(); ++c) {
            const bool near = std::abs(got[c] - want.out[c]) <= want.tolerance;  // false for NaN
            const bool minus_zero = got[c] == 0.0f && std::signbit(got[c]);
            if (near && !minus_zero) continue;
            wrong = "batch " + std::to_string(b) + " head " + std::to_string(h) + " query " +
                    std::to_string(i) + " column " + std::to_string(c) + ": want " +
                    std::to_string(want.out[c]) + " got " + std::to_string(got[c]) + " tolerance " +
                    std::to_string(want.tolerance);
            return;
        }
    });
    return wrong;
}

void check_random_problems(std::uint64_t seed, int count, double feature_share, Index most_queries,
                           Index most_keys) {
    Random random(seed);
    for (int n = 0; n < count; ++n) {
        const std::uint64_t case_seed = random.bits();
        Random r(case_seed);
        const Problem p =
            random_problem(r, Sizes::random(r, most_queries, most_keys), feature_share);
        const Port& port = some_port(n);
        INFO("case ", n, " seed ", case_seed, " port ", name_of(port), ": ", describe(p));
        const Field out = p.out.blank();
        const Result result = run(port, p, out);
        REQUIRE(words(result) == words(Status::ok, 0));
        REQUIRE(first_wrong(p, out) == "");
        REQUIRE(out.gaps_intact());
    }
}

}  // namespace

TEST_CASE("attend: plain attention, causal, windows, sinks, lengths") {
    check_random_problems(11, repeats(1200), 0.0, 20, 40);
}

TEST_CASE("attend: all features mixed") { check_random_problems(12, repeats(2500), 0.25, 20, 40); }

TEST_CASE("attend: nearly every feature at once") {
    check_random_problems(13, repeats(500), 0.8, 20, 40);
}

TEST_CASE("attend: tiny sizes") { check_random_problems(14, repeats(1500), 0.25, 3, 4); }

TEST_CASE("attend: more queries than a tile, more keys than a block") {
    check_random_problems(15, repeats(60), 0.2, 150, 400);
}

TEST_CASE("attend: zero keys leave zeros, or what the extra keys give") {
    Random random(16);
    for (int n = 0; n < repeats(60); ++n) {
        Sizes s = Sizes::random(random);
        s.keys = 0;
        const Problem p = random_problem(random, s, 0.5);
        INFO("case ", n, ": ", describe(p));
        const Field out = p.out.blank();
        REQUIRE(run(some_port(n), p, out).ok());
        REQUIRE(first_wrong(p, out) == "");
        if (p.extra) continue;
        out.for_each_row([](Index, Index, Index, std::span<const float> row) {
            for (const float x : row) CHECK(std::bit_cast<std::uint32_t>(x) == 0u);
        });
    }
}

TEST_CASE("attend: the oracle's tolerance is tight enough to see one key too many") {
    // The oracle is only as good as its tolerance: a causal mask that is off by one must exceed it,
    // but where the additional key happens to have next to no weight.
    Random random(17);
    int seen = 0;
    for (int n = 0; n < 100; ++n) {
        Sizes s = Sizes::random(random);
        s.keys = s.queries = random.between(3, 20);
        Problem p = random_problem(random, s, 0.0, false);
        p.how = {.causal = true};
        const Row right = reference_row(p, 0, 0, s.queries - 2);
        p.how.first_position = 1;
        const Row wrong = reference_row(p, 0, 0, s.queries - 2);
        double gap = 0.0;
        for (std::size_t c = 0; c < right.out.size(); ++c)
            gap = std::max(gap, std::abs(right.out[c] - wrong.out[c]));
        seen += gap > 2.0 * right.tolerance;
    }
    CHECK(seen >= 90);
}
