// Promise 3, "what is masked does not exist": masked keys and values of the worst kinds leave every
// bit of the rows that do not see them, in the same tile as rows that do; and what a row without
// anything to see is.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/executors.hpp"
#include "support/reference.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

struct Poison {
    const char* name;
    std::uint32_t bits;
    bool nan;
};
constexpr Poison poisons[] = {
    {"quiet NaN", 0x7fc00000u, true},      {"NaN, all ones", 0xffffffffu, true},
    {"signalling NaN", 0x7f800001u, true}, {"Inf", 0x7f800000u, false},
    {"-Inf", 0xff800000u, false},          {"largest", 0x7f7fffffu, false}};

// Which row went wrong, in words. Rows that see none of the poisoned keys keep their bits; rows
// that see a NaN are NaN in every element, unless their head is pruned.
std::string first_wrong(const Problem& p, const std::vector<bool>& poisoned, bool nan,
                        const Field& clean, const Field& got) {
    std::string wrong;
    got.for_each_row([&](Index b, Index i, Index h, std::span<const float> row) {
        if (!wrong.empty()) return;
        bool sees = false;
        for (Index j = 0; j < p.sizes.keys; ++j)
            sees |= poisoned[static_cast<std::size_t>(j)] && visible(p, b, h, i, j);
        sees = sees && (!p.heads || p.kept_heads[h]);
        const std::string at = "batch " + std::to_string(b) + " head " + std::to_string(h) +
                               " query " + std::to_string(i) + ": ";
        if (!sees) {
            const std::string d = difference(clean.row(b, i, h), row);
            if (!d.empty()) wrong = at + "does not see poison, but " + d;
        } else if (nan) {
            for (const float x : row)
                if (x == x) wrong = at + "sees NaN, but an element is " + std::to_string(x);
        }
    });
    return wrong;
}

// A problem where masks of all kinds hide keys, and each row sees others.
Problem masked_problem(Random& r, double feature_share) {
    Sizes s = Sizes::random(r, 60, 60);
    if (r.chance(0.1)) s.keys = r.between(120, 280);
    return random_problem(r, s, feature_share, false);
}

}  // namespace

TEST_CASE("poison: masked keys and values change no bit, and those that see them are NaN") {
    Random seeds(51);
    for (int n = 0; n < repeats(500); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Problem p = masked_problem(r, n % 2 == 0 ? 0.0 : 0.25);
        const Port& port = some_port(n);
        const Field clean = p.out.blank();
        REQUIRE(run(port, p, clean).ok());

        const Poison& poison = poisons[n % 6];
        const bool in_key = r.chance(0.7), in_value = !in_key || r.chance(0.5);
        std::vector<bool> poisoned(static_cast<std::size_t>(p.sizes.keys));
        const double share = r.pick({0.02, 0.1, 0.5});
        for (std::size_t j = 0; j < poisoned.size(); ++j) poisoned[j] = r.chance(share);
        const auto spoil = [&](Index, Index j, Index, std::span<float> row) {
            if (!poisoned[static_cast<std::size_t>(j)]) return;
            for (float& x : row) x = std::bit_cast<float>(poison.bits);
        };
        if (in_key) p.key.for_each_row(spoil);
        if (in_value) p.value.for_each_row(spoil);

        INFO("case ", n, " seed ", seed, " port ", name_of(port), " ", std::string(poison.name),
             std::string(in_key ? " keys" : ""), std::string(in_value ? " values" : ""), ": ",
             describe(p));
        const Field got = p.out.blank();
        REQUIRE(run(port, p, got).ok());
        REQUIRE(first_wrong(p, poisoned, poison.nan, clean, got) == "");
        if (p.sizes.batches > 1) continue;

        CacheMemory memory(cache_shape_of(p.sizes, p.sizes.keys + 1));
        REQUIRE(append(memory.cache, p, 0, p.sizes.keys).ok());
        Shuffled executor(1 + n % 3, seed);
        const Field cached = p.out.blank();
        REQUIRE(
            run(port, p, cached, {.cache = &memory.cache, .executor = &executor.executor()}).ok());
        REQUIRE(difference(got.memory(), cached.memory()) == "");
    }
}

TEST_CASE("poison: bias values, queries and extra keys concern only who uses them") {
    Random seeds(52);
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = masked_problem(r, 0.2);
        p.bias_field = MaskField<float>::random(r, p.sizes, [](Random& q) { return q.normal(); });
        p.bias = ScoreBias{p.bias_field.view};
        const Port& port = some_port(n);
        const Field clean = p.out.blank();
        REQUIRE(run(port, p, clean).ok());
        INFO("case ", n, " seed ", seed, " port ", name_of(port), ": ", describe(p));
        if (p.bias_field.view.data.empty()) continue;

        // A NaN in the bias: whoever sees a key through it is NaN, everybody else keeps the bits.
        const auto last = static_cast<Index>(p.bias_field.view.data.size()) - 1;
        float& spoiled = p.bias_field.memory[static_cast<std::size_t>(r.between(0, last))];
        const float saved = spoiled;
        spoiled = std::bit_cast<float>(poisons[n % 3].bits);
        const Field biased = p.out.blank();
        REQUIRE(run(port, p, biased).ok());
        std::string wrong;
        biased.for_each_row([&](Index b, Index i, Index h, std::span<const float> row) {
            bool sees = false;
            for (Index j = 0; j < p.sizes.keys; ++j) {
                if (!visible(p, b, h, i, j)) continue;
                const float value = p.bias_field.at(b, h, i, j);
                sees |= value != value;
            }
            sees = sees && (!p.heads || p.kept_heads[h]);
            if (!sees && difference(clean.row(b, i, h), row) != "")
                wrong = "an innocent row changed";
            for (const float x : row)
                if (sees && x == x) wrong = "a row that sees a NaN bias is " + std::to_string(x);
        });
        REQUIRE(wrong == "");
        spoiled = saved;

        // A NaN in one query: only that row.
        const Sizes& s = p.sizes;
        const Index b = r.between(0, s.batches - 1), i = r.between(0, s.queries - 1),
                    h = r.between(0, s.heads - 1);
        p.query.at(b, i, h, r.between(0, s.key_width - 1)) =
            std::bit_cast<float>(poisons[n % 3].bits);
        const Field queried = p.out.blank();
        REQUIRE(run(port, p, queried).ok());
        queried.for_each_row([&](Index rb, Index ri, Index rh, std::span<const float> row) {
            if (rb == b && ri == i && rh == h) return;
            if (difference(clean.row(rb, ri, rh), row) != "") wrong = "another query's row changed";
        });
        REQUIRE(wrong == "");
    }
}

TEST_CASE("poison: a row with nothing to see is +0 in every bit") {
    Random seeds(53);
    int empty_rows = 0;
    for (int n = 0; n < repeats(300); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = masked_problem(r, 0.2);
        p.extra.reset();
        const auto negative = [](Index, Index, Index, std::span<float> row) {
            for (float& x : row) x = -std::abs(x);
        };
        p.value.for_each_row(negative);  // a weight of 0 on these gives -0
        const Port& port = some_port(n);
        INFO("case ", n, " seed ", seed, " port ", name_of(port), ": ", describe(p));
        const Field out = p.out.blank();
        REQUIRE(run(port, p, out).ok());
        bool fine = true;
        out.for_each_row([&](Index b, Index i, Index h, std::span<const float> row) {
            bool sees = false;
            for (Index j = 0; j < p.sizes.keys; ++j) sees |= visible(p, b, h, i, j);
            if (p.heads && !p.kept_heads[h]) sees = false;
            empty_rows += !sees;
            for (const float x : row) {
                const auto bits = std::bit_cast<std::uint32_t>(x);
                fine = fine && (sees ? bits != 0x80000000u : bits == 0u);
            }
        });
        REQUIRE(fine);
    }
    CHECK(empty_rows > 0);
}

TEST_CASE("poison: zeros come out as +0, from negative zeros and from what rounds to them") {
    // Equal weights, as the queries are 0: the sum of 20 values is divided by 20. The smallest
    // negative number on one key becomes less than half of it, so -0, which the last addition must
    // turn.
    for (const float first_value : {-0.0f, -std::numeric_limits<float>::denorm_min()})
        for (const Port* port : runnable_ports())
            for (const Index queries : {1, 5, 20, 50}) {
                Problem p;
                p.sizes = {.queries = queries, .keys = 20, .key_width = 4, .value_width = 33};
                p.query = Field::token_major(1, queries, 1, 4);
                p.key = Field::token_major(1, 20, 1, 4);
                p.value = Field::token_major(1, 20, 1, 33);
                p.out = Field::token_major(1, queries, 1, 33);
                Random random(54);
                p.key.fill(random);
                for (float& x : p.query.memory()) x = 0.0f;
                for (float& x : p.value.memory()) x = -0.0f;
                for (float& x : p.value.row(0, 0, 0)) x = first_value;
                CacheMemory memory(cache_shape_of(p.sizes, 20));
                REQUIRE(append(memory.cache, p, 0, 20).ok());
                for (const KvCache* cache : {static_cast<KvCache*>(nullptr), &memory.cache}) {
                    const Field out = p.out.blank();
                    REQUIRE(run(*port, p, out, {.cache = cache}).ok());
                    INFO("port ", name_of(*port), " queries ", queries, " value ", first_value);
                    for (const float x : out.memory())
                        REQUIRE(std::bit_cast<std::uint32_t>(x) == 0u);
                }
            }
}
