// Scores at the ends of float: huge, tiny, overflowing. Only a mask hides a key; a score never
// does.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "support/bits.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();

// Queries and keys that are all `q` and `k`; values 1, 2, 3, ... in every column.
Problem uniform_problem(Index queries, Index keys, float q, float k) {
    Problem p;
    p.sizes = {.queries = queries, .keys = keys, .key_width = 8, .value_width = 19};
    p.query = Field::token_major(1, queries, 1, 8);
    p.key = Field::token_major(1, keys, 1, 8);
    p.value = Field::token_major(1, keys, 1, 19);
    p.out = Field::token_major(1, queries, 1, 19);
    for (float& x : p.query.memory()) x = q;
    for (float& x : p.key.memory()) x = k;
    p.value.for_each_row([](Index, Index j, Index, std::span<float> row) {
        for (float& x : row) x = static_cast<float>(j + 1);
    });
    return p;
}

// Every output is the mean of `keys` values 1, 2, 3, ...: exact to a rounding of 1 / l.
void check_mean(const Problem& p, const std::string& what) {
    for (const Port* port : runnable_ports()) {
        const Field out = p.out.blank();
        REQUIRE(run(*port, p, out).ok());
        INFO(what, " port ", name_of(*port), " queries ", p.sizes.queries, " keys ", p.sizes.keys);
        const double mean = (static_cast<double>(p.sizes.keys) + 1.0) / 2.0;
        for (const float x : out.memory()) REQUIRE(std::abs(x - mean) <= mean * 0x1p-22);
    }
}

}  // namespace

TEST_CASE("extreme: scores that overflow below are still scores, not masks") {
    for (const Index queries : {1, 3, 20})
        for (const Index keys : {1, 15, 130, 300}) {
            check_mean(uniform_problem(queries, keys, 1e30f, -1e30f),
                       "all scores overflow to -inf");
            Problem biased = uniform_problem(queries, keys, 1e30f, -1e30f);
            static constexpr float kSlope[] = {0.5f};
            biased.alibi = Alibi{kSlope};
            check_mean(biased, "all scores overflow to -inf before ALiBi");
            check_mean(uniform_problem(queries, keys, -1e19f, 1e19f), "all scores near -1e38");
            check_mean(uniform_problem(queries, keys, 1e-30f, 1e-30f), "tiny scores");
            check_mean(uniform_problem(queries, keys, 1e17f, 1e17f), "huge scores");

            Problem p = uniform_problem(queries, keys, 1.0f, -1.0f);
            p.bias_field.memory = std::make_unique<float[]>(1);
            p.bias_field.memory[0] = -3e38f;
            p.bias_field.view = {{p.bias_field.memory.get(), 1}, keys, 0, 0, 0, 0};
            p.bias = ScoreBias{p.bias_field.view};
            check_mean(p, "finite bias of -3e38");
            p.bias_field.memory[0] = -std::numeric_limits<float>::max();
            check_mean(p, "finite bias of -FLT_MAX");
            for (float& x : p.query.memory()) x = 1e19f;
            for (float& x : p.key.memory()) x = -1e19f;
            check_mean(p, "finite bias of -FLT_MAX on a score of about -1e38");
        }
}

TEST_CASE("extreme: one score overflows below, the others do not") {
    for (const Port* port : runnable_ports())
        for (const Index queries : {1, 3, 20}) {
            Problem p = uniform_problem(queries, 40, 1e30f, 0.0f);
            p.key.at(0, 7, 0, 0) = -1e30f;  // weight 0
            const Field out = p.out.blank();
            REQUIRE(run(*port, p, out).ok());
            const double mean = (40.0 * 41.0 / 2.0 - 8.0) / 39.0;
            INFO("port ", name_of(*port), " queries ", queries);
            for (const float x : out.memory()) REQUIRE(std::abs(x - mean) <= mean * 0x1p-22);

            p.key.at(0, 7, 0, 0) = 1e30f;  // +inf: inf - inf by the formula, so NaN
            REQUIRE(run(*port, p, out).ok());
            for (const float x : out.memory()) REQUIRE(x != x);
        }
}

TEST_CASE("extreme: a bias of -inf masks, whatever the score is") {
    for (const Port* port : runnable_ports())
        for (const float q : {1.0f, 1e30f, std::numeric_limits<float>::quiet_NaN(), inf}) {
            Problem p = uniform_problem(3, 20, q, 1e30f);
            p.bias_field.memory = std::make_unique<float[]>(1);
            p.bias_field.memory[0] = -inf;
            p.bias_field.view = {{p.bias_field.memory.get(), 1}, 20, 0, 0, 0, 0};
            p.bias = ScoreBias{p.bias_field.view};
            const Field out = p.out.blank();
            REQUIRE(run(*port, p, out).ok());
            INFO("port ", name_of(*port), " query ", q);
            for (const float x : out.memory()) REQUIRE(std::bit_cast<std::uint32_t>(x) == 0u);
        }
}

TEST_CASE("extreme: more than 40 below the largest score a key weighs nothing") {
    for (const Port* port : runnable_ports())
        for (const Index queries : {1, 3, 20})
            for (const float below : {39.0f, 40.1f, 41.0f, 60.0f, 87.0f, 100.0f, 1e4f}) {
                Problem p = uniform_problem(queries, 40, 1.0f, 0.0f);
                p.key.at(0, 7, 0, 0) = -below * std::sqrt(8.0f);
                for (float& x : p.value.row(0, 7, 0)) x = 1e30f;
                const Field out = p.out.blank();
                REQUIRE(run(*port, p, out).ok());
                INFO("port ", name_of(*port), " queries ", queries, " below ", below);
                const double mean = (40.0 * 41.0 / 2.0 - 8.0) / 39.0;
                for (const float x : out.memory()) {
                    const bool gone = std::abs(x - mean) <= mean * 0x1p-22;
                    REQUIRE((below < 40.0f ? x > 1e10f : gone));
                }
            }
}

TEST_CASE("extreme: a bias of -inf masks, whichever column of the value is no number") {
    for (const Port* port : runnable_ports())
        for (const Index queries : {1, 3, 20})
            for (const float poison : {std::numeric_limits<float>::quiet_NaN(), inf})
                for (Index column = 0; column < 19; ++column) {
                    Problem p = uniform_problem(queries, 40, 1.0f, 1.0f);
                    p.bias_field.memory = std::make_unique<float[]>(40);
                    p.bias_field.memory[7] = -inf;
                    p.bias_field.view = {{p.bias_field.memory.get(), 40}, 40, 0, 0, 0, 1};
                    p.bias = ScoreBias{p.bias_field.view};
                    const Field clean = p.out.blank(), out = p.out.blank();
                    REQUIRE(run(*port, p, clean).ok());
                    p.value.at(0, 7, 0, column) = poison;
                    REQUIRE(run(*port, p, out).ok());
                    INFO("port ", name_of(*port), " queries ", queries, " column ", column);
                    REQUIRE(difference(clean.memory(), out.memory()) == "");
                }
}
